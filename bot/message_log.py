"""Messages of a conversation by our ids, read back from the rows of inbox and outbox."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiogram import Bot
from aiogram.methods import (
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    SendMessage,
    TelegramMethod,
)
from aiogram.types import Message, Update

from bot import ids, serialise
from bot.channels.base import ChannelAdapter, Scene
from bot.directory import Directory, person
from bot.echo import as_message, single_send
from bot.files import Files
from bot.step import current
from models.files import StoredFile
from models.inbox import InboxEvent, InboxKind
from models.outbox import OutboxKind, OutboxMessage
from models.sealing.rows import SCRUBBED

RECENT = 300  # of a person's messages that are looked through for the platform's own number
_CHANGES = ("editMessageText", "editMessageCaption", "editMessageMedia", "editMessageReplyMarkup")
_CHANGED = ("text", "parse_mode", "entities", "link_preview_options", "reply_markup", "caption",
            "caption_entities")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """A message of ours as the method that says it, with what was changed since; or a person's message."""

    ours: TelegramMethod[Any] | None = None
    theirs: Message | None = None


class MessageLog:
    """``adapters``: every channel's, by (channel, account)."""

    def __init__(
        self, adapters: Mapping[tuple[str, str], ChannelAdapter], people: Directory, files: Files
    ) -> None:
        self._adapters = adapters
        self._people = people
        self._files = files

    async def find(
        self, contact_id: int, channel: str, account: str, message_id: int, bot: Bot
    ) -> Kept | None:
        """The message of this conversation under our id (or the platform's, where handlers see that)."""
        outbox = ids.outbox_id(message_id)
        if outbox is not None:
            method = await said(contact_id, outbox)
            return Kept(ours=method) if method is not None else None
        heard = await self._heard(contact_id, channel, account, message_id, bot)
        return Kept(theirs=heard) if heard is not None else None

    async def message(
        self, contact_id: int, channel: str, account: str, message_id: int, bot: Bot
    ) -> Message | None:
        """The same as aiogram's `Message`."""
        kept = await self.find(contact_id, channel, account, message_id, bot)
        if kept is None or kept.ours is None:
            return kept.theirs if kept is not None else None
        row = await OutboxMessage.get(id=ids.outbox_id(message_id))
        return as_message(bot, kept.ours, message_id, row.created_at)

    async def _heard(
        self, contact_id: int, channel: str, account: str, message_id: int, bot: Bot
    ) -> Message | None:
        adapter, step = self._adapters[(channel, account)], current()
        if step is not None and step.contact_id == contact_id:  # what is being handled may have no row yet
            found = await self._among(step.events, message_id, bot)
            if found is not None:
                return found
        theirs = InboxEvent.filter(contact_id=contact_id, kind=InboxKind.MESSAGE)
        if adapter.caps.own_chat_ids is None:
            events = await theirs.filter(id=message_id)
        else:
            events = await theirs.filter(channel=channel, account=account).order_by("-id").limit(RECENT)
        return await self._among(events, message_id, bot)

    async def _among(self, events: Sequence[InboxEvent], message_id: int, bot: Bot) -> Message | None:
        for event in events:
            found = await self._as_heard(event, bot)
            if found is not None and found.message_id == message_id:
                return found
        return None

    async def _as_heard(self, event: InboxEvent, bot: Bot) -> Message | None:
        adapter = self._adapters.get((event.channel, event.account))
        if adapter is None or event.contact_id is None or event.body == SCRUBBED:
            return None
        files = list(await self._files.of_event(event.id))
        plain = adapter.update(event.facts, await self._scene(event, event.contact_id, files))
        update = Update.model_validate(plain, context={"bot": bot}) if plain is not None else None
        return (update.message or update.edited_message) if update is not None else None

    async def _scene(self, event: InboxEvent, contact_id: int, files: list[StoredFile]) -> Scene:
        step = current()
        if step is not None and step.contact is not None and step.contact_id == contact_id:
            contact, chat_id = step.contact, step.chat_id
        else:
            contact = await person(contact_id)
            chat_id = await self._people.chat_id(contact.id, event.channel, event.account)
        return Scene(
            update_id=event.id,
            chat_id=chat_id,
            message_id=event.id,
            name=contact.name or "-",
            language=contact.language,
            at=event.sent_at or event.received_at,
            files=files,
        )


async def said(contact_id: int, outbox: int) -> TelegramMethod[Any] | None:
    """What we said to this person in row ``outbox``, as it stands now; None for what is no message."""
    step = current()
    if step is not None and step.unsaid is not None:
        await step.unsaid.hurry(ids.message_id(outbox))
    row = await OutboxMessage.get_or_none(id=outbox, contact_id=contact_id, kind=OutboxKind.REPLY)
    if row is None or row.name not in serialise.METHODS or row.payload == SCRUBBED:
        return None
    method = serialise.from_row(row.name, row.payload)
    changes = OutboxMessage.filter(
        contact_id=contact_id, channel=row.channel, id__gt=row.id, name__in=_CHANGES
    ).order_by("id")
    for later in await changes.exclude(payload=SCRUBBED):
        if json.loads(later.payload).get("message_id") == ids.message_id(outbox):
            method = _changed(method, serialise.from_row(later.name, later.payload))
    if method.__api_method__.startswith("edit"):
        return _standing_alone(method)
    return method


def _changed(method: TelegramMethod[Any], change: TelegramMethod[Any]) -> TelegramMethod[Any]:
    if isinstance(change, EditMessageMedia):
        told = single_send(change.media, getattr(method, "chat_id", None) or 0)
        return told.model_copy(update={"reply_markup": change.reply_markup})
    names = [name for name in _CHANGED if name in type(change).model_fields]
    known = [name for name in names if name in type(method).model_fields]
    return method.model_copy(update={name: getattr(change, name) for name in known})


def _standing_alone(edit: TelegramMethod[Any]) -> TelegramMethod[Any] | None:
    """An edit that went out as a message of its own."""
    chat = getattr(edit, "chat_id", None) or 0
    if isinstance(edit, EditMessageMedia):
        told = single_send(edit.media, chat)
        return told.model_copy(update={"reply_markup": edit.reply_markup})
    words = getattr(edit, "text", None) or getattr(edit, "caption", None)
    if not words:
        return None
    return SendMessage(
        chat_id=chat,
        text=words,
        parse_mode=getattr(edit, "parse_mode", None),
        entities=getattr(edit, "entities", None) or getattr(edit, "caption_entities", None),
        reply_markup=getattr(edit, "reply_markup", None),
    )


async def said_anew(edit: EditMessageReplyMarkup, contact_id: int) -> TelegramMethod[Any] | None:
    """The edit with the words that stand above the keyboard, for where nothing changes in place."""
    outbox = ids.outbox_id(edit.message_id or 0)
    before = await said(contact_id, outbox) if outbox is not None else None
    if isinstance(before, SendMessage):
        return EditMessageText(
            chat_id=edit.chat_id,
            message_id=edit.message_id,
            text=before.text,
            parse_mode=before.parse_mode,
            entities=before.entities,
            reply_markup=edit.reply_markup,
        )
    if caption := getattr(before, "caption", None):
        return EditMessageCaption(
            chat_id=edit.chat_id,
            message_id=edit.message_id,
            caption=caption,
            parse_mode=getattr(before, "parse_mode", None),
            caption_entities=getattr(before, "caption_entities", None),
            reply_markup=edit.reply_markup,
        )
    return None


async def changes_nothing(
    edit: EditMessageText | EditMessageCaption | EditMessageReplyMarkup, contact_id: int, bot: Bot
) -> bool:
    """Whether the message stands already as ``edit`` would have it; False where we do not know it."""
    outbox = ids.outbox_id(edit.message_id or 0)
    before = await said(contact_id, outbox) if outbox is not None else None
    if before is None:
        return False
    wanted = serialise.from_row(edit.__api_method__, serialise.to_row(edit, bot))
    return _changed(before, wanted) == before
