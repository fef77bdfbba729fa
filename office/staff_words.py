"""What staff write for a citizen: one paragraph that fits every channel's narrowest message."""

from __future__ import annotations

from typing import Final

from bot.jsontext import clean_text
from office import outgoing
from office.refusal import Refusal

REASON: Final = 300  # characters: with the facts around it within a template's 1,024
MESSAGE: Final = 700


class ReasonNeeded(Refusal):
    """The citizen has to be told why."""


class TooLongForOneMessage(Refusal):
    """More than one message takes.  Facts: ``limit`` and ``length``, in characters."""


def words_of_staff(typed: str, *, most: int) -> str:
    """The words on one line, as they were written.  Raises: ReasonNeeded, TooLongForOneMessage."""
    words = " ".join(clean_text(typed).split())
    if not words:
        raise ReasonNeeded
    if len(words) > most:
        raise TooLongForOneMessage(limit=most, length=len(words))
    return words


def words_for_citizens(typed: str, *, most: int) -> str:
    """The same, of what a message of ours will say.  Raises: also `office.outgoing.MayNotBeSent`."""
    return outgoing.check(words_of_staff(typed, most=most))
