"""A person: asked for by name, or reached by words that no step can use."""

from aiogram import Router
from aiogram.fsm.state import State
from aiogram.types import Message

from handlers.citizen import hours
from handlers.citizen.form import go_on, together
from handlers.citizen.steps import Talk
from handlers.citizen.turn import Turn
from handlers.citizen.typed import PERSON, HasText, Says
from models.requests import Request
from office import questions
from office.words import plain, say


async def ask_for_person(message: Message, turn: Turn) -> None:
    await invite(turn, Talk.words)


async def invite(turn: Turn, talk: State) -> None:
    """Ask for the words that go to a person; a form in hand waits meanwhile."""
    await turn.state.set_state(talk)
    name = "citizen-complaint" if talk is Talk.complaint else "citizen-person"
    place = len(await questions.open_ones()) + 1
    await turn.answer(together(say(name, place=place), hours.open_or_when(turn.now)))


async def take_words(message: Message, turn: Turn, raw_state: str | None = None) -> None:
    """The words that were asked for: to a person, then back to the form if there is one."""
    request = await turn.draft()
    said = turn.text
    if raw_state == Talk.complaint.state:
        said = plain("citizen-complaint-mark", "id") + " " + said
    told = await hand_on(turn, request, said)
    if request is None:
        await turn.leave()
        await turn.answer(together(told, say("citizen-hint-menu")))
    else:
        await go_on(turn, request, told)


async def hand_on(turn: Turn, request: Request | None = None, said: str | None = None) -> str:
    """Give words to a person.  What to tell the citizen never repeats them: they may hold a NIK."""
    question = await questions.ask(
        turn.contact,
        str(turn.channel),
        turn.account,
        turn.text if said is None else said,
        turn.now,
        request=request,
    )
    waiting = hours.unless_open(turn.now)
    return "\n".join(filter(None, (say("citizen-handed-on", number=question.number), waiting)))


def router() -> Router:
    here = Router(name="citizen.person")
    here.message.register(ask_for_person, Says(PERSON))
    return here


def words_router() -> Router:
    """What is said after a person was asked for; comes behind the words that work everywhere."""
    here = Router(name="citizen.person.words")
    here.message.register(take_words, HasText(), Talk.words)
    here.message.register(take_words, HasText(), Talk.complaint)
    return here
