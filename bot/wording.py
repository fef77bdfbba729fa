"""A queued row, turned into the method that a channel can take at this moment."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot import choices, ids, serialise, templates
from bot.channels.base import ChannelAdapter, DeliveryFailed, Fault
from bot.directory import person, talk_with
from bot.methods import SendTemplate
from bot.notices import Render, Wording
from models.contacts import Conversation
from models.outbox import OutboxKind, OutboxMessage

MARGIN = timedelta(minutes=1)  # a window about to close is closed
FREE_TEXT = "text"
TEMPLATE = "template:"  # … and its name


@dataclass(frozen=True, slots=True)
class Worded:
    """The method to call, how it went down (``text`` or ``template:NAME``), and the buttons it shows.

    ``reads``: what a person reads who gets a template.
    """

    method: TelegramMethod[Any]
    sent_as: str
    shown: choices.Shown | None
    reads: str = ""


async def word(row: OutboxMessage, adapter: ChannelAdapter, render: Render, *, now: datetime) -> Worded:
    """What to say for ``row``.

    Raises: DeliveryFailed: ``unreachable`` where the address takes nothing, ``new_hands`` where it is not
    sure who would read it, ``window_closed`` where only free text would do and none is allowed,
    ``template_…`` where the template would not be taken (see `bot.templates`).
    """
    if row.kind is OutboxKind.REPLY:
        return Worded(serialise.from_row(row.name, row.payload), FREE_TEXT, None)
    contact = await person(row.contact_id)
    wording = await render(row.name, json.loads(row.payload), contact.language)
    talk = await talk_with(contact.id, row.channel, row.account)
    if row.channel in tried(row):
        raise DeliveryFailed(Fault.UNREACHABLE, row.failure or "unreachable", certain=False)
    if talk is not None and talk.unreachable_at is not None:
        raise DeliveryFailed(Fault.UNREACHABLE, "unreachable")
    if wording.personal and talk is not None and talk.reverify_since is not None:
        raise DeliveryFailed(Fault.GIVE_UP, "new_hands")
    if _window_is_open(talk, adapter, now):
        return _free(row, wording)
    return await _template(row, wording, now)


def tried(row: OutboxMessage) -> list[str]:
    """The channels that could not bring this notice."""
    return [channel for channel in (row.tried or "").split(",") if channel]


def _free(row: OutboxMessage, wording: Wording) -> Worded:
    offered = [choices.Choice(label, data) for label, data in (wording.choices or {}).items()]
    buttons = [[InlineKeyboardButton(text=c.label, callback_data=c.data)] for c in offered]
    method = SendMessage(
        chat_id=ids.chat_id(row.contact_id),
        text=wording.text,
        parse_mode="HTML",
        reply_markup=InlineKeyboardMarkup(inline_keyboard=buttons) if buttons else None,
    )
    return Worded(method, FREE_TEXT, choices.Shown(ids.message_id(row.id), offered))


async def _template(row: OutboxMessage, wording: Wording, now: datetime) -> Worded:
    if wording.template is None:
        raise DeliveryFailed(Fault.GIVE_UP, "window_closed")
    method = SendTemplate(
        chat_id=ids.chat_id(row.contact_id),
        name=wording.template.name,
        language=wording.template.language,
        parameters=dict(wording.template.parameters),
        text=wording.text,
    )
    place = templates.Place(row.office_id, row.channel, row.account)
    method = await templates.checked(method, place, now, filled=wording.template.filled)
    sent_as = f"{TEMPLATE}{wording.template.name}"[:80]
    return Worded(method, sent_as, choices.NOTHING, wording.template.filled or "")


def _window_is_open(talk: Conversation | None, adapter: ChannelAdapter, now: datetime) -> bool:
    if adapter.caps.window is None:
        return True
    until = talk.window_expires_at if talk else None
    return until is not None and now + MARGIN < until
