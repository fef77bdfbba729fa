"""``/tahanhapus`` and ``/bolehhapus``: a request that the purge has to pass by."""

from datetime import datetime

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator.arguments import number_and_words, only_numbers
from handlers.operator.commands import called
from handlers.operator.each import each, told
from models.staff import Staff
from office import retaining


async def retain(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/tahanhapus n reason``."""
    number, reason = number_and_words(command)
    outcome = await each([number], lambda n: retaining.retain(n, reason, staff, now), staff, now)
    await message.answer(told("operator-done-tahanhapus", outcome))


async def let_go(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/bolehhapus n…``."""
    outcome = await each(only_numbers(command), lambda n: retaining.let_go(n, staff, now), staff, now)
    await message.answer(told("operator-done-bolehhapus", outcome))


def router() -> Router:
    here = Router(name="operator.retaining")
    here.message.register(retain, called("tahanhapus"))
    here.message.register(let_go, called("bolehhapus"))
    return here
