"""Whatever is left over: nobody goes without an answer, and words go to a person."""

from typing import Final

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers.citizen.choosing import choose_service, tell_or_start
from handlers.citizen.form import go_on, stale, together
from handlers.citizen.menu import offer, open_item
from handlers.citizen.menu_board import NUMBERED, menu_keyboard, menu_text
from handlers.citizen.person import hand_on
from handlers.citizen.scans import captions, other_kinds
from handlers.citizen.status import tell_all
from handlers.citizen.taps import StepTap, Why
from handlers.citizen.turn import Turn
from handlers.citizen.typed import (
    CONTINUE,
    FINISHED,
    SENT,
    THANKS,
    HasText,
    IsCommand,
    says,
    wants_a_person,
)
from handlers.tried import note_tried
from office import requests
from office.context import office
from office.words import say

SHORTEST_GROUP: Final = 3  # letters; ``kk`` out of the blue means kakak, and opens nothing


async def take_command(message: Message, turn: Turn) -> None:
    """A command of nobody's, or of staff: one and the same sentence."""
    await note_tried(turn.text, turn.contact, turn.now, reason="not_staff")
    draft = await turn.draft()
    if draft is None:
        await turn.answer(together(say("citizen-unknown-command"), menu_text(turn.now)), menu_keyboard())
    else:
        await go_on(turn, draft, say("citizen-unknown-command"))


async def take_words(message: Message, turn: Turn) -> None:
    """Words outside any form: a line of the menu, a service by its name, or something for a person."""
    text = turn.text
    service = office().catalogue.find(text)
    group = office().catalogue.find_group(text) if len(text) >= SHORTEST_GROUP else None
    if text in NUMBERED:
        await open_item(turn, NUMBERED[text])
    elif service is not None:
        await tell_or_start(turn, service, Why.APPLY)
    elif group is not None:
        await choose_service(turn, Why.APPLY, group.key)
    elif says(text, CONTINUE) and (draft := await requests.draft_of(turn.contact)):
        await offer(turn, draft)
    elif says(text, (*FINISHED, *SENT)):
        await tell_all(turn)
    elif says(text, THANKS):
        await turn.answer(say("citizen-welcome"))
    else:
        told = await hand_on(turn) if wants_a_person(text) else say("citizen-not-understood")
        await turn.answer(together(told, menu_text(turn.now)), menu_keyboard())


async def take_anything(message: Message, turn: Turn) -> None:
    """A sticker, a voice note, a place, a kind that is not known yet."""
    draft = await turn.draft()
    told = together(*other_kinds(turn.album)) or say("citizen-kind-other")
    read = [await hand_on(turn, draft, words) for words in captions(turn) if wants_a_person(words)]
    told = together(told, *read)
    if draft is None:
        await turn.answer(together(told, say("citizen-hint-menu")))
    else:
        await go_on(turn, draft, told)


async def take_edit(message: Message, turn: Turn) -> None:
    """Editing a message changes nothing that was answered already."""
    await turn.answer(say("citizen-edited"))


async def take_tap(callback: CallbackQuery, turn: Turn) -> None:
    """A button of a keyboard that is no more."""
    await stale(turn, tapped_request(callback.data or ""))


def tapped_request(data: str) -> int | None:
    """The request an old button of the form was about."""
    try:
        return StepTap.unpack(data).request
    except (TypeError, ValueError):
        return None


def commands_router() -> Router:
    """Before the form's steps: a command is never an answer to one."""
    here = Router(name="citizen.commands")
    here.message.register(take_command, HasText(), IsCommand())
    return here


def router() -> Router:
    here = Router(name="citizen.unknown")
    here.message.register(take_words, HasText())
    here.message.register(take_anything)
    here.edited_message.register(take_edit)
    here.callback_query.register(take_tap)
    return here
