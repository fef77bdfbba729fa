"""Broadcasts: one person writes, another lets it go, and either stops it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.notices import Notice
from bot.outbox import queue_notice
from models.broadcasts import Broadcast, BroadcastState
from models.contacts import Contact
from models.staff import Staff
from office import audit
from office.broadcast_reach import Reach, reach
from office.broadcast_rows import Tally, stop, tally
from office.broadcast_words import check_whole, facts_of, words_for_everybody
from office.context import office
from office.lifecycle import by_staff
from office.notice_classes import expires
from office.permissions import Deed, Denied, must
from office.queue_numbers import BROADCAST, count_up
from office.refusal import Refusal

DRAFT_LIVES: Final = timedelta(days=7)  # what was true then may not be so any more
LISTED: Final = 5  # of a hundred thousand messages each, counting them takes half a second


class BroadcastUnknown(Refusal):
    """No broadcast has this number.  Facts: ``number``."""


class BroadcastOver(Refusal):
    """It is no draft any more, or it has ended.  Facts: ``number``."""


class BroadcastTooOld(Refusal):
    """It was drafted too long ago to be sent.  Facts: ``number``, ``days``: how long a draft lives."""


class NobodyWouldHear(Refusal):
    """Nobody who agreed can be written to now.  Facts: ``number``."""


class OwnBroadcast(Denied):
    """Who has drafted it does not let it go.  Facts: ``broadcast``: its number."""

    @property
    def about(self) -> str:
        return about(int(str(self.facts["broadcast"])))


def about(number: int) -> str:
    """What the audit calls it."""
    return f"broadcast:{number}"


async def draft(typed: str, staff: Staff, now: datetime) -> Broadcast:
    """Write one; it goes to nobody.

    Raises: `NotAllowed`, and as `words_for_everybody`.
    """
    must(staff, Deed.BROADCAST_DRAFT)
    words = words_for_everybody(typed)
    here = office().office_id
    number = await count_up(here, BROADCAST)
    written = await Broadcast.create(
        office_id=here, number=number, text=words, drafted_by_id=staff.id, drafted_at=now
    )
    await check_whole(written)
    await audit.note(by_staff(staff), "broadcast_drafted", about(number), now)
    return written


async def latest(staff: Staff) -> Sequence[Broadcast]:
    """The last ones, newest first, each with who drafted and who confirmed it.  Raises: `NotAllowed`."""
    must(staff, Deed.BROADCASTS)
    here = Broadcast.filter(office_id=office().office_id)
    return await here.order_by("-number").limit(LISTED).select_related("drafted_by", "confirmed_by")


async def numbered(number: int, staff: Staff) -> Broadcast:
    """The same of one.  Raises: `NotAllowed`, BroadcastUnknown."""
    must(staff, Deed.BROADCASTS)
    here = Broadcast.filter(office_id=office().office_id, number=number)
    found = await here.select_related("drafted_by", "confirmed_by").first()
    if found is None:
        raise BroadcastUnknown(number=number)
    return found


async def try_out(
    number: int, staff: Staff, contact: Contact, channel: str, account: str, now: datetime
) -> Broadcast:
    """Send it to this chat alone, the way that it would go to everybody.

    Raises: `NotAllowed`, BroadcastUnknown, BroadcastOver.
    """
    found = await numbered(number, staff)
    if found.ended_at is not None:
        raise BroadcastOver(number=number)
    await queue_notice(
        Notice(
            key=f"broadcast_trial:{found.id}:{contact.id}:{now.isoformat()}",
            name="broadcast_trial",
            contact_id=contact.id,
            channel=channel,
            account=account,
            due_at=now,
            expires_at=expires("broadcast_trial", now),
            facts=facts_of(found),
        )
    )
    await audit.note(by_staff(staff), "broadcast_tried", about(number), now)
    return found


async def confirm(number: int, staff: Staff, now: datetime) -> tuple[Broadcast, Reach]:
    """Let it go: from the clock's next beat on it goes out.  Of two who say so at once, one does.

    Raises: `NotAllowed`, BroadcastUnknown, OwnBroadcast, BroadcastOver, BroadcastTooOld, NobodyWouldHear.
    """
    found = await numbered(number, staff)
    if found.drafted_by_id == staff.id:
        raise OwnBroadcast(broadcast=number)
    must(staff, Deed.BROADCAST_CONFIRM)
    if found.state is not BroadcastState.DRAFT:
        raise BroadcastOver(number=number)
    if found.drafted_at + DRAFT_LIVES < now:
        raise BroadcastTooOld(number=number, days=DRAFT_LIVES.days)
    whom = await reach(now)
    if not whom.people:
        raise NobodyWouldHear(number=number)
    waits = Broadcast.filter(id=found.id, state=BroadcastState.DRAFT).exclude(drafted_by_id=staff.id)
    confirmed = {"state": BroadcastState.CONFIRMED, "confirmed_by_id": staff.id, "confirmed_at": now}
    if not await waits.update(**confirmed, expected=whom.people):
        raise BroadcastOver(number=number)
    how_many = f"people:{whom.people}"
    await audit.note(by_staff(staff), "broadcast_confirmed", about(number), now, reason=how_many)
    return found, whom


async def cancel(number: int, staff: Staff, now: datetime) -> Tally:
    """Throw a draft away, or stop what goes out: what is not on the line yet stays here.

    Raises: `NotAllowed`, BroadcastUnknown, BroadcastOver.
    """
    found = await numbered(number, staff)
    stopped = await stop(found, now)
    if stopped is None:
        raise BroadcastOver(number=number)
    how_many = f"stopped:{stopped}"
    await audit.note(by_staff(staff), "broadcast_cancelled", about(number), now, reason=how_many)
    return await tally(found)
