"""The greeting and the main menu; a draft that was left is offered first."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers.citizen import hours
from handlers.citizen.choosing import choose_group
from handlers.citizen.form import answered, stale, tell, together, where
from handlers.citizen.menu_board import menu_keyboard, menu_text
from handlers.citizen.papers import take_held
from handlers.citizen.person import invite
from handlers.citizen.status import tell_all
from handlers.citizen.steps import Talk
from handlers.citizen.taps import DraftDeed, DraftTap, Item, MenuTap, Why, keyboard
from handlers.citizen.turn import Turn
from handlers.citizen.typed import GREETINGS, MENU, Says
from models.requests import Request, RequestState
from office import requests
from office.words import plain, say


async def greet(message: Message, turn: Turn) -> None:
    """The menu; with an unfinished draft the question whether to go on with it."""
    await turn.leave()
    draft = await requests.draft_of(turn.contact)
    if draft is None:
        await turn.answer(menu_text(turn.now), menu_keyboard())
    else:
        await offer(turn, draft)


async def offer(turn: Turn, draft: Request, *before: str) -> None:
    """Ask whether to go on with a draft."""
    await turn.answer(
        together(*before, say("citizen-draft-offer", where=await where(turn, draft))),
        keyboard(
            (plain("citizen-button-resume"), DraftTap(request=draft.id, deed=DraftDeed.RESUME)),
            (plain("citizen-button-drop"), DraftTap(request=draft.id, deed=DraftDeed.DROP)),
            (plain("citizen-button-menu"), MenuTap(item=Item.HOME)),
        ),
    )


async def take_item(callback: CallbackQuery, callback_data: MenuTap, turn: Turn) -> None:
    await open_item(turn, callback_data.item)


async def open_item(turn: Turn, item: Item) -> None:
    """What a line of the menu leads to; what only tells something does not leave the form in hand."""
    if item in (Item.HOME, Item.APPLY, Item.NEW, Item.NEEDS):
        await turn.leave()
    match item:
        case Item.HOME:
            await turn.answer(menu_text(turn.now), menu_keyboard())
        case Item.APPLY:
            await begin(turn)
        case Item.NEW:
            await choose_group(turn, Why.APPLY)
        case Item.NEEDS:
            await choose_group(turn, Why.NEEDS)
        case Item.STATUS:
            await tell_all(turn)
        case Item.HOURS:
            await tell(turn, hours.address_and_hours(turn.now))
        case Item.COMPLAINT:
            await invite(turn, Talk.complaint)
        case Item.PERSON:
            await invite(turn, Talk.words)


async def begin(turn: Turn) -> None:
    """Choose a service, unless a draft waits: then choose between the two."""
    draft = await requests.draft_of(turn.contact)
    if draft is None:
        await choose_group(turn, Why.APPLY)
        return
    await turn.answer(
        say("citizen-draft-offer", where=await where(turn, draft)),
        keyboard(
            (plain("citizen-button-resume"), DraftTap(request=draft.id, deed=DraftDeed.RESUME)),
            (plain("citizen-button-new"), MenuTap(item=Item.NEW)),
            (plain("citizen-button-drop"), DraftTap(request=draft.id, deed=DraftDeed.DROP)),
        ),
    )


async def take_draft_deed(callback: CallbackQuery, callback_data: DraftTap, turn: Turn) -> None:
    """Go on with the draft, or throw it away."""
    draft = await Request.get_or_none(
        id=callback_data.request, contact_id=turn.contact.id, state=RequestState.DRAFT
    )
    if draft is None:
        await stale(turn, callback_data.request)
        return
    match callback_data.deed:
        case DraftDeed.RESUME:
            await resume(turn, draft)
        case DraftDeed.DROP:
            await turn.leave()
            await requests.drop_draft(draft, turn.contact, turn.now)
            await turn.answer(together(say("citizen-draft-dropped"), menu_text(turn.now)), menu_keyboard())


async def resume(turn: Turn, draft: Request) -> None:
    """Go on where the draft was left, with the papers that came since."""
    await turn.leave()
    await answered(turn, draft, await take_held(turn, draft))


def router() -> Router:
    here = Router(name="citizen.menu")
    here.message.register(greet, Says((*MENU, *GREETINGS)))
    here.callback_query.register(take_item, MenuTap.filter())
    here.callback_query.register(take_draft_deed, DraftTap.filter())
    return here
