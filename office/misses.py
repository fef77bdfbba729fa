"""Numbers that lead nowhere, counted: after ten in an hour every number gets the same answer for an hour.

A number is 40 random bits, so nobody finds one by chance; this keeps anybody from trying for long.  Unknown
numbers and other people's cost the same statements and get the same sentence.  Check words that are none
(`office.genuine`) are counted with them.  On the web chat, where a new cookie is a new person, they are
counted by the address, too: of many people behind one, so more generously.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from models.contacts import Contact
from models.counters import Counter
from models.database import rows
from models.requests import Request
from office import audit, requests, tries
from office.context import office
from office.lifecycle import by_contact
from office.queue_numbers import count_up
from office.refusal import Refusal
from office.requests import RequestNotFound

T = TypeVar("T")

MOST: Final = 10  # misses of one contact in one hour
COOL_DOWN: Final = timedelta(hours=1)

_TRIES: Final = "nomor"
_NEAR: Final = "near:"
_UNTIL: Final = """
INSERT INTO counters (office_id, name, value) VALUES ($1, $2, $3)
ON CONFLICT (office_id, name) DO UPDATE SET value = excluded.value
"""


class TooManyMisses(Refusal):
    """Too many numbers were not found; whatever number is typed now gets this answer."""


class TooManyMissesNear(TooManyMisses):
    """The same, of all who share an address on the internet, until the hour is over."""


async def look_up(typed_number: str, contact: Contact, now: datetime, near: str | None = None) -> Request:
    """The citizen's own request by its number.  ``near``: what we know of the address they write from.

    Misses are counted in this transaction: whoever catches the refusal must let it commit.
    Raises: as `requests.find`, TooManyMisses, TooManyMissesNear.
    """
    return await counted(lambda: requests.find(typed_number, contact), RequestNotFound, contact, now, near)


async def counted(
    find: Callable[[], Awaitable[T]],
    miss: type[Refusal],
    contact: Contact,
    now: datetime,
    near: str | None = None,
    command: str = "command:status",
) -> T:
    """What is found; where ``miss`` is raised instead, it is counted.

    Raises: as ``find``, TooManyMisses, TooManyMissesNear.
    """
    if await _cooling(contact, now):
        raise TooManyMisses
    if near is not None and await _missed_near(near, now) >= office().limits.address_misses_per_hour:
        raise TooManyMissesNear
    try:
        return await find()
    except miss:
        if near is not None:
            await _note_near(near, contact, now, command)
        if await tries.note_wrong(_TRIES, contact, now) >= MOST:
            await _cool_down(contact, now, command)
            raise TooManyMisses from None
        raise


async def _cooling(contact: Contact, now: datetime) -> bool:
    until = await Counter.get_or_none(office_id=contact.office_id, name=_name(contact))
    return until is not None and now.timestamp() < until.value


async def _cool_down(contact: Contact, now: datetime, command: str) -> None:
    until = int((now + COOL_DOWN).timestamp())
    await rows(_UNTIL, [contact.office_id, _name(contact), until])
    await audit.note(by_contact(contact), "refused", command, now, reason="too_many_misses")


async def _missed_near(near: str, now: datetime) -> int:
    missed = await Counter.get_or_none(office_id=office().office_id, name=_near(near, now))
    return 0 if missed is None else missed.value


async def _note_near(near: str, contact: Contact, now: datetime, command: str) -> None:
    """Count it; the hours before are forgotten."""
    name = _near(near, now)
    older = Counter.filter(office_id=office().office_id, name__startswith=_NEAR)
    await older.exclude(name__endswith=name.rpartition(":")[2]).delete()
    if await count_up(office().office_id, name) == office().limits.address_misses_per_hour:
        await audit.note(by_contact(contact), "refused", command, now, reason="too_many_misses_near")


def _near(near: str, now: datetime) -> str:
    return f"{_NEAR}{near}:{int(now.timestamp()) // 3600}"


def _name(contact: Contact) -> str:
    return f"nomor-tunda:{contact.id}"
