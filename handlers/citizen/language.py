"""``bahasa``: Indonesian or English."""

from aiogram import Router
from aiogram.types import Message

from handlers.citizen.form import tell
from handlers.citizen.turn import Turn
from handlers.citizen.typed import LANGUAGE, Says
from models.contacts import Contact
from office.words import FIRST, LANGUAGES, say, speaking


async def switch(message: Message, turn: Turn) -> None:
    """Speak the other language from now on, and say so in it."""
    other = next((language for language in LANGUAGES if language != turn.contact.language), FIRST)
    await Contact.filter(id=turn.contact.id).update(language=other)
    turn.contact.language = other
    with speaking(other):
        await tell(turn, say("citizen-language"))


def router() -> Router:
    here = Router(name="citizen.language")
    here.message.register(switch, Says(LANGUAGE))
    return here
