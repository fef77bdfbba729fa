"""Buttons that were shown, and typed text that means one of them.

People type "1", "ya" or the label instead of tapping.  Only the last message's buttons count, only whole
numbers and whole labels do: "10" never picks the first.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiogram.types import InlineKeyboardMarkup, ReplyKeyboardMarkup

MOST_DATA = 64  # bytes behind a button; aiogram, "InlineKeyboardButton", and so on every channel


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: its label, and the callback data behind it (None: tapping it says the label)."""

    label: str
    data: str | None


def offered(markup: Any) -> list[Choice]:
    """The choices of a keyboard, in reading order; links and requests for contacts are none."""
    if isinstance(markup, InlineKeyboardMarkup):
        buttons = [button for row in markup.inline_keyboard for button in row]
        return [Choice(b.text, b.callback_data) for b in buttons if b.callback_data is not None]
    if isinstance(markup, ReplyKeyboardMarkup):
        return [Choice(button.text, None) for row in markup.keyboard for button in row]
    return []


def overfull(markup: Any) -> bool:
    """Whether a button carries more callback data than any channel promises to bring back."""
    datas = (choice.data for choice in offered(markup) if choice.data is not None)
    return any(len(data.encode("utf-8", "surrogatepass")) > MOST_DATA for data in datas)


def folded(text: str) -> str:
    """Case and space folded, for comparing what was typed."""
    return " ".join(text.casefold().split())


def meant(typed: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice that ``typed`` names by number (from 1) or by exact label."""
    words = folded(typed)
    for choice in choices:
        if folded(choice.label) == words:
            return choice
    if words.isascii() and words.isdigit() and len(words) <= 2 and 1 <= int(words) <= len(choices):
        return choices[int(words) - 1]
    return None


@dataclass(frozen=True, slots=True)
class Shown:
    """The last message's buttons, and our id of that message."""

    message_id: int
    choices: Sequence[Choice]

    def to_text(self) -> str:
        return json.dumps([self.message_id, [[c.label, c.data] for c in self.choices]], ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Shown":
        message_id, choices = json.loads(text)
        return cls(message_id, [Choice(label, data) for label, data in choices])


NOTHING = Shown(0, ())
