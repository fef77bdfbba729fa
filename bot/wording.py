"""A queued row, turned into the method that a channel can take at this moment."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot import choices, ids, serialise
from bot.channels.base import ChannelAdapter, DeliveryFailed, Fault
from bot.methods import SendTemplate
from bot.notices import Render, Wording
from models.contacts import Contact, Conversation
from models.outbox import OutboxKind, OutboxMessage

MARGIN = timedelta(minutes=1)  # a window about to close is closed
FREE_TEXT = "text"


@dataclass(frozen=True, slots=True)
class Worded:
    """The method to call, how it went down (``text`` or ``template:NAME``), and the buttons it shows."""

    method: TelegramMethod[Any]
    sent_as: str
    shown: choices.Shown | None


async def word(row: OutboxMessage, adapter: ChannelAdapter, render: Render, *, now: datetime) -> Worded:
    """What to say for ``row``.

    Raises: DeliveryFailed (`TEMPLATE` → ``window_closed``) where only free text would do and none is allowed.
    """
    if row.kind is OutboxKind.REPLY:
        return Worded(serialise.from_row(row.name, row.payload), FREE_TEXT, None)
    contact = await Contact.get(id=row.contact_id)
    wording = await render(row.name, json.loads(row.payload), contact.language)
    if await _window_is_open(row, adapter, now):
        return _free(row, wording)
    return _template(row, wording)


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


def _template(row: OutboxMessage, wording: Wording) -> Worded:
    if wording.template is None:
        raise DeliveryFailed(Fault.GIVE_UP, "window_closed")
    method = SendTemplate(
        chat_id=ids.chat_id(row.contact_id),
        name=wording.template.name,
        language=wording.template.language,
        parameters=dict(wording.template.parameters),
        text=wording.text,
    )
    return Worded(method, f"template:{wording.template.name}"[:80], choices.NOTHING)


async def _window_is_open(row: OutboxMessage, adapter: ChannelAdapter, now: datetime) -> bool:
    if adapter.caps.window is None:
        return True
    talk = await Conversation.get_or_none(contact_id=row.contact_id, channel=row.channel, account=row.account)
    until = talk.window_expires_at if talk else None
    return until is not None and now + MARGIN < until
