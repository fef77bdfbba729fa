"""The papers of a request as the one-time page shows them: what waits, what is here, what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from models.files import StoredFile
from models.forms import FormToken, Upload
from models.inbox import InboxEvent, InboxState
from models.requests import Paper, Request, RequestState
from office.catalogue import Paper as PaperSlot
from office.legible import pages_of, unreadable
from office.papers import SlotStatus, checklist, problem_of
from office.words import language, say

# Why a file cannot be a paper, those with a sentence of their own: see `office.papers.problem_of`
PROBLEMS: Final = (
    *("too_big", "empty", "not_a_paper", "gone"),
    *("broken", "tiny", "vast", "locked", "active", "pages", "heavy", "malware", "quota"),
)


class SlotState(StrEnum):
    MISSING = "missing"
    READING = "reading"  # all of it is here, nobody has looked at it yet
    RECEIVED = "received"
    BACK = "back"  # it has to be sent again, for the reason given


@dataclass(frozen=True, slots=True)
class SlotLine:
    """``why``: HTML.  ``needed``: the request waits for it.  ``takes``: a file may be sent here."""

    slot: PaperSlot
    state: SlotState
    why: str
    needed: bool
    takes: bool


async def open_slots(request: Request) -> set[str]:
    """The keys of the slots into which something may be put: of a draft all, later those asked for again."""
    held = await checklist(request)
    if request.state is RequestState.DRAFT:
        return {status.slot.key for status in held.slots}
    if request.state is RequestState.NEEDS_CORRECTION:
        return {status.slot.key for status in held.asked}
    return set()


async def slot_lines(form: FormToken) -> list[SlotLine]:
    """What the page shows, first what is needed; of a correction only what it is about."""
    request = await Request.get(id=form.request_id)
    held, takes, sent = await checklist(request), await open_slots(request), await _sent_on(form)
    lines = []
    for status in held.slots:
        key = status.slot.key
        if request.state is RequestState.DRAFT or key in takes or key in sent:
            state, why = await _state(form, status, sent.get(key))
            needed = status.slot in held.missing or status.asked_again
            lines.append(SlotLine(status.slot, state, why, needed, key in takes))
    return sorted(lines, key=lambda line: not (line.needed or line.slot.required))


async def _sent_on(form: FormToken) -> Mapping[str, Upload]:
    """The last whole file that came for each slot on this page."""
    whole = Upload.filter(form_id=form.id).exclude(done_at=None).order_by("id")
    return {upload.slot: upload async for upload in whole}


async def _state(form: FormToken, status: SlotStatus, sent: Upload | None) -> tuple[SlotState, str]:
    back = None if sent is None else await _came_back(form, sent, status.slot)
    if back is _UNREAD:
        return SlotState.READING, ""
    if status.paper is not None and not status.asked_again:
        return SlotState.RECEIVED, back or ""
    if back or status.asked_again:
        return SlotState.BACK, back or say("page-papers-asked", reason=status.reason or "")
    return SlotState.MISSING, ""


_UNREAD: Final = "unread"


async def _came_back(form: FormToken, sent: Upload, slot: PaperSlot) -> str | None:
    """Why a file is in no slot; None: it is; `_UNREAD`: it has not been looked at."""
    channel, account = form.place
    event = await InboxEvent.get_or_none(channel=channel, account=account, external_id=sent.event)
    if event is None or event.state is InboxState.NEW:
        return _UNREAD
    file = await StoredFile.filter(event_id=event.id).first()
    problem = "gone" if file is None else problem_of(file)
    if file is None or problem:
        return say(f"citizen-papers-{problem if problem in PROBLEMS else 'gone'}", count=1)
    if await Paper.filter(request_id=form.request_id, scan_id=file.id).exists():
        return None
    reason = next(filter(None, map(unreadable, await pages_of(file))), None)
    if reason is None:
        return say("citizen-papers-twice", count=1)
    return say(f"citizen-unreadable-{reason.value}", paper=slot.short.in_language(language()))
