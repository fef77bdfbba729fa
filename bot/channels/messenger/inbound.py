"""From a Page's event to aiogram's ``Update``."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot import ids
from bot.channels import updates
from bot.channels.base import Body, Scene
from bot.channels.messenger import comments, content, payloads
from bot.channels.messenger.content import media
from bot.channels.messenger.reading import read
from bot.channels.messenger.receipts import receipts
from bot.channels.shape import clean, mapping, text

__all__ = ["media", "read", "receipts", "replied_to", "update"]


def replied_to(body: Body) -> str | None:
    """Meta's id of the message that was quoted, reacted to or edited.  A tap names it in its payload."""
    item = mapping(body.get("item"))
    quoted = mapping(mapping(item.get("message")).get("reply_to"))
    named = (quoted, mapping(item.get("reaction")), mapping(item.get("message_edit")))
    return next((mid for part in named if (mid := text(part.get("mid")))), None)


def update(body: Body, scene: Scene, *, bot_id: int, reactions: bool = False) -> updates.Update | None:
    """None where nobody waits; a message without content where a person sent what we cannot read.

    ``reactions``: handlers want to hear of emojis laid on messages.
    """
    if "comment" in body:
        return comments.update(body, scene, bot_id=bot_id)
    item = mapping(body.get("item"))
    if message := mapping(item.get("message")):
        return _message(message, scene, bot_id)
    if postback := mapping(item.get("postback")):
        return _postback(postback, scene, bot_id)
    if edit := mapping(item.get("message_edit")):
        return _edited(edit, scene)
    return _reacted(mapping(item.get("reaction")), scene) if reactions else None


def _message(message: Mapping[str, Any], scene: Scene, bot_id: int) -> updates.Update | None:
    if message.get("is_echo") or message.get("is_deleted"):
        return None
    said = content.words(message)
    if payload := text(mapping(message.get("quick_reply")).get("payload")):
        return _tapped(payload, said, scene, bot_id)
    place = content.place(message)
    if not scene.files:
        return updates.location(scene, *place) if place else updates.text(scene, said)
    whole = _with_file(content.files(message), said, scene)
    if not place or scene.part:
        return whole
    point = {"latitude": place[0], "longitude": place[1]}
    return {**whole, "message": {**whole["message"], "location": point}}


def _with_file(sent: list[dict[str, Any]], said: str, scene: Scene) -> updates.Update:
    """One of the files; the words stand on the first."""
    file = scene.files[scene.part]
    attachment = sent[scene.part] if scene.part < len(sent) else {}
    caption = said if scene.part == 0 else ""
    match content.kind_of(attachment):
        case content.STICKER:
            return _sticker(updates.sticker(scene, file), content.sticker_id(attachment))
        case content.AUDIO if content.is_voice(attachment):
            return updates.voice(scene, file)
        case content.AUDIO:
            return updates.audio(scene, file)
        case content.VIDEO:
            return updates.video(scene, file, caption)
        case content.IMAGE:
            return updates.photo(scene, file, caption)
        case _:
            return updates.document(scene, file, caption)


def _sticker(made: updates.Update, ident: str) -> updates.Update:
    """The thumb beside the text field is an emoji, and no consent to anything."""
    if ident not in content.THUMBS:
        return made
    message = made["message"]
    return {**made, "message": {**message, "sticker": {**message["sticker"], "emoji": content.THUMB}}}


def _tapped(payload: str, title: str, scene: Scene, bot_id: int) -> updates.Update:
    tapped = payloads.read(payload)
    if tapped.tap.data is None or (tapped.outbox is None and payload == title):
        return updates.text(scene, tapped.tap.words or title)
    under = tapped.outbox and ids.message_id(tapped.outbox)
    return updates.tap(_under(scene, under), tapped.tap.data, bot_id=bot_id)


def _postback(postback: Mapping[str, Any], scene: Scene, bot_id: int) -> updates.Update:
    payload, title = text(postback.get("payload")), text(postback.get("title"))
    if payload == payloads.START:
        return updates.text(scene, payloads.begins(text(mapping(postback.get("referral")).get("ref"))))
    return _tapped(payload, title, scene, bot_id) if payload else updates.text(scene, title)


def _under(scene: Scene, message_id: int | None) -> Scene:
    return scene if message_id is None else replace(scene, replied_to=message_id)


def _edited(edit: Mapping[str, Any], scene: Scene) -> updates.Update | None:
    words = clean(text(edit.get("text")))[: updates.TEXT_LIMIT]
    return updates.edited(scene, text=words) if words else None


def _reacted(reaction: Mapping[str, Any], scene: Scene) -> updates.Update | None:
    taken_back = text(reaction.get("action")) == "unreact"
    return updates.reaction(scene, "" if taken_back else text(reaction.get("emoji")))
