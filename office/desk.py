"""What the desk does to a request, by its queue number.

Only its owner may; a second person signs off; whoever stands at the counter hands over.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from models.requests import Note, OutputState, Request, RequestOutput, RequestState
from models.staff import Staff
from office import audit
from office.catalogue import Delivery
from office.context import office
from office.dossier import Dossier, dossier_of
from office.holds import hold, resume
from office.identity import Nik
from office.lifecycle import OutputsOpen, by_staff, called, locked, move, note_change, times_done
from office.notices import mask, tell
from office.number import RequestNumber
from office.outputs import close_if_all_ended, next_out, outputs_of, put_out, still_pending
from office.ownership import not_their_own_matter, numbered, own, to_look_at, to_sign_off
from office.permissions import Deed, may, must
from office.refusal import Refusal
from office.requests import RequestNotFound, set_nik
from office.senders import note_sender, strangers_of
from office.staff_words import MESSAGE, REASON, words_for_citizens, words_of_staff
from office.suggesting import drop

__all__ = [
    "AlreadyCollected",
    "NotReadyToHandOver",
    "complete",
    "dossier",
    "enter_nik",
    "finish",
    "hand_over",
    "hold",
    "issued",
    "note",
    "process",
    "ready",
    "reject",
    "resume",
    "still_pending",
    "to_signature",
    "write_to_citizen",
    "wrong_office",
]

REGENCY: Final = 100  # characters

_QUEUE_NUMBER: Final = re.compile(r"#?([1-9][0-9]{0,6})")


class NotReadyToHandOver(Refusal):
    """Nothing of it lies at the pickup counter.  Facts: ``number``, ``state`` (code)."""


class AlreadyCollected(Refusal):
    """It was handed over before.  Facts: ``number``, ``at``: when."""


async def complete(n: int, staff: Staff, now: datetime) -> Request:
    """The papers are complete: the legal clock starts, and the citizen is told.

    Raises: as `own`, `IllegalMove`.
    """
    request = await move(
        await own(n, staff),
        RequestState.COMPLETE,
        actor=by_staff(staff),
        action="complete",
        now=now,
        complete_at=now,
    )
    await tell(request, "complete", now, await times_done(request, "complete"))
    return request


async def process(n: int, staff: Staff, now: datetime) -> Request:
    """It is being keyed into SIAK.  Raises: as `own`, `IllegalMove`."""
    return await move(
        await own(n, staff), RequestState.IN_PROCESS, actor=by_staff(staff), action="process", now=now
    )


async def to_signature(n: int, staff: Staff, now: datetime) -> Request:
    """It waits for the head's electronic signature; from `complete` by way of `in_process`.

    Raises: as `own`, `IllegalMove`.
    """
    request = await own(n, staff)
    actor = by_staff(staff)
    if request.state is RequestState.COMPLETE:
        request = await move(request, RequestState.IN_PROCESS, actor=actor, action="process", now=now)
    return await move(request, RequestState.AWAITING_SIGNATURE, actor=actor, action="to_signature", now=now)


async def ready(n: int, staff: Staff, now: datetime, only: Collection[str] = ()) -> Request:
    """Outputs lie at the pickup counter: those named by key, or `office.outputs.next_out`.

    Raises: as `to_sign_off`, `next_out` and `put_out`.
    """
    request = await to_sign_off(n, staff, now)
    outputs = await next_out(request, Delivery.PICKUP, only)
    request = await put_out(request, outputs, actor=by_staff(staff), action="ready", now=now)
    await tell(
        request,
        "ready_for_pickup",
        now,
        await times_done(request, "ready"),
        outputs=[output.key for output in outputs],
    )
    return request


async def issued(
    n: int, staff: Staff, now: datetime, target: str | None = None, only: Collection[str] = ()
) -> Request:
    """Outputs were signed, and SIAK sent PDF and PIN to ``target``, of which only a mask is kept.

    Raises: as `to_sign_off`, `next_out` and `put_out`.
    """
    request = await to_sign_off(n, staff, now)
    outputs = await next_out(request, Delivery.DIGITAL, only)
    request = await put_out(request, outputs, actor=by_staff(staff), action="issued", now=now)
    turn = await times_done(request, "issued")
    if sent := [output.key for output in outputs if output.issued_note is None]:
        await tell(
            request, "issued_digital", now, turn, outputs=sent, target=mask(target) if target else None
        )
    for output in outputs:
        if output.issued_note is not None:
            await tell(request, "issued_with_note", now, f"{output.key}:{turn}", outputs=[output.key])
    return request


async def hand_over(typed: str, staff: Staff, now: datetime) -> Request:
    """Everything that is ready goes to the person at the counter; ``typed`` is the citizen's number or ours.

    Raises: `NotAllowed`, `NoSuchQueueNumber`, `RequestNotFound`, `RequestNumberUnreadable`, `OwnMatter`,
    NotReadyToHandOver, AlreadyCollected.
    """
    must(staff, Deed.HAND_OVER)
    request = await locked(await _at_the_counter(typed))
    await not_their_own_matter(request, staff)
    rows = [row for _, row in await outputs_of(request)]
    ready_ones = [row.key for row in rows if row.state is OutputState.READY_FOR_PICKUP]
    if not ready_ones:
        if gone := [row.ended_at for row in rows if row.state is OutputState.COLLECTED and row.ended_at]:
            raise AlreadyCollected(number=called(request), at=max(gone))
        raise NotReadyToHandOver(number=called(request), state=request.state.value)
    actor = by_staff(staff)
    request = await note_change(
        request, actor=actor, action="hand_over", now=now, detail={"outputs": ready_ones}
    )
    await RequestOutput.filter(request_id=request.id, key__in=ready_ones).update(
        state=OutputState.COLLECTED, ended_at=now
    )
    turn = await times_done(request, "hand_over")
    await tell(request, "collected", now, turn, outputs=ready_ones, at=now.isoformat())
    return await close_if_all_ended(request, actor=actor, now=now)


async def finish(n: int, staff: Staff, now: datetime) -> Request:
    """Nothing more comes: what would have come under a condition is struck off, and the request closes.

    Raises: as `own`, `OutputsOpen` while something that comes in any case has not, `IllegalMove`.
    """
    request = await own(n, staff, Deed.CLOSE)
    pending = await still_pending(request)
    if any(output.when is None for output in pending):
        raise OutputsOpen(number=called(request))
    keys = [output.key for output in pending]
    await RequestOutput.filter(request_id=request.id, key__in=keys, state=OutputState.PENDING).delete()
    return await move(
        request,
        RequestState.CLOSED,
        actor=by_staff(staff),
        action="close",
        now=now,
        detail={"not_issued": keys},
    )


async def reject(n: int, reason: str, staff: Staff, now: datetime) -> Request:
    """Raises: as `own`, `ReasonNeeded`, `TooLongForOneMessage`, `IllegalMove`."""
    words = words_for_citizens(reason, most=REASON)
    request = await move(
        await own(n, staff),
        RequestState.REJECTED,
        actor=by_staff(staff),
        action="reject",
        now=now,
        reason=words,
        correct_by=None,
    )
    await tell(request, "rejected", now, 1, reason=words)
    return request


async def wrong_office(n: int, regency: str, staff: Staff, now: datetime) -> Request:
    """The subject is registered in ``regency``, as staff saw in SIAK.

    Raises: as `own`, `ReasonNeeded`, `TooLongForOneMessage`, `IllegalMove`.
    """
    words = words_for_citizens(regency, most=REGENCY)
    request = await move(
        await own(n, staff),
        RequestState.WRONG_OFFICE,
        actor=by_staff(staff),
        action="wrong_office",
        now=now,
        reason=words,
    )
    await tell(request, "wrong_office", now, 1, regency=words)
    return request


async def write_to_citizen(n: int, text: str, staff: Staff, now: datetime) -> Request:
    """Say something in the office's name, in whatever state the request is.

    Raises: as `own`, `ReasonNeeded`, `TooLongForOneMessage`.
    """
    words = words_for_citizens(text, most=MESSAGE)
    request = await own(n, staff, Deed.WRITE)
    request = await note_change(request, actor=by_staff(staff), action="write", now=now)
    await tell(request, "staff_words", now, await times_done(request, "write"), text=words)
    return request


async def note(n: int, text: str, staff: Staff, now: datetime) -> Note:
    """For colleagues; the citizen never sees it.

    Raises: as `own`, `ReasonNeeded`, `TooLongForOneMessage`.
    """
    words = words_of_staff(text, most=MESSAGE)
    request = await own(n, staff, Deed.WRITE)
    request = await note_change(request, actor=by_staff(staff), action="note", now=now)
    return await Note.create(
        office_id=request.office_id, request_id=request.id, staff_id=staff.id, text=words, at=now
    )


async def enter_nik(n: int, nik: Nik, staff: Staff, now: datetime) -> Request:
    """The NIK as an operator read it from a paper.  Raises: as `own`, `NotADraft` when it is over."""
    request = await set_nik(await own(n, staff, Deed.NIK), nik, "operator")
    await drop(request)
    await note_sender(request.contact_id, now)
    return await note_change(
        request, actor=by_staff(staff), action="nik", now=now, detail={"flags": request.nik_flags}
    )


async def dossier(n: int, staff: Staff, now: datetime) -> Dossier:
    """All about a request with its papers; the audit says who opened it, and each paper.

    Raises: `NotAllowed`, `NoSuchQueueNumber`, `OwnMatter`.
    """
    request = await to_look_at(n, staff, Deed.DOSSIER)
    strangers = await strangers_of(request.contact_id, now) if may(staff, Deed.SENDERS) else 0
    found = replace(await dossier_of(request), strangers=strangers)
    about = f"request:{found.request.id}"
    await audit.note(by_staff(staff), "dossier_opened", about, now)
    for line in found.papers:
        opened = f"file:{line.paper.scan_id}"
        await audit.note(by_staff(staff), "paper_opened", opened, now, reason=about)
    return found


async def _at_the_counter(typed: str) -> Request:
    if found := _QUEUE_NUMBER.fullmatch(typed.strip()):
        return await numbered(int(found[1]))
    number = RequestNumber.parse(typed)
    own_office = Request.filter(office_id=office().office_id, number=number.characters)
    request = await own_office.exclude(submitted_at=None).first()
    if request is None:
        raise RequestNotFound
    return request
