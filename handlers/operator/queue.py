"""The queue: who waits, taking one, and giving one back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator import queue_filter
from handlers.operator.age import age
from handlers.operator.arguments import only_number, only_numbers, text
from handlers.operator.commands import called
from handlers.operator.dossier import show
from handlers.operator.each import each, told
from models.database import transaction
from models.requests import RequestState
from models.staff import Staff
from office import questions, queue, villages
from office.queue import QueueLine
from office.words import language, plain, say

MOST_LINES: Final = 20


async def tell_queue(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/antrean [service] [village]``."""
    wanted = queue_filter.read(text(command))
    seen = await queue.look(staff, MOST_LINES, wanted)
    parts = [say("operator-queue", count=seen.count) if seen.lines else say("operator-queue-empty")]
    parts += [_line(line, now) for line in seen.lines]
    if seen.count > MOST_LINES:
        parts.append(say("operator-queue-more", count=seen.count - MOST_LINES, village=villages.example()))
    parts += ["", *await _counts(seen.counts)]
    await message.answer("\n".join(parts))


async def take(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/ambil``: the oldest that nobody has; ``/ambil n``: that one."""
    number = only_number(command) if text(command) else None
    request = await transaction(lambda: queue.take(staff, number, now))
    await show(message, request.queue_number or 0, staff, now)


async def release(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/lepas n…``."""

    async def give_back(number: int) -> None:
        await queue.release(await queue.get(number), staff, now)

    outcome = await each(only_numbers(command), give_back, staff, now)
    await message.answer(told("operator-done-lepas", outcome))


def router() -> Router:
    here = Router(name="operator.queue")
    here.message.register(tell_queue, called("antrean"))
    here.message.register(take, called("ambil"))
    here.message.register(release, called("lepas"))
    return here


def _line(line: QueueLine, now: datetime) -> str:
    return say(
        "operator-queue-line",
        number=line.queue_number,
        service=line.service_name(language()),
        name=line.name,
        village=line.village.name if line.village else "–",
        age=age(line.age(now)),
        state=plain(f"state-{line.state.value}"),
        owner=line.owner or plain("operator-nobody"),
    )


async def _counts(counted: Mapping[RequestState, int]) -> Sequence[str]:
    """How much there is of everything, whatever was asked for."""
    under_way = [f"{plain(f'state-{state.value}')} {count}" for state, count in counted.items()]
    asked = len(await questions.open_ones())
    return [
        *([say("operator-queue-counts", counts=" · ".join(under_way))] if under_way else []),
        say("operator-questions", count=asked) if asked else say("operator-questions-none"),
    ]
