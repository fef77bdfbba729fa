"""The one-time page that takes papers: asked for in the chat, which goes on where it ends."""

from typing import Final

from aiogram import F, Router
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message

from handlers.citizen.corrections import correct, open_requests
from handlers.citizen.form import answered, see_again, stale, tell, together
from handlers.citizen.papers import said_of
from handlers.citizen.prompts import page_link, paper_names, rest_of
from handlers.citizen.steps import Form, Step, next_step
from handlers.citizen.taps import FormDone, PaperSent
from handlers.citizen.turn import Turn
from handlers.citizen.typed import PAGE, Says
from models.requests import Request, RequestState
from office import forms, papers
from office.papers import Taken
from office.requests import printed
from office.words import say

FINISHED: Final = "papers"  # what `FormDone` says of such a page


class TakesPages(Filter):
    """Papers of this channel are asked for on a page."""

    async def __call__(self, message: Message, channel: str) -> bool:
        return forms.by_page(channel)


async def give_page(message: Message, turn: Turn) -> None:
    """``halaman``: a new page for what is being waited for, the form in hand first."""
    draft = await turn.draft()
    if draft is not None and await next_step(draft, turn.identity) in (Step.PAPERS, Step.CONFIRM):
        await see_again(turn, draft, Step.PAPERS)
        return
    for request in await open_requests(turn):
        if asked := (await papers.checklist(request)).asked:
            names = paper_names(tuple(status.slot for status in asked))
            link = await page_link(turn, request)
            await turn.answer(
                say("citizen-page-correction", number=printed(request), papers=names, link=link)
            )
            return
    await tell(turn, say("citizen-page-none"))


async def take_paper(callback: CallbackQuery, callback_data: PaperSent, turn: Turn) -> None:
    """One paper came on the page, which is still open: only what has to be done is said here.

    What is fine is shown there; once all are here the form goes on.
    """
    request = await Request.get_or_none(id=callback_data.request, contact_id=turn.contact.id)
    if request is None or not turn.files:
        await stale(turn, callback_data.request)
        return
    scans = [(file, callback_data.slot) for file in turn.files]
    if request.state is not RequestState.DRAFT:
        await correct(turn, request, scans, ())
        if not (await papers.checklist(request)).asked:
            await forms.close_all_of(request, turn.now)
        return
    waited = bool((await papers.checklist(request)).missing)
    await _go_on(turn, request, await papers.take(request, scans, turn.now), waited)


async def _go_on(turn: Turn, request: Request, taken: Taken, waited: bool) -> None:
    """``waited``: a required paper was missing before this one came."""
    held = await papers.checklist(request)
    if not held.missing and not rest_of(held):
        await forms.close_all_of(request, turn.now)
        await answered(turn, request, said_of(taken))
    elif waited and not held.missing:
        await turn.enter(request, wish=Step.PAPERS)
        await turn.state.set_state(Form.papers)
        await turn.asks()
        count = say("citizen-papers-count", received=held.received, total=held.total)
        await turn.answer(together(said_of(taken), count + "\n" + say("citizen-page-rest")))
    elif _in_the_way(taken):
        again = say("citizen-page-again") if await forms.is_open(request, turn.now) else ""
        await turn.answer(together(said_of(taken), again))


def _in_the_way(taken: Taken) -> bool:
    return bool(taken.blurry or taken.refused or taken.twice or taken.doubtful or taken.alike)


async def page_finished(callback: CallbackQuery, callback_data: FormDone, turn: Turn) -> None:
    """The person is back from the page."""
    request = await Request.get_or_none(id=callback_data.request, contact_id=turn.contact.id)
    if request is None or request.state not in (RequestState.DRAFT, RequestState.NEEDS_CORRECTION):
        await stale(turn, callback_data.request)
    elif request.state is RequestState.DRAFT:
        await answered(turn, request)
    else:
        asked = tuple(status.slot for status in (await papers.checklist(request)).asked)
        waits = say("citizen-correction-waits", number=printed(request), papers=paper_names(asked))
        await turn.answer(together(waits, say("citizen-page-offer")))


def router() -> Router:
    here = Router(name="citizen.paper_page")
    here.message.register(give_page, Says(PAGE), TakesPages())
    here.callback_query.register(take_paper, PaperSent.filter())
    here.callback_query.register(page_finished, FormDone.filter(F.what == FINISHED))
    return here
