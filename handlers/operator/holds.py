"""Waiting for something that is not the citizen's: put off, and gone on with."""

from datetime import datetime

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator.arguments import numbers_and_words, text, unreadable
from handlers.operator.commands import called
from handlers.operator.each import Outcome, each, told
from handlers.operator.excerpt import excerpt
from models.database import transaction
from models.requests import HoldReason
from models.staff import Staff
from office import desk
from office.holds import WORDS, HoldReasonUnknown
from office.staff_words import ReasonNeeded
from office.typed import fold
from office.words import plain


async def hold(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/tunda n… REASON words``; the words may be missing, but not for ``lain``."""
    numbers, typed = numbers_and_words(command)
    if not typed:
        raise unreadable(command)
    reason, words = reason_and_words(typed)
    outcome = await each(numbers, lambda n: desk.hold(n, reason, staff, now, words), staff, now)
    await message.answer(told("operator-done-tunda", outcome, reason=words or plain(f"hold-{reason.value}")))


async def resume(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/lanjut n…``, or ``/lanjut REASON`` for all that wait for the same thing."""
    if reason := WORDS.get(fold(text(command))):
        resumed = await transaction(lambda: desk.resume(reason, staff, now))
        outcome = Outcome(tuple(one.queue_number for one in resumed if one.queue_number), ())
    else:
        numbers, words = numbers_and_words(command)
        if words:
            raise unreadable(command)
        outcome = await each(numbers, lambda n: desk.resume(n, staff, now), staff, now)
    await message.answer(told("operator-done-lanjut", outcome))


def reason_and_words(typed: str) -> tuple[HoldReason, str | None]:
    """The reason that the words begin with, and what else was said.

    Raises: HoldReasonUnknown; ReasonNeeded for ``lain`` by itself, which would tell the citizen nothing.
    """
    words = typed.split()
    for count in (2, 1):  # "tanda tangan" has two words
        reason = WORDS.get(fold(" ".join(words[:count]).rstrip(",:;.")))
        if reason is not None:
            said = " ".join(words[count:]) or None
            if reason is HoldReason.OTHER and said is None:
                raise ReasonNeeded
            return reason, said
    raise HoldReasonUnknown(reason=excerpt(typed, 40))


def router() -> Router:
    here = Router(name="operator.holds")
    here.message.register(hold, called("tunda"))
    here.message.register(resume, called("lanjut"))
    return here
