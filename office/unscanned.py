"""Files that came while the scanner for malware gave no answer: they wait to be asked about again.

Where it finds something then, it is as on arrival, as far as that can be: nobody is shown the file any more,
its bytes go with the next tick, staff are told, and the citizen is asked for that paper again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from bot import forgetting
from models.calls import AlertKind
from models.contacts import Contact
from models.database import rows
from models.files import MALWARE, FileState, Scanned, StoredFile
from models.requests import Paper, PaperState, Request, RequestState
from office import audit
from office.alarm import raise_alert
from office.context import office
from office.legible import document_of
from office.lifecycle import CLOCK, locked, move, note_change, times_done
from office.notice_classes import COURTESY_LIVES
from office.notices import tell
from office.papers import EXTRA, ask_for
from office.requests import service_of
from office.words import plain

FOUND: Final = "malware"  # the journal's word
ASKED_FOR: Final = (RequestState.SUBMITTED, RequestState.IN_REVIEW, RequestState.NEEDS_CORRECTION)
"""Later a person has looked at the paper and gone on, and decides alone."""

_WAITING: Final = """
SELECT f.id FROM files f
LEFT JOIN files d ON d.id = f.page_of_id AND d.office_id = f.office_id
LEFT JOIN inbox i ON i.id = coalesce(f.event_id, d.event_id) AND i.office_id = f.office_id
LEFT JOIN contacts c ON c.id = i.contact_id AND c.office_id = f.office_id
WHERE f.office_id = $1 AND f.scanned = 'not' AND f.state = 'stored' AND f.id > $2 AND c.restricted_at IS NULL
ORDER BY f.id LIMIT $3
"""


async def waiting(after: int, most: int) -> list[StoredFile]:
    """The oldest whose id is beyond ``after``; not of people who asked that nothing be done."""
    found = [int(row["id"]) for row in await rows(_WAITING, [office().office_id, after, most])]
    return await StoredFile.filter(id__in=found).order_by("id")


async def nothing_found(file: StoredFile) -> None:
    here = StoredFile.filter(id=file.id, office_id=file.office_id, state=FileState.STORED)
    await here.update(scanned=Scanned.NOTHING_FOUND)


async def take_back(file: StoredFile, now: datetime) -> bool:
    """There is malware in this page, so nobody sees any of its document.  False: others were quicker."""
    document = await document_of(file)
    ids = [page.id for page in document]
    if not await forgetting.mark_files(ids, MALWARE):
        return False
    await raise_alert(AlertKind.INFECTED, f"file:{document[0].id}", now)
    concerned = await Paper.filter(scan_id__in=ids).exclude(state=PaperState.REPLACED)
    for request_id in sorted({paper.request_id for paper in concerned}):
        await _take_out(await locked(await Request.get(id=request_id)), ids, now)
    await audit.note(CLOCK, "malware_found", f"file:{document[0].id}", now)
    return True


async def _take_out(request: Request, scans: Collection[int], now: datetime) -> None:
    papers = Paper.filter(request_id=request.id, scan_id__in=scans)
    await papers.filter(state=PaperState.WAITING).update(state=PaperState.REPLACED)
    slots = {paper.slot for paper in await papers.filter(state=PaperState.RECEIVED)}
    for slot in sorted(slots):
        request = await _without(request, slot, now)
    if request.state is RequestState.DRAFT:
        await papers.filter(state=PaperState.RECEIVED).update(state=PaperState.REPLACED)


async def _without(request: Request, slot: str, now: datetime) -> Request:
    """Write it down, and ask for the paper, unless nobody waits for it."""
    change: dict[str, Any] = {"actor": CLOCK, "action": FOUND, "now": now, "detail": {"slot": slot}}
    if slot == EXTRA or request.state not in (RequestState.DRAFT, *ASKED_FOR):
        return await note_change(request, **change)
    if request.state is RequestState.SUBMITTED:
        request = await move(request, RequestState.IN_REVIEW, **change)
    else:
        request = await note_change(request, **change)
    paper = service_of(request).paper(slot)
    language = (await Contact.get(id=request.contact_id)).language
    if request.state is not RequestState.DRAFT:
        return await ask_for(request, paper, plain("malware-found", language), CLOCK, now)
    text = plain("malware-found-in-draft", language, paper=paper.name.in_language(language))
    turn = f"{FOUND}:{await times_done(request, FOUND)}"
    await tell(request, "staff_words", now, turn, expires_at=now + COURTESY_LIVES, text=text)
    return request
