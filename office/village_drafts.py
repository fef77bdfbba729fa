"""What came out of a village's lists: the drafts that wait for papers, and what became of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.queryset import QuerySet

from models.contacts import Contact
from models.requests import OutputState, Request, RequestState
from models.staff import Staff
from office.context import office
from office.lifecycle import OPEN
from office.misses import counted
from office.number import RequestNumber
from office.permissions import Deed, must
from office.requests import RequestNotFound
from office.village_rights import VILLAGER

MOST_SHOWN: Final = 10  # drafts of one answer

_COMMAND: Final = "command:usul"


@dataclass(frozen=True, slots=True)
class Standing:
    """How many wait for papers, are with the office, or are ready to be collected."""

    waiting: int
    at_office: int
    ready: int


async def standing(contact: Contact, head: Staff) -> Standing:
    """Raises: `NotAllowed`."""
    theirs = _theirs(contact, head)
    ready = theirs.filter(outputs__state=OutputState.READY_FOR_PICKUP, state__in=OPEN)
    return Standing(
        waiting=await theirs.filter(state=RequestState.DRAFT).count(),
        at_office=await theirs.filter(state__in=OPEN).count(),
        ready=await ready.distinct().count(),
    )


async def waiting(contact: Contact, head: Staff) -> list[Request]:
    """The drafts that wait for papers, oldest first, at most `MOST_SHOWN`.  Raises: `NotAllowed`."""
    drafts = _theirs(contact, head).filter(state=RequestState.DRAFT)
    return await drafts.order_by("created_at", "id").limit(MOST_SHOWN)


async def numbered(typed: str, contact: Contact, head: Staff, now: datetime) -> Request:
    """The draft with this number.  Misses are counted, as of any number.

    Raises: `NotAllowed`, `RequestNumberUnreadable`, `RequestNotFound`, also for what is no draft of theirs,
    `TooManyMisses`.
    """
    must(head, Deed.VILLAGE)

    async def find() -> Request:
        number = RequestNumber.parse(typed)
        drafts = _theirs(contact, head).filter(state=RequestState.DRAFT)
        found = await drafts.filter(number=number.characters).first()
        if found is None:
            raise RequestNotFound
        return found

    return await counted(find, RequestNotFound, contact, now, command=_COMMAND)


async def by_id(request_id: int, contact: Contact, head: Staff) -> Request | None:
    """A draft of theirs, by a button.  Raises: `NotAllowed`."""
    drafts = _theirs(contact, head).filter(state=RequestState.DRAFT)
    return await drafts.filter(id=request_id).first()


def _theirs(contact: Contact, head: Staff) -> QuerySet[Request]:
    """From lists out of this chat, of people of the head's own village.  Raises: `NotAllowed`."""
    must(head, Deed.VILLAGE)
    here = Request.filter(office_id=office().office_id, contact_id=contact.id)
    return here.filter(village_code=head.village_code, relation=VILLAGER)
