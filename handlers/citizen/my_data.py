"""``data saya``: what we hold of a person, and what they may ask to be done with it."""

from collections.abc import Sequence
from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from handlers.citizen.form import tell, together
from handlers.citizen.steps import Talk
from handlers.citizen.taps import DataDeed, DataTap, Item, MenuTap, keyboard
from handlers.citizen.turn import Turn
from handlers.citizen.typed import MY_DATA, HasText, Says
from models.requests import Paper, Request
from models.rights import DataRequest, DataRight
from office import data_rights, erasure, exports, questions, times
from office.context import office
from office.identity import Nik
from office.my_data import Holding, holding, readers
from office.places import channel_name
from office.refusal_words import refusal_text
from office.requests import printed, service_of, status_line
from office.words import language, plain, say

MOST_SHOWN: Final = 5  # requests
MOST_READERS: Final = 10  # the last ones


async def show(message: Message, turn: Turn) -> None:
    """What we hold; a form in hand waits meanwhile."""
    held = await holding(turn.contact)
    await turn.answer(await _page(held), _deeds(held))


async def take_tap(callback: CallbackQuery, callback_data: DataTap, turn: Turn) -> None:
    match callback_data.deed:
        case DataDeed.EXPORT:
            address = await exports.open_export(turn.contact, turn.now)
            hours = int(exports.LIVES.total_seconds()) // 3600
            await tell(turn, say("citizen-data-export", address=address, hours=hours))
        case DataDeed.CORRECT:
            await turn.state.set_state(Talk.correction)
            await turn.answer(say("citizen-data-correct-ask"))
        case DataDeed.RESTRICT:
            asked = await data_rights.restrict(turn.contact, str(turn.channel), turn.account, turn.now)
            await tell(turn, say("citizen-data-restricted-now", **_clock_of(asked)))
        case DataDeed.ERASE:
            await ask_to_erase(turn)
        case DataDeed.ERASE_SURELY:
            await erase(turn)


async def take_correction(message: Message, turn: Turn) -> None:
    """What is wrong, in their words: to the desk, with a clock."""
    place = (str(turn.channel), turn.account)
    question = await questions.ask(turn.contact, *place, turn.text, turn.now)
    asked = await data_rights.ask(turn.contact, DataRight.CORRECT, *place, turn.now, question)
    await turn.state.set_state(None)
    await tell(turn, say("citizen-data-correct-asked", **_clock_of(asked)))


async def ask_to_erase(turn: Turn) -> None:
    """Asked once more, for there is no way back; or why not, and until when staff answer."""
    if (refusal := await erasure.hindrance(turn.contact)) is not None:
        place = (str(turn.channel), turn.account)
        asked = await data_rights.ask(turn.contact, DataRight.ERASE, *place, turn.now)
        until_when = say("citizen-data-erase-asked", **_clock_of(asked))
        await tell(turn, f"{refusal_text(refusal)} {until_when}")
        return
    await turn.answer(
        say("citizen-data-erase-sure"),
        keyboard(
            (plain("citizen-button-erase"), DataTap(deed=DataDeed.ERASE_SURELY)),
            (plain("link-no"), MenuTap(item=Item.HOME)),
        ),
    )


async def erase(turn: Turn) -> None:
    """That it is done is said as a notice: who tapped is no longer the contact that this step belongs to."""
    if await erasure.hindrance(turn.contact) is not None:  # since they were asked
        await ask_to_erase(turn)
        return
    await turn.state.clear()
    await data_rights.erase_and_say(turn.contact, str(turn.channel), turn.account, turn.now)


def router() -> Router:
    here = Router(name="citizen.my_data")
    here.message.register(show, Says(MY_DATA))
    here.callback_query.register(take_tap, DataTap.filter())
    return here


def words_router() -> Router:
    """What is wrong; comes behind the words that work everywhere."""
    here = Router(name="citizen.my_data.words")
    here.message.register(take_correction, HasText(), Talk.correction)
    return here


def _clock_of(asked: DataRequest) -> dict[str, object]:
    return {"number": asked.number, "due": times.when(asked.due_at)}


def _deeds(held: Holding) -> InlineKeyboardMarkup:
    deeds = [DataDeed.EXPORT, DataDeed.CORRECT, DataDeed.RESTRICT, DataDeed.ERASE]
    if office().public_url is None:
        deeds.remove(DataDeed.EXPORT)
    if held.contact.restricted_at is not None:
        deeds.remove(DataDeed.RESTRICT)
    return keyboard(
        *((plain(f"citizen-button-data-{deed.value}"), DataTap(deed=deed)) for deed in deeds),
        (plain("citizen-button-menu"), MenuTap(item=Item.HOME)),
    )


async def _page(held: Holding) -> str:
    lines = [await _request(*one) for one in held.requests[:MOST_SHOWN]]
    if len(held.requests) > MOST_SHOWN:
        lines.append(say("citizen-data-more", count=len(held.requests) - MOST_SHOWN))
    return together(
        say("citizen-data"),
        _about(held),
        "\n".join(lines) or say("citizen-data-no-requests"),
        _opened(held),
        "\n".join(_asked(one) for one in held.asked),
        say("citizen-data-kept", days=office().office.retention_days),
    )


def _about(held: Holding) -> str:
    channels = dict.fromkeys(channel_name(address.channel) for address in held.addresses)
    return say(
        "citizen-data-about",
        name=held.contact.name or "–",
        channels=", ".join(channels) or "–",
        messages=held.heard + held.said,
        files=held.files,
    )


async def _request(request: Request, papers: Sequence[Paper]) -> str:
    return say(
        "citizen-data-request",
        number=printed(request),
        service=service_of(request).short.in_language(language()),
        state=await status_line(request),
        name=request.subject_name or "–",
        nik=str(Nik(request.nik)) if request.nik else "–",
        papers=len(papers),
    )


def _opened(held: Holding) -> str:
    """Only what is written down; nobody is told that there was nothing else."""
    lines = [
        say("citizen-data-opened-by", who=one.who, what=", ".join(one.what), at=times.when(one.last))
        for one in readers(held.openings)[-MOST_READERS:]
    ]
    return "\n".join([say("citizen-data-opened"), *lines]) if lines else ""


def _asked(asked: DataRequest) -> str:
    return say(f"citizen-data-asked-{asked.right.value}", **_clock_of(asked))
