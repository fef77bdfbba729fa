"""One paper of a request: asked for again, or given its right name."""

import re
from datetime import datetime
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator.arguments import number_and_words, unreadable
from handlers.operator.commands import called
from handlers.operator.slots import paper_and_words
from models.database import transaction
from models.staff import Staff
from office import papers, queue
from office.requests import service_of
from office.words import language, plain, say

_PLACE_AND_SLOT: Final = re.compile(r"([1-9][0-9]{0,2})[\s,:]+(\S.*)", re.DOTALL)


async def ask_again(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/minta n PAPER reason``: the citizen sends this one again, nothing else."""
    number, words = number_and_words(command)
    request = await queue.get(number)
    slot, reason = paper_and_words(service_of(request), words)
    if not reason:
        raise unreadable(command)
    await transaction(lambda: papers.ask_again(request, slot.key, reason, staff, now))
    await message.answer(say("operator-done-minta", number=number, paper=slot.name.in_language(language())))


async def relabel(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/label n PLACE PAPER``: the place is the one in the list of `/lihat`."""
    number, words = number_and_words(command)
    typed = _PLACE_AND_SLOT.fullmatch(words)
    if typed is None:
        raise unreadable(command)
    request, place = await queue.get(number), int(typed[1])
    _, slot = await transaction(lambda: papers.relabel(request, place, typed[2], staff, now))
    name = slot.name.in_language(language()) if slot else plain("operator-paper-extra")
    await message.answer(say("operator-done-label", number=number, place=place, paper=name))


def router() -> Router:
    here = Router(name="operator.papers")
    here.message.register(ask_again, called("minta"))
    here.message.register(relabel, called("label"))
    return here
