"""``/cari``: requests by an exact NIK or telephone number.  Neither is said again, and no name."""

from datetime import datetime

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator.arguments import text, unreadable
from handlers.operator.commands import called
from handlers.operator.moments import moment
from models.database import transaction
from models.requests import Request
from models.staff import Staff
from office.requests import service_of
from office.search import search
from office.words import language, plain, say


async def find(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/cari NIK`` or ``/cari PHONE``."""
    typed = text(command)
    if not typed:
        raise unreadable(command)
    found = await transaction(lambda: search(typed, staff, now))
    if not found.count:
        await message.answer(say("operator-found-none"))
        return
    lines = [say("operator-found", count=found.count), *map(_line, found.requests)]
    if further := found.count - len(found.requests):
        lines.append(say("operator-found-more", count=further))
    await message.answer("\n".join(lines))


def router() -> Router:
    here = Router(name="operator.search")
    here.message.register(find, called("cari"))
    return here


def _line(request: Request) -> str:
    return say(
        "operator-found-line",
        number=request.queue_number,
        service=service_of(request).short.in_language(language()),
        state=plain(f"state-{request.state.value}"),
        at=moment(request.submitted_at or request.created_at),
    )
