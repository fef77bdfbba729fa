"""A question under a post: one private greeting that invites to write, whatever was asked.

Who can read the comment could have written it, and the platform lets us write once: no case, menu or form.
"""

from aiogram import F, Router
from aiogram.enums import MessageOriginType
from aiogram.types import Message

from handlers.citizen.turn import Turn
from office.context import office
from office.words import language, say

UNDER_A_POST = F.external_reply.origin.type == MessageOriginType.CHANNEL


async def invite(message: Message, turn: Turn) -> None:
    await turn.answer(say("citizen-comment", office=office().office.short_name.in_language(language())))


def router() -> Router:
    here = Router(name="citizen.comment")
    here.message.register(invite, UNDER_A_POST)
    return here
