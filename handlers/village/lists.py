"""A list comes as a document; once it was checked, the head takes all that is good of it, or nothing."""

from collections.abc import Sequence

from aiogram import Bot, Router
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message

from bot.methods import UnsupportedOnChannel
from handlers.citizen.form import together
from handlers.citizen.papers import hold
from handlers.citizen.scans import papers_in
from handlers.citizen.turn import Turn
from handlers.village.rights import IsHead
from handlers.village.taps import ListDeed, ListTap
from models.files import StoredFile
from models.staff import Staff
from office import batch_choices, batch_files, batches
from office.words import say


class BringsLists(BaseFilter):
    """A table is among what was sent; hands in ``lists``."""

    async def __call__(
        self, message: Message, files: Sequence[StoredFile] = ()
    ) -> bool | dict[str, list[StoredFile]]:
        lists = [file for file in files if batch_files.may_be_list(file)]
        return {"lists": lists} if lists else False


async def take_lists(message: Message, turn: Turn, head: Staff, lists: list[StoredFile]) -> None:
    """They are kept and read soon; photos that came with them wait to be told where they belong."""
    place = (str(turn.channel), turn.account)
    taken = [await batches.receive(file, head, turn.contact, place, turn.now) for file in lists]
    told = [say("village-list-received", batch=batch.called) for batch in taken]
    if others := [scan for scan in papers_in(turn) if scan[0] not in lists]:
        told += [*await hold(turn, others), say("village-others-held")]
    await turn.answer(together(*told))


async def take_tap(callback: CallbackQuery, callback_data: ListTap, turn: Turn, bot: Bot) -> None:
    number = callback_data.number
    match callback_data.deed:
        case ListDeed.ACCEPT:
            batch = await batch_choices.accept(number, turn.contact, turn.now)
            await turn.answer(say("village-list-accepted", batch=batch.called, count=batch.fit))
        case ListDeed.CANCEL:
            batch = await batch_choices.cancel(number, turn.contact, turn.now)
            await turn.answer(say("village-list-cancelled", batch=batch.called))
        case ListDeed.REPORT:
            await send_report(turn, number, bot)


async def send_report(turn: Turn, number: int, bot: Bot) -> None:
    report = await batch_choices.report_of(number, turn.contact, turn.now)
    try:
        await bot.send_document(
            turn.event.from_user.id if turn.event.from_user else 0,
            report.file_id,
            caption=say("village-report-caption", batch=f"P{number}"),
        )
    except UnsupportedOnChannel:
        await turn.answer(say("village-report-nowhere"))


def router() -> Router:
    here = Router(name="village.lists")
    here.message.register(take_lists, BringsLists(), IsHead())
    here.callback_query.register(take_tap, ListTap.filter(), IsHead())
    return here
