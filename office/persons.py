"""One person's data at the desk, found by what they asked (``D12``) or by a queue number (``12``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.expressions import F

from models.contacts import Contact
from models.rights import DataRequest, DataRight
from models.staff import Staff
from office import audit, data_rights, erasure, opened
from office.data_rights import Addressee
from office.lifecycle import by_staff
from office.my_data import Holding, holding
from office.notices import subject_of
from office.ownership import to_look_at
from office.permissions import Deed
from office.refusal import Refusal
from office.requests import printed
from office.words import plain

_KEY: Final = re.compile(r"(?P<data>D?)\s?(?P<number>[1-9][0-9]{0,8})", re.IGNORECASE | re.ASCII)


class NoSuchPerson(Refusal):
    """What was typed is neither the number of a data request nor a queue number."""


@dataclass(frozen=True, slots=True)
class Found:
    """``key``: as it is written, ``D12`` or ``12``; ``asked``: the data request, where it is one.

    ``addressee``: whom an answer goes to; ``subject``: what the outbox calls it.
    """

    key: str
    contact: Contact
    addressee: Addressee
    subject: str
    asked: DataRequest | None = None

    @property
    def path(self) -> str:
        """As it stands in an address."""
        return self.key.lower()


@dataclass(frozen=True, slots=True)
class Person:
    """``hindrance``: why they cannot be erased now."""

    found: Found
    held: Holding
    hindrance: Refusal | None


async def find(typed: str, staff: Staff) -> Found:
    """Whose data is meant.

    Raises: `NotAllowed`, NoSuchPerson, `NoSuchDataRequest`, `NoSuchQueueNumber`, `OwnData`, `OwnMatter`.
    """
    key = _KEY.fullmatch(typed.strip())
    if key is None:
        raise NoSuchPerson
    number = int(key["number"])
    if key["data"]:
        asked = await data_rights.numbered(number, staff)
        await asked.fetch_related("contact", "owner", "question")
        addressee = Addressee(asked.contact_id, asked.channel, asked.account, f"D{number}")
        return Found(f"D{number}", asked.contact, addressee, f"data_request:{asked.id}", asked)
    request = await to_look_at(number, staff, Deed.RIGHTS)
    contact = await Contact.get(id=request.contact_id)
    addressee = Addressee(contact.id, request.channel, request.account, printed(request))
    return Found(str(number), contact, addressee, subject_of(request))


async def look(typed: str, staff: Staff, now: datetime) -> Person:
    """All that is held of them, as they see it themselves; they will see that it was opened.

    Raises: as `find`.
    """
    found = await find(typed, staff)
    person = Person(found, await holding(found.contact), await erasure.hindrance(found.contact))
    await audit.note(by_staff(staff), opened.DATA_OPENED, f"contact:{found.contact.id}", now)
    return person


async def record(typed: str, right: DataRight, staff: Staff, now: datetime) -> DataRequest:
    """Somebody asked for this at the counter or by letter: their clock starts, and they are told.

    A right that they asked for already keeps its number and its clock.  Raises: as `find`.
    """
    found = await find(typed, staff)
    contact, place = found.contact, (found.addressee.channel, found.addressee.account)
    await Contact.filter(id=contact.id).update(language=F("language"))  # two of one click come one by one
    if right is DataRight.RESTRICT:
        asked = await data_rights.restrict(contact, *place, now)
    else:
        asked = await data_rights.ask(contact, right, *place, now)
    about = f"data_right:{asked.number}"
    await audit.note(by_staff(staff), "right_recorded", about, now, reason=right.value)
    words = plain(
        "data-right-recorded",
        contact.language,
        number=asked.number,
        right=plain(f"data-right-{right.value}", contact.language),
    )
    await data_rights.answer(asked, words, now, "recorded")
    return asked
