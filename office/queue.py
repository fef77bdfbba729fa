"""The queue of the desk: in order of handing in, and writing again moves no one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from models.database import rows
from models.requests import Request, RequestState
from models.staff import Staff
from office.context import office
from office.lifecycle import ENDED, OPEN, IllegalMove, by_staff, move, note_change
from office.names import short_name
from office.ownership import must_not_rest, not_their_own_matter, numbered, own, owner_name
from office.permissions import Deed, must
from office.refusal import Refusal
from office.villages import Village, village

IN_OUR_HANDS: Final = OPEN - {RequestState.NEEDS_CORRECTION, RequestState.ON_HOLD}
"""States in which the desk can do something now."""

MOST_RACES: Final = 50

_OPEN_SQL: Final = ", ".join(f"'{state.value}'" for state in RequestState if state in OPEN)
_HELD_SQL: Final = ", ".join(f"'{state.value}'" for state in RequestState if state in OPEN - IN_OUR_HANDS)
# Written out, and in the order of `requests_waiting`: SQLite proves nothing else of a partial index.
_PAGE: Final = f"""
SELECT r.id, r.office_id, r.number, r.queue_number, r.service, r.subject_name, r.village_code,
    r.submitted_at, r.state, s.name AS owner
FROM requests r LEFT JOIN staff s ON s.id = r.owner_id
WHERE r.office_id = $1 AND r.state IN ({_OPEN_SQL})
  AND r.submitted_at >= $2 AND (r.submitted_at, r.id) > ($2, $3){{narrowed}}
ORDER BY r.submitted_at, r.id LIMIT $4"""  # noqa: S608 - states of ours
_COUNT: Final = f"""
SELECT count(*) AS count FROM requests r
WHERE r.office_id = $1 AND r.state IN ({_OPEN_SQL}){{narrowed}}"""  # noqa: S608 - as above
_BY_STATE: Final = f"""
SELECT state, count(*) AS count FROM requests
WHERE office_id = $1 AND state IN ({_OPEN_SQL}) GROUP BY state"""  # noqa: S608 - as above
_FREE: Final = f"""
SELECT id FROM requests
WHERE office_id = $1 AND state IN ({_OPEN_SQL}) AND state NOT IN ({_HELD_SQL}) AND owner_id IS NULL
  AND contact_id NOT IN (SELECT contact_id FROM staff_bindings WHERE office_id = $1 AND staff_id = $2)
  AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.office_id = $1 AND c.id = requests.contact_id
                AND c.restricted_at IS NOT NULL)
ORDER BY submitted_at, id LIMIT 1"""  # noqa: S608 - as above
_BEFORE_ALL: Final = datetime(1, 1, 2, tzinfo=UTC)


class NothingWaiting(Refusal):
    """No request waits for somebody to take it."""


class TakenBy(Refusal):
    """Somebody else was quicker.  Facts: ``number``, ``name``: theirs."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the queue is narrowed to: codes of services and of villages; None where any will do."""

    services: frozenset[str] | None = None
    villages: frozenset[str] | None = None


EVERYTHING: Final = Wanted()


@dataclass(frozen=True, slots=True)
class Look:
    """The oldest ``lines``, how many there are of what was wanted, and ``counts`` by state of everything."""

    lines: Sequence[QueueLine]
    count: int
    counts: Mapping[RequestState, int]


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


async def look(staff: Staff, limit: int, wanted: Wanted = EVERYTHING) -> Look:
    """The queue, for somebody who may see who waits.  Raises: `NotAllowed`."""
    must(staff, Deed.QUEUE)
    counts = await summary()
    lines = await page(limit, wanted=wanted)
    return Look(lines, sum(counts.values()) if wanted == EVERYTHING else await count(wanted), counts)


async def page(limit: int, after: QueueLine | None = None, wanted: Wanted = EVERYTHING) -> list[QueueLine]:
    """The oldest ``limit`` under way, or those behind the last line of the page before."""
    since, last = (after.submitted_at, after.request_id) if after is not None else (_BEFORE_ALL, 0)
    values: list[object] = [office().office_id, since, last, limit]
    return [_line_of(row) for row in await rows(_PAGE.format(narrowed=_narrowed(wanted, values)), values)]


async def take(staff: Staff, queue_number: int | None, now: datetime) -> Request:
    """Make a request this person's: that one, or the oldest nobody has.

    One statement decides, so that of many hands exactly one gets it.  Taking one's own again changes nothing.
    Raises: `NotAllowed`, NothingWaiting, NoSuchQueueNumber, `OwnMatter`, TakenBy, `IllegalMove` for what is
    over, `ProcessingRestricted`.
    """
    must(staff, Deed.TAKE)
    if queue_number is None:
        return await _take_oldest(staff, now)
    request = await numbered(queue_number)
    await not_their_own_matter(request, staff)
    if request.owner_id == staff.id:
        return request
    if request.state in ENDED:
        raise IllegalMove(number=queue_number, state=request.state.value, to=RequestState.IN_REVIEW.value)
    await must_not_rest(request)
    taken = await _take(request, staff, now)
    if taken is None:
        there = await Request.get(id=request.id)
        raise TakenBy(number=queue_number, name=await owner_name(there) or "")
    return taken


async def release(request: Request, staff: Staff, now: datetime) -> Request:
    """Give it back to the queue, where it keeps its place.

    Raises: as `office.ownership.own`, `ChangedMeanwhile`.
    """
    here = await own(request.queue_number or 0, staff, Deed.TAKE)
    return await note_change(here, actor=by_staff(staff), action="release", now=now, owner_id=None)


async def get(queue_number: int) -> Request:
    """Raises: NoSuchQueueNumber."""
    return await numbered(queue_number)


async def count(wanted: Wanted) -> int:
    """How many are under way."""
    values: list[object] = [office().office_id]
    return int((await rows(_COUNT.format(narrowed=_narrowed(wanted, values)), values))[0]["count"])


async def summary() -> dict[RequestState, int]:
    """How many requests stand in each state under way, in the order of a request's life.

    A state without any is missing.
    """
    counted = await rows(_BY_STATE, [office().office_id])
    found = {RequestState(line["state"]): int(line["count"]) for line in counted}
    return {state: found[state] for state in RequestState if state in found}


async def _take_oldest(staff: Staff, now: datetime) -> Request:
    for _ in range(MOST_RACES):
        free = await rows(_FREE, (office().office_id, staff.id))
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


def _narrowed(wanted: Wanted, values: list[object]) -> str:
    """The condition; its codes go behind ``values``."""
    condition = ""
    for column, codes in (("service", wanted.services), ("village_code", wanted.villages)):
        if codes is not None:
            places = ", ".join(f"${len(values) + n}" for n in range(1, len(codes) + 1))
            condition += f" AND r.{column} IN ({places or 'NULL'})"
            values += sorted(codes)
    return condition


def _line_of(row: Mapping[str, Any]) -> QueueLine:
    since = row["submitted_at"]  # SQLite keeps text
    return QueueLine(
        request_id=row["id"],
        queue_number=row["queue_number"],
        service=row["service"],
        name=short_name(Request.opened("subject_name", row) or ""),
        village=village(row["village_code"]) if row["village_code"] else None,
        submitted_at=datetime.fromisoformat(since) if isinstance(since, str) else since,
        state=RequestState(row["state"]),
        owner=row["owner"],
    )
