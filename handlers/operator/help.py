"""The list of commands, and the answer to what is none."""

from aiogram import F, Router
from aiogram.types import Message

from handlers.operator.commands import DEEDS, called
from models.staff import Staff
from office.permissions import may
from office.typed import fold
from office.words import say

LANGUAGE_WORDS = frozenset(
    {"bahasa", "language", "/bahasa", "/language", "english", "bahasa inggris", "bahasa indonesia"}
)  # the citizens' router answers these


async def tell_commands(message: Message, staff: Staff) -> None:
    """``/bantuan``: what their role includes."""
    lines = [
        say("operator-help-line", example=say(f"operator-example-{name}"), does=say(f"operator-does-{name}"))
        for name, deed in DEEDS.items()
        if deed is None or may(staff, deed)
    ]
    await message.answer("\n".join([say("operator-help"), *lines]))


async def point_to_help(message: Message) -> None:
    """Whatever else is said in a staff chat: nothing happens, and that is said."""
    await message.answer(say("operator-hint"))


def router() -> Router:
    here = Router(name="operator.help")
    here.message.register(tell_commands, called("bantuan"))
    return here


def last() -> Router:
    """Answers everything that no other router of the desk did."""
    here = Router(name="operator.hint")
    here.message.register(point_to_help, ~F.text.func(_asks_for_language))
    return here


def _asks_for_language(typed: str | None) -> bool:
    return fold(typed or "") in LANGUAGE_WORDS
