"""Buttons that were shown, and typed text that means one of them.

People type "1", "ya" or the label instead of tapping.  Only the last message's buttons count, only whole
numbers and whole labels do: "10" never picks the first.
"""

import json
import unicodedata
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


def visible(label: str) -> str:
    """As people see it: in one line, without the invisible signs at its end in which bots hide data."""
    end = len(label)
    while end and (label[end - 1].isspace() or unicodedata.category(label[end - 1]) == "Cf"):
        end -= 1
    return " ".join(label[:end].split())


def folded(text: str) -> str:
    """Case and space folded, for comparing what was typed."""
    return visible(text).casefold()


def are_counted(labels: Sequence[str]) -> bool:
    """Whether a number counts through the choices; not where most are called by numbers, as days are."""
    words = [label for label in labels if label.strip()]
    return 2 * sum(map(_is_number, words)) <= len(words)


def meant(typed: str, choices: Sequence[Choice], *, numbers: bool = True) -> Choice | None:
    """The choice that ``typed`` names: by number (from 1) where ``numbers`` count, or by exact label."""
    words = folded(typed)
    counted = are_counted([choice.label for choice in choices])
    if numbers and counted and _is_number(words) and 1 <= int(words) <= len(choices):
        return choices[int(words) - 1]
    for choice in choices:
        if folded(choice.label) == words or (not counted and _same_number(choice.label, words)):
            return choice
    return None


def _same_number(label: str, words: str) -> bool:
    """``01`` is the first, too."""
    return _is_number(label) and _is_number(words) and int(label) == int(words)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 2


@dataclass(frozen=True, slots=True)
class Shown:
    """The last message's buttons, and our id of that message.

    ``numbered``: the channel could not show them all as buttons, so people saw numbers to type.
    """

    message_id: int
    choices: Sequence[Choice]
    numbered: bool = True

    def to_text(self) -> str:
        told = [[choice.label, choice.data] for choice in self.choices]
        return json.dumps([self.message_id, told, self.numbered], ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> "Shown":
        message_id, told, *numbered = json.loads(text)
        return cls(message_id, [Choice(label, data) for label, data in told], *numbered)


NOTHING = Shown(0, ())
