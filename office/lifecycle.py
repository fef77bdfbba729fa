"""The life of a request: a legal state machine with one journal row per change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from tortoise.expressions import F

from models.contacts import Contact
from models.requests import JournalEntry, OutputState, Request, RequestOutput, RequestState
from models.staff import Staff
from office import audit
from office.refusal import Refusal

S = RequestState

EDGES: Final[Mapping[RequestState, frozenset[RequestState]]] = {
    S.DRAFT: frozenset({S.SUBMITTED, S.CANCELLED}),
    S.SUBMITTED: frozenset({S.IN_REVIEW, S.CANCELLED}),
    S.IN_REVIEW: frozenset(
        {S.NEEDS_CORRECTION, S.COMPLETE, S.REJECTED, S.WRONG_OFFICE, S.ON_HOLD, S.CANCELLED}
    ),
    S.NEEDS_CORRECTION: frozenset({S.IN_REVIEW, S.EXPIRED, S.CANCELLED, S.REJECTED}),
    S.COMPLETE: frozenset({S.IN_PROCESS, S.ON_HOLD, S.REJECTED}),
    S.IN_PROCESS: frozenset({S.AWAITING_SIGNATURE, S.ON_HOLD, S.REJECTED, S.CLOSED}),
    S.AWAITING_SIGNATURE: frozenset({S.ON_HOLD, S.CLOSED, S.IN_PROCESS}),
    S.ON_HOLD: frozenset({S.IN_REVIEW, S.COMPLETE, S.IN_PROCESS, S.AWAITING_SIGNATURE}),  # only `before_hold`
    S.CLOSED: frozenset(),
    S.REJECTED: frozenset(),
    S.CANCELLED: frozenset(),
    S.WRONG_OFFICE: frozenset(),
    S.EXPIRED: frozenset(),
}

ENDED: Final = frozenset(state for state, onward in EDGES.items() if not onward)
OPEN: Final = frozenset(EDGES) - ENDED - {S.DRAFT}  # handed in and not over

ENDED_OUTPUTS: Final = (OutputState.COLLECTED, OutputState.ISSUED_DIGITAL)

CLOCK: Final = "clock"
"""The actor of what happens because time has passed."""

CORRECTED: Final = "correct"
"""The action of who put a fact right; its detail says what stood there before."""

_STAFF: Final = "staff:"


class IllegalMove(Refusal):
    """A request cannot go from where it is to there.

    Facts: ``number`` (what staff call it, else the citizen's number), ``state``, ``to``: state codes.
    """


class ChangedMeanwhile(Refusal):
    """Somebody changed the request between reading and writing it.  Facts: ``number``."""


class OutputsOpen(Refusal):
    """The request cannot end: one of its outputs has not.  Facts: ``number``."""


def by_contact(contact: Contact) -> str:
    return f"contact:{contact.id}"


def by_staff(staff: Staff) -> str:
    return f"{_STAFF}{staff.id}"


def called(request: Request) -> str:
    """What a person at the desk calls the request; before submission, what the citizen does."""
    return request.number if request.queue_number is None else str(request.queue_number)


async def move(
    request: Request,
    to: RequestState,
    *,
    actor: str,
    action: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    **columns: Any,
) -> Request:
    """Take the request along an edge, if it still stands where ``request`` says and is still in those hands.

    Gives the fresh row.  ``columns`` are written with the state.  Going on hold remembers the state before;
    coming back forgets the hold and its reason.
    Raises: IllegalMove, OutputsOpen, ChangedMeanwhile.
    """
    before = request.state
    if to not in EDGES[before] or (before is S.ON_HOLD and to is not request.before_hold):
        raise IllegalMove(number=called(request), state=before.value, to=to.value)
    if to is S.CLOSED and await _has_open_outputs(request):
        raise OutputsOpen(number=called(request))
    if to is S.ON_HOLD:
        columns["before_hold"] = before
    if before is S.ON_HOLD:
        columns |= {"before_hold": None, "hold_reason": None, "reason": None}
    if to in ENDED:
        columns["closed_at"] = now
    return await _write(request, actor, action, now, to, detail, columns)


async def note_change(
    request: Request,
    *,
    actor: str,
    action: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
    **columns: Any,
) -> Request:
    """Write down a change that leaves the state as it is, holding the row like `move`.  Gives the fresh row.

    Raises: ChangedMeanwhile.
    """
    return await _write(request, actor, action, now, request.state, detail, columns)


async def locked(request: Request) -> Request:
    """The row as it is now, and no one else's to change until this transaction ends."""
    await Request.filter(id=request.id).update(changed_at=F("changed_at"))
    return await Request.get(id=request.id)


async def times_done(request: Request, action: str) -> int:
    """How often the journal tells of this action: after a change, the number of that very change."""
    return await JournalEntry.filter(request_id=request.id, action=action).count()


async def _write(
    request: Request,
    actor: str,
    action: str,
    now: datetime,
    to: RequestState,
    detail: Mapping[str, Any] | None,
    columns: Mapping[str, Any],
) -> Request:
    """Compare and set, then journal, and audit what staff do.

    The update locks the row, so changes of one request come one by one.
    """
    here = Request.filter(id=request.id, state=request.state, owner_id=request.owner_id)
    if not await here.update(state=to, changed_at=now, **request.sealed(**columns)):
        raise ChangedMeanwhile(number=called(request))
    await JournalEntry.create(
        office_id=request.office_id,
        request_id=request.id,
        at=now,
        actor=actor,
        action=action,
        before=request.state.value,
        after=to.value,
        detail=json.dumps(detail or {}, ensure_ascii=False),
    )
    if actor.startswith(_STAFF):
        await audit.note(actor, action, f"request:{request.id}", now, reason=to.value)
    return await Request.get(id=request.id)


async def _has_open_outputs(request: Request) -> bool:
    return await RequestOutput.filter(request_id=request.id).exclude(state__in=ENDED_OUTPUTS).exists()
