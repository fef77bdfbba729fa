"""The guard by itself: scams are found however they are written, and the office's own sentences are not."""

import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any, Final

import pytest
import yaml
from aiogram.methods import EditMessageMedia, SendDocument, SendMediaGroup, SendMessage, SendPhoto, SendPoll
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    MessageEntity,
    WebAppInfo,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels.base import HeldFile
from bot.guarding.folding import folded
from bot.guarding.guard import Guard, Unfit, broken, files_in
from bot.guarding.links import Allowed
from bot.methods import SendFlow, SendTemplate
from office.codes import CHARACTERS, GROUP
from office.number import ALPHABET, RANDOM_BITS, RequestNumber
from office.words import LANGUAGES, sentences
from tests.fakes import pictures
from tests.guarding.sentences import HONEST, OFFICIAL, SCAMS

ALLOWED: Final = Allowed(
    frozenset({"loket.example", "dukcapil.example.go.id"}),
    frozenset({f"wa.me/{OFFICIAL}", f"api.whatsapp.com/send?phone={OFFICIAL}"}),
)
GUARD: Final = Guard(ALLOWED)
CATALOG: Final = Path(__file__).parents[2] / "catalog"
NEVER_SAID: Final = {"source", "sources", "confirm", "note_source"}
LURES: Final = [scam for some in SCAMS.values() for scam in some]
BAIT: Final = st.lists(
    st.one_of(
        st.sampled_from(LURES + list(HONEST)),
        st.sampled_from(
            [
                *(
                    "PIN",
                    "O.T.P",
                    "kirim",
                    "bit",
                    ".",
                    "ly",
                    "://",
                    "/",
                    "@",
                    " ",
                    "\u200b",
                    "[.]",
                    "·",
                    "titik",
                ),
                *("&#46;", "<b>"),
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=6,
).map(" ".join)


def found(text: str) -> str | None:
    try:
        GUARD.words(text)
    except Unfit as unfit:
        return unfit.what
    return None


@pytest.mark.parametrize(("what", "text"), [(what, text) for what, some in SCAMS.items() for text in some])
def test_a_scam_is_found_for_what_it_is(what: str, text: str) -> None:
    assert found(text) == what
    assert found(f"Selamat pagi, Bapak/Ibu.\n{text}\nTerima kasih.") == what


@pytest.mark.parametrize("text", HONEST)
def test_what_an_office_says_every_day_passes(text: str) -> None:
    assert found(text) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_ours_passes(language: str) -> None:
    assert [(name, found(said)) for name, said in sentences(language).items() if found(said)] == []


def strings(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in NEVER_SAID:
                yield from strings(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part, name)


def test_every_text_of_the_catalogue_passes() -> None:
    said = [
        text
        for file in CATALOG.rglob("*.yaml")
        for text in strings(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
    ]
    assert len(said) > 1_000
    assert [text for text in said if found(text)] == []


@given(BAIT)
@settings(max_examples=300)
@example("kirim P.I.N dan bit . ly/x")
@example("contoh titik com bit&#46;ly/x")
@example("bit&#46;ly/xKlik bit.ly/ikd-2026kirim P\u200bI\u200bN103.20.1.4/login")
def test_what_strangers_said_is_harmless_once_it_is_broken(text: str) -> None:
    once = broken(text, ALLOWED)
    assert found(once) is None
    assert broken(once, ALLOWED) == once


def test_what_is_harmless_is_repeated_as_it_was() -> None:
    assert broken("Saya Maria, kapan KTP saya jadi? Nomor K7Q2-M9FD-X.") == (
        "Saya Maria, kapan KTP saya jadi? Nomor K7Q2-M9FD-X."
    )
    assert broken("bit.ly/x") == "bit[.]ly/x"
    assert broken("kirim OTP") == "kirim O·TP"


LINK: Final = "https://evil.example/x"
KEYBOARD: Final = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Buka", url=LINK)]])


@pytest.mark.parametrize(
    "method",
    [
        SendMessage(chat_id=1, text=LINK),
        SendMessage(chat_id=1, text="Buka", reply_markup=KEYBOARD),
        SendMessage(
            chat_id=1,
            text="Buka",
            reply_markup=InlineKeyboardMarkup(
                inline_keyboard=[[InlineKeyboardButton(text="Buka", web_app=WebAppInfo(url=LINK))]]
            ),
        ),
        SendMessage(
            chat_id=1, text="Buka", entities=[MessageEntity(type="text_link", offset=0, length=4, url=LINK)]
        ),
        SendPhoto(chat_id=1, photo="wa-1", caption=LINK),
        SendDocument(chat_id=1, document=LINK),
        SendMediaGroup(chat_id=1, media=[InputMediaPhoto(media="wa-1", caption=LINK)]),
        SendPoll(chat_id=1, question="Buka?", options=["ya", LINK]),
        SendTemplate(chat_id=1, name="x", language="id", parameters={"reason": LINK}, text="-"),
        SendFlow(chat_id=1, flow_id="1", token="t", text="Isi", button="Isi", data={"label": LINK}),
    ],
    ids=lambda method: type(method).__name__,
)
def test_a_link_is_found_wherever_a_method_shows_it(method: Any) -> None:
    with pytest.raises(Unfit, match="unfit_link"):
        GUARD.method(method)


def is_refused(button: InlineKeyboardButton) -> bool:
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[button]])
    try:
        GUARD.method(SendMessage(chat_id=1, text="Ya?", reply_markup=keyboard))
    except Unfit:
        return True
    return False


def test_what_nobody_sees_is_not_looked_at() -> None:
    assert not is_refused(InlineKeyboardButton(text="Ya", callback_data="bit.ly/x"))
    assert is_refused(InlineKeyboardButton(text="bit.ly/x", callback_data="ya"))


def test_files_are_found_in_every_method_that_has_them() -> None:
    for method in (
        SendPhoto(chat_id=1, photo="wa-1"),
        SendDocument(chat_id=1, document="wa-1"),
        SendMediaGroup(chat_id=1, media=[InputMediaDocument(media="wa-1")]),
        EditMessageMedia(chat_id=1, message_id=2, media=InputMediaPhoto(media="wa-1")),
    ):
        assert files_in(method.__api_method__, vars(method)) == ["wa-1"]


@pytest.mark.parametrize(
    "content",
    [b"MZ\x90\x00" + bytes(64), b"PK\x03\x04" + bytes(64), b"#!/bin/sh\n", b"<script>alert(1)</script>", b""],
    ids=["exe", "apk", "sh", "html", "empty"],
)
def test_a_program_is_no_file_of_ours_whatever_it_is_called(content: bytes) -> None:
    with pytest.raises(Unfit, match="unfit_file"):
        Guard.file(HeldFile(content=content, mime="image/jpeg", name="foto.jpg"))


def test_a_picture_is_called_one() -> None:
    picture = pictures.jpeg(1)
    for name, becomes in (("foto.JPG", "foto.JPG"), ("ikd.apk", "ikd.apk.jpg"), ("surat", "surat.jpg")):
        assert Guard.file(HeldFile(content=picture, mime="x/y", name=name)).name == becomes


@pytest.mark.parametrize(
    "text",
    [
        "a" * 2000 + "@" + "b." * 1000,
        "a." * 2000,
        "a . " * 1000,
        "1.2.3.4:" * 500,
        "bila " * 800 + "meminta PIN",
    ],
    ids=lambda text: str(text)[:8],
)
def test_no_text_of_a_stranger_takes_long(text: str) -> None:
    """Backtracking takes many seconds of the processor, this tens of milliseconds."""
    begun = process_time()
    broken(text)
    assert process_time() - begun < 2.0


def test_what_unicode_calls_a_format_character_is_not_seen() -> None:
    """A newer Unicode that has more of them is heard of here."""
    formats = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Cf"]
    assert len(formats) > 150
    assert folded("".join(formats)) == ""
    assert folded("Loket – é 東") == "Loket – é 東"


NUMBERS: Final = st.integers(0, 2**RANDOM_BITS - 1).map(lambda bits: str(RequestNumber.new(lambda _: bits)))
FIFTEEN: Final = st.text(ALPHABET, min_size=15, max_size=15)


@settings(max_examples=200)
@given(NUMBERS, FIFTEEN, st.sampled_from(("Ketik", "Mohon kirim", "Please send")))
@example("0YVW-RP77-Z", "Z" * 15, "Ketik")  # was a sum of rupiah, and its owner was told nothing
@example("K7Q2-M9FD-P", "RP123G6Y7VQ12RZ", "Please send")
@example("RP12-0TP0-0", "RP12345670TP0TP", "Mohon kirim")
def test_what_chance_makes_of_a_number_a_code_or_a_word_asks_for_nothing(
    number: str, drawn: str, ask: str
) -> None:
    code = "-".join(drawn[start : start + GROUP] for start in range(0, CHARACTERS, GROUP))
    page = f"https://loket.example/p/-RP77-0TP-{drawn}{'x' * 18}"
    for check in (f"{number} {drawn[:4]}77", f"T12 {drawn[:4]}77", f"D3 {drawn[:4]}77"):
        text = f"{ask} {number} in English, {code}, atau cek {check} di {page} . {number}: berkas lengkap."
        assert found(text) is None
        assert broken(text, ALLOWED) == text


def test_a_number_stays_whole_among_words_that_are_broken() -> None:
    assert broken("kirim OTP untuk 0YVW-RP77-Z, Rp77") == "kirim O·TP untuk 0YVW-RP77-Z, R·p77"


@pytest.mark.parametrize("amount", ["RP5000", "RP50.000", "Rp50.000-an", "RP 5000", "RP50-rb", "RP1234"])
def test_an_amount_is_no_code(amount: str) -> None:
    with pytest.raises(Unfit):
        GUARD.words(f"Mohon kirim {amount} ke sini.")
