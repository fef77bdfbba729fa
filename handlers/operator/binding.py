"""A chat becomes a member of staff's, and a citizen's again."""

from datetime import datetime

from aiogram import Router
from aiogram.filters import CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from handlers.operator.arguments import text
from handlers.operator.commands import BINDING, called
from handlers.operator.staff_only import IN_PRIVATE
from models.contacts import Contact
from models.staff import Role, Staff
from office import new_hands, staff
from office.village_heads import village_of
from office.village_words import form_of_address
from office.words import say


async def bind(
    message: Message,
    command: CommandObject,
    contact: Contact,
    channel: str,
    account: str,
    state: FSMContext,
    now: datetime,
) -> None:
    """``/masuk CODE``.  Every code that is not good is refused alike, so that none can be felt out."""
    member = await staff.bind(text(command), contact, channel, account, now)
    await new_hands.settle(contact, channel, account)
    await state.clear()
    await message.answer(_welcome(member))


async def unbind(message: Message, contact: Contact, now: datetime) -> None:
    """``/keluar``."""
    await staff.unbind(contact, now)
    await message.answer(say("operator-unbound"))


def _welcome(member: Staff) -> str:
    if member.role is not Role.VILLAGE_HEAD:
        return say("operator-bound", name=member.name)
    home = village_of(member)
    return say("village-bound", name=member.name, head=form_of_address(home), village=home.title)


def door() -> Router:
    """Open to everybody."""
    here = Router(name="operator.door")
    here.message.register(bind, IN_PRIVATE, called(BINDING))
    return here


def router() -> Router:
    here = Router(name="operator.binding")
    here.message.register(unbind, called("keluar"))
    return here
