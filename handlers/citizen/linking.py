"""``tautkan``: one person's chats become one."""

import re
from typing import Any, Final

from aiogram import Router
from aiogram.filters import Filter
from aiogram.types import CallbackQuery, Message

from handlers.citizen.form import tell
from handlers.citizen.taps import LinkDeed, LinkTap, keyboard
from handlers.citizen.turn import Turn
from handlers.citizen.typed import LINK
from models.contacts import LinkCode
from office import linking
from office.places import Place
from office.words import plain, say

_ASKS: Final = re.compile(
    rf"(?:{'|'.join(map(re.escape, LINK))})(?:\s+(?P<code>\S.{{0,23}}))?", re.IGNORECASE
)


class AsksToLink(Filter):
    """The word alone, or with a code behind it: hands in ``typed_code``, empty without one.

    ``hubungkan saya dengan petugas`` is neither.
    """

    async def __call__(self, message: Message) -> bool | dict[str, Any]:
        asked = _ASKS.fullmatch((message.text or "").strip().rstrip(".!?"))
        if asked is None:
            return False
        typed = asked["code"] or ""
        return {"typed_code": typed} if not typed or linking.may_be_code(typed) else False


async def take_word(message: Message, turn: Turn, typed_code: str) -> None:
    if typed_code:
        await take_code(turn, typed_code)
    else:
        await give_code(turn)


async def give_code(turn: Turn) -> None:
    """A code for the other chat, and never to be given away."""
    code = await linking.new_code(turn.contact, str(turn.channel), turn.account, turn.now)
    minutes = int(linking.CODE_LIVES.total_seconds()) // 60
    await tell(turn, say("citizen-link-code", code=code, minutes=minutes))


async def take_code(turn: Turn, typed: str) -> None:
    """A code from another chat: is it meant?"""
    code = await linking.offer(typed, turn.contact, turn.now)
    there = await Place.of(code.contact_id, code.channel, code.account)
    await turn.answer(
        say("citizen-link-check", place=there.words()),
        keyboard(
            (plain("link-yes"), LinkTap(code=code.id, deed=LinkDeed.AGREE)),
            (plain("link-no"), LinkTap(code=code.id, deed=LinkDeed.DECLINE)),
        ),
    )


async def take_tap(callback: CallbackQuery, callback_data: LinkTap, turn: Turn) -> None:
    match callback_data.deed:
        case LinkDeed.AGREE:
            await agree(turn, callback_data.code)
        case LinkDeed.CONFIRM:
            there = await linking.confirm(callback_data.code, turn.contact, turn.now)
            await tell(turn, say("citizen-linked", place=there.words()))
        case LinkDeed.DECLINE:
            await linking.decline(callback_data.code, turn.contact, turn.now)
            await tell(turn, say("citizen-link-declined"))


async def agree(turn: Turn, code_id: int) -> None:
    """Meant: now the other chat is asked."""
    code = await linking.agree(code_id, turn.contact, str(turn.channel), turn.account, turn.now, question)
    there = await Place.of(code.contact_id, code.channel, code.account)
    await tell(turn, say("citizen-link-asked", place=there.words()))


def question(code: LinkCode) -> list[tuple[str, str]]:
    """The buttons in the chat where the code was asked for."""
    return [
        ("link-yes", LinkTap(code=code.id, deed=LinkDeed.CONFIRM).pack()),
        ("link-no", LinkTap(code=code.id, deed=LinkDeed.DECLINE).pack()),
    ]


def router() -> Router:
    here = Router(name="citizen.linking")
    here.message.register(take_word, AsksToLink())
    here.callback_query.register(take_tap, LinkTap.filter())
    return here
