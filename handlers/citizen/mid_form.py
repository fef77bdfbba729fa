"""Words in the middle of a form that its step cannot use: to a person, and the step again."""

from aiogram import Router
from aiogram.types import Message

from handlers.citizen.filters import InForm
from handlers.citizen.form import go_on
from handlers.citizen.person import hand_on
from handlers.citizen.turn import Turn
from handlers.citizen.typed import THANKS, HasText, says, wants_a_person
from models.requests import Request
from office.words import say


async def unusable(turn: Turn, request: Request) -> None:
    await go_on(turn, request, await told_about(turn, request))


async def told_about(turn: Turn, request: Request) -> str:
    """What to say about words that the step cannot use; a lone ``7`` or ``hm`` troubles nobody."""
    if turn.text.startswith("/"):
        return say("citizen-unknown-command")
    if wants_a_person(turn.text):
        return await hand_on(turn, request)
    return "" if says(turn.text, THANKS) else say("citizen-no-such-choice")


async def take_words(message: Message, turn: Turn, request: Request) -> None:
    await unusable(turn, request)


def router() -> Router:
    here = Router(name="citizen.mid_form")
    here.message.register(take_words, HasText(), InForm())
    return here
