"""What a handler gets back for a message that is not sent yet."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from aiogram import Bot
from aiogram.client.default import Default
from aiogram.methods import (
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    SendAnimation,
    SendAudio,
    SendDocument,
    SendMediaGroup,
    SendPhoto,
    SendVideo,
    TelegramMethod,
)
from aiogram.types import Message, ReplyParameters

from bot import ids
from bot.channels.markup import to_plain

_EDITS = (EditMessageText, EditMessageCaption, EditMessageMedia, EditMessageReplyMarkup)
_SINGLE: dict[str, Callable[..., TelegramMethod[Message]]] = {
    "photo": SendPhoto,
    "document": SendDocument,
    "video": SendVideo,
    "audio": SendAudio,
    "animation": SendAnimation,
}
_SHAPES: Final[Mapping[str, Mapping[str, Any]]] = {
    # a file's field → what aiogram wants to know of it and nobody has measured
    "document": {},
    "video": {"width": 0, "height": 0, "duration": 0},
    "animation": {"width": 0, "height": 0, "duration": 0},
    "audio": {"duration": 0},
    "voice": {"duration": 0},
    "video_note": {"length": 0, "duration": 0},
    "sticker": {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False},
}


def echo(bot: Bot, method: TelegramMethod[Any], row_id: int, now: datetime) -> Any:
    """The answer that the Bot API would give: a `Message` under our id, or True."""
    if isinstance(method, SendMediaGroup):
        return [as_message(bot, single, ids.message_id(row_id), now) for single in single_sends(method)]
    if isinstance(method, _EDITS):
        return as_message(bot, method, method.message_id or ids.message_id(row_id), now)
    if method.__returning__ is Message:
        return as_message(bot, method, ids.message_id(row_id), now)
    return True


def single_sends(group: SendMediaGroup) -> Iterator[TelegramMethod[Message]]:
    """A media group as one send per item, for channels that show files one by one."""
    for item in group.media:
        yield single_send(item, group.chat_id)


def single_send(item: Any, chat_id: int | str) -> TelegramMethod[Message]:
    """One item of an album as a send of its own."""
    return _SINGLE[item.type](
        chat_id=chat_id,
        caption=item.caption,
        parse_mode=item.parse_mode,
        caption_entities=item.caption_entities,
        **{item.type: item.media},
    )


def as_message(bot: Bot, method: TelegramMethod[Any], message_id: int, now: datetime) -> Message:
    """The message that ``method`` makes, under our id.  Its words are plain, as in the Bot API's answers."""
    chat = getattr(method, "chat_id", None) or 0
    fields: dict[str, Any] = {
        "message_id": message_id,
        "date": now,
        "chat": {"id": int(chat), "type": "private"},
        "from": {"id": bot.id, "is_bot": True, "first_name": "Loket"},
    }
    fields |= _words(bot, method)
    markup = getattr(method, "reply_markup", None)
    if hasattr(markup, "inline_keyboard"):
        fields["reply_markup"] = markup
    answers = getattr(method, "reply_parameters", None)
    if isinstance(answers, ReplyParameters):
        fields["reply_to_message"] = {"message_id": answers.message_id, "date": 0, "chat": fields["chat"]}
    fields |= _content(method)
    return Message.model_validate(fields, context={"bot": bot})


def _words(bot: Bot, method: TelegramMethod[Any]) -> dict[str, Any]:
    mode = getattr(method, "parse_mode", None)
    mode = bot.default[mode.name] if isinstance(mode, Default) else mode
    given = getattr(method, "media", None)
    told: dict[str, Any] = {}
    for name, entities in (("text", "entities"), ("caption", "caption_entities")):
        value = getattr(method, name, None) or (getattr(given, name, None) if name == "caption" else None)
        if isinstance(value, str) and value:
            marks = getattr(method, entities, None)
            told[name] = value if marks else _plain(value, mode)
            if marks:
                told[entities] = marks
    return told


def _plain(words: str, mode: Any) -> str:
    marked = isinstance(mode, str) and (mode.lower() != "html" or "<" in words or "&" in words)
    return to_plain(words, mode) if marked else words


def _content(method: TelegramMethod[Any]) -> dict[str, Any]:
    """File ids are ours and known at once; sizes in pixels are not."""
    given: Any = getattr(method, "media", None)
    held = {str(given.type): given.media} if hasattr(given, "type") else {}
    photo = held.get("photo") or getattr(method, "photo", None)
    if isinstance(photo, str):
        return {"photo": [_named(photo) | {"width": 0, "height": 0}]}
    for field, shape in _SHAPES.items():
        file = held.get(field) or getattr(method, field, None)
        if isinstance(file, str):
            return {field: _named(file) | dict(shape)}
    return _point(method)


def _point(method: TelegramMethod[Any]) -> dict[str, Any]:
    """A place or a card."""
    if getattr(method, "latitude", None) is not None and getattr(method, "longitude", None) is not None:
        return {"location": {name: getattr(method, name) for name in ("latitude", "longitude")}}
    if phone := getattr(method, "phone_number", None):
        return {"contact": {"phone_number": phone, "first_name": getattr(method, "first_name", "")}}
    return {}


def _named(file_id: str) -> dict[str, Any]:
    return {"file_id": file_id, "file_unique_id": file_id}
