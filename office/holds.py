"""Requests that wait for something that is not theirs: a system, a line, blank cards, a signature."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from models.requests import HoldReason, Request, RequestState
from models.staff import Staff
from office.context import office
from office.lifecycle import by_staff, called, locked, move, times_done
from office.notices import tell
from office.ownership import chats_of, own
from office.permissions import Deed, must
from office.refusal import Refusal
from office.staff_words import REASON, ReasonNeeded, words_for_citizens
from office.typed import fold

WORDS: Final[Mapping[str, HoldReason]] = {
    # what operators call it -> ours
    "siak": HoldReason.SIAK,
    "jaringan": HoldReason.NETWORK,
    "internet": HoldReason.NETWORK,
    "network": HoldReason.NETWORK,
    "blangko": HoldReason.BLANKS,
    "blanko": HoldReason.BLANKS,
    "blanks": HoldReason.BLANKS,
    "tte": HoldReason.SIGNATURE,
    "tanda tangan": HoldReason.SIGNATURE,
    "signature": HoldReason.SIGNATURE,
    "lain": HoldReason.OTHER,
    "lainnya": HoldReason.OTHER,
    "other": HoldReason.OTHER,
}


class HoldReasonUnknown(Refusal):
    """A hold has one of a few reasons.  Facts: ``reason``, as typed."""


class NotOnHold(Refusal):
    """The request is not on hold.  Facts: ``number``, ``state`` (code)."""


class NoneOnHold(Refusal):
    """No request is on hold for this reason.  Facts: ``reason``, as typed."""


def hold_reason(typed: str) -> HoldReason:
    """Raises: HoldReasonUnknown."""
    try:
        return WORDS[fold(typed)]
    except KeyError as error:
        raise HoldReasonUnknown(reason=typed) from error


async def hold(
    queue_number: int, reason: HoldReason | str, staff: Staff, now: datetime, detail: str | None = None
) -> Request:
    """Put a request on hold and tell the citizen why.  ``detail`` in the operator's words.

    Raises: as `own`, HoldReasonUnknown, `ReasonNeeded` for other reasons without words,
    `TooLongForOneMessage`, `IllegalMove`.
    """
    why = reason if isinstance(reason, HoldReason) else hold_reason(reason)
    if why is HoldReason.OTHER and not (detail and detail.strip()):
        raise ReasonNeeded
    words = words_for_citizens(detail, most=REASON) if detail and detail.strip() else None
    request = await move(
        await own(queue_number, staff),
        RequestState.ON_HOLD,
        actor=by_staff(staff),
        action="hold",
        now=now,
        detail={"reason": why.value},
        hold_reason=why,
        reason=words,
    )
    await tell(request, "on_hold", now, await times_done(request, "hold"), reason=why.value, detail=words)
    return request


async def resume(what: int | HoldReason | str, staff: Staff, now: datetime) -> list[Request]:
    """Go on with one request, or with all that were held for this reason: an outage is over for everybody.

    Raises: as `own`, NotOnHold, HoldReasonUnknown, NoneOnHold.
    """
    if isinstance(what, int):
        return [await _resume(await own(what, staff), staff, now)]
    must(staff, Deed.DECIDE)
    why = what if isinstance(what, HoldReason) else hold_reason(what)
    held = Request.filter(office_id=office().office_id, state=RequestState.ON_HOLD, hold_reason=why)
    if why is HoldReason.OTHER:  # each has a reason of its own
        held = held.filter(owner_id=staff.id)
    if chats := await chats_of(staff):
        held = held.exclude(contact_id__in=chats)
    requests = [await locked(request) for request in await held.order_by("submitted_at", "id")]
    waiting = [request for request in requests if request.state is RequestState.ON_HOLD]
    if not waiting:
        raise NoneOnHold(reason=what if isinstance(what, str) else why.value)
    return [await _resume(request, staff, now) for request in waiting]


async def _resume(request: Request, staff: Staff, now: datetime) -> Request:
    if request.state is not RequestState.ON_HOLD or request.before_hold is None:
        raise NotOnHold(number=called(request), state=request.state.value)
    back = await move(request, request.before_hold, actor=by_staff(staff), action="resume", now=now)
    await tell(back, "resumed", now, await times_done(back, "resume"), state=back.state.value)
    return back
