"""From a Telegram update to an event, and from the event back to an update that names our files.

Telegram's object passes through as it came, so what aiogram knows of it a handler can use.
Source: Telegram, Bot API 10.3, "Update", "Message", "ChatMemberUpdated".
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.channels.base import AddressKey, Body, Incoming, MalformedBody, MediaRef, News, Scene
from bot.channels.shape import clean, cleaned, is_id, listing, mapping, moment, text
from bot.channels.telegram.caps import ADDRESS
from models.files import StoredFile
from models.inbox import InboxKind

ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")

_MESSAGES: Final = ("message", "edited_message")
_SPEECH: Final = (*_MESSAGES, "callback_query")
_OF_CHATS: Final = ("my_chat_member", "chat_member", "message_reaction")
_GROUPS: Final = ("group", "supergroup")
_IN: Final = ("member", "administrator", "creator")  # as what we are in a chat that takes our messages
_ANONYMOUS: Final = 1087968824  # "GroupAnonymousBot": a person who leads a group and does not say who
_NAMED_COMMAND: Final = re.compile(r"(?P<command>/\w+)@(?P<name>[A-Za-z0-9_]+)")
# In this order: an animation also comes as a document.
_FILE_FIELDS: Final = (
    "photo",
    "animation",
    "document",
    "video",
    "audio",
    "voice",
    "video_note",
    "sticker",
)
_PICTURES_OF_FILES: Final = ("thumbnail", "thumb", "cover")
_MIME: Final = {
    "photo": "image/jpeg",
    "voice": "audio/ogg",
    "video_note": "video/mp4",
    "sticker": "image/webp",
}


# ---------------------------------------------------------------------- reading


def read(payload: Any) -> list[Incoming]:
    """The one event of one update.

    What a person does in private comes from them; what happens in a group comes from the group, which is a
    contact of its own under its negative number.
    Shape:  ``update_id`` and one key more, which says the kind.
    Raises: MalformedBody without a whole ``update_id``.
    """
    update = mapping(payload)
    number = update.get("update_id")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**63:
        raise MalformedBody("update_id")
    kind, part = _kind_and_part(update)
    chat = _whose(kind, part)
    known = {"id": chat["id"]} if chat else {}
    return [
        Incoming(
            external_id=str(number),
            kind=_event_kind(kind, part) if known else InboxKind.OTHER,
            body=update,
            addresses=(AddressKey(ADDRESS, str(known["id"])),) if known else (),
            name=_name(chat),
            sent_at=moment(part.get("edit_date") or part.get("date")),
        )
    ]


def _kind_and_part(update: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    kind = next((key for key in update if key != "update_id"), "")
    return kind, mapping(update.get(kind))


def _event_kind(kind: str, part: Mapping[str, Any]) -> InboxKind:
    if kind == "my_chat_member" or _moved_to(part) is not None:
        return InboxKind.NEWS
    return InboxKind.MESSAGE if kind in _SPEECH else InboxKind.OTHER


def _whose(kind: str, part: Mapping[str, Any]) -> dict[str, Any]:
    """The person, or the group, whose event this is; nobody in channels, and no other bot.

    A tap may come without its message: it is answered in the private chat in any case.
    """
    sender = mapping(part.get("user" if kind == "message_reaction" else "from"))
    carrier = part
    if kind == "callback_query":
        if "inline_message_id" in part:
            return {}
        carrier = mapping(part.get("message")) or {"chat": {"type": "private"}}
    elif kind not in (*_MESSAGES, *_OF_CHATS):
        return {}
    chat = mapping(carrier.get("chat"))
    if chat.get("type") == "private":
        person = _is_number(sender.get("id"), least=1) and not sender.get("is_bot")
        return sender if person else {}
    group = chat.get("type") in _GROUPS and _is_number(chat.get("id"), most=-1)
    heard = kind == "my_chat_member" or _is_somebody(sender, part)
    return chat if group and heard else {}


def _is_somebody(sender: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    """Not another bot, nor a channel whose posts a group repeats."""
    if part.get("is_automatic_forward"):
        return False
    return bool(sender) and (not sender.get("is_bot") or sender.get("id") == _ANONYMOUS)


def _is_number(value: Any, *, least: int = -(2**52), most: int = 2**52 - 1) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _moved_to(part: Mapping[str, Any]) -> int | None:
    """The number that this group has from now on."""
    number = part.get("migrate_to_chat_id")
    return number if _is_number(number, most=-1) else None


def _name(chat: Mapping[str, Any]) -> str:
    person = f"{text(chat.get('first_name'))} {text(chat.get('last_name'))}".strip()
    return clean(person or text(chat.get("title")))


# ---------------------------------------------------------------------- understanding


def media(body: Body) -> Sequence[MediaRef]:
    """The file of a message, of a photo the largest size."""
    found = _file_of(_message(body))
    if found is None:
        return []
    field, file = found
    size = file.get("file_size")
    return [
        MediaRef(
            external_id=text(file.get("file_id")),
            mime=clean(text(file.get("mime_type")))[:100] or _MIME.get(field, "application/octet-stream"),
            name=clean(text(file.get("file_name")))[:255] or None,
            size=size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None,
        )
    ]


def _message(body: Body) -> dict[str, Any]:
    kind, part = _kind_and_part(body)
    return part if kind in _MESSAGES else {}


def _file_of(message: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    for field in _FILE_FIELDS:
        if field not in message:
            continue
        file = _largest(message["photo"]) if field == "photo" else message[field]
        if is_id(text(mapping(file).get("file_id"))):
            return field, mapping(file)
    return None


def _largest(sizes: Any) -> dict[str, Any]:
    """By pixels: Telegram does not promise that the last is the largest."""
    return max(map(mapping, listing(sizes)), key=_pixels, default={})


def _pixels(size: Mapping[str, Any]) -> int:
    width, height = size.get("width"), size.get("height")
    return width * height if isinstance(width, int) and isinstance(height, int) else 0


def news(body: Body) -> News | None:
    """Whether we may write to the chat from now on, or under which number."""
    kind, part = _kind_and_part(body)
    if (number := _moved_to(part)) is not None:
        return News(addresses=(AddressKey(ADDRESS, str(number)),))
    if kind != "my_chat_member":
        return None
    us = mapping(part.get("new_chat_member"))
    return News(reachable=us.get("status") in _IN or us.get("is_member") is True)


def replied_to(body: Body) -> str | None:
    """Telegram's id of the message that was tapped, answered or reacted to."""
    return text(_named(*_kind_and_part(body)).get("message_id")) or None


def _named(kind: str, part: dict[str, Any]) -> dict[str, Any]:
    """The part of an update that names a message."""
    if kind == "message_reaction":
        return part
    return mapping(part.get("message" if kind == "callback_query" else "reply_to_message"))


def update(body: Body, scene: Scene, username: str = "") -> Mapping[str, Any]:
    """Telegram's update with our file id, and our id of the message that it names, where we know one.

    ``username``: ours, which is taken off ``/command@username``; a name that stays is another bot's.
    """
    told: dict[str, Any] = cleaned(body)
    told["update_id"] = scene.update_id
    kind, part = _kind_and_part(told)
    if kind in _MESSAGES:
        _name_our_file(part, scene.files)
        _unname(part, username)
    named = _named(kind, part)
    if scene.replied_to is not None and named:
        named["message_id"] = scene.replied_to
    return told


def _name_our_file(message: dict[str, Any], files: Sequence[StoredFile]) -> None:
    found = _file_of(message)
    if found is None or not files:
        return
    field, theirs = found
    ours = {key: value for key, value in theirs.items() if key not in _PICTURES_OF_FILES}
    ours |= {"file_id": files[0].file_id, "file_unique_id": files[0].file_id}
    message[field] = [ours] if field == "photo" else ours
    if field == "animation":
        message.pop("document", None)


def _unname(message: dict[str, Any], username: str) -> None:
    """``/status@our_bot x`` becomes ``/status x``, and the marks behind it move along."""
    said = text(message.get("text"))
    command = _NAMED_COMMAND.match(said)
    if command is None or not username or command["name"].lower() != username.lower():
        return
    message["text"] = command["command"] + said[command.end() :]
    gone = len(command["name"]) + 1  # ASCII: as many UTF-16 units
    for mark in map(mapping, listing(message.get("entities"))):
        field = "length" if mark.get("offset") == 0 else "offset"
        if _is_number(mark.get(field), least=gone):
            mark[field] -= gone
