"""From a Telegram update to an event, and from the event back to an update that names our files.

Telegram's object passes through as it came, so what aiogram knows of it a handler can use.
Source: Telegram, Bot API 10.3, "Update", "Message".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.channels.base import AddressKey, Body, Incoming, MalformedBody, MediaRef, Scene
from bot.channels.shape import clean, cleaned, is_id, listing, mapping, moment, text
from models.files import StoredFile
from models.inbox import InboxKind

ADDRESS: Final = "telegram"  # kind of address: the user's id, which is the private chat's id too
ALLOWED_UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")

_MESSAGES: Final = ("message", "edited_message")
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
    """The one event of one update.  Only what a person did in a private chat has an address.

    Shape:  ``update_id`` and one key more, which says the kind.
    Raises: MalformedBody without a whole ``update_id``.
    """
    update = mapping(payload)
    number = update.get("update_id")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**63:
        raise MalformedBody("update_id")
    kind, part = _kind_and_part(update)
    sender = _sender(kind, part)
    addresses = (AddressKey(ADDRESS, str(sender["id"])),) if sender else ()
    speaks = bool(addresses) and kind in (*_MESSAGES, "callback_query")
    return [
        Incoming(
            external_id=str(number),
            kind=InboxKind.MESSAGE if speaks else InboxKind.OTHER,
            body=update,
            addresses=addresses,
            name=_name(sender),
            sent_at=moment(part.get("edit_date") or part.get("date")),
        )
    ]


def _kind_and_part(update: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    kind = next((key for key in update if key != "update_id"), "")
    return kind, mapping(update.get(kind))


def _sender(kind: str, part: Mapping[str, Any]) -> dict[str, Any]:
    """Who speaks to us in private; nobody in groups and channels, and no other bot.

    A tap may come without its message: it is answered in the private chat in any case.
    A person who has blocked us (``my_chat_member``) says nothing either.
    """
    sender = mapping(part.get("from"))
    ident = sender.get("id")
    if not isinstance(ident, int) or isinstance(ident, bool) or not 0 < ident < 2**52 or sender.get("is_bot"):
        return {}
    if kind in _MESSAGES:
        private = _is_private(part)
    elif kind == "callback_query":
        carrier = mapping(part.get("message"))
        private = _is_private(carrier) if carrier else "inline_message_id" not in part
    else:
        status = mapping(part.get("new_chat_member")).get("status")
        private = kind == "my_chat_member" and status == "member" and _is_private(part)
    return sender if private else {}


def _is_private(part: Mapping[str, Any]) -> bool:
    return mapping(part.get("chat")).get("type") == "private"


def _name(sender: Mapping[str, Any]) -> str:
    return clean(f"{text(sender.get('first_name'))} {text(sender.get('last_name'))}".strip())


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
        file = _largest(message["photo"]) if field == "photo" and field in message else message.get(field)
        if is_id(text(mapping(file).get("file_id"))):
            return field, mapping(file)
    return None


def _largest(sizes: Any) -> dict[str, Any]:
    """By pixels: Telegram does not promise that the last is the largest."""
    return max(map(mapping, listing(sizes)), key=_pixels, default={})


def _pixels(size: Mapping[str, Any]) -> int:
    width, height = size.get("width"), size.get("height")
    return width * height if isinstance(width, int) and isinstance(height, int) else 0


def replied_to(body: Body) -> str | None:
    """Telegram's id of the message that was tapped or answered."""
    kind, part = _kind_and_part(body)
    named = part.get("message") if kind == "callback_query" else part.get("reply_to_message")
    return text(mapping(named).get("message_id")) or None


def update(body: Body, scene: Scene) -> Mapping[str, Any]:
    """Telegram's update with our file id, and our id of the message that it names, where we know one."""
    told: dict[str, Any] = cleaned(body)
    told["update_id"] = scene.update_id
    kind, part = _kind_and_part(told)
    if kind in _MESSAGES:
        _name_our_file(part, scene.files)
    named = part.get("message") if kind == "callback_query" else part.get("reply_to_message")
    if scene.replied_to is not None and isinstance(named, dict):
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
