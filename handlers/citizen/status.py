"""Where a request is: by the word or by its number, at any time and without leaving a form."""

from collections.abc import Sequence
from typing import Final

from aiogram import Router
from aiogram.types import Message

from handlers.citizen.form import tell, together
from handlers.citizen.prompts import paper_names
from handlers.citizen.steps import Asking
from handlers.citizen.turn import Turn
from handlers.citizen.typed import STATUS, HasText, NamesRequest, Says
from models.requests import OutputState, Request, RequestState
from office import forms, papers, requests, times
from office.misses import TooManyMisses, look_up
from office.names import short_name
from office.notices import hold_words
from office.number import RequestNumberUnreadable
from office.outputs import outputs_of
from office.refusal_words import refusal_text
from office.requests import RequestNotFound, service_of
from office.words import language, plain, say

MOST_SHOWN: Final = 5  # requests, newest first; older ones by their number


async def ask_status(message: Message, turn: Turn) -> None:
    await tell_all(turn)


async def tell_all(turn: Turn) -> None:
    """The citizen's newest requests; without any, the question for a number."""
    handed_in = await requests.of_contact(turn.contact)
    if handed_in:
        lines = [await line(request) for request in handed_in[:MOST_SHOWN]]
        if len(handed_in) > MOST_SHOWN:
            lines.append(say("citizen-status-older", count=len(handed_in) - MOST_SHOWN))
        await tell(turn, together(*lines, *_page(turn, handed_in)))
    elif await turn.draft() is not None:
        await tell(turn, say("citizen-status-none"))
    else:
        await turn.state.set_state(Asking.number)
        await turn.answer(together(say("citizen-status-none"), say("citizen-status-ask")))


async def tell_one(message: Message, turn: Turn, typed_number: str, near: str | None = None) -> None:
    """The request with the number typed, if it is the citizen's own; a no does not leave a form either."""
    try:
        found = await look_up(typed_number, turn.contact, turn.now, near)
        told = together(await line(found), *_page(turn, [found]))
    except (RequestNotFound, RequestNumberUnreadable, TooManyMisses) as no:
        told = refusal_text(no)
    await tell(turn, told)


def _page(turn: Turn, told: Sequence[Request]) -> list[str]:
    """How to send what one of them waits for, where papers have a page of their own."""
    waits = any(request.state is RequestState.NEEDS_CORRECTION for request in told)
    return [say("citizen-page-offer")] if waits and forms.by_page(turn.channel) else []


async def line(request: Request) -> str:
    """A request in a few lines: number, service, for whom, state; what it waits for."""
    said = say(
        "citizen-status",
        number=requests.printed(request),
        service=service_of(request).short.in_language(language()),
        name=short_name(request.subject_name),
        status=await requests.status_line(request),
        when=times.when(request.submitted_at or request.created_at),
    )
    return "\n".join((said, *await _why(request), *await _outputs(request)))


async def _why(request: Request) -> list[str]:
    """What it waits for, or why it stands or ended as it did."""
    match request.state:
        case RequestState.NEEDS_CORRECTION:
            asked = (await papers.checklist(request)).asked
            names = paper_names(tuple(status.slot for status in asked))
            until = times.when(request.correct_by) if request.correct_by else "–"
            return [say("citizen-status-correction", papers=names, until=until)]
        case RequestState.ON_HOLD if request.hold_reason is not None:
            return [say("citizen-status-reason", reason=hold_words(request.hold_reason, request.reason))]
        case RequestState.REJECTED if request.reason:
            return [say("citizen-status-reason", reason=request.reason)]
    return []


async def _outputs(request: Request) -> list[str]:
    """What came of it so far, where the state of the whole does not say it already."""
    every = await outputs_of(request)
    if len(every) == 1 and request.state is not RequestState.CLOSED:
        return []
    return [
        say(
            "citizen-status-output",
            output=output.name.in_language(language()),
            state=plain(f"state-{row.state.value}"),
        )
        for output, row in every
        if row.state is not OutputState.PENDING
    ]


def router() -> Router:
    here = Router(name="citizen.status")
    here.message.register(ask_status, Says(STATUS))
    here.message.register(tell_one, HasText(), NamesRequest())
    here.message.register(tell_one, HasText(), Asking.number, NamesRequest(asked=True))
    return here
