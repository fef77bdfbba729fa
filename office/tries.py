"""Wrong guesses, counted: after five in an hour, even the right answer has to wait."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from models.contacts import Contact
from models.counters import Counter
from office.queue_numbers import count_up

MOST_TRIES: Final = 5  # wrong ones of one contact in one hour


async def any_left(what: str, contact: Contact, now: datetime) -> bool:
    """Whether this contact may guess ``what`` (a short word of ours) once more in this hour."""
    wrong = await Counter.get_or_none(office_id=contact.office_id, name=_name(what, contact, now))
    return wrong is None or wrong.value < MOST_TRIES


async def note_wrong(what: str, contact: Contact, now: datetime) -> int:
    """Count a wrong guess, inside the transaction that answers it; older hours are forgotten.

    Gives how many there were in this hour.
    """
    name = _name(what, contact, now)
    older = Counter.filter(office_id=contact.office_id, name__startswith=f"{what}:{contact.id}:")
    await older.exclude(name=name).delete()
    return await count_up(contact.office_id, name)


def hour_of(name: str) -> datetime:
    """When the hour began in which a counter of tries was counted."""
    return datetime.fromtimestamp(int(name.rpartition(":")[2]) * 3600, UTC)


def _name(what: str, contact: Contact, now: datetime) -> str:
    return f"{what}:{contact.id}:{int(now.timestamp()) // 3600}"
