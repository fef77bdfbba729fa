"""``/hak``: what people asked of their own data, with the clock of each."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator.arguments import text, unreadable
from handlers.operator.commands import called
from handlers.operator.moments import moment
from models.database import transaction
from models.rights import DataRequest
from models.staff import Staff
from office import data_rights
from office.names import short_name
from office.words import plain, say

MOST_LISTED: Final = 20  # in one message

_TYPED: Final = re.compile(
    r"(?P<deed>[a-z]+)\s+d?\s*(?P<number>[1-9][0-9]{0,8})(?:\s+(?P<words>\S.*))?", re.IGNORECASE | re.DOTALL
)

Act = Callable[[int, str, Staff, datetime], Awaitable[DataRequest]]


async def _take(number: int, _: str, staff: Staff, now: datetime) -> DataRequest:
    return await data_rights.take(number, staff, now)


DEEDS: Final[Mapping[str, Act]] = {
    "ambil": _take,
    "selesai": data_rights.grant,
    "tolak": data_rights.refuse,
    "buka": data_rights.lift,
}


async def see_to(message: Message, command: CommandObject, staff: Staff, now: datetime) -> None:
    """``/hak`` lists; ``/hak ambil|selesai|tolak|buka D12 words`` does something about one."""
    if not text(command):
        await message.answer(await _page(staff, now))
        return
    typed = _TYPED.fullmatch(text(command))
    act = DEEDS.get(typed["deed"].lower()) if typed else None
    if typed is None or act is None:
        raise unreadable(command)
    number, words = int(typed["number"]), typed["words"] or ""
    await transaction(partial(act, number, words, staff, now))
    await message.answer(say(f"operator-done-hak-{typed['deed'].lower()}", number=number))


async def _page(staff: Staff, now: datetime) -> str:
    waiting = await data_rights.waiting(staff)
    lines = [_line(asked, now) for asked in waiting[:MOST_LISTED]]
    lines.append(say("operator-rights" if waiting else "operator-rights-none", count=len(waiting)))
    return "\n\n".join(lines)


def _line(asked: DataRequest, now: datetime) -> str:
    return say(
        "operator-right-late" if asked.due_at <= now else "operator-right",
        number=asked.number,
        right=plain(f"data-right-{asked.right.value}"),
        name=short_name(asked.contact.name),
        question=f" (T{asked.question.number})" if asked.question else "",
        at=moment(asked.asked_at),
        due=moment(asked.due_at),
        owner=asked.owner.name if asked.owner else plain("operator-nobody"),
    )


def router() -> Router:
    here = Router(name="operator.data_rights")
    here.message.register(see_to, called("hak"))
    return here
