"""From a WhatsApp event to aiogram's ``Update``."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.channels import updates
from bot.channels.base import Body, Scene
from bot.channels.keyboard import decode
from bot.channels.shape import clean, mapping, text
from bot.channels.whatsapp.changes import news
from bot.channels.whatsapp.content import MEDIA_KINDS, content, edited, file_part, kind_of, media
from bot.channels.whatsapp.reading import read
from bot.channels.whatsapp.statuses import receipt

__all__ = ["media", "news", "read", "receipt", "replied_to", "update"]

_ABOUT: Final = {"reaction": "message_id", "edit": "original_message_id"}  # kind → where it names a message
_UNANSWERED: Final = frozenset({"system", "revoke", "request_welcome"})


def replied_to(body: Body) -> str | None:
    """The wamid of the message that was tapped, quoted, reacted to or edited."""
    message = mapping(body.get("message"))
    kind = kind_of(message)
    if kind in _ABOUT:
        return text(mapping(message.get(kind)).get(_ABOUT[kind])) or None
    return text(mapping(message.get("context")).get("id")) or None


def update(body: Body, scene: Scene, *, bot_id: int) -> updates.Update | None:
    """None where nobody waits; a message without content where a person sent what we cannot read."""
    message = mapping(body.get("message"))
    kind = kind_of(message)
    if not message or kind in _UNANSWERED:
        return None
    if kind == "edit":
        return _edited(message, scene)
    if kind == "reaction":
        return _reacted(message, scene)
    if kind in MEDIA_KINDS:
        return _with_file(message, kind, scene)
    said = content(message)
    if said is None:
        return updates.message(scene)
    what, told = said
    return _BUILD[what](scene, told, bot_id)


def _edited(message: Mapping[str, Any], scene: Scene) -> updates.Update | None:
    words = clean(edited(message))
    if not words:
        return None
    on_file = "text" not in mapping(mapping(message.get("edit")).get("message"))
    field, limit = ("caption", updates.CAPTION_LIMIT) if on_file else ("text", updates.TEXT_LIMIT)
    return updates.edited(scene, **{field: words[:limit]})


def _reacted(message: Mapping[str, Any], scene: Scene) -> updates.Update | None:
    return updates.reaction(scene, text(mapping(message.get("reaction")).get("emoji")))


def _tapped(scene: Scene, said: dict[str, Any], bot_id: int) -> updates.Update:
    tap = decode(said["id"])
    if tap.data is None:
        return updates.text(scene, tap.words or said["title"])
    return updates.tap(scene, tap.data, bot_id=bot_id)


_BUILD: Final[Mapping[str, Callable[[Scene, dict[str, Any], int], updates.Update]]] = {
    "text": lambda scene, said, _: updates.text(scene, said["text"]),
    "tap": _tapped,
    "form": lambda scene, said, _: updates.form(scene, said["data"], said["name"], said["text"]),
    "location": lambda scene, said, _: updates.location(scene, **said),
    "contact": lambda scene, said, _: updates.contact(scene, **said),
}


def _with_file(message: Mapping[str, Any], kind: str, scene: Scene) -> updates.Update:
    if not scene.files:
        return updates.message(scene)
    part = file_part(message)
    file, caption = scene.files[0], text(part.get("caption"))
    if kind == "image":
        return updates.photo(scene, file, caption)
    if kind == "video":
        return updates.video(scene, file, caption)
    if kind == "sticker":
        return updates.sticker(scene, file, animated=part.get("animated") is True)
    if kind == "voice" or part.get("voice") is True:
        return updates.voice(scene, file)
    return updates.audio(scene, file) if kind == "audio" else updates.document(scene, file, caption)
