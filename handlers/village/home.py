"""``/desa``: where the village's requests stand and how a list is handed in; ``/keluar``."""

from datetime import datetime

from aiogram import Bot, F, Router
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardMarkup, Message
from aiogram.types import InlineKeyboardButton as Button

from bot.methods import UnsupportedOnChannel
from bot.reading.words import MOST_ROWS
from handlers.citizen.form import together
from handlers.citizen.taps import keyboard
from handlers.citizen.turn import Turn
from handlers.operator.commands import called
from handlers.village.rights import IsHead
from handlers.village.taps import EmptyListTap
from models.batches import Batch
from models.contacts import Contact
from models.staff import Staff
from office import batch_choices, batch_report, staff, village_drafts
from office.village_heads import village_of
from office.village_words import form_of_address
from office.words import grouped, plain, say


async def tell(message: Message, turn: Turn, head: Staff) -> None:
    stands = await village_drafts.standing(turn.contact, head)
    home = village_of(head)
    told = say(
        "village-home",
        head=form_of_address(home),
        village=home.title,
        kecamatan=home.kecamatan_name,
        waiting=stands.waiting,
        at_office=stands.at_office,
        ready=stands.ready,
    )
    undecided = await batch_choices.undecided(turn.contact, head.village_code or "")
    waits = say("village-home-undecided", batch=undecided.called) if undecided else ""
    how = say("village-home-how", most=grouped(MOST_ROWS))
    await turn.answer(together(told, waits, how), _buttons(undecided))


async def send_empty_list(callback: CallbackQuery, turn: Turn, bot: Bot) -> None:
    """As a file; where none can be sent, the columns are said anyway."""
    file = BufferedInputFile(batch_report.empty_list(), f"{plain('village-list-sheet')}.xlsx")
    try:
        await bot.send_document(callback.from_user.id, file, caption=say("village-list-caption"))
    except UnsupportedOnChannel:
        await turn.answer(say("village-list-columns"))


async def leave(message: Message, contact: Contact, now: datetime) -> None:
    await staff.unbind(contact, now)
    await message.answer(say("village-unbound"))


def way_out() -> Router:
    """Open also while the chat is asleep."""
    here = Router(name="village.out")
    here.message.register(leave, called("keluar"), IsHead())
    return here


def router() -> Router:
    here = Router(name="village.home")
    here.message.register(tell, called("desa"), IsHead())
    here.callback_query.register(send_empty_list, F.data == EmptyListTap().pack(), IsHead())
    return here


def list_buttons(batch: Batch) -> InlineKeyboardMarkup:
    """What can be done with a list that was checked."""
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [Button(text=plain(label, None, **facts), callback_data=data)]
            for label, data, facts in batch_choices.choices(batch, batch.fit)
        ]
    )


def _buttons(undecided: Batch | None) -> InlineKeyboardMarkup:
    empty = keyboard((plain("village-button-list"), EmptyListTap()))
    if undecided is None:
        return empty
    return InlineKeyboardMarkup(
        inline_keyboard=list_buttons(undecided).inline_keyboard + empty.inline_keyboard
    )
