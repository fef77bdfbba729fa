"""What handlers say, and what people are shown of it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from aiogram.methods import (
    DeleteMessage,
    SendAudio,
    SendChatAction,
    SendDice,
    SendDocument,
    SendInvoice,
    SendPhoto,
    SendPoll,
    SendSticker,
    SendVideo,
    SendVoice,
    TelegramMethod,
)
from aiogram.types import BufferedInputFile, InputMediaPhoto, LabeledPrice, Message

from bot.channels.base import Degree
from bot.methods import UnsupportedOnChannel
from models.outbox import OutboxState
from tests.conformance.bench import THANKS, Bench
from tests.conformance.checks.behaviour import behaviour, can, one
from tests.fakes import pictures

KINDS: dict[str, Callable[..., TelegramMethod[Any]]] = {
    "photo": SendPhoto,
    "document": SendDocument,
    "video": SendVideo,
    "audio": SendAudio,
    "voice": SendVoice,
    "sticker": SendSticker,
}
LINES = range(1, 201)


def _shows(kind: str) -> Any:
    return lambda subject: kind in subject.caps.media


@behaviour()
async def answers_come_in_order(here: Bench) -> None:
    async def count(message: Message) -> None:
        for number in range(1, 11):
            await message.answer(f"jawaban {number}")

    await here.answers(count)
    assert here.phone.heard == [f"jawaban {number}" for number in range(1, 11)]
    assert {row.state for row in await here.rows()} == {OutboxState.SENT}


@behaviour()
async def markup_is_shown_or_left_out_but_never_read_aloud(here: Bench) -> None:
    said = "<b>Siap</b> &amp; <i>lengkap</i>: 1 &lt; 2"
    await here.answers(lambda message: message.answer(said))
    words = re.sub(r"[*_]", "", here.phone.last)
    assert words == "Siap & lengkap: 1 < 2"


@behaviour()
async def a_name_cannot_become_markup(here: Bench) -> None:
    name = "<script>alert(1)</script> & <b>Adi</b>"
    await here.answers(lambda message: message.answer(f"Atas nama {html.escape(name)}"))
    assert here.phone.last == f"Atas nama {name}"
    if here.subject.shows_html:
        shown = here.subject.shown(here.screen[-1])
        assert "<script" not in shown and "<b>" not in shown and "&lt;script&gt;" in shown


@behaviour()
async def markup_that_was_not_escaped_costs_no_words(here: Bench) -> None:
    await here.answers(lambda message: message.answer("Tuan <Adi> & co. <b>siap"))
    assert "Tuan <Adi> & co." in here.phone.last and "siap" in here.phone.last
    here.forgiven = 1  # the provider may have refused the first try


@behaviour()
async def a_long_text_loses_no_line(here: Bench) -> None:
    told = "\n".join(f"Baris {n}: permohonan Bapak/Ibu diproses." for n in LINES)
    await here.answers(lambda message: message.answer(told))
    whole = " ".join(re.sub(r"^\(\d+/\d+\) ", "", text) for text in here.phone.everything)
    assert [int(n) for n in re.findall(r"Baris\s+(\d+):", whole)] == list(LINES)
    assert len(here.phone.everything) > 1


@behaviour(_shows("photo"))
async def a_photo_goes_out_byte_by_byte(here: Bench) -> None:
    photo = pictures.jpeg(9)
    await here.answers(lambda m: m.answer_photo(BufferedInputFile(photo, "kk.jpg"), caption="KK <b>lama</b>"))
    shown = one(here.phone.received)
    assert shown.media == photo
    assert re.sub(r"[*_]", "", here.words) == "KK lama"


@behaviour(_shows("photo"))
async def a_caption_that_is_too_long_loses_no_line(here: Bench) -> None:
    told = "\n".join(f"Baris {n}: berkas Bapak/Ibu." for n in range(1, 81))
    photo = pictures.jpeg(9)
    await here.answers(lambda m: m.answer_photo(BufferedInputFile(photo, "kk.jpg"), caption=told))
    assert [shown.media for shown in here.phone.received] == [photo]
    assert [int(n) for n in re.findall(r"Baris (\d+):", here.words)] == list(range(1, 81))


@behaviour(_shows("document"))
async def a_document_goes_out_byte_by_byte(here: Bench) -> None:
    paper = pictures.pdf(9)
    await here.answers(lambda m: m.answer_document(BufferedInputFile(paper, "surat kehilangan.pdf")))
    shown = one(here.phone.received)
    assert shown.media == paper
    assert shown.filename == "surat kehilangan.pdf"


@behaviour(lambda subject: "photo" in subject.caps.media and "photo" in subject.can)
async def a_file_that_came_in_goes_out_again(here: Bench) -> None:
    photo = pictures.jpeg(5)

    async def send_back(message: Message) -> None:
        assert message.photo
        await message.answer_photo(message.photo[-1].file_id)

    here.then = send_back
    assert await here.phone.sends_photo(photo) == 200
    await here.settles()
    assert [shown.media for shown in here.phone.received] == [photo]


@behaviour(_shows("photo"))
async def an_album_goes_out_whole(here: Bench) -> None:
    photos = pictures.photos(3)

    async def show(message: Message) -> None:
        await message.answer_media_group(
            [InputMediaPhoto(media=BufferedInputFile(photo, "p.jpg"), caption=f"papan {n}")
             for n, photo in enumerate(photos)]
        )  # fmt: skip

    await here.answers(show)
    assert [shown.media for shown in here.phone.received] == photos
    assert [f"papan {n}" in here.words for n in range(3)] == [True] * 3


@behaviour()
async def the_sheet_names_the_files_that_go_out_as_such(here: Bench) -> None:
    degrees = {
        kind: here.adapter.session.degree(method(chat_id=1, **{kind: "wa-1"}))
        for kind, method in KINDS.items()
    }
    assert {kind for kind, degree in degrees.items() if degree is Degree.NATIVE} == here.caps.media


@behaviour()
async def what_the_channel_has_nothing_like_is_refused_before_anything_is_written(here: Bench) -> None:
    refused: list[str] = []

    async def try_all(message: Message) -> None:
        for method in _unusual(message.chat.id):
            if here.adapter.session.degree(method) is Degree.REFUSED:
                try:
                    await here.bot(method)
                except UnsupportedOnChannel:
                    refused.append(method.__api_method__)
        await message.answer(THANKS)

    await here.answers(try_all)
    expected = [m for m in _unusual(1) if here.adapter.session.degree(m) is Degree.REFUSED]
    assert refused == [method.__api_method__ for method in expected]
    assert [row.name for row in await here.rows()] == ["sendMessage"]


def _unusual(chat_id: int) -> list[TelegramMethod[Any]]:
    prices = [LabeledPrice(label="x", amount=1)]
    return [
        SendDice(chat_id=chat_id),
        SendPoll(chat_id=chat_id, question="?", options=["a", "b"]),
        SendInvoice(chat_id=chat_id, title="t", description="d", payload="p", currency="IDR", prices=prices),
        *(method(chat_id=chat_id, **{kind: "wa-1"}) for kind, method in KINDS.items()),
    ]


@behaviour()
async def a_typing_mark_costs_nothing(here: Bench) -> None:
    async def type_and_say(message: Message) -> None:
        assert await here.bot(SendChatAction(chat_id=message.chat.id, action="typing"))
        await message.answer(THANKS)

    await here.answers(type_and_say)
    assert here.phone.everything == [THANKS]
    assert {row.state for row in await here.rows()} == {OutboxState.SENT}


@behaviour()
async def an_edit_changes_the_message_or_says_it_anew(here: Bench) -> None:
    async def change(message: Message) -> None:
        said = await message.answer("Satu")
        await said.edit_text("Dua")

    await here.answers(change)
    _, second = await here.rows()
    assert here.phone.last == "Dua"
    assert second.state is OutboxState.SENT
    if here.caps.edits:
        assert len({shown.id for shown in here.screen}) == 1
        assert second.degree is None
    else:
        assert here.phone.everything == ["Satu", "Dua"]
        assert second.degree == Degree.DEGRADED


@behaviour()
async def a_deletion_is_done_or_passed_over(here: Bench) -> None:
    async def take_back(message: Message) -> None:
        said = await message.answer("Satu")
        assert await said.delete()

    await here.answers(take_back)
    native = here.adapter.session.degree(DeleteMessage(chat_id=1, message_id=1)) is Degree.NATIVE
    rows = await here.rows()
    assert [row.name for row in rows] == ["sendMessage", *(["deleteMessage"] if native else [])]
    assert {row.state for row in rows} == {OutboxState.SENT}


@behaviour(can("document"))
async def a_quote_names_the_message_that_it_answers(here: Bench) -> None:
    await here.answers(lambda message: message.reply("Ini jawabannya"))
    assert here.phone.last == "Ini jawabannya"
    assert {row.state for row in await here.rows()} == {OutboxState.SENT}


@behaviour()
async def one_person_is_never_told_what_another_is(here: Bench) -> None:
    other = await here.subject.somebody()
    await here.says("saya")
    mine = here.messages[-1].chat.id
    await other.says("orang lain")
    await here.settles()
    await here.bot.send_message(mine, "rahasia")
    await here.settles()
    assert here.phone.everything == [THANKS, "rahasia"]
    assert other.everything == [THANKS]


@behaviour()
async def the_sheet_is_whole(here: Bench) -> None:
    caps = here.caps
    assert re.fullmatch(r"[a-z]{2}", caps.file_prefix) and caps.file_prefix != "xx"
    assert here.adapter.caps is caps and here.adapter.channel == here.subject.name
    assert 0 <= caps.buttons <= caps.rows
    assert caps.media <= KINDS.keys()
    assert 0 < caps.per_person <= caps.per_second and caps.person_burst >= 1
    assert caps.text_limit >= 160
