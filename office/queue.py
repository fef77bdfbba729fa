"""The queue of the desk: in order of handing in, and writing again moves no one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tortoise.functions import Count

from models.requests import Request, RequestState
from models.staff import Staff
from office.catalogue import Service
from office.context import office
from office.lifecycle import ENDED, OPEN, IllegalMove, by_staff, move, note_change
from office.names import short_name
from office.ownership import must_work_at_the_desk, numbered, own, owner_name
from office.refusal import Refusal
from office.villages import Village, village

IN_OUR_HANDS: Final = OPEN - {RequestState.NEEDS_CORRECTION, RequestState.ON_HOLD}
"""States in which the desk can do something now."""

MOST_RACES: Final = 50


class NothingWaiting(Refusal):
    """No request waits for somebody to take it."""


class TakenBy(Refusal):
    """Somebody else was quicker.  Facts: ``number``, ``name``: theirs."""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A line of ``/antrean``.  ``service`` is its code; ``name`` is shortened; ``age`` since handing in."""

    queue_number: int
    service: str
    name: str
    village: Village | None
    submitted_at: datetime
    state: RequestState
    owner: str | None

    def age(self, now: datetime) -> timedelta:
        return now - self.submitted_at

    def service_name(self, language: str = "id") -> str:
        return office().catalogue.service(self.service).short.in_language(language)


async def waiting(service: Service | None = None, village: Village | None = None) -> list[QueueLine]:
    """Every request that is under way, oldest first, of this service and village if given."""
    wanted: dict[str, Any] = {}
    if service is not None:
        wanted["service"] = service.code
    if village is not None:
        wanted["village_code"] = village.code
    under_way = Request.filter(office_id=office().office_id, state__in=OPEN, **wanted)
    return [
        _line(request) for request in await under_way.order_by("submitted_at", "id").select_related("owner")
    ]


async def take(staff: Staff, queue_number: int | None, now: datetime) -> Request:
    """Make a request this person's: that one, or the oldest nobody has.

    One statement decides, so that of many hands exactly one gets it.  Taking one's own again changes nothing.
    Raises: NotAtTheDesk, NothingWaiting, NoSuchQueueNumber, TakenBy, `IllegalMove` for what is over.
    """
    must_work_at_the_desk(staff)
    if queue_number is None:
        return await _take_oldest(staff, now)
    request = await numbered(queue_number)
    if request.owner_id == staff.id:
        return request
    if request.state in ENDED:
        raise IllegalMove(number=queue_number, state=request.state.value, to=RequestState.IN_REVIEW.value)
    taken = await _take(request, staff, now)
    if taken is None:
        there = await Request.get(id=request.id)
        raise TakenBy(number=queue_number, name=await owner_name(there) or "")
    return taken


async def release(request: Request, staff: Staff, now: datetime) -> Request:
    """Give it back to the queue, where it keeps its place.

    Raises: as `office.ownership.own`, `ChangedMeanwhile`.
    """
    here = await own(request.queue_number or 0, staff)
    return await note_change(here, actor=by_staff(staff), action="release", now=now, owner_id=None)


async def get(queue_number: int) -> Request:
    """Raises: NoSuchQueueNumber."""
    return await numbered(queue_number)


async def summary() -> dict[RequestState, int]:
    """How many requests stand in each state, drafts and ended ones too, in the order of a request's life.

    A state without any is missing.
    """
    counted = (
        await Request.filter(office_id=office().office_id)
        .annotate(count=Count("id"))
        .group_by("state")
        .values("state", "count")
    )
    found = {RequestState(line["state"]): int(line["count"]) for line in counted}
    return {state: found[state] for state in RequestState if state in found}


async def _take_oldest(staff: Staff, now: datetime) -> Request:
    free = Request.filter(office_id=office().office_id, owner_id=None, state__in=IN_OUR_HANDS)
    for _ in range(MOST_RACES):
        oldest = await free.order_by("submitted_at", "id").first()
        if oldest is None:
            break
        if taken := await _take(oldest, staff, now):
            return taken
    raise NothingWaiting


async def _take(request: Request, staff: Staff, now: datetime) -> Request | None:
    """None when somebody else has it by now."""
    if not await Request.filter(id=request.id, owner_id=None).update(owner_id=staff.id):
        return None
    here = await Request.get(id=request.id)
    if here.state is RequestState.SUBMITTED:
        return await move(here, RequestState.IN_REVIEW, actor=by_staff(staff), action="take", now=now)
    return await note_change(here, actor=by_staff(staff), action="take", now=now)


def _line(request: Request) -> QueueLine:
    assert request.queue_number is not None and request.submitted_at is not None  # noqa: S101 - state in OPEN
    return QueueLine(
        queue_number=request.queue_number,
        service=request.service,
        name=short_name(request.subject_name),
        village=village(request.village_code) if request.village_code else None,
        submitted_at=request.submitted_at,
        state=request.state,
        owner=request.owner.name if request.owner else None,
    )
