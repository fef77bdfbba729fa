"""The queue of the desk: in order of handing in, and writing again moves no one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tortoise.functions import Count

from models.database import rows
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

_OPEN_SQL: Final = ", ".join(f"'{state.value}'" for state in RequestState if state in OPEN)
_HELD_SQL: Final = ", ".join(f"'{state.value}'" for state in RequestState if state in OPEN - IN_OUR_HANDS)
# Written out, and in the order of the index `requests_queue`: SQLite proves nothing else of a partial index.
_PAGE: Final = f"""
SELECT r.id, r.queue_number, r.service, r.subject_name, r.village_code, r.submitted_at, r.state,
    s.name AS owner
FROM requests r LEFT JOIN staff s ON s.id = r.owner_id
WHERE r.office_id = $1 AND r.state IN ({_OPEN_SQL})
  AND r.submitted_at >= $2 AND (r.submitted_at, r.id) > ($2, $3)
ORDER BY r.submitted_at, r.id LIMIT $4"""  # noqa: S608 - states of ours
_FREE: Final = f"""
SELECT id FROM requests
WHERE office_id = $1 AND state IN ({_OPEN_SQL}) AND state NOT IN ({_HELD_SQL}) AND owner_id IS NULL
ORDER BY submitted_at, id LIMIT 1"""  # noqa: S608 - as above
_BEFORE_ALL: Final = datetime(1, 1, 2, tzinfo=UTC)


class NothingWaiting(Refusal):
    """No request waits for somebody to take it."""


class TakenBy(Refusal):
    """Somebody else was quicker.  Facts: ``number``, ``name``: theirs."""


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A line of ``/antrean``.  ``service`` is its code; ``name`` is shortened; ``age`` since handing in."""

    request_id: int
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


async def page(limit: int, after: QueueLine | None = None) -> list[QueueLine]:
    """The oldest ``limit`` under way, or those behind the last line of the page before."""
    since, last = (after.submitted_at, after.request_id) if after is not None else (_BEFORE_ALL, 0)
    return [_line_of(row) for row in await rows(_PAGE, (office().office_id, since, last, limit))]


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
    """How many requests stand in each state under way, in the order of a request's life.

    A state without any is missing.
    """
    counted = (
        await Request.filter(office_id=office().office_id, state__in=OPEN)
        .annotate(count=Count("id"))
        .group_by("state")
        .values("state", "count")
    )
    found = {RequestState(line["state"]): int(line["count"]) for line in counted}
    return {state: found[state] for state in RequestState if state in found}


async def _take_oldest(staff: Staff, now: datetime) -> Request:
    for _ in range(MOST_RACES):
        free = await rows(_FREE, (office().office_id,))
        if not free:
            break
        if taken := await _take(await Request.get(id=free[0]["id"]), staff, now):
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


def _line_of(row: Mapping[str, Any]) -> QueueLine:
    since = row["submitted_at"]  # SQLite keeps text
    return QueueLine(
        request_id=row["id"],
        queue_number=row["queue_number"],
        service=row["service"],
        name=short_name(row["subject_name"]),
        village=village(row["village_code"]) if row["village_code"] else None,
        submitted_at=datetime.fromisoformat(since) if isinstance(since, str) else since,
        state=RequestState(row["state"]),
        owner=row["owner"],
    )


def _line(request: Request) -> QueueLine:
    assert request.queue_number is not None and request.submitted_at is not None  # noqa: S101 - state in OPEN
    return QueueLine(
        request_id=request.id,
        queue_number=request.queue_number,
        service=request.service,
        name=short_name(request.subject_name),
        village=village(request.village_code) if request.village_code else None,
        submitted_at=request.submitted_at,
        state=request.state,
        owner=request.owner.name if request.owner else None,
    )
