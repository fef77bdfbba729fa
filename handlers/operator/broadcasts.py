"""``/siaran``: what is said to everybody who agreed to hear it.

Only ``/siaran kirim S3`` sends anything, whole and to the letter; whatever else is typed is at most a draft.
"""

import html
import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Final

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.types import Message

from handlers.operator.arguments import text, unreadable
from handlers.operator.commands import called
from handlers.operator.excerpt import excerpt
from handlers.operator.moments import moment
from models.broadcasts import Broadcast, BroadcastState
from models.contacts import Contact
from models.database import transaction
from models.staff import Staff
from office import broadcasts
from office.broadcast_reach import Reach, reach
from office.broadcast_rows import tally
from office.broadcast_words import preview
from office.outgoing import harmless, may_be_said
from office.places import channel_name
from office.words import grouped, plain, say

DEEDS: Final = ("lihat", "coba", "kirim", "batal")
EXCERPT: Final = 80
RULE: Final = "———"  # above and below what citizens read

_ONE: Final = re.compile(rf"({'|'.join(DEEDS)})\s+s?\s*([1-9][0-9]{{0,8}})", re.IGNORECASE)


async def broadcast(
    message: Message,
    command: CommandObject,
    staff: Staff,
    contact: Contact,
    channel: str,
    account: str,
    now: datetime,
) -> None:
    """``/siaran`` lists, ``lihat|coba|kirim|batal S3`` sees to one; all else is the text of a draft."""
    typed = text(command)
    if not typed:
        await message.answer(await _list(staff))
        return
    if (one := _ONE.fullmatch(typed)) is None:
        if typed.lower() in DEEDS:
            raise unreadable(command)
        written = await transaction(partial(broadcasts.draft, typed, staff, now))
        await message.answer(await _shown(await broadcasts.numbered(written.number, staff), now))
        return
    number = int(one[2])
    match one[1].lower():
        case "lihat":
            told = await _shown(await broadcasts.numbered(number, staff), now)
        case "coba":
            here = (contact, str(channel), account)
            await transaction(partial(broadcasts.try_out, number, staff, *here, now))
            told = say("operator-broadcast-tried", number=number)
        case "kirim":
            told = await _sent(number, staff, now)
        case _:
            told = await _cancelled(number, staff, now)
    await message.answer(told)


async def _shown(one: Broadcast, now: datetime) -> str:
    """It as a citizen reads it; of a draft also whom it would reach, and what to type now."""
    parts = [await _line(one), _as_read(await preview(one))]
    if one.state is BroadcastState.DRAFT:
        whom = await reach(now)
        parts.append("\n".join([_within(whom), *_beyond(whom)]))
        parts.append(say("operator-broadcast-what-next", number=one.number))
    return "\n\n".join(parts)


def _as_read(words: str) -> str:
    return "\n".join([say("operator-broadcast-as-read"), RULE, words, RULE])


def _within(whom: Reach) -> str:
    return say("operator-broadcast-reach", count=grouped(whom.people), channels=_by_channel(whom.within))


def _beyond(whom: Reach) -> list[str]:
    if not whom.out_of_reach:
        return []
    facts = {"count": grouped(whom.out_of_reach), "channels": _by_channel(whom.beyond)}
    return [say("operator-broadcast-beyond", **facts)]


async def _sent(number: int, staff: Staff, now: datetime) -> str:
    one, whom = await transaction(partial(broadcasts.confirm, number, staff, now))
    facts = {"count": grouped(whom.people), "channels": _by_channel(whom.within)}
    told = say("operator-broadcast-confirmed", number=number, **facts)
    return "\n\n".join([told, *_beyond(whom), _as_read(await preview(one))])


async def _cancelled(number: int, staff: Staff, now: datetime) -> str:
    confirmed = (await broadcasts.numbered(number, staff)).confirmed_at is not None
    left = await transaction(partial(broadcasts.cancel, number, staff, now))
    if not confirmed:
        return say("operator-broadcast-thrown", number=number)
    counts = {"sent": grouped(left.sent + left.waiting), "cancelled": grouped(left.cancelled)}
    return say("operator-broadcast-stopped", number=number, **counts)


async def _list(staff: Staff) -> str:
    latest = await broadcasts.latest(staff)
    if not latest:
        return say("operator-broadcasts-none")
    lines = [f"{await _line(one)}\n{_excerpt(one)}" for one in latest]
    return "\n\n".join([*lines, say("operator-broadcasts", number=latest[0].number)])


async def _line(one: Broadcast) -> str:
    by = {"number": one.number, "by": one.drafted_by.name, "at": moment(one.confirmed_at or one.drafted_at)}
    if one.confirmed_by is None:
        return say(f"operator-broadcast-{'draft' if one.ended_at is None else 'thrown-away'}", **by)
    counts = await tally(one)
    return say(
        "operator-broadcast",
        **by,
        second=one.confirmed_by.name,
        state=plain(f"broadcast-state-{one.state.value}"),
        sent=grouped(counts.sent),
        waiting=grouped(counts.waiting),
        failed=grouped(counts.failed),
        expected=grouped(one.expected or 0),
    )


def _excerpt(one: Broadcast) -> str:
    """A link that was cut leads elsewhere than it did."""
    words = excerpt(one.text, EXCERPT)
    return html.escape(words if may_be_said(words) else harmless(words), quote=False)


def _by_channel(people: Mapping[str, int]) -> str:
    """In brackets, the most first; nothing where there is nobody."""
    if not people:
        return ""
    most_first = sorted(people.items(), key=lambda one: (-one[1], one[0]))
    return f" ({', '.join(f'{channel_name(name)} {grouped(count)}' for name, count in most_first)})"


def router() -> Router:
    here = Router(name="operator.broadcasts")
    here.message.register(broadcast, called("siaran"))
    return here
