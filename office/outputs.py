"""What a request brings forth, and how far each thing is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from models.requests import OutputState, Request, RequestOutput, RequestState
from office.catalogue import Delivery, Output
from office.lifecycle import called, move, note_change
from office.refusal import Refusal
from office.requests import service_of

IN_PROCESS: Final = (RequestState.IN_PROCESS, RequestState.AWAITING_SIGNATURE)


class NothingToCollect(Refusal):
    """The service gives nothing to fetch at the counter.  Facts: ``number``."""


class NothingDigital(Refusal):
    """The service gives nothing by electronic signature.  Facts: ``number``."""


class OutputsAlreadyOut(Refusal):
    """All of it was made ready or issued before.  Facts: ``number``."""


class OutputUnknown(Refusal):
    """The service has no such output of this kind.  Facts: ``number``, ``outputs``: the keys it has."""


async def outputs_of(request: Request) -> list[tuple[Output, RequestOutput]]:
    """Each output with its row, in the catalogue's order."""
    held = {row.key: row for row in await RequestOutput.filter(request_id=request.id)}
    return [(output, held[output.key]) for output in service_of(request).outputs if output.key in held]


async def still_pending(request: Request) -> list[Output]:
    """What has not been made ready or issued; the request stays open for it."""
    return [output for output, row in await outputs_of(request) if row.state is OutputState.PENDING]


async def next_out(request: Request, delivery: Delivery, only: Collection[str] = ()) -> list[Output]:
    """What ``/siap`` or ``/terbit`` is about.

    Those named in ``only``; else what comes in any case; else, when that is out, what comes under a
    condition only.
    Raises: NothingToCollect, NothingDigital, OutputUnknown, OutputsAlreadyOut.
    """
    of_kind = [(output, row) for output, row in await outputs_of(request) if output.delivery is delivery]
    if not of_kind:
        kind = NothingToCollect if delivery is Delivery.PICKUP else NothingDigital
        raise kind(number=called(request))
    if unknown := set(only) - {output.key for output, _ in of_kind}:
        raise OutputUnknown(number=called(request), outputs=", ".join(sorted(unknown)))
    pending = [output for output, row in of_kind if row.state is OutputState.PENDING]
    if only:
        pending = [output for output in pending if output.key in only]
    chosen = [output for output in pending if only or output.when is None] or pending
    if not chosen:
        raise OutputsAlreadyOut(number=called(request))
    return chosen


async def put_out(
    request: Request, outputs: Collection[Output], *, actor: str, action: str, now: datetime
) -> Request:
    """Make outputs ready or issued, from `complete` by way of `in_process`.  Closes it if that was all.

    Raises: `IllegalMove` where nothing can be put out yet or any more.
    """
    if request.state not in IN_PROCESS:
        request = await move(request, RequestState.IN_PROCESS, actor=actor, action="process", now=now)
    keys = [output.key for output in outputs]
    request = await note_change(request, actor=actor, action=action, now=now, detail={"outputs": keys})
    rows = RequestOutput.filter(request_id=request.id, key__in=keys, state=OutputState.PENDING)
    if action == "ready":
        await rows.update(state=OutputState.READY_FOR_PICKUP, ready_at=now)
    else:
        await rows.update(state=OutputState.ISSUED_DIGITAL, ended_at=now)
    return await close_if_all_ended(request, actor=actor, now=now)


async def close_if_all_ended(request: Request, *, actor: str, now: datetime) -> Request:
    """A hold ends with the request it held."""
    open_rows = RequestOutput.filter(
        request_id=request.id, state__in=(OutputState.PENDING, OutputState.READY_FOR_PICKUP)
    )
    if await open_rows.exists():
        return request
    if request.state is RequestState.ON_HOLD and request.before_hold is not None:
        request = await move(request, request.before_hold, actor=actor, action="resume", now=now)
    return await move(request, RequestState.CLOSED, actor=actor, action="close", now=now)
