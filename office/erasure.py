"""Erasing a person who asked for it, at once and in every copy."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.forgetting import IN_HAND, forget_contact
from models.contacts import Contact
from models.database import rows
from models.inbox import InboxEvent
from models.outbox import OutboxMessage
from models.requests import JournalEntry, OutputState, Question, Request, RequestOutput, RequestState
from models.retention import Tombstone
from models.rights import DataRequest, DataRequestEnd, ExportToken
from models.sealing.rows import SCRUBBED
from office import consents
from office.batch_forgetting import forget_of
from office.context import office
from office.forgetting import forget_questions, forget_request, silence
from office.lifecycle import CLOCK, OPEN, locked, move
from office.mentions import forget_mentions
from office.purge import frozen
from office.refusal import Refusal
from office.requests import printed

LATE: Final = timedelta(days=2)  # after an erasure, in which something of theirs may still have been in hand

_HEARD_LATE: Final = """
SELECT i.id FROM inbox i JOIN tombstones t ON t.contact_id = i.contact_id
JOIN contacts c ON c.id = t.contact_id AND c.erased_at IS NOT NULL
WHERE i.office_id = $1 AND t.office_id = $1 AND c.office_id = $1 AND t.at > $2
AND i.state <> 'new' AND i.body <> $3
"""
_SAID_LATE: Final = """
SELECT o.id FROM outbox o JOIN tombstones t ON t.contact_id = o.contact_id
JOIN contacts c ON c.id = t.contact_id AND c.erased_at IS NOT NULL
WHERE o.office_id = $1 AND t.office_id = $1 AND c.office_id = $1 AND t.at > $2
AND o.state NOT IN ('claimed', 'sending') AND o.payload <> $3
"""


class StillUnderWay(Refusal):
    """Requests of theirs are not over.  Facts: ``numbers``, as printed."""


class KeptForNow(Refusal):
    """A request of theirs must not be forgotten, for a reason that staff wrote down.  Facts: ``numbers``."""


class UnderInquiry(Refusal):
    """A breach is open: what may be evidence stays."""


async def hindrance(contact: Contact) -> Refusal | None:
    """Why this person cannot be erased now; None: nothing hinders."""
    mine = Request.filter(office_id=office().office_id, contact_id=contact.id).order_by("id")
    if under_way := await mine.filter(state__in=OPEN):
        return StillUnderWay(numbers=[printed(one) for one in under_way])
    if kept := await mine.exclude(retained_at=None):
        return KeptForNow(numbers=[printed(one) for one in kept])
    return UnderInquiry() if await frozen() else None


async def erase(contact: Contact, now: datetime) -> int:
    """Everything of theirs goes: name, addresses, words, papers, forms.  Inside a transaction.

    A tombstone stays, by which a restored copy does the same.  Gives the id of a blank contact at the same
    addresses, to whom it can be said; the addresses go a day later, unless that one writes.
    Raises: StillUnderWay, KeptForNow, UnderInquiry.
    """
    refusal = await hindrance(contact)
    if refusal is not None:
        raise refusal
    for one in (contact, *await Contact.filter(merged_into=contact.id)):  # who may be two in an older copy
        await bury(one.office_id, one.id, one.created_at, now)
    return await _forget_person(contact, now, afresh=True) or 0


async def erase_again(contact: Contact, now: datetime) -> None:
    """The same in a copy that is older than the erasure: whatever was under way then was over by then."""
    for request in await Request.filter(contact_id=contact.id, state__in=OPEN):
        await _end(request, now)
    await _forget_person(contact, now, afresh=False)


async def bury(office_id: int, contact_id: int, born_at: datetime, now: datetime) -> None:
    """Write the tombstone, if it does not stand yet."""
    there = Tombstone.filter(office_id=office_id, contact_id=contact_id, born_at=born_at)
    if not await there.exists():
        await Tombstone.create(office_id=office_id, contact_id=contact_id, born_at=born_at, at=now)


async def scrub_late(now: datetime) -> int:
    """What of erased people was in hand meanwhile: the tap that asked for it, a send under way."""
    here = office().office_id
    heard = [row["id"] for row in await rows(_HEARD_LATE, [here, now - LATE, SCRUBBED])]
    said = [row["id"] for row in await rows(_SAID_LATE, [here, now - LATE, SCRUBBED])]
    await InboxEvent.filter(id__in=heard).update(body=SCRUBBED)
    await OutboxMessage.filter(id__in=said).exclude(state__in=IN_HAND).update(payload=SCRUBBED)
    return len(heard) + len(said)


async def _forget_person(contact: Contact, now: datetime, *, afresh: bool) -> int | None:
    await forget_of(contact, now)  # before their requests: none is made of a list any more
    await consents.silence(contact.id)
    theirs = await Request.filter(contact_id=contact.id, forgotten_at=None).order_by("id")
    await forget_mentions(theirs, contact)
    for request in theirs:
        await forget_request(await _out_of_hand(request, now), now)
    await forget_questions(await Question.filter(contact_id=contact.id), now)
    await ExportToken.filter(contact_id=contact.id).delete()
    asked = DataRequest.filter(contact_id=contact.id)
    await silence([f"data_request:{one.id}" for one in await asked])
    await asked.filter(ended_at=None).update(ended_at=now, ended_as=DataRequestEnd.DONE)
    return await forget_contact(contact, now, waiting=not afresh, afresh=afresh)


async def _out_of_hand(request: Request, now: datetime) -> Request:
    draft = await locked(request)
    if draft.state is not RequestState.DRAFT:
        return draft
    return await move(draft, RequestState.CANCELLED, actor=CLOCK, action="erase", now=now)


async def _end(request: Request, now: datetime) -> None:
    """How it ended, the copy does not know; that it did, it does."""
    waiting = RequestOutput.filter(request_id=request.id, state=OutputState.READY_FOR_PICKUP)
    await waiting.update(state=OutputState.COLLECTED, ended_at=now)
    await Request.filter(id=request.id).update(
        state=RequestState.CLOSED, closed_at=now, changed_at=now, correct_by=None
    )
    await JournalEntry.create(
        office_id=request.office_id,
        request_id=request.id,
        at=now,
        actor=CLOCK,
        action="erase",
        before=request.state.value,
        after=RequestState.CLOSED.value,
    )
