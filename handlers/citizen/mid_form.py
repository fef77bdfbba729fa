"""Words in the middle of a form that its step cannot use: to a person, and the step again."""

from aiogram import Router
from aiogram.types import Message

from handlers.citizen.filters import InForm
from handlers.citizen.form import go_on
from handlers.citizen.person import hand_on
from handlers.citizen.turn import Turn
from handlers.citizen.typed import ANSWERS, NO, HasText, says, wants_a_person
from models.requests import Request
from office.words import say


async def unusable(turn: Turn, request: Request) -> None:
    await go_on(turn, request, await told_about(turn, request))


async def told_about(turn: Turn, request: Request) -> str:
    """What to say about words that the step cannot use; ``lanjut`` or a lone ``7`` troubles nobody."""
    if turn.text.startswith("/"):
        return say("citizen-unknown-command")
    if says(turn.text, ANSWERS):
        return ""
    if wants_a_person(turn.text) and not says(turn.text, NO):
        return await hand_on(turn, request)
    return say("citizen-no-such-choice")


async def take_words(message: Message, turn: Turn, request: Request) -> None:
    await unusable(turn, request)


def router() -> Router:
    here = Router(name="citizen.mid_form")
    here.message.register(take_words, HasText(), InForm())
    return here
