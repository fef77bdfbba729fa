"""Papers that the form did not ask for: an answer to a correction, or the beginning of something."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from aiogram import Router
from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.citizen.filters import InForm
from handlers.citizen.form import go_on, stale, tell, together, where
from handlers.citizen.papers import hold, rather_on_a_page, said_of
from handlers.citizen.person import hand_on
from handlers.citizen.prompts import paper_names
from handlers.citizen.scans import captions, other_kinds, papers_in, words_on, words_on_held
from handlers.citizen.taps import DraftDeed, DraftTap, Item, MenuTap, PaperTap, keyboard
from handlers.citizen.turn import Scan, Turn, asked_at, holds
from handlers.citizen.typed import BringsPapers, wants_a_person
from models.contacts import Contact
from models.requests import JournalEntry, Request, RequestState
from office import papers, requests
from office.lifecycle import ENDED
from office.names import short_name
from office.requests import printed, service_of
from office.words import language, plain, say

MOST_REQUESTS: Final = 5  # offered for a paper that could belong to any


class MeantForWhich(Filter):
    """It is not plain that papers amid a form belong to it: others are held without a place, or a paper of a
    request was asked for after the form's last question."""

    async def __call__(self, message: Message, state: FSMContext, contact: Contact, request: Request) -> bool:
        if request.privacy_accepted_at is not None and await holds(state):
            return True
        since = await asked_at(state)
        return since is not None and await _asked_for_papers(contact, since)


async def _asked_for_papers(contact: Contact, since: datetime) -> bool:
    return await JournalEntry.filter(
        action=papers.ASKED,
        at__gt=since,
        request__contact_id=contact.id,
        request__state=RequestState.NEEDS_CORRECTION,
    ).exists()


async def take_loose(message: Message, turn: Turn) -> None:
    """Papers that nobody asked for just now.

    One request that waits for a correction takes them, unless a form is being filled in; else the citizen
    says where they belong.  Until then they are held.
    """
    scans = papers_in(turn)
    told = other_kinds(turn.album)
    open_ones = await open_requests(turn)
    waiting = [one for one in open_ones if one.state is RequestState.NEEDS_CORRECTION]
    if len(waiting) == 1 and await turn.draft() is None:
        told += rather_on_a_page(turn)
        await correct(turn, waiting[0], scans, words_on(turn, waiting[0]), *told)
    elif any(papers.problem_of(scan) is None for scan, _ in scans):
        told += await hold(turn, scans)
        await ask_where(turn, waiting or open_ones, *told)
    else:
        told += [await hand_on(turn, None, words) for words in captions(turn) if wants_a_person(words)]
        await tell(turn, together(refused(scans), *told))


async def open_requests(turn: Turn) -> list[Request]:
    """What was handed in and is not over, newest first."""
    return [one for one in await requests.of_contact(turn.contact) if one.state not in ENDED]


async def correct(
    turn: Turn, request: Request, scans: Sequence[Scan], words: Sequence[str], *told: str
) -> None:
    """Papers for one request: what became of them, and what it waits for still; ``words`` to a person."""
    taken = await papers.take(request, scans, turn.now) if scans else None
    lines = [said_of(taken) if taken else say("citizen-papers-gone", count=1), *told]
    if taken and taken.back:
        lines.append(say("citizen-corrected", number=printed(request)))
    elif asked := (await papers.checklist(request)).asked:
        names = paper_names(tuple(status.slot for status in asked))
        lines.append(say("citizen-correction-waits", number=printed(request), papers=names))
    elif taken and taken.placed:
        lines.append(say("citizen-added", number=printed(request)))
    lines += [await hand_on(turn, request, said) for said in words]
    draft = await turn.draft()
    if draft is None:
        await turn.answer(together(*lines))
    else:
        await go_on(turn, draft, *lines)


async def ask_where(turn: Turn, candidates: Sequence[Request], *told: str) -> None:
    """The papers are held: which request are they for, or for a new one?"""
    candidates = candidates[:MOST_REQUESTS]
    buttons = [(printed(request), PaperTap(request=request.id)) for request in candidates]
    listed = "\n".join(described(request) for request in candidates)
    draft = await turn.draft() or await requests.draft_of(turn.contact)
    further = []
    if draft is not None:
        further.append((plain("citizen-button-resume"), DraftTap(request=draft.id, deed=DraftDeed.RESUME)))
        told = (*told, say("citizen-draft-offer", where=await where(turn, draft)))
    options = [*buttons, *further, (plain("citizen-button-new"), MenuTap(item=Item.NEW))]
    options.append((plain("citizen-button-person"), MenuTap(item=Item.PERSON)))
    await turn.answer(together(say("citizen-papers-for-what"), listed, *told), keyboard(*options))


def described(request: Request) -> str:
    """A request as its citizen tells it from others."""
    return say(
        "citizen-papers-request",
        number=printed(request),
        service=service_of(request).short.in_language(language()),
        name=short_name(request.subject_name),
    )


async def tap_request(callback: CallbackQuery, callback_data: PaperTap, turn: Turn) -> None:
    """The held papers are for this request."""
    request = await Request.get_or_none(id=callback_data.request, contact_id=turn.contact.id)
    held = await turn.held()
    if request is None or request.submitted_at is None or not held:
        await stale(turn, callback_data.request)
    elif request.state in ENDED:
        await ask_where(turn, await open_requests(turn), say("citizen-stale"))
    else:
        await correct(turn, request, held, words_on_held(held, request))
        await turn.release()


def refused(scans: Sequence[Scan]) -> str:
    """Why none of these can be a paper."""
    problems = tuple((scan, papers.problem_of(scan) or "gone") for scan, _ in scans)
    return said_of(papers.Taken((), (), problems)) if problems else say("citizen-papers-gone", count=1)


def router() -> Router:
    here = Router(name="citizen.corrections")
    here.callback_query.register(tap_request, PaperTap.filter())
    here.message.register(take_loose, BringsPapers())
    return here


def amid_a_form_router() -> Router:
    """Before the form's own papers."""
    here = Router(name="citizen.corrections.amid")
    here.message.register(take_loose, BringsPapers(), InForm(), MeantForWhich())
    return here
