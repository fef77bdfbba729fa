"""Papers, one by one or all at once, in any order."""

import re
from collections.abc import Sequence
from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers.citizen.filters import Answers, InForm
from handlers.citizen.form import answered, go_on, see_again
from handlers.citizen.person import hand_on
from handlers.citizen.prompts import paper_names
from handlers.citizen.scans import other_kinds, papers_in, plain_words_on, words_on, words_on_held
from handlers.citizen.steps import Form, Step
from handlers.citizen.turn import Scan, Turn
from handlers.citizen.typed import DONE, BringsPapers, HasText, Says
from models.requests import Request
from office import forms, papers
from office.context import office
from office.paper_slots import PROBLEMS
from office.papers import NoSuchPaper, Taken
from office.refusal_words import refusal_text
from office.words import say

_SWAP: Final = re.compile(r"tukar\s+(\d{1,2})\s*(?:dan|,|-|&|\s)\s*(\d{1,2})", re.IGNORECASE)


async def take_scans(message: Message, turn: Turn, request: Request) -> None:
    """One burst of pictures: one acknowledgement, and what is missing now.

    Before the privacy notice is agreed to, nothing is put into the request: the papers are held.
    """
    scans = papers_in(turn)
    if request.privacy_accepted_at is None:
        told = await hold(turn, scans, request)
        await go_on(turn, request, say("citizen-papers-held"), *other_kinds(turn.album), *told)
        return
    told = [await put_in(turn, request, scans), *other_kinds(turn.album), *rather_on_a_page(turn)]
    told += [await hand_on(turn, request, words) for words in words_on(turn, request)]
    await see_again(turn, request, Step.PAPERS, *told)


def rather_on_a_page(turn: Turn) -> list[str]:
    """Where papers have a page of their own, what came here all the same is taken, and the page named."""
    return [say("citizen-papers-page-please")] if forms.by_page(turn.channel) else []


async def hold(turn: Turn, scans: Sequence[Scan], request: Request | None = None) -> list[str]:
    """Keep papers until it is known where they belong; captions that plainly say something go to a person."""
    await turn.hold(scans)
    return [await hand_on(turn, request, words) for words in plain_words_on(turn)]


async def put_in(turn: Turn, request: Request, scans: Sequence[Scan]) -> str:
    """Put scans into a request; gives what became of them, in words."""
    if not scans:
        return say("citizen-papers-gone", count=1)
    return said_of(await papers.take(request, scans, turn.now))


def said_of(taken: Taken) -> str:
    """What became of some scans, a line for each kind of outcome."""
    lines = []
    filled = [slot for slot, _ in taken.placed if slot is not None]
    slots = tuple(slot for place, slot in enumerate(filled) if slot not in filled[:place])
    if slots:
        lines.append(say("citizen-papers-placed", papers=paper_names(slots)))
    if taken.doubtful:
        lines.append(say("citizen-papers-doubtful", papers=paper_names(taken.doubtful)))
    lines += [
        say(f"citizen-unreadable-{reason.value}", paper=paper_names((slot,))) for slot, reason in taken.blurry
    ]
    if extra := len(taken.placed) - len(filled):
        lines.append(say("citizen-papers-extra", count=extra))
    if taken.twice:
        lines.append(say("citizen-papers-twice", count=len(taken.twice)))
    if taken.alike:
        lines.append(say("citizen-papers-alike", count=taken.alike))
    if taken.waiting:
        most = office().limits.papers_per_day
        lines.append(say("citizen-papers-waiting", count=taken.waiting, most=most))
    problems = [problem if problem in PROBLEMS else "gone" for _, problem in taken.refused]
    lines += [
        say(f"citizen-papers-{problem}", count=problems.count(problem))
        for problem in PROBLEMS
        if problem in problems
    ]
    return "\n".join(lines)


async def take_held(turn: Turn, request: Request) -> str:
    """Put in what was sent before there was a request; a paper once sent is never asked for twice."""
    held = await turn.held()
    if request.privacy_accepted_at is None or not held:
        return ""
    told = [say("citizen-papers-from-before"), await put_in(turn, request, held)]
    await turn.release()
    told += [await hand_on(turn, request, words) for words in words_on_held(held, request)]
    return "\n".join(told)


async def tap_done(callback: CallbackQuery, turn: Turn, request: Request, value: str) -> None:
    await answered(turn, request)


async def type_done(message: Message, turn: Turn, request: Request) -> None:
    """``selesai``: on to the summary, or what is missing by name."""
    held = await papers.checklist(request)
    if held.missing:
        await answered(turn, request, say("citizen-papers-not-all", papers=paper_names(held.missing)))
    else:
        await answered(turn, request)


async def swap(message: Message, turn: Turn, request: Request) -> None:
    """``tukar 1 2``: two papers lie in each other's place."""
    wanted = _SWAP.fullmatch(turn.text)
    if wanted is None:
        return
    try:
        await papers.swap(request, int(wanted[1]), int(wanted[2]), turn.now)
    except NoSuchPaper as unknown:
        await go_on(turn, request, refusal_text(unknown))
        return
    await go_on(turn, request, say("citizen-papers-swapped"))


class AsksToSwap(HasText):
    """The text is ``tukar`` and two places."""

    async def __call__(self, message: Message) -> bool:
        return _SWAP.fullmatch((message.text or "").strip()) is not None


def router() -> Router:
    here = Router(name="citizen.papers")
    here.message.register(take_scans, BringsPapers(), InForm())
    here.callback_query.register(tap_done, Answers(Step.PAPERS))
    here.message.register(type_done, Says(DONE), InForm(Form.papers))
    here.message.register(swap, AsksToSwap(), InForm(Form.papers, Form.confirm))
    return here
