"""Who at the desk had to do with what, by the requests' journals and by the audit of what was opened."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from models.audit import AuditRow
from models.contacts import Contact
from models.requests import JournalEntry, Paper, Question
from office.context import office

STAFF: Final = "staff:"
DATA_OPENED: Final = "data_opened"  # the page with all that is held of a person
DATA_EXPORTED: Final = "data_exported"  # a copy of it, fetched for them
DOSSIER_OPENED: Final = "dossier_opened"
PAPER_OPENED: Final = "paper_opened"
NIK_SHOWN: Final = "nik_shown"
OF_PEOPLE: Final = (DATA_OPENED, DATA_EXPORTED)

About = Mapping[str, int | None]  # the audit's object -> its request


@dataclass(frozen=True, slots=True)
class Opened:
    """``actor``: ``staff:3``; ``action``: the journal's or the audit's word.

    What was opened of a person as a whole is of no request, and names the contact.
    """

    request_id: int | None
    actor: str
    at: datetime
    action: str
    contact_id: int | None = None


async def of_requests(ids: Collection[int], since: datetime | None = None) -> list[Opened]:
    """Oldest first, of these requests and their papers; from ``since`` on, where it is given."""
    here = office().office_id
    journal = JournalEntry.filter(office_id=here, request_id__in=ids, actor__startswith=STAFF)
    if since is not None:
        journal = journal.filter(at__gte=since)
    papers = await Paper.filter(office_id=here, request_id__in=ids)
    dossiers = {f"request:{one}": one for one in ids}
    scans = {f"file:{paper.scan_id}": paper.request_id for paper in papers}
    found = [Opened(one.request_id, one.actor, one.at, one.action) for one in await journal]
    found += await _noted(dossiers, (DOSSIER_OPENED,), since)  # a NIK that was shown is in the journal, too
    found += await _noted(scans, (PAPER_OPENED,), since)
    return sorted(found, key=lambda one: one.at)


async def of_person(contact_id: int) -> list[Opened]:
    """What was opened of this person as a whole, and numbers seen in what they asked.

    Also while a chat that was linked to theirs was a person of its own.
    """
    here = office().office_id
    linked = await Contact.filter(office_id=here, merged_into=contact_id)
    asked = await Question.filter(office_id=here, contact_id=contact_id)
    people = dict.fromkeys(f"contact:{one}" for one in (contact_id, *(chat.id for chat in linked)))
    questions = dict.fromkeys(f"question:{one.id}" for one in asked)
    found = await _noted(people, OF_PEOPLE) + await _noted(questions, (NIK_SHOWN,))
    return [replace(one, contact_id=contact_id) for one in found]


async def of_people(since: datetime) -> list[Opened]:
    """Whoever was opened as a whole from then on; who was linked since is whom they were linked to."""
    here = office().office_id
    looks = await AuditRow.filter(
        office_id=here, action__in=OF_PEOPLE, actor__startswith=STAFF, at__gte=since
    )
    seen = {one.object: int(one.object.removeprefix("contact:")) for one in looks}
    linked = await Contact.filter(office_id=here, id__in=list(seen.values())).exclude(merged_into=None)
    now = {contact.id: contact.merged_into for contact in linked}
    return [
        Opened(None, one.actor, one.at, one.action, now.get(seen[one.object], seen[one.object]))
        for one in looks
    ]


async def _noted(about: About, actions: Collection[str], since: datetime | None = None) -> list[Opened]:
    looks = AuditRow.filter(
        office_id=office().office_id,
        object__in=list(about),
        actor__startswith=STAFF,
        action__in=list(actions),
    )
    if since is not None:
        looks = looks.filter(at__gte=since)
    return [Opened(about[one.object], one.actor, one.at, one.action) for one in await looks]
