"""``batal``: out of the form, or of whatever else was going on.  The draft stays."""

from aiogram import Router
from aiogram.types import Message

from handlers.citizen.form import together, where
from handlers.citizen.menu_board import menu_keyboard, menu_text
from handlers.citizen.turn import Turn
from handlers.citizen.typed import LEAVE, Says
from office.words import say


async def leave_form(message: Message, turn: Turn) -> None:
    await leave(turn)


async def leave(turn: Turn) -> None:
    """Say what is kept and how to come back."""
    draft = await turn.draft()
    kept = "" if draft is None else say("citizen-left", where=await where(turn, draft))
    await turn.leave()
    if kept:
        await turn.answer(kept)
    else:
        await turn.answer(together(say("citizen-nothing-to-leave"), menu_text(turn.now)), menu_keyboard())


def router() -> Router:
    here = Router(name="citizen.leaving")
    here.message.register(leave_form, Says(LEAVE))
    return here
