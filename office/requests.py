"""A citizen's request, from the first word to the queue number."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from models.contacts import Contact
from models.requests import (
    OutputState,
    Paper,
    PaperState,
    Request,
    RequestOutput,
    RequestState,
    nik_index_of,
)
from office.catalogue import Service
from office.context import office
from office.identity import Nik
from office.lifecycle import ENDED, OPEN, by_contact, move, note_change
from office.limits import may_begin, may_hand_in
from office.names import read_name, same_name
from office.number import RequestNumber
from office.queue_numbers import QUEUE, count_up
from office.refusal import Refusal
from office.senders import note_sender
from office.village_rights import must_speak_for, must_stay_in_village, of_no_list
from office.villages import Village
from office.words import plain

CANCELLABLE: Final = (
    RequestState.DRAFT,
    RequestState.SUBMITTED,
    RequestState.IN_REVIEW,
    RequestState.NEEDS_CORRECTION,
)


class RequestNotFound(Refusal):
    """No request has this number, or it belongs to someone else: the same answer to both."""


class NotADraft(Refusal):
    """The form is closed: it was handed in or left.  Facts: ``number``, as printed."""


class AlreadySubmitted(Refusal):
    """It was handed in before.  Facts: ``number``, as printed."""


class CannotBeCancelled(Refusal):
    """The request has gone too far, or is over.  Facts: ``number``, ``state`` (code)."""


class NotYetAnswered(Refusal):
    """Something of the form is missing.  Each kind says what to do about it."""


class PrivacyNotAccepted(NotYetAnswered):
    """The privacy notice was not agreed to."""


class SubjectMissing(NotYetAnswered):
    """It was not said for whom the request is."""


class NameMissing(NotYetAnswered):
    """There is no name."""


class NikMissing(NotYetAnswered):
    """There is no NIK, and this channel asks for one."""


class VillageMissing(NotYetAnswered):
    """There is no village."""


class StillMissing(NotYetAnswered):
    """Required papers are missing.  Facts: ``missing``, their `office.catalogue.Paper`s; ``count``."""


def service_of(request: Request) -> Service:
    return office().catalogue.service(request.service)


def printed(request: Request) -> str:
    """The number as citizens read it: ``K7Q2-M9FD-X``."""
    return str(RequestNumber(request.number))


async def start(service: Service, contact: Contact, channel: str, account: str, now: datetime) -> Request:
    """A new draft, with a number of its own.  Raises: `TooManyRequests`."""
    await may_begin(contact.id, now)
    request = await Request.create(
        office_id=office().office_id,
        number=await _unused_number(),
        service=service.code,
        contact_id=contact.id,
        channel=channel,
        account=account,
        created_at=now,
        changed_at=now,
    )
    return await note_change(request, actor=by_contact(contact), action="start", now=now)


async def draft_of(contact: Contact) -> Request | None:
    """The draft the citizen worked on last; those of a village head's lists wait elsewhere."""
    drafts = Request.filter(
        of_no_list(), office_id=office().office_id, contact_id=contact.id, state=RequestState.DRAFT
    ).order_by("-changed_at", "-id")
    return await drafts.first()


async def drop_draft(request: Request, contact: Contact, now: datetime) -> Request:
    """Raises: NotADraft."""
    draft = await _own_draft(request, contact)
    return await move(draft, RequestState.CANCELLED, actor=by_contact(contact), action="drop", now=now)


async def set_for(request: Request, for_self: bool, relation: str | None = None) -> Request:
    """For whom the request is; ``relation`` is what the subject is to the contact.  Raises: NotADraft."""
    return await _fill(request, for_self=for_self, relation=None if for_self else relation)


async def accept_privacy(request: Request, now: datetime) -> Request:
    """Raises: NotADraft."""
    return await _fill(request, privacy_accepted_at=now)


async def set_name(request: Request, typed: str) -> Request:
    """The subject's name as typed.  Raises: `NameUnreadable`, NotADraft."""
    return await _fill(request, subject_name=read_name(typed))


async def set_village(request: Request, village: Village) -> Request:
    """Raises: NotADraft; `VillageFixed` for another than that of the list it came from."""
    must_stay_in_village(request, village.code)
    return await _fill(request, village_code=village.code)


async def set_nik(request: Request, nik: Nik, source: str) -> Request:
    """The subject's NIK with what is unusual about it.  ``source``: ``chat``, ``form`` or ``operator``.

    Until the request is over: staff may read it from a paper.  Raises: NotADraft.
    """
    flags = ",".join(flag.value for flag in nik.verdict.flags)
    return await _fill(
        request,
        allowed=(RequestState.DRAFT, *OPEN),
        nik=nik.digits,
        nik_index=nik_index_of(request.office_id, nik.digits),
        nik_flags=flags,
        nik_source=source,
    )


async def leave_nik_to_staff(request: Request) -> Request:
    """The citizen gives no NIK: staff read it from a paper, the form no longer asks.  Raises: NotADraft."""
    return await _fill(request, nik_source="operator")


async def same_open(contact: Contact, service: Service, name: str) -> Request | None:
    """A request of this citizen for the same service and person that is still under way, newest first."""
    under_way = Request.filter(
        office_id=office().office_id, contact_id=contact.id, service=service.code, state__in=OPEN
    ).order_by("-submitted_at", "-id")
    return next((one for one in await under_way if same_name(one.subject_name, name)), None)


async def submit(request: Request, now: datetime, *, nik_required: bool = False) -> Request:
    """Hand the request in: it gets its queue number and its outputs.

    Raises: AlreadySubmitted, NotADraft, a kind of NotYetAnswered, `TooManyRequests`, `NotTheirHead`,
    `HeadAsleep`: then it stays a draft.
    """
    here = await Request.get(id=request.id)
    if here.state is not RequestState.DRAFT:
        raise _why_closed(here)
    await must_speak_for(here, now)
    await may_hand_in(here.contact_id, now)
    await _check_filled(here, nik_required=nik_required)
    taken = Request.filter(id=here.id, state=RequestState.DRAFT)
    if not await taken.update(submitted_at=now):  # the loser of two taps waits here for the winner
        raise _why_closed(await Request.get(id=here.id))
    here = await move(
        await Request.get(id=here.id),
        RequestState.SUBMITTED,
        actor=f"contact:{here.contact_id}",
        action="submit",
        now=now,
        queue_number=await count_up(here.office_id, QUEUE),
    )
    for output in service_of(here).outputs:
        await RequestOutput.create(
            office_id=here.office_id, request_id=here.id, key=output.key, state=OutputState.PENDING
        )
    await note_sender(here.contact_id, now)
    return here


async def find(typed_number: str, contact: Contact) -> Request:
    """The citizen's own request.

    Raises: `RequestNumberUnreadable`; RequestNotFound for anyone else's, and for what was never handed in.
    """
    number = RequestNumber.parse(typed_number)
    own = Request.filter(office_id=office().office_id, number=number.characters, contact_id=contact.id)
    request = await own.exclude(submitted_at=None).first()
    if request is None:
        raise RequestNotFound
    return request


async def of_contact(contact: Contact) -> list[Request]:
    """What the citizen has handed in, newest first."""
    return await (
        Request.filter(office_id=office().office_id, contact_id=contact.id)
        .exclude(submitted_at=None)
        .order_by("-submitted_at", "-id")
    )


async def cancel(request: Request, contact: Contact, now: datetime) -> Request:
    """Raises: RequestNotFound if it is someone else's, CannotBeCancelled, `ChangedMeanwhile`."""
    here = await Request.get_or_none(id=request.id, contact_id=contact.id)
    if here is None:
        raise RequestNotFound
    if here.state not in CANCELLABLE:
        raise CannotBeCancelled(number=printed(here), state=here.state.value)
    return await move(here, RequestState.CANCELLED, actor=by_contact(contact), action="cancel", now=now)


async def status_line(request: Request, language: str | None = None) -> str:
    """Where the request is, in words: ``diproses``, ``siap diambil``, ``selesai``.  No markup.

    A ready output says more than the state of the whole.
    """
    ready = RequestOutput.filter(request_id=request.id, state=OutputState.READY_FOR_PICKUP)
    if request.state not in ENDED and await ready.exists():
        return plain("state-ready_for_pickup", language)
    return plain(f"state-{request.state.value}", language)


async def _unused_number() -> str:
    number = RequestNumber.new().characters
    while await Request.filter(number=number).exists():
        number = RequestNumber.new().characters
    return number


async def _own_draft(request: Request, contact: Contact) -> Request:
    here = await Request.get_or_none(id=request.id, contact_id=contact.id)
    if here is None:
        raise RequestNotFound
    if here.state is not RequestState.DRAFT:
        raise NotADraft(number=printed(here))
    return here


async def _fill(
    request: Request, *, allowed: tuple[RequestState, ...] = (RequestState.DRAFT,), **columns: object
) -> Request:
    """Write answers of the form.  A form is no journal: only handing it in is told there."""
    if not await Request.filter(id=request.id, state__in=allowed).update(**request.sealed(**columns)):
        raise NotADraft(number=printed(request))
    return await Request.get(id=request.id)


def _why_closed(request: Request) -> Refusal:
    if request.submitted_at is not None:
        return AlreadySubmitted(number=printed(request))
    return NotADraft(number=printed(request))


async def _check_filled(request: Request, *, nik_required: bool) -> None:
    service = service_of(request)
    if request.privacy_accepted_at is None:
        raise PrivacyNotAccepted
    if request.for_self is None:
        raise SubjectMissing
    if not request.subject_name:
        raise NameMissing
    if nik_required and service.needs_nik and not request.nik:
        raise NikMissing
    if not request.village_code:
        raise VillageMissing
    held = await Paper.filter(request_id=request.id, state=PaperState.RECEIVED).values_list("slot", flat=True)
    if missing := service.missing([str(slot) for slot in held]):
        raise StillMissing(missing=missing, count=len(missing))
