"""The words of a broadcast: whole sentences, the same for everybody, framed alike."""

from __future__ import annotations

import re
from typing import Any, Final

from bot.jsontext import clean_text
from models.broadcasts import Broadcast
from office import notices, outgoing
from office.check_words import check_word, today
from office.refusal import Refusal
from office.staff_words import ReasonNeeded, TooLongForOneMessage
from office.words import FIRST, LANGUAGES

LONGEST: Final = 1_000  # characters: with the frame one message on every channel

_SHOWN: Final = 40
_UNFILLED: Final = re.compile(
    r"\$?\{+[^{}\n]*\}*|\}"  # {nama}, {{1}}, ${x}
    r"|\$[A-Za-z_]\w*"  # $nama
    r"|<[^<>\n]*>|\[[^\[\]\n]*\]"  # <nama>, [nama]
    r"|%\([^()\n]*\)s|%[sd]\b|%[A-Za-z_]+%"  # %(nama)s, %s, %NAMA%
    r"|_{3,}|\.{4,}|…[.…]+"  # ____, ….
)


class VariableUnfilled(Refusal):
    """The words have a blank that nobody fills in.  Facts: ``words``, the blank."""


def words_for_everybody(typed: str) -> str:
    """The words as they are sent: no blank at an end of a line, one empty line at most between two.

    Raises: `ReasonNeeded`, `TooLongForOneMessage`, VariableUnfilled, `office.outgoing.MayNotBeSent`.
    """
    lines = [" ".join(line.split()) for line in clean_text(typed).splitlines()]
    words = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if not any(character.isalnum() for character in words):
        raise ReasonNeeded
    if len(words) > LONGEST:
        raise TooLongForOneMessage(limit=LONGEST, length=len(words))
    if (blank := _UNFILLED.search(words)) is not None:
        raise VariableUnfilled(words=blank[0][:_SHOWN])
    return outgoing.check(words)


def called(number: int) -> str:
    """What a broadcast is called by staff and citizens: ``S3``."""
    return f"S{number}"


def facts_of(broadcast: Broadcast) -> dict[str, Any]:
    """Of its notice.  The check word is of the day it was drafted on, so that a preview has the same."""
    about = called(broadcast.number)
    day = today(broadcast.drafted_at)
    return {"text": broadcast.text, "reference": about, "check": check_word(about, day)}


async def preview(broadcast: Broadcast, language: str = FIRST) -> str:
    """Exactly what a citizen reads, as HTML."""
    return (await notices.render("broadcast", facts_of(broadcast), language)).text


async def check_whole(broadcast: Broadcast) -> None:
    """Words that pass by themselves may not within their frame.  Raises: `office.outgoing.MayNotBeSent`."""
    for language in LANGUAGES:
        outgoing.check(await preview(broadcast, language))
