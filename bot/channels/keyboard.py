"""Keyboards of aiogram as plain choices, and taps on them as the channels bring them back.

Platforms refuse equal ids and equal titles on one message, aiogram's users repeat both: ids are numbered,
titles told apart.  An id carries the whole choice, so that a tap means the same years later.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup

from bot.choices import are_counted, visible

MAX_DATA: Final = 64  # bytes; Telegram, "InlineKeyboardButton"; kept on every channel
MAX_WORDS: Final = 120  # bytes of a label inside an id: with its frame it stays under WhatsApp's 200


class CallbackDataTooLong(ValueError):
    """A button carries more than 64 bytes of callback data."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tap: a callback button (``data``), a link (``url``), or a ready-made answer (neither)."""

    label: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Tap:
    """What an id meant: callback ``data``, or ``words`` that count as typed (both None: the title's)."""

    data: str | None = None
    words: str | None = None


def choices(reply_markup: object) -> list[Choice]:
    """The buttons of a keyboard in reading order.  Other markup, None too, offers nothing to tap.

    Buttons that only Telegram's own apps understand (payments, games, inline mode, copying) are left out.
    Raises: CallbackDataTooLong.
    """
    if isinstance(reply_markup, InlineKeyboardMarkup):
        found = (_inline(button) for row in reply_markup.inline_keyboard for button in row)
        return [choice for choice in found if choice is not None]
    if isinstance(reply_markup, ReplyKeyboardMarkup):
        return [Choice(button.text) for row in reply_markup.keyboard for button in row]
    return []


def _inline(button: InlineKeyboardButton) -> Choice | None:
    if button.callback_data is not None:
        if len(_bytes(button.callback_data)) > MAX_DATA:
            raise CallbackDataTooLong(f"{len(_bytes(button.callback_data))} bytes")
        return Choice(button.text, data=button.callback_data)
    page = button.web_app or button.login_url
    url = page.url if page is not None else button.url
    return Choice(button.text, url=url) if url else None


# Ours: "lk", the number of the button, a letter for what follows, ".", and what follows.
_PLAIN, _CODED, _LABEL = "d", "b", "t"  # data as it is · data in base64 · a label in base64
_OURS = re.compile(r"lk\d{1,3}([dbt])\.(.*)", re.DOTALL)


def encode(number: int, choice: Choice) -> str:
    """An id for a button: printable ASCII, at most 200 characters, unlike that of any other ``number``.

    Raises: CallbackDataTooLong.
    """
    if choice.data is None:
        words = _bytes(choice.label)
        return f"lk{number}{_LABEL}." + (_base64(words) if len(words) <= MAX_WORDS else "")
    if len(_bytes(choice.data)) > MAX_DATA:
        raise CallbackDataTooLong(f"{len(_bytes(choice.data))} bytes")
    clean = choice.data.isascii() and choice.data.isprintable() and choice.data == choice.data.strip()
    coded = _PLAIN + "." + choice.data if clean else _CODED + "." + _base64(_bytes(choice.data))
    return f"lk{number}{coded}"


def decode(ident: str) -> Tap:
    """What was tapped.  An id that is not ours is its own callback data."""
    ours = _OURS.fullmatch(ident)
    if ours is None:
        return Tap(data=ident)
    kind, rest = ours.groups()
    if kind == _PLAIN:
        return Tap(data=rest)
    try:
        said = base64.urlsafe_b64decode(rest).decode("utf-8", "surrogatepass")
    except (binascii.Error, ValueError):
        return Tap(data=ident)
    return Tap(data=said) if kind == _CODED else Tap(words=said or None)


def is_ours(ident: str) -> bool:
    """Whether `encode` may have made the id."""
    return _OURS.fullmatch(ident) is not None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def cut(text: str, limit: int) -> str:
    """The text in one line and at most ``limit`` characters; "…" stands for what is missing."""
    line = visible(text)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def titles(labels: Sequence[str], limit: int) -> list[str]:
    """The labels `cut` to ``limit`` characters, never empty, no two alike: the second gets " (2)"."""
    told: list[str] = []
    for number, label in enumerate(labels, start=1):
        title, again = cut(label, limit) or str(number), 2
        while title in told:
            mark = f" ({again})"
            title, again = cut(label or str(number), limit - len(mark)) + mark, again + 1
        told.append(title)
    return told


def tappable(offered: Sequence[Choice]) -> list[Choice]:
    """All but the links: what a typed number counts through."""
    return [choice for choice in offered if choice.url is None]


def numbered(offered: Sequence[Choice], room: int | None = None) -> str:
    """The `tappable` choices as lines, ``1. Ambil nomor``, for where nothing can be tapped.

    The days of a calendar stand without a number before them, and its blanks not at all.  Where that takes
    more than ``room`` characters every label is cut alike: each number can still be typed.
    """
    labels = [visible(choice.label) for choice in tappable(offered)]
    counted = are_counted(labels)
    whole = _lines(labels, counted=counted)
    if room is None or len(whole) <= room:
        return whole
    widest = max(1, room // len(labels) - len(f"{len(labels)}. \n"))
    return _lines([cut(label, widest) for label in labels], counted=counted)


def _lines(labels: Sequence[str], *, counted: bool) -> str:
    lines = [f"{number}. {label}" if counted else label for number, label in enumerate(labels, start=1)]
    return "\n".join(line for line, label in zip(lines, labels, strict=True) if label)


def linked(offered: Sequence[Choice]) -> str:
    """The links among the choices as lines, ``Buka peta: https://…``."""
    links = [choice for choice in offered if choice.url and choice.url.startswith(("http://", "https://"))]
    return "\n".join(f"{visible(choice.label)}: {choice.url}" for choice in links)
