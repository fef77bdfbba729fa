"""docs/channels.md, made from the code: `make docs` writes it."""

from __future__ import annotations

import asyncio
import importlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiogram.methods import (
    AnswerCallbackQuery,
    EditMessageText,
    SendMessage,
    SendPhoto,
    SendVoice,
    TelegramMethod,
)
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.base import Caps, ChannelAdapter, Degree, Fault
from bot.directory import Directory
from bot.files import Files
from bot.methods import HandOver, SendFlow, SendTemplate
from bot.notices import Wording
from bot.outbox import OutboxSession
from bot.sealed_storage import SealedStorage
from bot.serialise import METHODS
from bot.storage import Storage
from tests.conformance.subject import Kit, subjects
from tests.docs.samples import built

PAGE = Path(__file__).parents[2] / "docs" / "channels.md"
ORDER = ("whatsapp", "messenger", "telegram", "webchat", "sms")  # those first that most people use
OURS = {SendTemplate.__api_method__, SendFlow.__api_method__, HandOver.__api_method__}

HEAD = """# What each channel can do

Made from the code by `make docs`; do not edit. A test fails when this page and the code differ.

A handler calls aiogram's methods on every channel alike. How much of one a channel can show is its *degree*:

- **native**: as it is;
- **degraded**: it arrives in another form (an edit as a new message, buttons as numbered lines, an album file
  by file), and the row in the outbox says so;
- cosmetic: left out, because nothing is lost by it; counted in `loket_degraded_total`;
- –: refused; the handler's call raises `UnsupportedOnChannel` (a `TelegramBadRequest`), nothing is written.
"""
WORDS = {
    Degree.NATIVE: "**native**",
    Degree.DEGRADED: "**degraded**",
    Degree.COSMETIC: "cosmetic",
    Degree.REFUSED: "–",
}
ASKS = {
    Fault.RETRY: "try again, later each time, or when we are told",
    Fault.WAIT: "not to this person, not today",
    Fault.PAUSE: "hold the channel until a human has looked",
    Fault.TEMPLATE: "the window is closed: say it as a template",
    Fault.TEMPLATE_FAULT: "this template is at fault: stop its campaign, tell its author",
    Fault.UNREACHABLE: "this address takes nothing",
    Fault.MOVED: "the chat has another address: rewrite it, send once more",
    Fault.GIVE_UP: "this message will never be taken",
    Fault.UNKNOWN: "it may have arrived: never sent again by itself",
}


class Column:
    """One channel, as its handlers' bot would find it."""

    def __init__(self, adapter: ChannelAdapter, files: Files) -> None:
        self.name = str(adapter.channel)
        self.caps: Caps = adapter.caps
        self._session = OutboxSession(adapter, Directory(1), files, lambda: datetime.now(UTC))

    def degree(self, method: TelegramMethod[Any]) -> Degree:
        return self._session.degree(method)

    @property
    def faults(self) -> Mapping[Fault, Iterable[int | str]]:
        """The table of ``errors`` in the channel's folder; a channel of our own has none."""
        if importlib.util.find_spec(f"bot.channels.{self.name}.errors") is None:
            return {}
        table: Mapping[Fault, Iterable[int | str]] = importlib.import_module(
            f"bot.channels.{self.name}.errors"
        ).FAULTS
        return table


async def page() -> str:
    """The page as it should be."""
    with tempfile.TemporaryDirectory() as folder:
        storage = SealedStorage(Storage.open(f"file://{folder}"))
        files = Files(storage)
        async with aiohttp.ClientSession() as http:
            kit = Kit(http, storage, files.read, _render, "https://loket.example")
            columns = [Column(adapter, files) for adapter in _adapters(kit)]
            parts = [HEAD, _sheets(columns), _methods(columns), _forms(columns), *map(_errors, columns)]
            return "\n".join(parts)


def _adapters(kit: Kit) -> list[ChannelAdapter]:
    known = subjects()
    found = []
    for name in sorted(known, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)):
        subject = known[name](lambda: datetime.now(UTC))
        if subject.provider is not None:
            subject.provider.base_url = "http://127.0.0.1"
        found.append(subject.adapter(kit))
    return found


async def _render(*_: Any) -> Wording:
    raise LookupError


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"


def _sheets(columns: Sequence[Column]) -> str:
    """The capability sheets side by side."""
    rows = [
        [f"`{field.name}`", *(_cell(getattr(column.caps, field.name)) for column in columns)]
        for field in fields(Caps)
    ]
    intro = "## Capability sheets\n\nThe fields are explained at `Caps` in `bot/channels/base.py`.\n\n"
    return intro + _table(["", *(column.name for column in columns)], rows)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, timedelta):
        return f"{value.total_seconds() / 3600:g} h"
    if isinstance(value, float):
        return f"{round(value, 3):g}"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "none"
    return "none" if value is None else str(value)


def _methods(columns: Sequence[Column]) -> str:
    """Every method of aiogram and ours; those of one channel, and of none, in a sentence each."""
    rows: list[list[str]] = []
    only: dict[str, list[str]] = {column.name: [] for column in columns}
    nowhere: list[str] = []
    for name, kind in sorted(METHODS.items()):
        degrees = [column.degree(built(kind)) for column in columns]
        where = [
            column for column, degree in zip(columns, degrees, strict=True) if degree is not Degree.REFUSED
        ]
        if not where:
            nowhere.append(name)
        elif len(where) == 1 and Degree.NATIVE in degrees and name not in OURS:
            only[where[0].name].append(name)
        else:
            ours = " (ours)" if name in OURS else ""
            rows.append([f"`{name}`{ours}", *(WORDS[degree] for degree in degrees)])
    told = [
        f"Native on {channel}, refused elsewhere: {_names(names)}."
        for channel, names in only.items()
        if names
    ]
    told.append(f"Refused on every channel: {_names(nowhere)}.")
    return (
        "## Methods\n\nIn their plainest form; what buttons and captions change stands below.\n\n"
        + _table(["method", *(column.name for column in columns)], rows)
        + "".join(f"\n{sentence}\n" for sentence in told)
    )


def _names(methods: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in methods) or "none"


def _forms(columns: Sequence[Column]) -> str:
    """What the same method is worth with choices, captions and replies."""
    asked: dict[str, TelegramMethod[Any]] = {
        f"a text with {count} choices": built(SendMessage, reply_markup=_choices(count))
        for count in (3, 10, 30)
    }
    asked |= {
        "an edit with 3 choices": built(EditMessageText, reply_markup=_choices(3)),
        "a photo with a caption": built(SendPhoto, caption="x"),
        "a photo with 3 choices": built(SendPhoto, reply_markup=_choices(3)),
        "a voice message with a caption": built(SendVoice, caption="x"),
        "a voice message with 3 choices": built(SendVoice, reply_markup=_choices(3)),
        "words that answer a tap": built(AnswerCallbackQuery, text="x"),
    }
    rows = [[what, *(WORDS[column.degree(method)] for column in columns)] for what, method in asked.items()]
    return "## Forms\n\n" + _table(["", *(column.name for column in columns)], rows)


def _choices(count: int) -> InlineKeyboardMarkup:
    buttons = [InlineKeyboardButton(text=f"Desa {n}", callback_data=f"v:{n}") for n in range(1, count + 1)]
    return InlineKeyboardMarkup(inline_keyboard=[[button] for button in buttons])


def _errors(column: Column) -> str:
    """What the provider's refusals ask of us, as its folder's table says."""
    heading = f"## Refusals on {column.name}\n\n"
    rows = [
        [ASKS[fault], ", ".join(f"`{code}`" for code in _in_order(codes))]
        for fault, codes in column.faults.items()
        if codes
    ]
    return heading + (_table(["it asks to", "codes"], rows) if rows else "None: there is no provider.\n")


def _in_order(codes: Iterable[int | str]) -> list[str]:
    """Numbers first; runs of three and more as ``200–299``."""
    numbers = sorted(code for code in codes if isinstance(code, int))
    said: list[str] = []
    while numbers:
        run = next(n for n in range(len(numbers), 0, -1) if numbers[n - 1] - numbers[0] == n - 1)
        run = run if run > 2 else 1
        said.append(str(numbers[0]) if run == 1 else f"{numbers[0]}–{numbers[run - 1]}")
        numbers = numbers[run:]
    return [*said, *sorted(code for code in codes if isinstance(code, str))]


if __name__ == "__main__":
    PAGE.write_text(asyncio.run(page()), encoding="utf-8")
