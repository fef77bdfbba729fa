"""Lists that village heads hand in: received, checked as a whole, then taken or left as the head chooses.

Nothing is made of a list before that choice; what is made then, `office.batch_drafts` makes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from bot.forgetting import mark_files
from bot.notices import Notice
from bot.outbox import queue_notice
from models.batches import Batch, BatchRow, BatchState, Outcome
from models.contacts import Contact
from models.files import FileState, StoredFile
from models.requests import Request, RequestState
from models.staff import Staff
from office import audit
from office.batch_check import Checked, Open
from office.context import office
from office.lifecycle import CLOCK, OPEN, by_staff
from office.limits import day_began
from office.notice_classes import expires
from office.permissions import Deed, must
from office.queue_numbers import BATCH, count_up
from office.refusal import Refusal
from office.village_rights import must_be_awake

LIVES: Final = timedelta(days=7)  # so long a list waits to be chosen, and its report to be asked for
ROWS_AT_ONCE: Final = 500  # in one transaction
MOST_TOLD: Final = (
    3  # rows of each outcome in the message, which has to fit under buttons; the report has all
)

_KEPT: Final = (Outcome.GOOD, Outcome.LOOK)


class NoSuchBatch(Refusal):
    """No list of theirs has this number, or it is another's: the same answer to both."""


class AlreadyChosen(Refusal):
    """It was taken or left before, or it is too old.  Facts: ``batch``."""


class NothingToTake(Refusal):
    """No row of it is good.  Facts: ``batch``."""


class TooManyRowsToday(Refusal):
    """More than a day takes.  Facts: ``most``, ``left``: how many rows still today."""


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
    waiting = Batch.filter(office_id=office().office_id, state=BatchState.RECEIVED)
    return await waiting.order_by("id").select_related("file", "contact").first()


async def under_way(batch: Batch) -> Open:
    """Services and NIKs that whoever sent the list has handed in, or waits to."""
    theirs = Request.filter(office_id=batch.office_id, contact_id=batch.contact_id)
    open_ = theirs.filter(state__in=(RequestState.DRAFT, *OPEN)).exclude(nik_index=None)
    return frozenset((str(one[0]), str(one[1])) for one in await open_.values_list("service", "nik_index"))


async def keep_rows(batch: Batch, checked: Sequence[Checked]) -> None:
    """Those that may become requests; to keep one twice changes nothing.  Others are counted and told."""
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
    await _tell(batch, "village_checked", facts, now)
    await _note(CLOCK, "batch_checked", batch, now, counts)
    return True


async def unfit(batch: Batch, problem: str, facts: Mapping[str, Any], now: datetime) -> bool:
    """The file as a whole cannot be taken: tell the head why.  False: another process was faster."""
    mine = Batch.filter(id=batch.id, state=BatchState.RECEIVED)
    if not await mine.update(state=BatchState.UNFIT, checked_at=now, ended_at=now):
        return False
    await mark_files([batch.file_id])
    await _tell(batch, "village_unfit", {"problem": problem, "facts": dict(facts)}, now)
    await audit.note(CLOCK, "batch_refused", f"batch:{batch.id}", now, reason=problem)
    return True


def choices(batch: Batch, fit: int) -> list[list[Any]]:
    """The buttons under a list that was checked: label, what it carries, the label's facts."""
    taking = [["village-button-accept", _data(batch, "accept"), {"count": fit}]] if fit else []
    return [
        *taking,
        ["village-button-report", _data(batch, "report"), {}],
        ["village-button-cancel", _data(batch, "cancel"), {}],
    ]


async def accept(number: int, contact: Contact, now: datetime) -> Batch:
    """All that is good becomes requests, little by little; the head says that each of them agrees to it.

    Raises: NoSuchBatch, AlreadyChosen, NothingToTake, TooManyRowsToday, `NotTheirHead`, `HeadAsleep`.
    """
    batch = await of_head(number, contact, now)
    if not batch.fit:
        raise NothingToTake(batch=batch.called)
    most = office().limits.village_rows_per_day
    left = max(0, most - await _taken_today(contact, now))
    if batch.state is BatchState.CHECKED and batch.fit > left:
        raise TooManyRowsToday(most=most, left=left)
    await _choose(batch, now, state=BatchState.ACCEPTED, decided_at=now)
    counts = {"good": batch.good, "look": batch.look, "refused": batch.refused}
    await _note(by_staff(batch.staff), "batch_accepted", batch, now, counts)
    return batch


async def cancel(number: int, contact: Contact, now: datetime) -> Batch:
    """Nothing is made of it, and nothing of it is kept.  Raises: as `accept`."""
    batch = await of_head(number, contact, now)
    await _choose(batch, now, state=BatchState.CANCELLED, decided_at=now, ended_at=now)
    await forget([batch.id], now)
    await audit.note(by_staff(batch.staff), "batch_cancelled", f"batch:{batch.id}", now)
    return batch


async def of_head(number: int, contact: Contact, now: datetime) -> Batch:
    """A list that came from this chat, with its ``report`` and ``staff``.

    Raises: NoSuchBatch, `NotTheirHead`, `HeadAsleep`.
    """
    mine = Batch.filter(office_id=office().office_id, number=number, contact_id=contact.id)
    batch = await mine.select_related("report", "staff").first()
    if batch is None:
        raise NoSuchBatch
    await must_be_awake(contact.id, batch.village_code, now)
    return batch


async def report_of(number: int, contact: Contact, now: datetime) -> StoredFile:
    """The list row by row, as a file.  Raises: as `of_head`; AlreadyChosen where it is not here any more."""
    batch = await of_head(number, contact, now)
    if batch.report is None or batch.report.state is not FileState.STORED:
        raise AlreadyChosen(batch=batch.called)
    return batch.report


async def undecided(contact: Contact, village_code: str) -> Batch | None:
    """The newest list of this chat that waits for a choice."""
    mine = Batch.filter(office_id=office().office_id, contact_id=contact.id, village_code=village_code)
    return await mine.filter(state=BatchState.CHECKED).order_by("-id").first()


async def forget(batch_ids: Sequence[int], now: datetime) -> None:
    """Take out every name and NIK, what was sent and its report; counts stay.  Inside a transaction."""
    here = Batch.filter(id__in=batch_ids)
    files = [file for pair in await here.values_list("file_id", "report_id") for file in pair if file]
    await mark_files(files)
    await BatchRow.filter(batch_id__in=batch_ids).delete()
    await here.filter(state__in=(BatchState.RECEIVED, BatchState.CHECKED)).update(
        state=BatchState.LAPSED, ended_at=now
    )
    await here.filter(state=BatchState.ACCEPTED).update(state=BatchState.CANCELLED, ended_at=now)
    await here.update(forgotten_at=now)


async def forget_of(contact: Contact, now: datetime) -> None:
    """Everything of every list from this chat."""
    theirs = await Batch.filter(contact_id=contact.id, forgotten_at=None).values_list("id", flat=True)
    await forget([int(str(one)) for one in theirs], now)


async def _choose(batch: Batch, now: datetime, **columns: Any) -> None:
    """One statement decides between two taps.  Raises: AlreadyChosen."""
    if not await Batch.filter(id=batch.id, state=BatchState.CHECKED).update(**columns):
        raise AlreadyChosen(batch=batch.called)


async def _taken_today(contact: Contact, now: datetime) -> int:
    mine = Batch.filter(office_id=office().office_id, contact_id=contact.id, decided_at__gte=day_began(now))
    taken = mine.filter(state__in=(BatchState.ACCEPTED, BatchState.DONE))
    return sum(good + look for good, look in await taken.values_list("good", "look"))


def _told(rows: Sequence[Checked], outcome: Outcome) -> list[list[Any]]:
    such = [row for row in rows if row.outcome is outcome]
    return [[row.place, row.why, row.first] for row in such[:MOST_TOLD]]


def _data(batch: Batch, deed: str) -> str:
    return f"village:{deed}:{batch.number}"


async def _tell(batch: Batch, name: str, facts: Mapping[str, Any], now: datetime) -> None:
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


async def _note(actor: str, action: str, batch: Batch, now: datetime, counts: Mapping[str, int]) -> None:
    reason = ":".join(f"{name}:{count}" for name, count in counts.items())
    await audit.note(actor, action, f"batch:{batch.id}", now, reason=reason)
