"""What a citizen may type besides tapping, and the filters that recognise it.

Words match exactly after folding case and spaces: ``kk mau tanya`` (kakak, may I ask) opens no family card.
The filters are async because aiogram runs every other kind in a thread.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from aiogram.enums import ContentType
from aiogram.filters import Filter
from aiogram.types import Message

from models.contacts import Contact
from models.requests import Request
from office.number import RequestNumber, RequestNumberUnreadable
from office.typed import fold

MENU: Final = ("mulai", "menu", "halo", "/start", "/menu", "/help", "hallo", "hai", "hi", "hello", "start")
GREETINGS: Final = (
    "selamat pagi",
    "selamat siang",
    "selamat sore",
    "selamat malam",
    "pagi",
    "siang",
    "sore",
    "malam",
    "permisi",
    "shalom",
    "syalom",
    "salam",
    "assalamualaikum",
    "good morning",
    "good afternoon",
)
STATUS: Final = ("status", "/status", "cek", "cek status")
LEAVE: Final = ("batal", "/batal", "/cancel", "cancel")
PERSON: Final = ("petugas", "/petugas", "0", "bantu", "staff")
LANGUAGE: Final = ("bahasa", "/bahasa", "language", "/language")
LANGUAGE_CALLED: Final = {"english": "en", "bahasa inggris": "en", "bahasa indonesia": "id"}
MY_DATA: Final = ("data saya", "/datasaya", "my data")
REPORT: Final = ("lapor", "/lapor", "report")
STOP: Final = ("berhenti", "stop", "/berhenti")
START_AGAIN: Final = ("mulai lagi", "start again")
LINK: Final = ("tautkan", "hubungkan", "link", "/tautkan", "/link")
FINISHED: Final = ("selesai", "done")
SENT: Final = ("kirim", "send")
PAGE: Final = ("halaman", "/halaman", "page")
DONE: Final = (*FINISHED, "sudah", "sudah semua")
RIGHT: Final = ("benar", "betul", "ya", "iya", "y", "yes", "correct")
CONTINUE: Final = ("lanjut", "lanjutkan", "continue")
YES: Final = (*RIGHT, "ok", "oke", "setuju", *CONTINUE)
SKIP: Final = ("lewati", "skip")
NO: Final = ("tidak", "bukan", "no", "salah", "keliru")
SEND: Final = (*SENT, *YES)
THANKS: Final = (
    "terima kasih",
    "terimakasih",
    "makasih",
    "trims",
    "ok",
    "oke",
    "ya",
    "iya",
    "y",
    "baik",
    "siap",
    "mantap",
    "thanks",
    "thank you",
    "yes",
)

ANSWERS: Final = (*THANKS, *DONE, *SEND, *SKIP)  # to some step of the form: they trouble nobody at another
NO_NAMES: Final = (*CONTINUE, *FINISHED, *SKIP, "ya", "iya", "y", "yes", "ok", "oke", "tidak")

QUESTION_WORDS: Final = frozenset(
    {"tanya", "bertanya", "apakah", "bagaimana", "gimana", "berapa", "kenapa", "mengapa"}
)

SHORTEST_WORD: Final = 4  # letters of a word that is worth a person's time
SHORTEST_DIGITS: Final = 8  # and of a figure: a telephone or card number

PAPER_KINDS: Final = (ContentType.PHOTO, ContentType.DOCUMENT)

_PRINTED_NUMBER: Final = re.compile(r"\w{4}\s?[-‐‑‒–—−]\s?\w{4}\s?[-‐‑‒–—−]\s?\w")
_GROUPED: Final = re.compile(r"\w{4}\s?\w{4}\s?\w")  # the same without hyphens; ``Yohanes 12`` is not so


class Says(Filter):
    """The message is exactly one of these words."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = frozenset(words)

    async def __call__(self, message: Message) -> bool:
        return message.text is not None and _word(message.text) in self._words


class HasText(Filter):
    """The message is text."""

    async def __call__(self, message: Message) -> bool:
        return bool(message.text and message.text.strip())


class IsCommand(Filter):
    """The text begins with a slash: a command, if not one of ours."""

    async def __call__(self, message: Message) -> bool:
        return (message.text or "").startswith("/")


class BringsPapers(Filter):
    """At least one message of the step is a photo or a document."""

    async def __call__(self, message: Message, album: list[Message]) -> bool:
        return any(part.content_type in PAPER_KINDS for part in album or [message])


class NamesRequest(Filter):
    """The text is a request number; hands in ``typed_number``.

    ``MARGARETA`` could be one, by chance: without hyphens and without a digit among the letters only a number
    of the citizen's own counts, unless one is being asked for (``asked``).
    """

    def __init__(self, *, asked: bool = False) -> None:
        self._asked = asked

    async def __call__(self, message: Message, contact: Contact) -> bool | dict[str, Any]:
        text = (message.text or "").strip()
        plainly = _PRINTED_NUMBER.fullmatch(text) is not None or _mixed(text)
        try:
            number = RequestNumber.parse(text)
        except RequestNumberUnreadable as unreadable:
            mistyped = plainly and unreadable.facts["reason"] == "check"
            return {"typed_number": text} if mistyped else False
        if plainly or self._asked or await _is_theirs(number, contact):
            return {"typed_number": str(number)}
        return False


async def _is_theirs(number: RequestNumber, contact: Contact) -> bool:
    return await Request.filter(number=number.characters, contact_id=contact.id).exists()


def says(text: str, words: Sequence[str]) -> bool:
    """Whether the text is exactly one of these words."""
    return _word(text) in words


def is_question(text: str) -> bool:
    """Whether what should be a name asks something; ``Mau`` and ``Kapan`` are family names here."""
    return "?" in text or not QUESTION_WORDS.isdisjoint(fold(text).split())


def wants_a_person(text: str) -> bool:
    """Whether there is something in the text that a person should read: not ``ok``, ``hm`` or ``2``."""
    if says(text, THANKS):
        return False
    letters = sum(character.isalpha() for character in text)
    return letters >= SHORTEST_WORD or len(text.split()) > 1 or len(text) >= SHORTEST_DIGITS


def _word(text: str) -> str:
    folded = fold(text).strip(".!?, ")
    if folded.startswith("/start "):  # a deep link's payload says nothing to us
        return "/start"
    return folded.split("@")[0] if folded.startswith("/") else folded


def _mixed(text: str) -> bool:
    return (
        _GROUPED.fullmatch(text) is not None
        and any(c.isdigit() for c in text)
        and any(c.isalpha() for c in text)
    )
