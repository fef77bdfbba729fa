"""``bahasa``: Indonesian or English; ``english`` and ``bahasa indonesia`` say which."""

from aiogram import Router
from aiogram.types import Message

from handlers.citizen.form import tell
from handlers.citizen.turn import Turn
from handlers.citizen.typed import LANGUAGE, LANGUAGE_CALLED, Says
from models.contacts import Contact
from office.typed import fold
from office.words import FIRST, LANGUAGES, say, speaking


async def switch(message: Message, turn: Turn) -> None:
    """Speak the other language, or the one that was named, from now on, and say so in it."""
    named = LANGUAGE_CALLED.get(fold(turn.text))
    other = named or next((language for language in LANGUAGES if language != turn.contact.language), FIRST)
    await Contact.filter(id=turn.contact.id).update(language=other)
    turn.contact.language = other
    with speaking(other):
        await tell(turn, say("citizen-language"))


def router() -> Router:
    here = Router(name="citizen.language")
    here.message.register(switch, Says((*LANGUAGE, *LANGUAGE_CALLED)))
    return here
