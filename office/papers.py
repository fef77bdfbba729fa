"""The papers (berkas) of a request and the slots they fill."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bot.reading.words import Verdict
from models.files import FileState, StoredFile
from models.requests import Paper, PaperState, Request, RequestState
from models.staff import Staff
from office.catalogue import Paper as PaperSlot
from office.context import office
from office.forms import by_page
from office.legible import (
    pages_of,
    same_document,
    sent_as,
    twins,
)
from office.lifecycle import ENDED, by_staff, locked, move, note_change, times_done
from office.limits import day_began, note_papers, papers_room
from office.notices import tell, tell_staff
from office.ownership import own
from office.permissions import Deed
from office.placing import ASKED, EXTRA, Batch, asked_for, held, keep_waiting, papers_of
from office.refusal import Refusal
from office.requests import printed, service_of
from office.staff import bound_chats
from office.staff_words import REASON, words_for_citizens
from office.typed import fold

__all__ = [
    "ASKED",
    "EXTRA",
    "LARGEST",
    "NO_SLOT",
    "TAKEN_AS_PAPER",
    "Checklist",
    "NoMorePapers",
    "NoSuchPaper",
    "SlotStatus",
    "Taken",
    "ask_again",
    "ask_for",
    "checklist",
    "named",
    "papers_of",
    "problem_of",
    "relabel",
    "swap",
    "take",
    "take_waiting",
]

NO_SLOT: Final = frozenset({EXTRA, "lain", "lainnya", "tambahan"})

TAKEN_AS_PAPER: Final = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "application/pdf"}
)
LARGEST: Final = 15 * 1024 * 1024  # bytes


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
    ``waiting``  how many are kept and put in their places tomorrow: more than one person sends in a day
    """

    placed: tuple[tuple[PaperSlot | None, StoredFile], ...]
    twice: tuple[StoredFile, ...]
    refused: tuple[tuple[StoredFile, str], ...]
    back: bool = False
    blurry: tuple[tuple[PaperSlot, Verdict], ...] = ()
    doubtful: tuple[PaperSlot, ...] = ()
    alike: int = 0
    waiting: int = 0


async def checklist(request: Request) -> Checklist:
    service = service_of(request)
    papers = await papers_of(request)
    asked = await asked_for(request)
    by_slot = {paper.slot: paper for paper in papers}
    missing = service.missing([slot for slot in held(papers) if slot not in asked])
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
    place in the queue.  What is more than a day takes is kept and waits (`office.limits`), unless the office
    asked for it.  Raises: NoMorePapers.
    """
    here = await locked(request)
    if here.state in ENDED:
        raise NoMorePapers(number=printed(here))
    seen = {sent_as(scan) for scan in await StoredFile.filter(papers__request_id=here.id)}
    batch = Batch(here, now)
    room = len(scans)
    if here.state is not RequestState.NEEDS_CORRECTION:
        room = await papers_room(here.contact_id, room, now)
    waiting = 0
    twice: list[StoredFile] = []
    refused: list[tuple[StoredFile, str]] = []
    for scan, caption in scans:
        if problem := problem_of(scan):
            refused.append((scan, problem))
        elif sent_as(scan) in seen:
            twice.append(scan)
        else:
            seen.add(sent_as(scan))
            if room > 0:
                await batch.take(await pages_of(scan), caption)
            else:
                await keep_waiting(here, scan, caption, now)
                waiting += 1
            room -= 1
    if waiting:
        await note_papers(here.contact_id, now)
    placed = batch.placed
    back = here.state is RequestState.NEEDS_CORRECTION and bool(placed) and not await asked_for(here)
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
        waiting=waiting,
    )


async def take_waiting(now: datetime) -> int:
    """Put papers in their places for which the days before had no room, request by request."""
    late = Paper.filter(office_id=office().office_id, state=PaperState.WAITING)
    done = 0
    for request_id in sorted({one.request_id for one in await late.filter(received_at__lt=day_began(now))}):
        request = await locked(await Request.get(id=request_id))
        theirs = await late.filter(request_id=request.id).order_by("id").select_related("scan")
        if request.state in ENDED:
            done += await late.filter(request_id=request.id).update(state=PaperState.REPLACED)
        elif await papers_room(request.contact_id, len(theirs), now):
            await late.filter(request_id=request.id).delete()
            taken = await take(request, [(one.scan, one.reason) for one in theirs], now)
            done += len(theirs) - taken.waiting
    return done


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
    reason = words_for_citizens(reason, most=REASON)
    return await ask_for(here, slot, reason, by_staff(staff), now), slot


async def ask_for(here: Request, slot: PaperSlot, reason: str, actor: str, now: datetime) -> Request:
    """The same, of a request that is `locked`, for a reason that may be said.  Raises: `IllegalMove`."""
    correct_by = now + timedelta(days=office().office.correction_deadline_days)
    change: dict[str, Any] = {
        "actor": actor,
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
    for paper in await there:
        again = paper.sealed(state=PaperState.ASKED_AGAIN, reason=reason)
        await Paper.filter(id=paper.id).update(**again)
    await tell(
        here,
        "needs_correction",
        now,
        await times_done(here, ASKED),
        paper=slot.key,
        reason=reason,
        correct_by=correct_by.isoformat(),
        page=by_page(here.channel),
    )
    return here


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
    for chat in await bound_chats(Deed.DECIDE):
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


def _at(papers: Sequence[Paper], place: int) -> Paper:
    if not 1 <= place <= len(papers):
        raise NoSuchPaper(number=place, count=len(papers))
    return papers[place - 1]
