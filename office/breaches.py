"""A breach of personal data: its clock, whom it may concern, and the notices that the law asks for.

What may have been read is taken from what is written down of reading: in requests' journals and the audit.
Where the whole database may have been read (a stolen disk, a copy in wrong hands), everybody is concerned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from models.contacts import Address, Contact
from models.requests import Paper, Request
from models.rights import Breach
from models.staff import Staff
from office import opened, times
from office.context import office
from office.notices import tell_staff
from office.opened import DATA_EXPORTED, NIK_SHOWN, Opened
from office.permissions import Deed, must
from office.places import channel_name
from office.queue_numbers import BREACH, count_up
from office.refusal import Refusal
from office.requests import printed
from office.staff import bound_chats
from office.staff_words import REASON, words_of_staff
from office.words import plain

CLOCK: Final = timedelta(hours=72)  # UU 27/2022 Ps 46: 3 × 24 hours
LAST_DAY: Final = timedelta(hours=24)

FIELDS: Final = ("name", "nik", "village", "papers", "messages", "address")
"""What there may be of a person, in this order; each has its word: ``breach-field-…``."""


class NoSuchBreach(Refusal):
    """No breach has this number.  Facts: ``number``."""


class BreachClosed(Refusal):
    """It was closed before.  Facts: ``number``."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """A person, what of theirs may have been read, and when it was noted first and last.

    ``fields``: of `FIELDS`.  ``first`` and ``last`` are None where nothing is noted of them.
    """

    contact: Contact
    numbers: Sequence[str]
    channels: Sequence[str]
    fields: Sequence[str]
    first: datetime | None
    last: datetime | None


async def open_(reason: str, since: datetime, now: datetime) -> Breach:
    """Start the clock; from now on nothing is purged.  Raises: `ReasonNeeded`, `TooLongForOneMessage`."""
    here = office().office_id
    breach = await Breach.create(
        office_id=here,
        number=await count_up(here, BREACH),
        reason=words_of_staff(reason, most=REASON),
        since=since,
        opened_at=now,
        due_at=now + CLOCK,
    )
    await _tell_the_desk(breach, "opened", now)
    return breach


async def listing() -> list[Breach]:
    """All of them, the latest first."""
    return await Breach.filter(office_id=office().office_id).order_by("-number")


@dataclass(frozen=True, slots=True)
class Running:
    """A breach that is open: how many people it may concern, and which of `FIELDS`."""

    breach: Breach
    people: int
    fields: Sequence[str]


async def running(staff: Staff) -> list[Running]:
    """The open ones, the most urgent first.  Raises: `NotAllowed`."""
    must(staff, Deed.BREACHES)
    still = Breach.filter(office_id=office().office_id, closed_at=None)
    found = []
    for breach in await still.order_by("due_at", "id"):
        people = await concerned(breach)
        found.append(Running(breach, len(people), fields_of(people)))
    return found


async def draft(number: int, to: str, staff: Staff) -> str:
    """A notice to ``people`` or to the ``authority``, to be read over: it names nobody.

    Raises: `NotAllowed`, NoSuchBreach.
    """
    must(staff, Deed.BREACHES)
    breach = await numbered(number)
    people = await concerned(breach)
    if to == "authority":
        return await notice_to_authority(breach, people)
    return await notice_to_people(breach, fields_of(people))


def fields_of(people: Sequence[Concerned]) -> list[str]:
    """What may have been read of any of them."""
    return [field for field in FIELDS if any(field in one.fields for one in people)]


async def numbered(number: int) -> Breach:
    """Raises: NoSuchBreach."""
    breach = await Breach.get_or_none(office_id=office().office_id, number=number)
    if breach is None:
        raise NoSuchBreach(number=number)
    return breach


async def close(number: int, now: datetime) -> Breach:
    """The notices went out; the purge goes on.  Raises: NoSuchBreach, BreachClosed."""
    breach = await numbered(number)
    if not await Breach.filter(id=breach.id, closed_at=None).update(closed_at=now):
        raise BreachClosed(number=number)
    return breach


async def concerned(breach: Breach, *, everybody: bool = False) -> list[Concerned]:
    """Whose requests staff's accounts have opened since then, or ``everybody`` of whom anything is held."""
    here = office().office_id
    requests = {one.id: one for one in await Request.filter(office_id=here, forgotten_at=None)}
    touched = await opened.of_requests(list(requests), breach.since)
    touched += await opened.of_people(breach.since)
    who = {_whose(entry, requests) for entry in touched}
    people = Contact.filter(office_id=here, erased_at=None, merged_into=None)
    found = await (people if everybody else people.filter(id__in=who)).order_by("id")
    return [
        await _concerned(contact, list(requests.values()), touched, everybody=everybody) for contact in found
    ]


async def notice_to_people(breach: Breach, fields: Sequence[str]) -> str:
    """A draft for a person to read over and send.  Indonesian, without markup."""
    return plain("breach-notice-people", "id", **_facts(breach, fields))


async def notice_to_authority(breach: Breach, people: Sequence[Concerned]) -> str:
    """The same for the authority."""
    facts = _facts(breach, fields_of(people))
    return plain("breach-notice-authority", "id", **facts, count=len(people))


async def remind(now: datetime) -> int:
    """Tell the desk a day before the clock runs out, and when it has.  Gives how many notices are new."""
    told = 0
    for breach in await Breach.filter(office_id=office().office_id, closed_at=None).order_by("id"):
        if breach.due_at <= now:
            told += await _tell_the_desk(breach, "late", now)
        elif breach.due_at <= now + LAST_DAY:
            told += await _tell_the_desk(breach, "soon", now)
    return told


async def _concerned(
    contact: Contact, requests: Sequence[Request], entries: Sequence[Opened], *, everybody: bool
) -> Concerned:
    mine = {one.id: one for one in requests if one.contact_id == contact.id}
    noted = [entry for entry in entries if entry.request_id in mine or entry.contact_id == contact.id]
    copied = everybody or any(entry.action == DATA_EXPORTED for entry in noted)
    as_a_whole = copied or any(entry.contact_id for entry in noted)
    touched = mine.keys() & {entry.request_id for entry in noted}
    read = list(mine.values()) if as_a_whole else [mine[one] for one in touched]
    addresses = await Address.filter(contact_id=contact.id).order_by("id")
    nik_seen = copied or any(entry.action == NIK_SHOWN for entry in noted)
    there = {
        "name": bool(contact.name) or any(one.subject_name for one in read),
        "nik": nik_seen and any(one.nik for one in read),
        "village": any(one.village_code for one in read),
        "papers": await Paper.filter(request_id__in=[one.id for one in read]).exists(),
        "messages": copied,
        "address": copied and bool(addresses),
    }
    return Concerned(
        contact=contact,
        numbers=sorted(printed(one) for one in read),
        channels=list(dict.fromkeys(channel_name(one.channel, "id") for one in addresses)),
        fields=[field for field in FIELDS if there[field]],
        first=min((entry.at for entry in noted), default=None),
        last=max((entry.at for entry in noted), default=None),
    )


def _whose(entry: Opened, requests: Mapping[int, Request]) -> int | None:
    return entry.contact_id if entry.request_id is None else requests[entry.request_id].contact_id


def _facts(breach: Breach, fields: Sequence[str]) -> dict[str, str]:
    words = [plain(f"breach-field-{field}", "id") for field in fields]
    return {
        "office": office().office.name.in_language("id"),
        "reason": breach.reason,
        "since": times.when(breach.since, "id"),
        "found": times.when(breach.opened_at, "id"),
        "due": times.when(breach.due_at, "id"),
        "fields": ", ".join(words) or "–",
    }


async def _tell_the_desk(breach: Breach, what: str, now: datetime) -> int:
    told = [
        await tell_staff(
            chat, "staff_breach", f"breach:{breach.id}:{what}", now,
            what=what, number=breach.number, due=breach.due_at.isoformat(),
        )
        for chat in await bound_chats(Deed.RIGHTS)
    ]  # fmt: skip
    return sum(told)
