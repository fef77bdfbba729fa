"""Going on with the form, wherever it stands."""

from handlers.citizen.prompts import prompt, twin_of
from handlers.citizen.steps import STATES, Step, next_step
from handlers.citizen.turn import Turn
from models.requests import Request
from office import papers
from office.requests import printed, service_of
from office.words import language, plain, say


async def go_on(turn: Turn, request: Request, *before: str) -> None:
    """Ask what the draft lacks next, in one message with what there is to say ``before``."""
    step = await _unconfirmed(turn, request) or await next_step(request, turn.identity, await turn.wish())
    await turn.state.set_state(STATES[step])
    await turn.asks()
    asked = await prompt(turn, request, step)
    await turn.answer(together(*before, asked.text), asked.keyboard)


async def answered(turn: Turn, request: Request, *before: str) -> None:
    """A step was answered: forget a wish to see it again, and go on."""
    await turn.check(None)
    await turn.enter(request)
    await go_on(turn, request, *before)


async def check(turn: Turn, request: Request, step: Step) -> None:
    """Ask whether an answer is meant so; nothing else is asked until it is confirmed or changed."""
    await turn.enter(request)
    await turn.check(step)
    await go_on(turn, request)


async def see_again(turn: Turn, request: Request, step: Step, *before: str) -> None:
    """Go to a step that was answered already."""
    await turn.enter(request, wish=step)
    await go_on(turn, request, *before)


async def _unconfirmed(turn: Turn, request: Request) -> Step | None:
    """The check that is still open; a request like this one may have ended meanwhile."""
    step = await turn.unconfirmed()
    return None if step is Step.SAME and await twin_of(turn.contact, request) is None else step


async def where(turn: Turn, request: Request) -> str:
    """Which request this is and where its form stands: ``KTP-el hilang (berkas 1 dari 2)``.  No markup."""
    step = await next_step(request, turn.identity)
    held = await papers.checklist(request)
    place = plain(f"citizen-where-{step.value}", next=min(held.received + 1, held.total), total=held.total)
    return f"{service_of(request).short.in_language(language())} ({place})"


def together(*parts: str) -> str:
    """Paragraphs of one message."""
    return "\n\n".join(part for part in parts if part)


async def tell(turn: Turn, text: str) -> None:
    """Say something that is no answer to the form; a form in hand goes on behind it."""
    draft = await turn.draft()
    if draft is None:
        await turn.leave()
        await turn.answer(together(text, say("citizen-hint-menu")))
    else:
        await go_on(turn, draft, text)


async def stale(turn: Turn, request_id: int | None = None) -> None:
    """An old button was tapped: one polite sentence, and what is asked now."""
    draft = await turn.draft()
    if draft is not None:
        await go_on(turn, draft, say("citizen-stale"))
        return
    tapped = (
        None if request_id is None else await Request.get_or_none(id=request_id, contact_id=turn.contact.id)
    )
    if tapped is not None and tapped.submitted_at is not None:
        await turn.answer(say("citizen-sent-already", number=printed(tapped)))
        return
    await turn.answer(together(say("citizen-stale"), say("citizen-hint-menu")))
