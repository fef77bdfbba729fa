"""What a handler gets back for a message that is not sent yet."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
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
from aiogram.types import Chat, Message, ReplyParameters, User

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
    given = vars(method)  # of some hundred fields a method has a few; asking pydantic for the others is slow
    chat = given.get("chat_id") or 0
    fields: dict[str, Any] = {
        "message_id": message_id,
        "date": now,
        "chat": _chat(bot, int(chat)),
        "from": _ourselves(bot),
    }
    fields |= _words(bot, given)
    markup = given.get("reply_markup")
    if hasattr(markup, "inline_keyboard"):
        fields["reply_markup"] = markup
    answers = given.get("reply_parameters")
    if isinstance(answers, ReplyParameters):
        replied = {"message_id": answers.message_id, "date": 0, "chat": fields["chat"]}
        fields["reply_to_message"] = replied
    fields |= _content(given)
    return Message.model_validate(fields, context={"bot": bot})


@lru_cache(maxsize=1_000)
def _chat(bot: Bot, number: int) -> Chat:
    return Chat(id=number, type="private").as_(bot)


@lru_cache(maxsize=16)
def _ourselves(bot: Bot) -> User:
    return User(id=bot.id, is_bot=True, first_name="Loket").as_(bot)


def _words(bot: Bot, given: Mapping[str, Any]) -> dict[str, Any]:
    mode = given.get("parse_mode")
    mode = bot.default[mode.name] if isinstance(mode, Default) else mode
    media = given.get("media")
    told: dict[str, Any] = {}
    for name, entities in (("text", "entities"), ("caption", "caption_entities")):
        value = given.get(name) or (getattr(media, name, None) if name == "caption" and media else None)
        if isinstance(value, str) and value:
            marks = given.get(entities)
            told[name] = value if marks else _plain(value, mode)
            if marks:
                told[entities] = marks
    return told


def _plain(words: str, mode: Any) -> str:
    marked = isinstance(mode, str) and (mode.lower() != "html" or "<" in words or "&" in words)
    return to_plain(words, mode) if marked else words


def _content(given: Mapping[str, Any]) -> dict[str, Any]:
    """File ids are ours and known at once; sizes in pixels are not."""
    media: Any = given.get("media")
    held = {getattr(media.type, "value", media.type): media.media} if hasattr(media, "type") else {}
    photo = held.get("photo") or given.get("photo")
    if isinstance(photo, str):
        return {"photo": [_named(photo) | {"width": 0, "height": 0}]}
    for field, shape in _SHAPES.items():
        file = held.get(field) or given.get(field)
        if isinstance(file, str):
            return {field: _named(file) | dict(shape)}
    return _point(given)


def _point(given: Mapping[str, Any]) -> dict[str, Any]:
    """A place or a card."""
    if given.get("latitude") is not None and given.get("longitude") is not None:
        return {"location": {name: given[name] for name in ("latitude", "longitude")}}
    if phone := given.get("phone_number"):
        return {"contact": {"phone_number": phone, "first_name": given.get("first_name", "")}}
    return {}


def _named(file_id: str) -> dict[str, Any]:
    return {"file_id": file_id, "file_unique_id": file_id}
