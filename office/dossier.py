"""Everything about one request on one page, in the order SIAK asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.reading.words import Verdict
from models.files import MALWARE, Scanned
from models.outbox import OutboxMessage
from models.requests import JournalEntry, Note, OutputState, Paper, PaperState, Question, Request
from office import papers
from office.catalogue import Output, Service
from office.catalogue import Paper as PaperSlot
from office.identity import Nik
from office.legible import twins, unreadable
from office.notices import state_word, subject_of
from office.outputs import outputs_of
from office.ownership import owner_name
from office.requests import printed, service_of
from office.suggestions import Suggestion, unpacked
from office.villages import village
from office.words import language, plain


@dataclass(frozen=True, slots=True)
class Fact:
    """One field: its label and its value in words.  ``key`` is stable."""

    key: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper at its place, from 1, with its ``scan``; ``slot`` is None for one that fills none.

    ``like``: the place of an earlier paper that looks like the same picture.
    ``suggestion``: what OCR read on it, while nobody has entered the NIK.
    """

    place: int
    slot: PaperSlot | None
    paper: Paper
    like: int | None = None
    suggestion: Suggestion | None = None

    @property
    def asked_again(self) -> bool:
        return self.paper.state is PaperState.ASKED_AGAIN

    @property
    def unreadable(self) -> Verdict | None:
        """Why the machine cannot read it: the citizen tried, and a person has to look."""
        return unreadable(self.paper.scan)

    @property
    def not_scanned(self) -> bool:
        """Whether it was to be looked through for malware, and nobody did."""
        return self.paper.scan.scanned is Scanned.NOT and not self.infected

    @property
    def infected(self) -> bool:
        """Whether malware was found in it later: nobody sees it any more."""
        return self.paper.scan.problem == MALWARE


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A message to the citizen and what became of it, in words."""

    name: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """``facts`` mask the NIK; ``outputs`` with their states, ``questions`` those nobody answered.

    ``strangers``: for how many people who seem no family its sender sends, if that is many and the reader may
    know it; ``waiting``: papers that are more than a day takes.
    """

    request: Request
    service: Service
    owner: str | None
    facts: tuple[Fact, ...]
    papers: tuple[PaperLine, ...]
    missing: tuple[PaperSlot, ...]
    outputs: tuple[tuple[Output, OutputState], ...]
    journal: tuple[JournalEntry, ...]
    notes: tuple[Note, ...]
    notices: tuple[NoticeLine, ...]
    questions: tuple[Question, ...]
    waiting: int = 0
    strangers: int = 0


async def dossier_of(request: Request) -> Dossier:
    service = service_of(request)
    held = await papers.papers_of(request)
    twin_of = twins(held)
    sent = OutboxMessage.filter(office_id=request.office_id, subject=subject_of(request))
    return Dossier(
        request=request,
        service=service,
        owner=await owner_name(request),
        facts=_facts(request, service),
        papers=tuple(
            PaperLine(place, _slot(service, paper), paper, twin_of.get(paper.id), _suggested(request, paper))
            for place, paper in enumerate(held, start=1)
        ),
        missing=(await papers.checklist(request)).missing,
        outputs=tuple((output, row.state) for output, row in await outputs_of(request)),
        journal=tuple(await JournalEntry.filter(request_id=request.id).order_by("id")),
        notes=tuple(await Note.filter(request_id=request.id).order_by("id").prefetch_related("staff")),
        notices=tuple(
            NoticeLine(message.name, message.created_at, state_word(message))
            for message in await sent.order_by("id")
        ),
        questions=tuple(await Question.filter(request_id=request.id, answered_at=None).order_by("id")),
        waiting=await Paper.filter(request_id=request.id, state=PaperState.WAITING).count(),
    )


def _suggested(request: Request, paper: Paper) -> Suggestion | None:
    return None if request.nik else unpacked(paper.scan.suggested)


def _slot(service: Service, paper: Paper) -> PaperSlot | None:
    return None if paper.slot == papers.EXTRA else service.paper(paper.slot)


def _facts(request: Request, service: Service) -> tuple[Fact, ...]:
    """SIAK's order: who, where, then what is asked for.  A field nobody filled is a dash."""
    home = village(request.village_code) if request.village_code else None
    values = {
        "nik": str(Nik(request.nik)) if request.nik else None,
        "name": request.subject_name,
        "village": home.title if home else None,
        "kecamatan": home.kecamatan_name if home else None,
        "service": service.name.in_language(language()),
        "number": printed(request),
        "for": _for_whom(request),
    }
    if request.nik_flags:
        values["nik_flags"] = ", ".join(plain(f"nik-flag-{flag}") for flag in request.nik_flags.split(","))
    return tuple(Fact(key, plain(f"dossier-{key}"), value or "–") for key, value in values.items())


def _for_whom(request: Request) -> str | None:
    if request.for_self is None:
        return None
    if request.for_self:
        return plain("dossier-for-self")
    return plain("dossier-for-other", relation=request.relation or "–")
