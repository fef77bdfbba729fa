"""A request that must not be forgotten for now: a dispute, an inquiry, an order of a court."""

from __future__ import annotations

from datetime import datetime

from models.requests import Request
from models.staff import Staff
from office.lifecycle import by_staff, called, locked, note_change
from office.ownership import to_look_at
from office.permissions import Deed
from office.refusal import Refusal
from office.staff_words import REASON, words_of_staff


class ForgottenAlready(Refusal):
    """Nothing is left to be kept.  Facts: ``number``."""


class NotRetained(Refusal):
    """Nobody wanted it kept.  Facts: ``number``."""


async def retain(n: int, reason: str, staff: Staff, now: datetime) -> Request:
    """The purge passes it by, and an erasure is refused; ``reason`` is written down.

    Raises: `NotAllowed`, `NoSuchQueueNumber`, ForgottenAlready, `ReasonNeeded`,
    `TooLongForOneMessage`, `ChangedMeanwhile`.
    """
    words = words_of_staff(reason, most=REASON)
    request = await _to_decide(n, staff)
    if request.forgotten_at is not None:
        raise ForgottenAlready(number=called(request))
    return await note_change(
        request,
        actor=by_staff(staff),
        action="retain",
        now=now,
        retained_at=now,
        retain_reason=words,
        retained_by_id=staff.id,
    )


async def let_go(n: int, staff: Staff, now: datetime) -> Request:
    """It is forgotten when its time is over, perhaps tonight.  Raises: as `retain`, NotRetained."""
    request = await _to_decide(n, staff)
    if request.retained_at is None:
        raise NotRetained(number=called(request))
    return await note_change(
        request,
        actor=by_staff(staff),
        action="let_go",
        now=now,
        retained_at=None,
        retain_reason=None,
        retained_by_id=None,
    )


async def _to_decide(n: int, staff: Staff) -> Request:
    return await locked(await to_look_at(n, staff, Deed.RETAIN))
