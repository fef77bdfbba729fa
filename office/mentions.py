"""Where staff have read or written of somebody in chats of their own: those words go with the rest."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.forgetting import IN_HAND
from models.contacts import Contact
from models.inbox import InboxEvent, InboxState
from models.outbox import OutboxMessage, OutboxState
from models.requests import JournalEntry, Request
from models.sealing.rows import SCRUBBED
from models.staff import StaffBinding
from office.lifecycle import CORRECTED
from office.names import short_name
from office.requests import printed

AT_ONCE: Final = 1_000  # rows that are looked through
SHORTEST: Final = 3  # letters of a name that is looked for

Mentions = Callable[[str], bool]

_UNSAID: Final = (OutboxState.QUEUED, *IN_HAND)
_NO_DIGIT: Final = re.compile(r"\D")


async def forget_mentions(requests: Sequence[Request], contact: Contact | None = None) -> int:
    """Scrub what the desk's chats say of these requests' people, and of ``contact``.  Gives how many rows.

    Texts are looked through one by one, for they name a person or a request in words only; all requests are
    of one office.  Inside a transaction, while the rows still say whose they are.
    """
    corrected = await _corrected(requests)
    names = {name for request in requests for name in _names(request)} | set(_called(contact))
    names |= {name for before in corrected for name in _written(before.get("name"))}
    niks = {one.nik for one in requests if one.nik} | {one["nik"] for one in corrected if "nik" in one}
    if not (names or niks):
        return 0
    known: list[Request | Contact] = [*requests, *([contact] if contact else [])]
    mentions = _search(names, niks)
    chats, since = await _chats(known[0].office_id), min(one.created_at for one in known)
    return await _in_what_was_heard(chats, since, mentions) + await _in_what_was_said(chats, since, mentions)


async def _corrected(requests: Sequence[Request]) -> list[Mapping[str, str]]:
    """What stood in them until somebody put it right."""
    ids = [request.id for request in requests]
    entries = await JournalEntry.filter(request_id__in=ids, action=CORRECTED)
    said = [json.loads(entry.detail).get("before") for entry in entries]
    return [{field: text for field, text in before.items() if text} for before in said if before]


async def forget_talk(contact_id: int) -> None:
    """Everything that was said in a chat which is the desk's no longer.  Inside a transaction."""
    heard = InboxEvent.filter(contact_id=contact_id).exclude(state=InboxState.NEW)
    await heard.update(body=SCRUBBED)
    said = OutboxMessage.filter(contact_id=contact_id)
    await said.exclude(state__in=_UNSAID).update(payload=SCRUBBED)


async def _in_what_was_heard(chats: list[int], since: datetime, mentions: Mentions) -> int:
    theirs = InboxEvent.filter(contact_id__in=chats, received_at__gte=since)
    rows, found, last = theirs.exclude(body=SCRUBBED).exclude(state=InboxState.NEW), 0, 0
    while some := await rows.filter(id__gt=last).order_by("id").limit(AT_ONCE):
        ids, last = [row.id for row in some if mentions(row.body)], some[-1].id
        found += await InboxEvent.filter(id__in=ids).update(body=SCRUBBED)
    return found


async def _in_what_was_said(chats: list[int], since: datetime, mentions: Mentions) -> int:
    theirs = OutboxMessage.filter(contact_id__in=chats, created_at__gte=since)
    rows, found, last = theirs.exclude(payload=SCRUBBED).exclude(state__in=_UNSAID), 0, 0
    while some := await rows.filter(id__gt=last).order_by("id").limit(AT_ONCE):
        ids, last = [row.id for row in some if mentions(row.payload)], some[-1].id
        found += await OutboxMessage.filter(id__in=ids).update(payload=SCRUBBED)
    return found


async def _chats(office_id: int) -> list[int]:
    bound = await StaffBinding.filter(office_id=office_id).values_list("contact_id", flat=True)
    return [int(str(one)) for one in bound]


def _search(names: Collection[str], niks: Collection[str]) -> Mentions:
    words = "|".join(
        re.escape(form) for name in sorted(names) for form in (name, html.escape(name, quote=False))
    )
    named = re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE) if words else None

    def mentions(text: str) -> bool:
        if named is not None and named.search(text):
            return True
        digits = _NO_DIGIT.sub("", text) if niks else ""
        return any(nik in digits for nik in niks)

    return mentions


def _names(request: Request) -> Iterator[str]:
    """As they stand in lists, dossiers and captions."""
    if request.submitted_at is not None:
        yield printed(request)
    yield from _written(request.subject_name)


def _written(name: str | None) -> Iterator[str]:
    """A name whole and shortened; one of one word says too little to look for."""
    for written in (name, short_name(name)):
        if written and " " in written:
            yield written


def _called(contact: Contact | None) -> Iterator[str]:
    """What their app calls them, as lists show it."""
    for name in (contact.name, short_name(contact.name)) if contact is not None else ():
        if len(name) >= SHORTEST:
            yield name
