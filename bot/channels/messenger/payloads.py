"""What a tap brings back: Messenger does not say under which message it was made, so the button says it.

Source: Meta, Messenger Platform, "Button template" (a payload holds 1000 characters), "Postback event".
"""

import re
from dataclasses import dataclass
from typing import Final

from bot.channels.keyboard import Choice, Tap, decode, encode

START: Final = "GET_STARTED"  # of the button that stands where a conversation begins
_OURS = re.compile(r"m(?P<tag>\d{1,18})\.(?P<ident>lk\d.*)", re.DOTALL)
_REF = re.compile(r"[A-Za-z0-9_-]{1,64}")  # as in Telegram's deep links


@dataclass(frozen=True, slots=True)
class Tapped:
    """``outbox``: our row of the message that was tapped, None where the button is not ours."""

    tap: Tap
    outbox: int | None = None


def write(tag: str, number: int, choice: Choice) -> str:
    """The payload of a button.  Raises: CallbackDataTooLong."""
    ident = encode(number, choice)
    return f"m{tag}.{ident}" if tag.isascii() and tag.isdigit() and len(tag) <= 18 else ident


def read(payload: str) -> Tapped:
    """A payload that is not ours is its own callback data; one that is a command counts as typed."""
    if (ours := _OURS.fullmatch(payload)) is not None:
        return Tapped(decode(ours["ident"]), int(ours["tag"]))
    return Tapped(Tap(words=payload) if payload.startswith("/") else decode(payload))


def begins(ref: str) -> str:
    """What pressing the first button says, perhaps behind a link ``m.me/page?ref=…``."""
    return f"/start {ref}" if _REF.fullmatch(ref) else "/start"
