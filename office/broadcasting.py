"""What the clock does for a broadcast that was confirmed: hand it over piece by piece, and say when it ended.

A piece and how far it has come are one transaction: a clock that dies between any two statements has handed
over all of a piece or nothing of it.  The rows of a piece are due one after the other, slower than any
platform takes them, so that a notice which somebody needs stands behind a handful of them and not behind a
hundred thousand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from tortoise.expressions import F

from bot.notices import Notice
from bot.outbox import queue_notice
from models.broadcasts import Broadcast, BroadcastState
from models.outbox import Freeze
from models.staff import StaffBinding
from office.broadcast_reach import Hearer, agreed_after, hearers
from office.broadcast_rows import stop, subject_of, tally, waiting
from office.broadcast_words import facts_of
from office.context import office
from office.notice_classes import expires
from office.notices import tell_staff
from office.quiet_hours import quiet

PIECE: Final = 300  # people looked at in one beat of the clock, which takes 15 seconds
USUAL_PACE: Final = 28.0  # messages a second of a channel that nobody told us of
SHARE: Final = 0.7  # of what a channel takes: the rest is for what somebody needs

Paces = Mapping[str, float]
"""Channel → messages a second that its platform takes from us."""

_UNTOLD: Final[Paces] = MappingProxyType({})


async def go_on(now: datetime, most: int = PIECE, paces: Paces = _UNTOLD) -> int:
    """The next piece of the first broadcast that has one, and the end of those that have nothing left.

    Gives how many people were looked at.  Nothing is handed over at night, nor while as much as a piece waits
    still: then a platform is slow, and a stop has little to take back.
    """
    here = Broadcast.filter(office_id=office().office_id, state=BroadcastState.CONFIRMED)
    looked_at = 0
    for going in await here.order_by("confirmed_at", "id"):
        if await _from_an_older_copy(going):
            await stop(going, now)
        elif going.handed_at is not None:
            await _end(going, now)
        elif not looked_at and not quiet(now):
            looked_at = await _hand_over(going, now, most, paces)
    return looked_at


async def _hand_over(broadcast: Broadcast, now: datetime, most: int, paces: Paces) -> int:
    mine = Broadcast.filter(id=broadcast.id, state=BroadcastState.CONFIRMED)
    if not await mine.update(cursor=F("cursor")):  # whoever stops it, or hands it over, too, waits for us
        return 0
    broadcast = await Broadcast.get(id=broadcast.id)
    before = await waiting(broadcast)
    if broadcast.handed_at is not None or before.total() >= most:
        return 0
    people = await agreed_after(broadcast.cursor, most)
    found = await hearers(people, subject_of(broadcast), now)
    for one in found:
        if one.open:
            apart = timedelta(seconds=1 / (SHARE * paces.get(one.channel, USUAL_PACE)))
            await _queue(broadcast, one, now + before[one.channel] * apart)
            before[one.channel] += 1
    await mine.update(
        cursor=people[-1] if people else broadcast.cursor,
        out_of_reach=F("out_of_reach") + sum(not one.open for one in found),
        handed_at=None if len(people) == most else now,
    )
    return len(people)


async def _queue(broadcast: Broadcast, whom: Hearer, due_at: datetime) -> None:
    await queue_notice(
        Notice(
            key=f"broadcast:{broadcast.id}:{whom.contact_id}",
            name="broadcast",
            contact_id=whom.contact_id,
            channel=whom.channel,
            account=whom.account,
            subject=subject_of(broadcast),
            due_at=due_at,
            expires_at=expires("broadcast", due_at),
            facts=facts_of(broadcast),
        )
    )


async def _end(broadcast: Broadcast, now: datetime) -> None:
    """Once nothing of it waits, who wrote it and who let it go are told."""
    counts = await tally(broadcast)
    mine = Broadcast.filter(id=broadcast.id, state=BroadcastState.CONFIRMED)
    if counts.waiting or not await mine.update(state=BroadcastState.SENT, ended_at=now):
        return
    behind_it = StaffBinding.filter(
        office_id=broadcast.office_id,
        staff_id__in=(broadcast.drafted_by_id, broadcast.confirmed_by_id),
        staff__removed_at=None,
    )
    for chat in await behind_it.order_by("id"):
        await tell_staff(
            chat,
            "staff_broadcast",
            f"broadcast_ended:{broadcast.id}",
            now,
            number=broadcast.number,
            sent=counts.sent,
            failed=counts.failed,
            expected=broadcast.expected,
            out_of_reach=broadcast.out_of_reach,
        )


async def _from_an_older_copy(broadcast: Broadcast) -> bool:
    """Whether the database was brought back from a backup since: who got it meanwhile, nobody here knows."""
    return await Freeze.filter(restored_at__gte=broadcast.confirmed_at).exists()
