"""What a handler gets back for a message that is not sent yet."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from aiogram import Bot
from aiogram.methods import (
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    SendAudio,
    SendDocument,
    SendMediaGroup,
    SendPhoto,
    SendVideo,
    TelegramMethod,
)
from aiogram.types import Message

from bot import ids

_EDITS = (EditMessageText, EditMessageCaption, EditMessageMedia, EditMessageReplyMarkup)
_SINGLE: dict[str, Callable[..., TelegramMethod[Message]]] = {
    "photo": SendPhoto,
    "document": SendDocument,
    "video": SendVideo,
    "audio": SendAudio,
}


def echo(bot: Bot, method: TelegramMethod[Any], row_id: int, now: datetime) -> Any:
    """The answer that the Bot API would give: a `Message` under our id, or True."""
    if isinstance(method, SendMediaGroup):
        return [_message(bot, single, ids.message_id(row_id), now) for single in single_sends(method)]
    if isinstance(method, _EDITS):
        return _message(bot, method, method.message_id or ids.message_id(row_id), now)
    if method.__returning__ is Message:
        return _message(bot, method, ids.message_id(row_id), now)
    return True


def single_sends(group: SendMediaGroup) -> Iterator[TelegramMethod[Message]]:
    """A media group as one send per item, for channels that show files one by one."""
    for item in group.media:
        yield _SINGLE[item.type](
            chat_id=group.chat_id,
            caption=item.caption,
            parse_mode=item.parse_mode,
            caption_entities=item.caption_entities,
            **{item.type: item.media},
        )


def _message(bot: Bot, method: TelegramMethod[Any], message_id: int, now: datetime) -> Message:
    chat = getattr(method, "chat_id", None) or 0
    fields: dict[str, Any] = {
        "message_id": message_id,
        "date": now,
        "chat": {"id": int(chat), "type": "private"},
        "from": {"id": bot.id, "is_bot": True, "first_name": "Loket"},
    }
    for name in ("text", "caption"):
        if value := getattr(method, name, None):
            fields[name] = value
    markup = getattr(method, "reply_markup", None)
    if hasattr(markup, "inline_keyboard"):
        fields["reply_markup"] = markup
    fields |= _files(method)
    return Message.model_validate(fields, context={"bot": bot})


def _files(method: TelegramMethod[Any]) -> dict[str, Any]:
    """File ids are ours and known at once; sizes in pixels are not."""
    photo, document = getattr(method, "photo", None), getattr(method, "document", None)
    if isinstance(photo, str):
        return {"photo": [{"file_id": photo, "file_unique_id": photo, "width": 0, "height": 0}]}
    if isinstance(document, str):
        return {"document": {"file_id": document, "file_unique_id": document}}
    return {}
