"""Is this message from us: what ``cek CODE`` finds.

A guess is right for some day of `REMEMBERED` in one of half a million cases, and `office.misses` leaves a
chat ten an hour.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from tortoise.models import Model

from models.batches import Batch
from models.broadcasts import Broadcast
from models.contacts import Contact
from models.requests import Question
from models.rights import DataRequest
from office.check_words import DIGITS, LENGTH, LETTERS, today, words_of
from office.misses import counted
from office.number import ALPHABET, RequestNumber, RequestNumberUnreadable
from office.refusal import Refusal
from office.requests import of_contact

REMEMBERED: Final = 180  # days back at which a word is still known

_BLANKS: Final = re.compile(r"[\s\-\u2010-\u2014\u2212.,:;!?\"'()*]+")
_LOOKALIKES: Final = str.maketrans("OIL", "011")
_WORD: Final = re.compile(rf"[{ALPHABET}]{{{LETTERS}}}[0-9]{{{DIGITS}}}")
_COUNTED: Final = re.compile(r"[TDPS][1-9][0-9]{0,8}")
_KEPT: Final[Mapping[str, type[Model]]] = {"T": Question, "D": DataRequest, "P": Batch}
_BROADCAST: Final = re.compile(r"S([0-9]{1,9})")
_SHORTEST: Final = 5  # characters that may be meant as a code
_NIK: Final = 16  # digits


class NotGenuine(Refusal):
    """No message of ours carries this code."""


@dataclass(frozen=True, slots=True)
class Genuine:
    """``about``: a request's number as printed, ``T12``, ``D3``, ``P4`` or ``S5``; ``on``: None where nobody
    wrote it down.

    ``theirs``: it is about something of whoever asks.  ``words``: what a broadcast says, whose code everybody
    has: by them it is told from another message with its code.
    """

    about: str
    on: date | None
    theirs: bool
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands behind ``cek``: ``about`` is None for a word alone, ``word`` empty for a number alone."""

    about: str | None
    word: str


def read(typed: str) -> Typed | None:
    """What was typed behind ``cek``; None: it is no code, not even a wrong one."""
    tokens = [token for token in typed.split() if _BLANKS.sub("", token)]
    joined = _BLANKS.sub("", typed).upper()
    about, word = joined[:-LENGTH], _folded(joined[-LENGTH:])
    if _WORD.fullmatch(word):
        if not about or _COUNTED.fullmatch(about):
            return Typed(about or None, word)
        if (number := _number(about)) is not None:
            return Typed(number, word)
    if (number := _number(joined)) is not None:
        return Typed(number, "")
    if len(joined) < _SHORTEST or (joined.isdigit() and len(joined) == _NIK):
        return None
    looks_so = all(any(c.isdigit() for c in token) for token in tokens)
    return Typed("?", "?") if looks_so else None


async def checked(typed: Typed, contact: Contact, now: datetime, near: str | None = None) -> Genuine:
    """What the message is that carries this code, with its word.

    Wrong ones are counted in this transaction: whoever catches the refusal must let it commit.
    Raises: NotGenuine, `office.misses.TooManyMisses`.
    """

    async def look() -> Genuine:
        own = [str(RequestNumber(one.number)) for one in await of_contact(contact)]
        for about in own if typed.about is None else [typed.about]:
            days = [*_remembered(now), None]
            words = words_of(about, days)  # all of them: a wrong one takes as long as a right one
            right = [
                on for on, word in zip(days, words, strict=True) if hmac.compare_digest(word, typed.word)
            ]
            if right and (told := _BROADCAST.fullmatch(about)):
                return Genuine(about, right[0], False, await _words_of(int(told[1]), contact))
            if right:
                return Genuine(about, right[0], about in own or await _is_theirs(about, contact))
        raise NotGenuine

    return await counted(look, NotGenuine, contact, now, near, command="command:cek")


def _remembered(now: datetime) -> list[date]:
    return [today(now) - timedelta(days=back) for back in range(REMEMBERED)]


def _folded(word: str) -> str:
    return word.translate(_LOOKALIKES)


def _number(typed: str) -> str | None:
    try:
        return str(RequestNumber.parse(typed))
    except RequestNumberUnreadable:
        return None


async def _words_of(number: int, contact: Contact) -> str:
    """Raises: NotGenuine, for a broadcast that nobody has confirmed."""
    here = Broadcast.filter(office_id=contact.office_id, number=number)
    sent = await here.exclude(confirmed_at=None).first()
    if sent is None:
        raise NotGenuine
    return sent.text


async def _is_theirs(about: str, contact: Contact) -> bool:
    if not _COUNTED.fullmatch(about):
        return False
    here = _KEPT[about[0]].filter(office_id=contact.office_id, number=int(about[1:]), contact_id=contact.id)
    return await here.exists()
