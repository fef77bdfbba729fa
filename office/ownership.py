"""One request, one owner at the desk; and who else may lay hands on it."""

from __future__ import annotations

from datetime import datetime

from models.contacts import Contact
from models.requests import JournalEntry, Request
from models.staff import Staff, StaffBinding
from office import audit
from office.context import office
from office.lifecycle import by_staff, locked
from office.permissions import SECOND, Deed, OwnMatter, SecondPersonNeeded, must
from office.refusal import Refusal


class NoSuchQueueNumber(Refusal):
    """No request has this queue number.  Facts: ``number``."""


class NotTaken(Refusal):
    """Nobody has taken the request yet.  Facts: ``number``."""


class NotYours(Refusal):
    """Somebody else has it.  Facts: ``number``, ``owner``: their name."""


class ProcessingRestricted(Refusal):
    """The citizen asked that nothing be done with their data for now.  Facts: ``number``."""


async def numbered(queue_number: int) -> Request:
    """The request with this queue number, with its owner.  Raises: NoSuchQueueNumber."""
    found = Request.filter(office_id=office().office_id, queue_number=queue_number)
    request = await found.select_related("owner").first()
    if request is None:
        raise NoSuchQueueNumber(number=queue_number)
    return request


async def own(queue_number: int, staff: Staff, deed: Deed = Deed.DECIDE) -> Request:
    """The request, if this person has it, and no one else's to change until this transaction ends.

    Raises: `NotAllowed`, NoSuchQueueNumber, `OwnMatter`, NotTaken, NotYours, ProcessingRestricted.
    """
    must(staff, deed)
    request = await locked(await numbered(queue_number))
    await not_their_own_matter(request, staff)
    request = await _theirs(request, staff)
    await must_not_rest(request)
    return request


async def to_look_at(queue_number: int, staff: Staff, deed: Deed) -> Request:
    """The request in whosever hands.  Raises: `NotAllowed`, NoSuchQueueNumber, `OwnMatter`."""
    must(staff, deed)
    request = await numbered(queue_number)
    await not_their_own_matter(request, staff)
    return request


async def to_sign_off(queue_number: int, staff: Staff, now: datetime) -> Request:
    """The request, for what was made of it to leave the office: a second person's word.

    Those of `SECOND` sign off what others have worked on.  Where nobody else could, its owner does, and the
    audit says that one person did both.
    Raises: as `own`, `SecondPersonNeeded`.
    """
    must(staff, Deed.SIGN_OFF)
    request = await locked(await numbered(queue_number))
    await not_their_own_matter(request, staff)
    if await _has_worked_on(request, staff):
        if await _somebody_else_could(staff):
            raise SecondPersonNeeded(number=queue_number)
        await _theirs(request, staff)
        await audit.note(by_staff(staff), "signed_alone", f"request:{request.id}", now)
        return request
    return request if staff.role in SECOND else await _theirs(request, staff)


async def not_their_own_matter(request: Request, staff: Staff) -> None:
    """Nobody works on a request that came from a chat of theirs.  Raises: `OwnMatter`."""
    if request.contact_id in await chats_of(staff):
        raise OwnMatter(number=request.queue_number)


async def chats_of(staff: Staff) -> list[int]:
    """The contacts that speak for this person."""
    bound = StaffBinding.filter(office_id=office().office_id, staff_id=staff.id)
    return [int(str(contact_id)) for contact_id in await bound.values_list("contact_id", flat=True)]


async def must_not_rest(request: Request) -> None:
    """Raises: ProcessingRestricted."""
    there = Contact.filter(office_id=request.office_id, id=request.contact_id)
    if await there.exclude(restricted_at=None).exists():
        raise ProcessingRestricted(number=request.queue_number)


async def owner_name(request: Request) -> str | None:
    if request.owner_id is None:
        return None
    return (await Staff.get(id=request.owner_id)).name


async def _theirs(request: Request, staff: Staff) -> Request:
    """Raises: NotTaken, NotYours."""
    if request.owner_id is None:
        raise NotTaken(number=request.queue_number)
    if request.owner_id != staff.id:
        raise NotYours(number=request.queue_number, owner=await owner_name(request))
    return request


async def _has_worked_on(request: Request, staff: Staff) -> bool:
    """Whoever had it in their hands, once or now."""
    taken = JournalEntry.filter(request_id=request.id, actor=by_staff(staff), action="take")
    return request.owner_id == staff.id or await taken.exists()


async def _somebody_else_could(staff: Staff) -> bool:
    others = Staff.filter(office_id=office().office_id, role__in=tuple(SECOND), removed_at=None)
    return await others.exclude(id=staff.id).exists()
