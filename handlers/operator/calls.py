"""``/telepon``: whom no message reached, and that somebody spoke to them."""

import re
from datetime import datetime
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator import numbers
from handlers.operator.arguments import text, unreadable
from handlers.operator.commands import called as command_called
from handlers.operator.each import each, told
from handlers.operator.moments import moment
from models.calls import Call
from models.staff import Staff
from office import calls
from office.names import short_name
from office.notices import state_word
from office.places import channel_name
from office.words import plain, say

MOST_CALLS: Final = 20  # in one message

_DONE: Final = re.compile(r"(?:selesai|sudah|done)\s+(.+)", re.IGNORECASE | re.DOTALL)


async def call_list(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/telepon`` lists; ``/telepon selesai N…`` ticks off."""
    typed = text(command)
    if not typed:
        await message.answer(await _page(staff))
        return
    done = _DONE.fullmatch(typed)
    read = numbers.read(done[1]) if done else None
    if read is None or read.rest or not read.values:
        raise unreadable(command)
    outcome = await each(read.values, lambda n: calls.called(n, staff, now), staff, now)
    await message.answer(told("operator-done-telepon", outcome))


async def _page(staff: Staff) -> str:
    waiting = await calls.waiting(staff)
    lines = [await _line(call) for call in waiting[:MOST_CALLS]]
    lines.append(say("operator-calls" if waiting else "operator-calls-none", count=len(waiting)))
    return "\n\n".join(lines)


async def _line(call: Call) -> str:
    row, request = call.outbox, call.request
    number = await calls.telephone(row.contact_id)
    return say(
        "operator-call",
        number=call.number,
        name=short_name(request.subject_name if request else row.contact.name),
        about=plain(f"operator-notice-{row.name}"),
        queue=request.queue_number if request and request.queue_number else "–",
        state=state_word(row),
        at=moment(row.created_at),
        phone=number or plain("operator-call-no-number", channel=channel_name(row.channel)),
    )


def router() -> Router:
    here = Router(name="operator.calls")
    here.message.register(call_list, command_called("telepon"))
    return here
