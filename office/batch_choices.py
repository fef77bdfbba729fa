"""What its head makes of a list that was checked: all that is good of it, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.batches import Batch, BatchState
from models.contacts import Contact
from models.files import FileState, StoredFile
from office import audit
from office.batch_forgetting import forget
from office.context import office
from office.lifecycle import by_staff
from office.limits import day_began
from office.refusal import Refusal
from office.village_rights import must_be_awake


class NoSuchBatch(Refusal):
    """No list of theirs has this number, or it is another's: the same answer to both."""


class AlreadyChosen(Refusal):
    """It was taken or left before, or it is too old.  Facts: ``batch``."""


class NothingToTake(Refusal):
    """No row of it is good.  Facts: ``batch``."""


class TooManyRowsToday(Refusal):
    """More than a day takes.  Facts: ``most``, ``left``: how many rows still today."""


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
    await note_counts(by_staff(batch.staff), "batch_accepted", batch, now, counts)
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


async def _choose(batch: Batch, now: datetime, **columns: Any) -> None:
    """One statement decides between two taps.  Raises: AlreadyChosen."""
    if not await Batch.filter(id=batch.id, state=BatchState.CHECKED).update(**columns):
        raise AlreadyChosen(batch=batch.called)


async def _taken_today(contact: Contact, now: datetime) -> int:
    mine = Batch.filter(office_id=office().office_id, contact_id=contact.id, decided_at__gte=day_began(now))
    taken = mine.filter(state__in=(BatchState.ACCEPTED, BatchState.DONE))
    return sum(good + look for good, look in await taken.values_list("good", "look"))


def _data(batch: Batch, deed: str) -> str:
    return f"village:{deed}:{batch.number}"


async def note_counts(
    actor: str, action: str, batch: Batch, now: datetime, counts: Mapping[str, int]
) -> None:
    """In the audit.  ``counts``: how many rows, by what becomes of them."""
    reason = ":".join(f"{name}:{count}" for name, count in counts.items())
    await audit.note(actor, action, f"batch:{batch.id}", now, reason=reason)
