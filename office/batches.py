"""Lists that village heads hand in: received, then checked as a whole, and the head told.

Nothing is made of a list before the head has chosen (`office.batch_choices`); what is made then,
`office.batch_drafts` makes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bot.forgetting import mark_files
from bot.notices import Notice
from bot.outbox import queue_notice
from models.batches import Batch, BatchRow, BatchState, Outcome
from models.contacts import Contact
from models.files import StoredFile
from models.requests import Request, RequestState
from models.staff import Staff
from office import audit
from office.batch_check import Checked, Open
from office.batch_choices import choices, note_counts
from office.context import office
from office.lifecycle import CLOCK, OPEN
from office.notice_classes import expires
from office.permissions import Deed, must
from office.queue_numbers import BATCH, count_up
from office.village_rights import must_be_awake

ROWS_AT_ONCE: Final = 500  # in one transaction
MOST_TOLD: Final = 3  # rows of each outcome in a message that has buttons; the report has all

_KEPT: Final = (Outcome.GOOD, Outcome.LOOK)


async def receive(
    file: StoredFile, head: Staff, contact: Contact, place: tuple[str, str], now: datetime
) -> Batch:
    """Keep a list to be read.  ``place``: the channel and account where it is talked about.

    Raises: `NotAllowed`, `NotTheirHead`, `HeadAsleep`.
    """
    must(head, Deed.VILLAGE)
    await must_be_awake(contact.id, head.village_code, now)
    return await Batch.create(
        office_id=office().office_id,
        number=await count_up(office().office_id, BATCH),
        staff_id=head.id,
        contact_id=contact.id,
        channel=place[0],
        account=place[1],
        village_code=head.village_code,
        file_id=file.id,
        received_at=now,
    )


async def next_to_check() -> Batch | None:
    """The list that has waited longest, with its ``file`` and ``contact``."""
    waiting = Batch.filter(
        office_id=office().office_id, state=BatchState.RECEIVED, contact__restricted_at=None
    )
    return await waiting.order_by("id").select_related("file", "contact").first()


async def under_way(batch: Batch, among: Collection[str] | None = None) -> Open:
    """Services and NIKs that whoever sent the list has handed in, or waits to.

    ``among``: of these NIKs alone, by their indexes.
    """
    theirs = Request.filter(office_id=batch.office_id, contact_id=batch.contact_id)
    wanted = theirs.exclude(nik_index=None) if among is None else theirs.filter(nik_index__in=among)
    open_ = wanted.filter(state__in=(RequestState.DRAFT, *OPEN))
    return frozenset((str(one[0]), str(one[1])) for one in await open_.values_list("service", "nik_index"))


async def keep_rows(batch: Batch, checked: Sequence[Checked]) -> None:
    """Those that may become requests; to keep one twice changes nothing.  Others are counted and told.

    Of a list that is read no more, as its head was erased meanwhile, none is kept.
    """
    if not await Batch.filter(id=batch.id, state=BatchState.RECEIVED).update(state=BatchState.RECEIVED):
        return
    await BatchRow.bulk_create(
        [
            BatchRow(
                office_id=batch.office_id,
                batch_id=batch.id,
                place=row.place,
                service=row.service.code,
                outcome=row.outcome,
                name=row.name,
                nik=row.nik.digits if row.nik is not None else None,
            )
            for row in checked
            if row.outcome in _KEPT and row.service is not None
        ],
        ignore_conflicts=True,
    )


async def checked(batch: Batch, rows: Sequence[Checked], report: StoredFile, now: datetime) -> bool:
    """Every row was checked: tell the head, who chooses.  False: another process was faster."""
    counts = {outcome.value: sum(row.outcome is outcome for row in rows) for outcome in Outcome}
    mine = Batch.filter(id=batch.id, state=BatchState.RECEIVED)
    if not await mine.update(state=BatchState.CHECKED, checked_at=now, **counts):
        return False
    await StoredFile.bulk_create([report])
    kept = await StoredFile.get(file_id=report.file_id)
    await Batch.filter(id=batch.id).update(report_id=kept.id)
    await mark_files([batch.file_id])
    facts = {
        "rows": len(rows),
        **counts,
        Outcome.REFUSED.value + "_rows": _told(rows, Outcome.REFUSED),
        Outcome.LOOK.value + "_rows": _told(rows, Outcome.LOOK),
        "choices": choices(batch, counts["good"] + counts["look"]),
    }
    await tell(batch, "village_checked", facts, now)
    await note_counts(CLOCK, "batch_checked", batch, now, counts)
    return True


async def unfit(batch: Batch, problem: str, facts: Mapping[str, Any], now: datetime) -> bool:
    """The file as a whole cannot be taken: tell the head why.  False: another process was faster."""
    mine = Batch.filter(id=batch.id, state=BatchState.RECEIVED)
    if not await mine.update(state=BatchState.UNFIT, checked_at=now, ended_at=now):
        return False
    await mark_files([batch.file_id])
    await tell(batch, "village_unfit", {"problem": problem, "facts": dict(facts)}, now)
    await audit.note(CLOCK, "batch_refused", f"batch:{batch.id}", now, reason=problem)
    return True


async def tell(batch: Batch, name: str, facts: Mapping[str, Any], now: datetime) -> None:
    """A notice about the list, to where it came from."""
    await queue_notice(
        Notice(
            key=f"batch:{batch.id}:{name}",
            name=name,
            contact_id=batch.contact_id,
            channel=batch.channel,
            account=batch.account,
            subject=f"batch:{batch.id}",
            due_at=now,
            expires_at=expires(name, now),
            facts={"batch": batch.called, "village": batch.village_code, **facts},
        )
    )


def _told(rows: Sequence[Checked], outcome: Outcome) -> list[list[Any]]:
    such = [row for row in rows if row.outcome is outcome]
    return [[row.place, row.why, row.first] for row in such[:MOST_TOLD]]
