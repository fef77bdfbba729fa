"""How each step of the form is asked."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiogram.types import InlineKeyboardMarkup

from handlers.citizen.steps import RELATIONS, Step, asks_nik
from handlers.citizen.taps import choices
from handlers.citizen.turn import Turn
from models.contacts import Contact
from models.forms import FormKind
from models.requests import Request
from office import forms, papers, requests, villages
from office.catalogue import Paper as PaperSlot
from office.context import office
from office.identity import Nik
from office.papers import Checklist
from office.requests import printed, service_of
from office.village_rights import VILLAGER
from office.words import SentenceMissing, language, plain, say


@dataclass(frozen=True, slots=True)
class Prompt:
    text: str
    keyboard: InlineKeyboardMarkup | None = None


async def prompt(turn: Turn, request: Request, step: Step) -> Prompt:
    """The question of a step, with its answers as buttons where there are few."""
    return await _PROMPTS[step](turn, request)


def paper_line(slot: PaperSlot) -> str:
    """A paper's name, with the condition it depends on."""
    name = slot.name.in_language(language())
    if slot.required or slot.when is None:
        return f"– {name}"
    return f"– {name} ({slot.when.in_language(language()).rstrip('.')})"


def paper_names(slots: tuple[PaperSlot, ...]) -> str:
    return ", ".join(slot.short.in_language(language()) for slot in slots)


def subject_word(request: Request) -> str:
    """For whom the request is: ``diri sendiri`` or what the person is to the contact."""
    if request.for_self or request.relation is None:
        return plain("citizen-subject-self")
    if request.relation == VILLAGER:
        return plain("village-subject")
    return plain(f"citizen-relation-{RELATIONS[request.relation]}")


def rest_of(held: Checklist) -> list[PaperSlot]:
    """Papers that depend on a condition, and are not here."""
    return [status.slot for status in held.optional if status.paper is None]


async def page_link(turn: Turn, request: Request) -> str:
    """The address of a new page for papers; older ones of the request are void."""
    place = (str(turn.channel), turn.account)
    return forms.address_of(await forms.open_form(request, turn.now, FormKind.PAPERS, place))


async def twin_of(contact: Contact, draft: Request) -> Request | None:
    """A request of theirs, under way, for the same service and name."""
    return await requests.same_open(contact, service_of(draft), draft.subject_name or "")


def _name_of(channel: str) -> str:
    """Who carries the conversation; one that no sentence names yet is called by its own name."""
    try:
        return plain(f"citizen-channel-{channel}")
    except SentenceMissing:
        return channel


async def _privacy(turn: Turn, request: Request) -> Prompt:
    return Prompt(
        say(
            "citizen-privacy",
            channel=_name_of(turn.channel),
            days=office().office.retention_days,
            drafts=office().office.draft_days,
        ),
        choices(
            request.id,
            Step.PRIVACY,
            [(plain("citizen-button-continue"), "yes"), (plain("citizen-button-cancel"), "no")],
        ),
    )


async def _whom(turn: Turn, request: Request) -> Prompt:
    return Prompt(
        say("citizen-whom"),
        choices(
            request.id,
            Step.WHOM,
            [(plain("citizen-button-self"), "self"), (plain("citizen-button-family"), "family")],
        ),
    )


async def _relation(turn: Turn, request: Request) -> Prompt:
    return Prompt(
        say("citizen-relation"),
        choices(
            request.id,
            Step.RELATION,
            [(plain(f"citizen-relation-{said}"), relation) for relation, said in RELATIONS.items()],
        ),
    )


async def _name(turn: Turn, request: Request) -> Prompt:
    return Prompt(say("citizen-name-own" if request.for_self else "citizen-name"))


async def _same(turn: Turn, request: Request) -> Prompt:
    twin = await twin_of(turn.contact, request) or request
    return Prompt(
        say(
            "citizen-same",
            service=service_of(twin).short.in_language(language()),
            number=printed(twin),
            status=await requests.status_line(twin),
        ),
        choices(
            request.id,
            Step.SAME,
            [(plain("citizen-button-same"), "same"), (plain("citizen-button-another"), "another")],
        ),
    )


async def _nik(turn: Turn, request: Request) -> Prompt:
    if turn.identity == "chat":
        return Prompt(say("citizen-nik"))
    place = (str(turn.channel), turn.account)
    token = await forms.open_form(request, turn.now, FormKind.NIK, place)
    return Prompt(
        say("citizen-nik-form", link=forms.address_of(token)),
        choices(request.id, Step.NIK, [(plain("citizen-button-skip"), "skip")]),
    )


async def _nik_check(turn: Turn, request: Request) -> Prompt:
    return Prompt(
        say("citizen-nik-check", last_four=Nik(request.nik or "").last_four),
        choices(request.id, Step.NIK_CHECK, [(plain("citizen-button-right"), "right")]),
    )


async def _village(turn: Turn, request: Request) -> Prompt:
    return Prompt(say("citizen-village", village=villages.example()))


async def _papers(turn: Turn, request: Request) -> Prompt:
    held = await papers.checklist(request)
    link = await page_link(turn, request) if forms.by_page(turn.channel) else None
    lines = [say("citizen-papers-count", received=held.received, total=held.total)] if held.received else []
    if held.missing:
        lines.append(_missing(request, held, link))
    else:
        lines.append(say("citizen-papers-all"))
    rest = rest_of(held)
    if rest and (not held.missing or not held.received):
        lines.append(say("citizen-papers-optional", papers="\n".join(map(paper_line, rest))))
    if held.missing:
        return Prompt("\n".join(lines))
    if link is not None:
        lines.append(say("citizen-papers-page-more", link=link))
    done = choices(request.id, Step.PAPERS, [(plain("citizen-button-done"), "done")])
    return Prompt("\n".join(lines), done)


def _missing(request: Request, held: Checklist, link: str | None) -> str:
    """What is missing, and where it is sent: in this chat, or on the page behind ``link``."""
    facts = {"papers": "\n".join(map(paper_line, held.missing))} | ({"link": link} if link else {})
    kind = "citizen-papers-page" if link else "citizen-papers"
    if held.received:
        return say(f"{kind}-missing", **facts)
    return say(kind, service=service_of(request).short.in_language(language()), **facts)


async def _confirm(turn: Turn, request: Request) -> Prompt:
    service = service_of(request)
    village = villages.village(request.village_code or "")
    held = await papers.papers_of(request)
    lines = [
        say(
            "citizen-summary",
            service=service.name.in_language(language()),
            subject=subject_word(request),
            name=request.subject_name,
            village=village.title,
            kecamatan=village.kecamatan_name,
        )
    ]
    if service.needs_nik:
        nik = str(Nik(request.nik)) if request.nik else plain("citizen-nik-by-staff")
        lines.append(say("citizen-summary-nik", nik=nik))
    listed = [f"{place}. {_slot_name(request, paper.slot)}" for place, paper in enumerate(held, 1)]
    lines.append(say("citizen-summary-papers", papers="\n".join(listed)))
    if len(held) > 1:
        lines.append(say("citizen-summary-swap"))
    lines.append(say("citizen-summary-ask"))
    options = [("send", "send"), ("name", "edit-name")]
    if request.relation != VILLAGER:
        options.append(("village", "edit-village"))
    if service.needs_nik and turn.identity == "chat" and asks_nik(turn.identity):
        options.append(("nik", "edit-nik"))
    options += [("papers", "more-papers"), ("cancel", "cancel")]
    buttons = [(plain(f"citizen-button-{label}"), value) for value, label in options]
    return Prompt("\n".join(lines), choices(request.id, Step.CONFIRM, buttons))


def _slot_name(request: Request, slot: str) -> str:
    if slot == papers.EXTRA:
        return plain("citizen-paper-extra")
    return service_of(request).paper(slot).short.in_language(language())


_PROMPTS: Final[Mapping[Step, Callable[[Turn, Request], Awaitable[Prompt]]]] = {
    Step.PRIVACY: _privacy,
    Step.WHOM: _whom,
    Step.RELATION: _relation,
    Step.NAME: _name,
    Step.SAME: _same,
    Step.NIK: _nik,
    Step.NIK_CHECK: _nik_check,
    Step.VILLAGE: _village,
    Step.PAPERS: _papers,
    Step.CONFIRM: _confirm,
}
