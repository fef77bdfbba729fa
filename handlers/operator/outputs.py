"""What a request brings forth goes out: to the counter, or by SIAK to the citizen's own address."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator.arguments import numbers_and_words, unreadable
from handlers.operator.commands import called
from handlers.operator.each import Outcome, each, told
from models.staff import Staff
from office import desk, queue
from office.words import language, say

_ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|\+?[0-9][0-9 ().-]{6,18}[0-9]")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")


async def ready(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/siap n…``; of one request also ``/siap n KEY`` for one of several outputs."""
    numbers, words = numbers_and_words(command)
    only = _keys(numbers, words, command)
    outcome = await each(numbers, lambda n: desk.ready(n, staff, now, only), staff, now)
    await message.answer(await _told("operator-done-siap", outcome))


async def issued(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/terbit n…``; of one request also with an output's key, and with the address SIAK sent it to."""
    numbers, words = numbers_and_words(command)
    address = _ADDRESS.search(words)
    if address is not None and len(numbers) > 1:
        raise unreadable(command)
    only = _keys(numbers, _ADDRESS.sub(" ", words, count=1), command)
    target = address[0] if address else None
    outcome = await each(numbers, lambda n: desk.issued(n, staff, now, target, only), staff, now)
    await message.answer(await _told("operator-done-terbit", outcome))


def router() -> Router:
    here = Router(name="operator.outputs")
    here.message.register(ready, called("siap"))
    here.message.register(issued, called("terbit"))
    return here


def _keys(numbers: Sequence[int], words: str, command: CommandObject) -> tuple[str, ...]:
    """The outputs' keys that stand behind one number.  Raises: `CommandUnreadable`."""
    keys = tuple(words.replace(",", " ").lower().split())
    if keys and (len(numbers) > 1 or not all(map(_KEY.fullmatch, keys))):
        raise unreadable(command)
    return keys


async def _told(sentence: str, outcome: Outcome) -> str:
    """Also what is still to come of each request, so that nobody waits for it unknowingly."""
    lines = [told(sentence, outcome)]
    for number in outcome.done:
        if pending := await desk.still_pending(await queue.get(number)):
            names = ", ".join(output.name.in_language(language()) for output in pending)
            lines.append(say("operator-still-pending", number=number, outputs=names))
    return "\n".join(lines)
