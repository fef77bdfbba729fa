"""What we hold of a person, for the person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.contacts import Address, Contact
from models.files import FileState, StoredFile
from models.inbox import InboxEvent, InboxKind
from models.outbox import OutboxMessage
from models.requests import Paper, Request
from models.rights import DataRequest
from models.sealing.rows import SCRUBBED
from office import opened
from office.actors import actor_words
from office.context import office
from office.words import plain

WORKED: Final = "worked"
_OPENED: Final = (opened.DOSSIER_OPENED, opened.PAPER_OPENED, opened.NIK_SHOWN, *opened.OF_PEOPLE)


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody at the desk worked on a request of theirs, or opened something.

    ``request``: None for what is of no one request.  ``action``: the journal's or the audit's.
    """

    request: Request | None
    who: str
    at: datetime
    action: str


@dataclass(frozen=True, slots=True)
class Holding:
    """``requests`` that still say whose they are, newest first, each with its papers; ``addresses`` of all
    their chats; how many messages of theirs and of ours still have words, and how many files are theirs;
    ``openings`` oldest first; ``asked`` of us and not answered yet."""

    contact: Contact
    addresses: Sequence[Address]
    requests: Sequence[tuple[Request, Sequence[Paper]]]
    heard: int
    said: int
    files: int
    openings: Sequence[Opening]
    asked: Sequence[DataRequest]


async def holding(contact: Contact) -> Holding:
    here = office().office_id
    mine = {"office_id": here, "contact_id": contact.id}
    held = await Request.filter(**mine, forgotten_at=None).order_by("-id")
    papers = await Paper.filter(office_id=here, request_id__in=[one.id for one in held]).order_by("id")
    heard = InboxEvent.filter(**mine, kind=InboxKind.MESSAGE).exclude(body=SCRUBBED)
    return Holding(
        contact=contact,
        addresses=await Address.filter(**mine).order_by("id"),
        requests=[(one, [paper for paper in papers if paper.request_id == one.id]) for one in held],
        heard=await heard.count(),
        said=await OutboxMessage.filter(**mine).exclude(payload=SCRUBBED).count(),
        files=await StoredFile.filter(
            office_id=here, event__contact_id=contact.id, state=FileState.STORED
        ).count(),
        openings=await openings(contact, held),
        asked=await DataRequest.filter(**mine, ended_at=None).order_by("number"),
    )


async def openings(contact: Contact, held: Sequence[Request]) -> list[Opening]:
    """Who opened what, oldest first, by the journal of each request and the audit."""
    by_id = {request.id: request for request in held}
    found = await opened.of_requests(list(by_id)) + await opened.of_person(contact.id)
    who = await actor_words({one.actor for one in found})
    return [
        Opening(by_id[one.request_id] if one.request_id else None, who[one.actor], one.at, one.action)
        for one in sorted(found, key=lambda one: one.at)
    ]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody at the desk: ``what`` they did with it, in words, and when ``last``."""

    who: str
    what: Sequence[str]
    last: datetime


def readers(openings: Sequence[Opening]) -> list[Reader]:
    """The same by person, the latest at the end: what a person is told, in chat and at the desk."""
    found = []
    for who in dict.fromkeys(one.who for one in openings):
        theirs = [one for one in openings if one.who == who]
        counts = Counter(kind_of(one) for one in theirs)
        what = [plain(f"opened-{kind}", count=count) for kind, count in counts.items()]
        found.append(Reader(who, what, theirs[-1].at))
    return sorted(found, key=lambda one: one.last)


def kind_of(opening: Opening) -> str:
    """What was opened; everything else that staff do is ``worked``."""
    return opening.action if opening.action in _OPENED else WORKED
