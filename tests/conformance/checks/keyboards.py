"""Choices: tapped where they can be tapped, typed everywhere, and never mistaken for one another."""

from __future__ import annotations

from aiogram.exceptions import TelegramAPIError
from aiogram.methods import AnswerCallbackQuery
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
)

from bot import ids
from bot.channels.base import Degree
from models.outbox import OutboxState
from tests.conformance.bench import Bench
from tests.conformance.checks.behaviour import behaviour
from tests.fakes import pictures

THREE = {"Kirim": "send:1", "Ubah": "edit:1", "Batal": "cancel:1"}


def keyboard(choices: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    """A button a row."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=label, callback_data=data)] for label, data in choices]
    )


async def offer(here: Bench, choices: list[tuple[str, str]], text: str = "Bagaimana?") -> int:
    """Show these under a text; our id of the message."""
    await here.answers(lambda message: message.answer(text, reply_markup=keyboard(choices)))
    row = (await here.rows())[-1]
    assert row.state is OutboxState.SENT, row.failure
    return ids.message_id(row.id)


async def pick(here: Bench, number: int, *, count: int) -> None:
    """Tap the choice with this number, or type it where nothing can be tapped."""
    last = here.screen[-1]
    buttons = here.phone._buttons_of(last)
    if len(buttons) == count:
        assert await here.phone._tap(buttons[number - 1], last) == 200
    else:
        assert await here.phone.says(str(number)) == 200
    await here.settles()


async def is_offered_as_the_sheet_says(here: Bench, labels: list[str]) -> None:
    """Buttons or rows where the sheet promises so many, else numbered lines; no choice is ever lost."""
    if len(labels) <= here.caps.rows:
        assert here.phone.buttons == labels
    else:
        seen = [*here.words.splitlines(), *here.phone.buttons]
        for number, label in enumerate(labels, start=1):
            assert any(label in line for line in seen), f"{number}. {label}"


@behaviour()
async def three_choices_are_offered_and_one_is_taken(here: Bench) -> None:
    message_id = await offer(here, list(THREE.items()))
    await is_offered_as_the_sheet_says(here, list(THREE))
    await pick(here, 2, count=3)
    assert here.taps == ["edit:1"]
    assert here.heard[-1].event.message.message_id == message_id


@behaviour()
async def ten_choices_are_offered_and_the_last_is_taken(here: Bench) -> None:
    choices = [(f"Desa {n}", f"village:{n}") for n in range(1, 11)]
    await offer(here, choices)
    await is_offered_as_the_sheet_says(here, [label for label, _ in choices])
    await pick(here, 10, count=10)
    assert here.taps == ["village:10"]


@behaviour()
async def thirty_choices_are_offered_and_the_last_is_taken(here: Bench) -> None:
    choices = [(f"Desa nomor {n}", f"village:{n}") for n in range(1, 31)]
    await offer(here, choices)
    await is_offered_as_the_sheet_says(here, [label for label, _ in choices])
    await pick(here, 30, count=30)
    assert here.taps == ["village:30"]


@behaviour()
async def equal_labels_are_told_apart(here: Bench) -> None:
    await offer(here, [("Ya", "x"), ("Ya", "y"), ("Ya", "x")])
    await pick(here, 2, count=3)
    await offer(here, [("Ya", "x"), ("Ya", "y"), ("Ya", "x")])
    await pick(here, 3, count=3)
    assert here.taps == ["y", "x"]


@behaviour()
async def long_labels_lose_no_choice(here: Bench) -> None:
    choices = [(f"Kartu Keluarga karena pindah datang, bagian {n}", f"k{n}") for n in range(1, 5)]
    await offer(here, choices)
    await pick(here, 4, count=4)
    assert here.taps == ["k4"]


@behaviour()
async def data_that_cannot_be_printed_comes_back_as_it_was(here: Bench) -> None:
    data = "intent\x1dwidget\x1fé🙏"
    await offer(here, [("Satu", data), ("Dua", " spaced ")])
    await pick(here, 1, count=2)
    await offer(here, [("Satu", data), ("Dua", " spaced ")])
    await pick(here, 2, count=2)
    assert here.taps == [data, " spaced "]


@behaviour()
async def sixty_four_bytes_of_data_are_taken(here: Bench) -> None:
    data = "x" * 64
    await offer(here, [("Satu", data)])
    await pick(here, 1, count=1)
    assert here.taps == [data]


@behaviour()
async def sixty_five_bytes_of_data_are_refused_everywhere(here: Bench) -> None:
    refused: list[str] = []

    async def too_much(message: Message) -> None:
        try:
            await message.answer("Bagaimana?", reply_markup=keyboard([("Satu", "x" * 65)]))
        except TelegramAPIError as error:
            refused.append(type(error).__name__)

    await here.answers(too_much)
    rows = await here.rows()
    assert refused or [row.state for row in rows] == [OutboxState.FAILED]
    assert here.screen == []
    here.forgiven = 1  # the provider may be the one that refused it


@behaviour()
async def what_is_typed_counts_as_a_tap(here: Bench) -> None:
    for typed, data in {"2": "edit:1", " KIRIM ": "send:1", "batal": "cancel:1"}.items():
        await offer(here, list(THREE.items()))
        await here.says(typed)
        assert here.taps[-1:] == [data], typed


@behaviour()
async def a_number_that_was_not_offered_is_only_a_text(here: Bench) -> None:
    await offer(here, list(THREE.items()))
    for typed in ("10", "4", "0", "1.5", "Kirim saja"):
        await here.says(typed)
        assert here.texts[-1] == typed
        await offer(here, list(THREE.items()))
    assert here.taps == []


@behaviour()
async def a_number_means_nothing_once_other_words_were_said(here: Bench) -> None:
    await offer(here, list(THREE.items()))
    await here.says("tunggu")  # the thanks stand below the keyboard now
    await here.says("2")
    assert here.taps == [] and here.texts[-1] == "2"


@behaviour(lambda subject: subject.caps.rows >= 3 and subject.keeps_keyboards)
async def an_old_keyboard_still_means_what_it_said(here: Bench) -> None:
    old = await offer(here, [("Lama", "old:1"), ("Batal lama", "old:2")])
    await offer(here, list(THREE.items()))
    for _ in range(2):
        await here.taps_on("Lama", older=True)
    assert here.taps == ["old:1", "old:1"]
    assert {heard.event.message.message_id for heard in here.heard if heard.kind == "tap"} == {old}


@behaviour(lambda subject: subject.caps.rows >= 3)
async def a_tap_delivered_again_is_one(here: Bench) -> None:
    await offer(here, list(THREE.items()))
    await here.taps_on("Ubah")
    assert set(await here.phone.repeats(2)) == {200}  # type: ignore[attr-defined]
    await here.settles()
    assert here.taps == ["edit:1"]


@behaviour()
async def a_link_can_be_followed(here: Bench) -> None:
    address = "https://loket.example/f/abc"
    link = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Buka formulir", url=address)]])
    await here.answers(lambda message: message.answer("Isi di sini.", reply_markup=link))
    buttons = here.phone._buttons_of(here.screen[-1])
    assert address in here.words or address in [button.url for button in buttons]


@behaviour()
async def a_key_of_a_reply_keyboard_says_its_label(here: Bench) -> None:
    keys = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Menu"), KeyboardButton(text="Status")]])
    await here.answers(lambda message: message.answer("Silakan.", reply_markup=keys))
    await pick(here, 2, count=2)
    assert here.texts[-1] == "Status"


@behaviour(lambda subject: "photo" in subject.caps.media)
async def choices_under_a_photo_can_be_taken(here: Bench) -> None:
    photo = BufferedInputFile(pictures.jpeg(2), "ktp.jpg")
    markup = keyboard(list(THREE.items()))
    await here.answers(lambda m: m.answer_photo(photo, caption="Foto ini?", reply_markup=markup))
    assert here.screen[-1].media == pictures.jpeg(2)
    await pick(here, 3, count=3)
    assert here.taps == ["cancel:1"]


@behaviour()
async def words_that_answer_a_tap_are_shown_where_they_can_be_and_else_said(here: Bench) -> None:
    toast = AnswerCallbackQuery(callback_query_id="1", text="Sudah dicatat.")
    await offer(here, list(THREE.items()))
    here.then = lambda tap: tap.answer(toast.text)
    await pick(here, 1, count=3)
    can_be = here.adapter.session.degree(toast) is Degree.NATIVE
    shown = await here.subject.toasts() if can_be else here.phone.heard
    assert shown[-1:] == ["Sudah dicatat."]
    assert ("Sudah dicatat." in here.phone.everything) is not can_be
