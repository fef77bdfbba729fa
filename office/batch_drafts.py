"""Requests out of a list that its head has accepted: some with each beat of the clock, each row once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from models.batches import Batch, BatchRow, BatchState, Outcome
from models.requests import JournalEntry, Request, RequestState, nik_index_of
from models.staff import Staff
from office import audit, batches
from office.batch_forgetting import forget
from office.check_words import check_word, today
from office.context import office
from office.identity import Nik
from office.lifecycle import CLOCK
from office.number import RequestNumber
from office.village_rights import VILLAGER

AT_ONCE: Final = 200  # rows of one transaction
SOURCE: Final = "batch"  # where the NIK comes from


async def make_some(now: datetime) -> int:
    """Some requests of the list that was accepted first; its last row tells the head.  Gives how many."""
    waiting = Batch.filter(
        office_id=office().office_id, state=BatchState.ACCEPTED, contact__restricted_at=None
    )
    batch = await waiting.order_by("decided_at", "id").first()
    if batch is None or not await _hold(batch):
        return 0
    head = await Staff.get(id=batch.staff_id)
    if head.removed_at is not None or head.village_code != batch.village_code:
        await forget([batch.id], now)
        return 0
    left = BatchRow.filter(batch_id=batch.id, request_id=None).exclude(outcome=Outcome.REFUSED)
    some = await left.order_by("place").limit(AT_ONCE)
    made = await _make(batch, some, now)
    if len(some) < AT_ONCE:
        await _end(batch, now)
    return made


async def _hold(batch: Batch) -> bool:
    """Whether it is still to be made; then nobody else makes anything of it until this transaction ends."""
    mine = Batch.filter(id=batch.id, state=BatchState.ACCEPTED)
    return bool(await mine.update(state=BatchState.ACCEPTED))


async def _make(batch: Batch, found: Sequence[BatchRow], now: datetime) -> int:
    """A request for each row, but for those that are under way by now."""
    who = {row.id: _index(batch, row.nik) for row in found if row.nik is not None}
    under_way = await batches.under_way(batch, list(who.values()))
    late = [row.id for row in found if row.id in who and (row.service, who[row.id]) in under_way]
    await BatchRow.filter(id__in=late).update(outcome=Outcome.REFUSED, name=None, nik=None)
    rows = [row for row in found if row.id not in late]
    numbers = await _unused_numbers(len(rows))
    await Request.bulk_create(
        [_request(batch, row, number, now) for row, number in zip(rows, numbers, strict=True)]
    )
    made = dict(await Request.filter(number__in=numbers).values_list("number", "id"))
    detail = json.dumps({"batch": batch.called})
    await JournalEntry.bulk_create(
        [
            JournalEntry(
                office_id=batch.office_id,
                request_id=request_id,
                at=now,
                actor=f"contact:{batch.contact_id}",
                action="start",
                before=RequestState.DRAFT.value,
                after=RequestState.DRAFT.value,
                detail=detail,
            )
            for request_id in made.values()
        ]
    )
    for row, number in zip(rows, numbers, strict=True):
        await BatchRow.filter(id=row.id).update(request_id=made[number], name=None, nik=None)
    return len(rows)


def _request(batch: Batch, row: BatchRow, number: str, now: datetime) -> Request:
    """An ordinary draft that lacks nothing but its papers."""
    nik = Nik(row.nik) if row.nik is not None else None
    return Request(
        office_id=batch.office_id,
        number=number,
        service=row.service,
        contact_id=batch.contact_id,
        channel=batch.channel,
        account=batch.account,
        for_self=False,
        relation=VILLAGER,
        subject_name=row.name,
        nik=nik.digits if nik else None,
        nik_index=_index(batch, nik.digits) if nik else None,
        nik_flags=",".join(flag.value for flag in nik.verdict.flags) if nik else "",
        nik_source=SOURCE if nik else None,
        village_code=batch.village_code,
        privacy_accepted_at=batch.decided_at,
        created_at=now,
        changed_at=now,
    )


def _index(batch: Batch, nik: str) -> str:
    return nik_index_of(batch.office_id, nik)


async def _unused_numbers(count: int) -> list[str]:
    numbers: dict[str, None] = {}
    while len(numbers) < count:
        new = {RequestNumber.new().characters for _ in range(count - len(numbers))}
        taken = set(await Request.filter(number__in=new).values_list("number", flat=True))
        numbers |= dict.fromkeys(new - taken)
    return list(numbers)


async def _end(batch: Batch, now: datetime) -> None:
    mine = BatchRow.filter(batch_id=batch.id)
    made = {
        outcome: await mine.filter(outcome=outcome).exclude(request_id=None).count()
        for outcome in (Outcome.GOOD, Outcome.LOOK)
    }
    late = await mine.filter(outcome=Outcome.REFUSED).count()
    good, look, refused = made[Outcome.GOOD], made[Outcome.LOOK], batch.refused + late
    await Batch.filter(id=batch.id).update(
        state=BatchState.DONE, ended_at=now, good=good, look=look, refused=refused
    )
    facts = {
        "made": good + look,
        "look": look,
        "refused": refused,
        "reference": batch.called,
        "check": check_word(batch.called, today(now)),
    }
    await batches.tell(batch, "village_batch", facts, now)
    reason = f"made:{good + look}:refused:{refused}"
    await audit.note(CLOCK, "batch_done", f"batch:{batch.id}", now, reason=reason)
