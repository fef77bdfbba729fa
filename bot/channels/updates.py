"""aiogram's ``Update`` as plain data, for every channel that has to build one.

Each function returns the whole update.  What we hold is named by our file ids; a file that was refused
appears all the same, so that the handler sees that something came.
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.channels.base import Scene
from bot.channels.shape import clean, storable
from models.files import StoredFile

TEXT_LIMIT: Final = 4096  # characters; Telegram's own, so no handler ever sees more
CAPTION_LIMIT: Final = 1024

Update = Mapping[str, Any]


def person(scene: Scene) -> dict[str, Any]:
    return {
        "id": scene.chat_id,
        "is_bot": False,
        "first_name": clean(scene.name)[:64] or "–",
        "language_code": scene.language,
    }


def chat(scene: Scene) -> dict[str, Any]:
    return {"id": scene.chat_id, "type": "private", "first_name": clean(scene.name)[:64] or "–"}


def message(scene: Scene, **content: Any) -> Update:
    """A message with the given content; with none it is one that nobody can read."""
    said: dict[str, Any] = {
        "message_id": scene.message_id,
        "date": int(scene.at.timestamp()),
        "chat": chat(scene),
        "from": person(scene),
    }
    if scene.replied_to is not None:
        said["reply_to_message"] = {"message_id": scene.replied_to, "date": 0, "chat": chat(scene)}
    return {"update_id": scene.update_id, "message": said | content}


def text(scene: Scene, words: str) -> Update:
    said = clean(words)[:TEXT_LIMIT]
    return message(scene, text=said) if said else message(scene)


def tap(scene: Scene, data: str, *, bot_id: int) -> Update:
    """A button pressed.  The message that carried it has the id 0 where we do not know it."""
    carried_by = {
        "message_id": scene.replied_to or 0,
        "date": int(scene.at.timestamp()),
        "chat": chat(scene),
        "from": {"id": bot_id, "is_bot": True, "first_name": "–"},
    }
    pressed = {
        "id": str(scene.update_id),
        "from": person(scene),
        "chat_instance": str(scene.chat_id),
        "message": carried_by,
        "data": storable(data),
    }
    return {"update_id": scene.update_id, "callback_query": pressed}


def edited(scene: Scene, **content: Any) -> Update:
    """The person has changed what they said; under the id of that message where we know it."""
    changed: dict[str, Any] = {
        "message_id": scene.replied_to or scene.message_id,
        "date": int(scene.at.timestamp()),
        "edit_date": int(scene.at.timestamp()),
        "chat": chat(scene),
        "from": person(scene),
    }
    return {"update_id": scene.update_id, "edited_message": changed | content}


def reaction(scene: Scene, emoji: str) -> Update | None:
    """An emoji laid on a message of ours (empty: taken back); None where we do not know the message.

    What lay there before, platforms other than Telegram do not say.
    """
    if scene.replied_to is None:
        return None
    shown = clean(emoji)[:32]
    told = {
        "chat": chat(scene),
        "user": person(scene),
        "message_id": scene.replied_to,
        "date": int(scene.at.timestamp()),
        "old_reaction": [],
        "new_reaction": [{"type": "emoji", "emoji": shown}] if shown else [],
    }
    return {"update_id": scene.update_id, "message_reaction": told}


def photo(scene: Scene, file: StoredFile, caption: str = "") -> Update:
    """Width and height are 0: nobody has looked at the picture yet."""
    return message(scene, photo=[_file(file) | {"width": 0, "height": 0}], **_caption(caption))


def document(scene: Scene, file: StoredFile, caption: str = "") -> Update:
    return message(scene, document=_named(file), **_caption(caption))


def voice(scene: Scene, file: StoredFile) -> Update:
    return message(scene, voice=_file(file) | {"duration": 0, "mime_type": file.mime})


def audio(scene: Scene, file: StoredFile) -> Update:
    return message(scene, audio=_named(file) | {"duration": 0})


def video(scene: Scene, file: StoredFile, caption: str = "") -> Update:
    return message(scene, video=_named(file) | {"duration": 0, "width": 0, "height": 0}, **_caption(caption))


def sticker(scene: Scene, file: StoredFile, *, animated: bool = False) -> Update:
    shape = {"type": "regular", "width": 512, "height": 512, "is_animated": animated, "is_video": False}
    return message(scene, sticker=_file(file) | shape)


def location(scene: Scene, latitude: float, longitude: float, title: str = "", address: str = "") -> Update:
    """Degrees.  A place with a title is Telegram's venue as well."""
    point = {"latitude": latitude, "longitude": longitude}
    if not title:
        return message(scene, location=point)
    venue = {"location": point, "title": clean(title), "address": clean(address)}
    return message(scene, location=point, venue=venue)


def contact(scene: Scene, phone_number: str, first_name: str, *, own: bool = False) -> Update:
    """A card.  ``own``: the platform vouches that it is the sender's."""
    card: dict[str, Any] = {"phone_number": clean(phone_number), "first_name": clean(first_name) or "–"}
    return message(scene, contact=card | ({"user_id": scene.chat_id} if own else {}))


def form(scene: Scene, data: str, button: str, words: str = "") -> Update:
    """A form filled in inside the chat app: Telegram's ``web_app_data``, and what the chat shows of it."""
    said = {"text": clean(words)[:TEXT_LIMIT]} if words else {}
    return message(scene, web_app_data={"data": storable(data), "button_text": clean(button)}, **said)


def _file(file: StoredFile) -> dict[str, Any]:
    return {"file_id": file.file_id, "file_unique_id": file.file_id, "file_size": file.size}


def _named(file: StoredFile) -> dict[str, Any]:
    return _file(file) | {"mime_type": file.mime} | ({"file_name": clean(file.name)} if file.name else {})


def _caption(words: str) -> dict[str, str]:
    said = clean(words)[:CAPTION_LIMIT]
    return {"caption": said} if said else {}
