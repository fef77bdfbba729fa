"""Which slot a paper fills, and which slots wait for a better picture."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.reading.words import Verdict
from models.files import StoredFile
from models.requests import JournalEntry, Paper, PaperState, Request, RequestState
from office.catalogue import Paper as PaperSlot
from office.catalogue import PaperUnknown, Service
from office.legible import MOST_TRIES, UNREADABLE, sent_back, unreadable
from office.lifecycle import note_change
from office.requests import service_of

EXTRA: Final = "extra"
"""The slot of a paper that fills none."""
ASKED: Final = "ask_again"  # the journal's word
_FILLED: Final = ("paper", "relabel")


@dataclass(slots=True)
class Batch:
    """Papers that came together: what fills a slot, and which slots wait for a better picture."""

    request: Request
    now: datetime
    placed: list[tuple[PaperSlot | None, StoredFile]] = field(default_factory=list)
    blurry: dict[str, tuple[PaperSlot, Verdict]] = field(default_factory=dict)
    doubtful: list[PaperSlot] = field(default_factory=list)

    async def take(self, pages: Sequence[StoredFile], caption: str | None) -> None:
        if len(pages) > 1 and await self._are_one_paper(caption):
            await self._put(pages, caption)
        else:
            for page in pages:
                await self._put([page], caption)

    async def _are_one_paper(self, caption: str | None) -> bool:
        named_so = _named_in(service_of(self.request), caption) is not None
        return named_so or len(await _awaited(self.request, self.blurry)) == 1

    async def _put(self, pages: Sequence[StoredFile], caption: str | None) -> None:
        slot = await _slot_for(self.request, caption, self.blurry)
        reason = next(filter(None, map(unreadable, pages)), None)
        if slot is not None and reason is not None:
            if any(filled == slot for filled, _ in self.placed):
                slot = None  # a better one came with it
            elif slot.key in self.blurry:
                return
            elif await sent_back(self.request, slot.key, (ASKED, *_FILLED)) < MOST_TRIES:
                await self._send_back(slot, reason, pages)
                return
            else:
                self.doubtful.append(slot)
        elif slot is not None:
            self.blurry.pop(slot.key, None)  # … or after it, by name
        await _place(self.request, pages, slot, self.now)
        self.placed += [(slot, page) for page in pages]

    async def _send_back(self, slot: PaperSlot, reason: Verdict, pages: Sequence[StoredFile]) -> None:
        self.blurry[slot.key] = slot, reason
        await note_change(
            self.request,
            actor=f"contact:{self.request.contact_id}",
            action=UNREADABLE,
            now=self.now,
            detail={"slot": slot.key, "verdict": str(reason), "scan": pages[0].id},
        )


async def _place(
    request: Request, pages: Sequence[StoredFile], slot: PaperSlot | None, now: datetime
) -> None:
    key = EXTRA if slot is None else slot.key
    if slot is not None:
        there = Paper.filter(request_id=request.id, slot=key)
        counting = there.exclude(state__in=(PaperState.REPLACED, PaperState.WAITING))
        await counting.update(state=PaperState.REPLACED)
    for page in pages:
        paper = await Paper.create(
            office_id=request.office_id, request_id=request.id, slot=key, scan_id=page.id, received_at=now
        )
        await note_change(
            request,
            actor=f"contact:{request.contact_id}",
            action="paper",
            now=now,
            detail={"slot": key, "paper": paper.id},
        )


async def _awaited(request: Request, besides: Collection[str]) -> list[PaperSlot]:
    """The slots that wait for a paper, first awaited first, but for some.

    What was reviewed is not replaced unasked, so a request under review waits for none.
    """
    service = service_of(request)
    if request.state is RequestState.NEEDS_CORRECTION:
        waiting = [service.paper(key) for key in await asked_for(request)]
    elif request.state is RequestState.DRAFT:
        waiting = list(service.missing(held(await papers_of(request))))
    else:
        waiting = []
    return [slot for slot in waiting if slot.key not in besides]


async def _slot_for(request: Request, caption: str | None, besides: Collection[str]) -> PaperSlot | None:
    """The slot a scan fills: the one its caption names, where it may be filled; else the first awaited."""
    wanted = _named_in(service_of(request), caption)
    if wanted is None:
        return next(iter(await _awaited(request, besides)), None)
    if request.state is RequestState.NEEDS_CORRECTION:
        return next((slot for slot in await _awaited(request, ()) if slot == wanted), None)
    return wanted if request.state is RequestState.DRAFT else None


async def keep_waiting(request: Request, scan: StoredFile, caption: str | None, now: datetime) -> None:
    """Keep a paper that is more than a day takes; `office.papers.take_waiting` puts it in its place."""
    await Paper.create(
        office_id=request.office_id,
        request_id=request.id,
        slot=EXTRA,
        scan_id=scan.id,
        state=PaperState.WAITING,
        reason=caption,
        received_at=now,
    )


async def papers_of(request: Request) -> list[Paper]:
    """The papers that count, in order of arrival; a paper's place in it, from 1, is what people type."""
    return await (
        Paper.filter(request_id=request.id)
        .exclude(state__in=(PaperState.REPLACED, PaperState.WAITING))
        .order_by("id")
        .prefetch_related("scan")
    )


def held(papers: Iterable[Paper]) -> list[str]:
    return [paper.slot for paper in papers if paper.state is PaperState.RECEIVED]


def _named_in(service: Service, caption: str | None) -> PaperSlot | None:
    if not caption:
        return None
    try:
        return service.find_paper(caption)
    except PaperUnknown:
        return None


async def asked_for(request: Request) -> dict[str, str]:
    """Slots asked for again and not filled since, first asked first, with the operator's reason.

    A paper that never came has no row, so the journal knows: the last word on a slot decides.
    """
    asked: dict[str, str] = {}
    said = JournalEntry.filter(request_id=request.id, action__in=(ASKED, *_FILLED)).order_by("id")
    async for entry in said:
        detail = json.loads(entry.detail)
        if entry.action == ASKED:
            asked[detail["slot"]] = detail["reason"]
        else:
            asked.pop(detail["slot"], None)
    return asked
