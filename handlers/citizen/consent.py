"""``berhenti`` and ``mulai lagi``: announcements off and on, at once and on every channel."""

from aiogram import Router
from aiogram.types import Message

from handlers.citizen.form import tell
from handlers.citizen.turn import Turn
from handlers.citizen.typed import START_AGAIN, STOP, Says
from office import consents


async def stop(message: Message, turn: Turn) -> None:
    await _note(turn, given=False)


async def start_again(message: Message, turn: Turn) -> None:
    await _note(turn, given=True)


async def _note(turn: Turn, *, given: bool) -> None:
    await tell(turn, await consents.note(turn.contact, given, str(turn.channel), turn.account, turn.now))


def router() -> Router:
    here = Router(name="citizen.consent")
    here.message.register(stop, Says(STOP))
    here.message.register(start_again, Says(START_AGAIN))
    return here
