"""One request, one owner at the desk."""

from __future__ import annotations

from typing import Final

from models.contacts import Contact
from models.requests import Request
from models.staff import Role, Staff
from office.context import office
from office.lifecycle import locked
from office.refusal import Refusal

AT_THE_DESK: Final = frozenset({Role.OPERATOR, Role.VERIFIER, Role.SUPERVISOR, Role.HEAD, Role.ADMIN})


class NotAtTheDesk(Refusal):
    """This role does not work on requests, or the person has left.  Facts: ``role``."""


class NoSuchQueueNumber(Refusal):
    """No request has this queue number.  Facts: ``number``."""


class NotTaken(Refusal):
    """Nobody has taken the request yet.  Facts: ``number``."""


class NotYours(Refusal):
    """Somebody else has it.  Facts: ``number``, ``owner``: their name."""


class ProcessingRestricted(Refusal):
    """The citizen asked that nothing be done with their data for now.  Facts: ``number``."""


def must_work_at_the_desk(staff: Staff) -> None:
    """Raises: NotAtTheDesk."""
    if staff.removed_at is not None or staff.role not in AT_THE_DESK:
        raise NotAtTheDesk(role=staff.role.value)


async def numbered(queue_number: int) -> Request:
    """The request with this queue number, with its owner.  Raises: NoSuchQueueNumber."""
    found = Request.filter(office_id=office().office_id, queue_number=queue_number)
    request = await found.select_related("owner").first()
    if request is None:
        raise NoSuchQueueNumber(number=queue_number)
    return request


async def own(queue_number: int, staff: Staff) -> Request:
    """The request, if this person has it, and no one else's to change until this transaction ends.

    Raises: NotAtTheDesk, NoSuchQueueNumber, NotTaken, NotYours, ProcessingRestricted.
    """
    must_work_at_the_desk(staff)
    request = await locked(await numbered(queue_number))
    if request.owner_id is None:
        raise NotTaken(number=queue_number)
    if request.owner_id != staff.id:
        raise NotYours(number=queue_number, owner=await owner_name(request))
    await must_not_rest(request)
    return request


async def must_not_rest(request: Request) -> None:
    """Raises: ProcessingRestricted."""
    there = Contact.filter(office_id=request.office_id, id=request.contact_id)
    if await there.exclude(restricted_at=None).exists():
        raise ProcessingRestricted(number=request.queue_number)


async def owner_name(request: Request) -> str | None:
    if request.owner_id is None:
        return None
    return (await Staff.get(id=request.owner_id)).name
