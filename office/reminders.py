"""What the office does because time has passed: each thing once, however often and late the clock ticks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from models.requests import OutputState, Request, RequestOutput, RequestState
from office import consents
from office.context import office
from office.holidays import is_day_off
from office.lifecycle import CLOCK, ChangedMeanwhile, locked, move
from office.notices import tell
from office.quiet_hours import quiet
from office.times import local

AT_ONCE: Final = 200  # rows of one tick; the next takes the rest


async def due(now: datetime) -> int:
    """Remind of outputs that nobody fetched, one reminder per output.  Gives how many.

    Nobody is reminded at night, nor on a day off, when the counter is closed.
    """
    if quiet(now):
        return 0
    here = office()
    since = now - timedelta(days=here.office.reminder_after_days)
    waiting = RequestOutput.filter(
        office_id=here.office_id,
        state=OutputState.READY_FOR_PICKUP,
        reminded_at=None,
        ready_at__lte=since,
        request__contact__restricted_at=None,
    )
    outputs = await waiting.order_by("id").limit(AT_ONCE).prefetch_related("request")
    if outputs and is_day_off(local(now).date()):
        return 0
    return sum([await _remind(output, now) for output in outputs])


async def expire_corrections(now: datetime) -> int:
    """End requests whose correction did not come in time, and say so.  Gives how many."""
    late = Request.filter(
        office_id=office().office_id,
        state=RequestState.NEEDS_CORRECTION,
        correct_by__lte=now,
        contact__restricted_at=None,
    )
    ended = [await _expire(request, now) for request in await late.order_by("id").limit(AT_ONCE)]
    return sum(ended)


async def _remind(output: RequestOutput, now: datetime) -> bool:
    mine = RequestOutput.filter(id=output.id, state=OutputState.READY_FOR_PICKUP, reminded_at=None)
    if not await mine.update(reminded_at=now) or await consents.stopped(output.request.contact_id):
        return False
    return await tell(output.request, "reminder_uncollected", now, output.key, outputs=[output.key])


async def _expire(request: Request, now: datetime) -> bool:
    here = await locked(request)
    if here.state is not RequestState.NEEDS_CORRECTION or here.correct_by is None or here.correct_by > now:
        return False
    try:
        ended = await move(here, RequestState.EXPIRED, actor=CLOCK, action="expire", now=now)
    except ChangedMeanwhile:
        return False
    return await tell(ended, "expired", now, 1, correct_by=here.correct_by.isoformat())
