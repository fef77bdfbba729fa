"""Groups: the office serves nobody before the eyes of others.  It says so once, and is quiet there."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.filters import Filter
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from handlers import middleware
from handlers.tried import note_tried
from models.contacts import Contact
from office.context import office
from office.words import language, say

IN_GROUP: Final = F.chat.type.in_({ChatType.GROUP, ChatType.SUPERGROUP})
TOLD: Final = "told"


class ToUs(Filter):
    """We were brought here, or a command is meant for us; ``/cmd@otherbot`` is another's, talk nobody's."""

    async def __call__(self, message: Message, bot: Bot) -> bool:
        joined = any(member.id == bot.id for member in message.new_chat_members or ())
        return joined or bool(message.group_chat_created) or _is_our_command(message.text)


def _is_our_command(text: str | None) -> bool:
    """The channel has taken our own name off a command, so that any name left is another's."""
    command = (text or "").split(maxsplit=1)[:1]
    return bool(command) and len(command[0]) > 1 and command[0][0] == "/" and "@" not in command[0]


def router() -> Router:
    """In front of everybody else's; what it does not answer nobody answers."""
    here = Router(name="group")
    here.message.filter(IN_GROUP)
    middleware.install(here)
    here.message.register(say_that_we_serve_in_private, ToUs())
    return here


async def say_that_we_serve_in_private(
    message: Message, state: FSMContext, contact: Contact, now: datetime
) -> None:
    """Once in a group, whoever asks; without a word of any case."""
    await note_tried(message.text, contact, now, reason="in_a_group")
    of_group = replace(state.key, user_id=message.chat.id)
    known = await state.storage.get_data(of_group)
    if known.get(TOLD):
        return
    await state.storage.set_data(of_group, {**known, TOLD: True})
    await message.answer(say("group-in-private", office=office().office.short_name.in_language(language())))
