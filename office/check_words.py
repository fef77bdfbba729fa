"""Check words: by them a message of ours is told from one that only looks so.

A word is made from what the message is about (a request's number, ``T12``, ``D3``) and the day it was decided
on, with a key of its own; so no row is kept, and it goes on being known when the keys are rotated.  Four
characters of the alphabet of request numbers and two digits: 26 bits.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from models.sealing import held
from office.context import office
from office.number import ALPHABET

LETTERS, DIGITS = 4, 2
LENGTH: Final = LETTERS + DIGITS


def check_word(about: str, on: date | None) -> str:
    """The word for a message of this office about ``about``, decided on that day of the office's calendar."""
    return words_of(about, [on])[0]


def words_of(about: str, days: Sequence[date | None]) -> list[str]:
    """The words of these days, in their order."""
    key, here = held.keys().derived("check-word"), office().office_id
    return [_word(hmac.digest(key, f"{here}\0{about}\0{on or ''}".encode(), "sha256")) for on in days]


def today(now: datetime) -> date:
    return now.astimezone(office().office.zone).date()


def _word(digest: bytes) -> str:
    value = int.from_bytes(digest[:8], "big")
    letters = "".join(ALPHABET[value >> 5 * place & 31] for place in range(LETTERS))
    return f"{letters}{(value >> 5 * LETTERS) % 10**DIGITS:0{DIGITS}}"
