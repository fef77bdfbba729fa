"""The papers (berkas) of a request and the slots they fill."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.reading.words import Verdict
from models.files import FileState, StoredFile
from models.requests import JournalEntry, Paper, PaperState, Request, RequestState
from models.staff import Staff
from office.catalogue import Paper as PaperSlot
from office.catalogue import PaperUnknown, Service
from office.context import office
from office.legible import (
    MOST_TRIES,
    UNREADABLE,
    pages_of,
    same_document,
    sent_as,
    sent_back,
    twins,
    unreadable,
)
from office.lifecycle import ENDED, by_staff, locked, move, note_change, times_done
from office.notices import tell, tell_staff
from office.ownership import own
from office.refusal import Refusal
from office.requests import printed, service_of
from office.staff import bound_chats
from office.staff_words import REASON, words_of_staff
from office.typed import fold

EXTRA: Final = "extra"
"""The slot of a paper that fills none."""
NO_SLOT: Final = frozenset({EXTRA, "lain", "lainnya", "tambahan"})

TAKEN_AS_PAPER: Final = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "application/pdf"}
)
LARGEST: Final = 15 * 1024 * 1024  # bytes

ASKED: Final = "ask_again"  # the journal's word
_FILLED: Final = ("paper", "relabel")


class NoMorePapers(Refusal):
    """The request is over and takes no papers.  Facts: ``number``, as printed."""


class NoSuchPaper(Refusal):
    """There is no paper of this place in the list.  Facts: ``number``, ``count``: how many there are."""


@dataclass(frozen=True, slots=True)
class SlotStatus:
    """A slot and what lies in it.  ``reason``: the operator's words when it is asked for again."""

    slot: PaperSlot
    paper: Paper | None
    asked_again: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is there and what is not.  ``received`` of ``total`` counts required papers only.

    A substitute counts for what it replaces.  ``slots`` hold the required ones first, then those that depend
    on a condition; ``extra`` counts papers without a slot.
    """

    slots: tuple[SlotStatus, ...]
    received: int
    total: int
    missing: tuple[PaperSlot, ...]
    extra: int

    @property
    def required(self) -> tuple[SlotStatus, ...]:
        return tuple(status for status in self.slots if status.slot.required)

    @property
    def optional(self) -> tuple[SlotStatus, ...]:
        return tuple(status for status in self.slots if not status.slot.required)

    @property
    def asked(self) -> tuple[SlotStatus, ...]:
        """The papers that were asked for again and have not come, first asked first."""
        return tuple(status for status in self.slots if status.asked_again)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of some scans.

    ``placed``   each with its slot, None where it fills none
    ``twice``    pictures this request holds already
    ``refused``  each with its problem, see `problem_of`
    ``back``     the last paper that was asked for has come: an operator looks again
    ``blurry``   the slots whose picture nobody can read, each with the reason: it is asked for again
    ``doubtful`` slots that were filled all the same, after so many tries: a person looks
    ``alike``    how many look like another paper of the request
    """

    placed: tuple[tuple[PaperSlot | None, StoredFile], ...]
    twice: tuple[StoredFile, ...]
    refused: tuple[tuple[StoredFile, str], ...]
    back: bool = False
    blurry: tuple[tuple[PaperSlot, Verdict], ...] = ()
    doubtful: tuple[PaperSlot, ...] = ()
    alike: int = 0


async def papers_of(request: Request) -> list[Paper]:
    """The papers that count, in order of arrival; a paper's place in it, from 1, is what people type."""
    return await (
        Paper.filter(request_id=request.id)
        .exclude(state=PaperState.REPLACED)
        .order_by("id")
        .prefetch_related("scan")
    )


async def checklist(request: Request) -> Checklist:
    service = service_of(request)
    papers = await papers_of(request)
    asked = await _asked(request)
    by_slot = {paper.slot: paper for paper in papers}
    missing = service.missing([slot for slot in _held(papers) if slot not in asked])
    slots = sorted(service.papers, key=lambda slot: not slot.required)
    return Checklist(
        slots=tuple(
            SlotStatus(slot, by_slot.get(slot.key), slot.key in asked, asked.get(slot.key)) for slot in slots
        ),
        received=len(service.required_papers) - len(missing),
        total=len(service.required_papers),
        missing=missing,
        extra=sum(paper.slot == EXTRA for paper in papers),
    )


async def take(request: Request, scans: Sequence[tuple[StoredFile, str | None]], now: datetime) -> Taken:
    """Put scans, each with its caption, into the request's slots, in the order given.

    A caption that names a slot wins; else the first one that is missing in the catalogue's order, or, while
    a correction is awaited, the first one that was asked for; else none, and the scan is kept as `EXTRA`.
    The pages of a PDF are put in one by one; all of them in one slot where a caption names it or only one is
    awaited.  What nobody can read does not fill its slot, and is asked for again, `MOST_TRIES` times; nor is
    that slot filled by what came together with it.
    When the last paper that was asked for has come, the request returns to review, with its owner and its
    place in the queue.  Raises: NoMorePapers.
    """
    here = await locked(request)
    if here.state in ENDED:
        raise NoMorePapers(number=printed(here))
    seen = {sent_as(scan) for scan in await StoredFile.filter(papers__request_id=here.id)}
    batch = _Batch(here, now)
    twice: list[StoredFile] = []
    refused: list[tuple[StoredFile, str]] = []
    for scan, caption in scans:
        if problem := problem_of(scan):
            refused.append((scan, problem))
        elif sent_as(scan) in seen:
            twice.append(scan)
        else:
            seen.add(sent_as(scan))
            await batch.take(await pages_of(scan), caption)
    placed = batch.placed
    back = here.state is RequestState.NEEDS_CORRECTION and bool(placed) and not await _asked(here)
    if back:
        here = await move(
            here,
            RequestState.IN_REVIEW,
            actor=f"contact:{here.contact_id}",
            action="corrected",
            now=now,
            correct_by=None,
        )
        await _tell_owner(here, now)
    return Taken(
        placed=tuple(placed),
        twice=tuple(twice),
        refused=tuple(refused),
        back=back,
        blurry=tuple(batch.blurry.values()),
        doubtful=tuple(batch.doubtful),
        alike=await _alike(here, placed),
    )


async def swap(request: Request, a: int, b: int, now: datetime) -> None:
    """Exchange the slots of two papers of a draft, by their places in `papers_of`; pages stay together.

    Raises: NoSuchPaper, NoMorePapers if it is no draft any more.
    """
    here = await locked(request)
    if here.state is not RequestState.DRAFT:
        raise NoMorePapers(number=printed(here))
    papers = await papers_of(here)
    one, other = _at(papers, a), _at(papers, b)
    for moved, slot in ((_together(papers, one), other.slot), (_together(papers, other), one.slot)):
        await Paper.filter(id__in=moved).update(slot=slot)
    await note_change(
        here,
        actor=f"contact:{here.contact_id}",
        action="swap",
        now=now,
        detail={"papers": [one.id, other.id]},
    )


async def ask_again(
    request: Request, slot_typed: str, reason: str, staff: Staff, now: datetime
) -> tuple[Request, PaperSlot]:
    """Ask the citizen for this one paper (again); the request stays, with its owner and its place.

    Also for a paper that never came.  Raises: as `office.ownership.own`, `PaperUnknown`, `ReasonNeeded`,
    `TooLongForOneMessage`, `IllegalMove`.
    """
    here = await own(request.queue_number or 0, staff)
    slot = named(here, slot_typed)
    reason = words_of_staff(reason, most=REASON)
    correct_by = now + timedelta(days=office().office.correction_deadline_days)
    change: dict[str, Any] = {
        "actor": by_staff(staff),
        "action": ASKED,
        "now": now,
        "detail": {"slot": slot.key, "reason": reason},
        "correct_by": correct_by,
    }
    if here.state is RequestState.NEEDS_CORRECTION:
        here = await note_change(here, **change)
    else:
        here = await move(here, RequestState.NEEDS_CORRECTION, **change)
    there = Paper.filter(request_id=here.id, slot=slot.key).exclude(state=PaperState.REPLACED)
    await there.update(state=PaperState.ASKED_AGAIN, reason=reason)
    await tell(
        here,
        "needs_correction",
        now,
        await times_done(here, ASKED),
        paper=slot.key,
        reason=reason,
        correct_by=correct_by.isoformat(),
    )
    return here, slot


async def relabel(
    request: Request, place: int, slot_typed: str, staff: Staff, now: datetime
) -> tuple[Paper, PaperSlot | None]:
    """Put a paper in another slot, or in none (``extra``, ``lain``); what lay there is kept as extra.

    Another page of the same document stays there.

    ``place`` as in `papers_of`.  Raises: as `office.ownership.own`, NoSuchPaper, `PaperUnknown`.
    """
    here = await own(request.queue_number or 0, staff)
    slot = None if fold(slot_typed) in NO_SLOT else named(here, slot_typed)
    key = EXTRA if slot is None else slot.key
    papers = await papers_of(here)
    paper = _at(papers, place)
    if slot is not None:
        there = [one for one in papers if one.slot == key and not same_document(one.scan, paper.scan)]
        await Paper.filter(id__in=[one.id for one in there]).update(slot=EXTRA)
    await Paper.filter(id=paper.id).update(slot=key, state=PaperState.RECEIVED, reason=None)
    await note_change(
        here,
        actor=by_staff(staff),
        action="relabel",
        now=now,
        detail={"slot": key, "before": paper.slot, "paper": paper.id},
    )
    return await Paper.get(id=paper.id), slot


def named(request: Request, typed: str) -> PaperSlot:
    """The slot whose key, name or alias was typed.  Raises: `PaperUnknown`."""
    return service_of(request).find_paper(typed)


def problem_of(scan: StoredFile) -> str | None:
    """Why a file cannot be a paper, or None: ``too_big``, ``empty``, ``not_a_paper``, ``gone``.

    Or what was found when it was read: see `bot.reading.words.Problem`.
    """
    if scan.state is FileState.REFUSED:
        return scan.problem or "gone"
    if scan.size <= 0:
        return "empty"
    if scan.size > LARGEST:
        return "too_big"
    return None if scan.mime in TAKEN_AS_PAPER else "not_a_paper"


@dataclass(slots=True)
class _Batch:
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
        await there.exclude(state=PaperState.REPLACED).update(state=PaperState.REPLACED)
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
        waiting = [service.paper(key) for key in await _asked(request)]
    elif request.state is RequestState.DRAFT:
        waiting = list(service.missing(_held(await papers_of(request))))
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


async def _alike(request: Request, placed: Sequence[tuple[PaperSlot | None, StoredFile]]) -> int:
    """How many of these look like another paper of the request that counts."""
    fresh = {scan.id for _, scan in placed}
    papers = await papers_of(request) if fresh else []
    twin_of = twins(papers)
    return sum(paper.scan_id in fresh and paper.id in twin_of for paper in papers)


def _together(papers: Iterable[Paper], one: Paper) -> list[int]:
    """Ids of the pages of a document that lie in one slot."""
    return [other.id for other in papers if other.slot == one.slot and same_document(other.scan, one.scan)]


async def _tell_owner(request: Request, now: datetime) -> None:
    """The operator who asked for papers learns that they have come."""
    turn = await times_done(request, "corrected")
    for chat in await bound_chats():
        if chat.staff_id == request.owner_id:
            await tell_staff(
                chat,
                "staff_corrected",
                f"request:{request.id}:staff_corrected:{turn}",
                now,
                subject=f"staff:{chat.staff_id}",
                queue=request.queue_number,
                service=request.service,
            )


def _held(papers: Iterable[Paper]) -> list[str]:
    return [paper.slot for paper in papers if paper.state is PaperState.RECEIVED]


def _named_in(service: Service, caption: str | None) -> PaperSlot | None:
    if not caption:
        return None
    try:
        return service.find_paper(caption)
    except PaperUnknown:
        return None


async def _asked(request: Request) -> dict[str, str]:
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


def _at(papers: Sequence[Paper], place: int) -> Paper:
    if not 1 <= place <= len(papers):
        raise NoSuchPaper(number=place, count=len(papers))
    return papers[place - 1]
