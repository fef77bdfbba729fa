"""What a Messenger message says, in our words, whatever is attached to it.

Source: Meta, Messenger Platform, "messages webhook event"; "Changelog", Jun 2026 (the type sticker).
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from bot.channels.base import Body, MediaRef
from bot.channels.shape import clean, listing, mapping, text

IMAGE, AUDIO, VIDEO, FILE, STICKER = "image", "audio", "video", "file", "sticker"
MIMES: Final[Mapping[str, str]] = {  # of each kind that is a file, until we have looked at the bytes
    IMAGE: "image/jpeg",
    AUDIO: "audio/mp4",
    VIDEO: "video/mp4",
    FILE: "application/octet-stream",
    STICKER: "image/png",
}
THUMB: Final = "👍"
THUMBS: Final = frozenset({"369239263222822", "369239343222814", "369239383222810"})  # in three sizes
MAX_LINK: Final = 4096  # characters


def message_in(body: Body) -> dict[str, Any]:
    return mapping(mapping(body.get("item")).get("message"))


def attachments(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [mapping(attachment) for attachment in listing(message.get("attachments"))]


def files(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The attachments that are files, in order."""
    return [attachment for attachment in attachments(message) if kind_of(attachment) and _link(attachment)]


def kind_of(attachment: Mapping[str, Any]) -> str:
    """``image``, ``audio``, ``video``, ``file``, ``sticker``; empty for what is no file."""
    given = text(attachment.get("type"))
    if sticker_id(attachment):
        return STICKER  # until August 2026 they came as images
    return given if given in MIMES else ""


def sticker_id(attachment: Mapping[str, Any]) -> str:
    return text(mapping(attachment.get("payload")).get("sticker_id"))


def is_voice(attachment: Mapping[str, Any]) -> bool:
    """What was spoken into the phone; Meta names those files so."""
    return _name(_link(attachment)).startswith("audioclip")


def media(body: Body) -> list[MediaRef]:
    """The files of a message.  Their links are signed and die: Meta gives no id to ask by."""
    return [_ref(attachment) for attachment in files(message_in(body))]


def _ref(attachment: Mapping[str, Any]) -> MediaRef:
    link, kind = _link(attachment), kind_of(attachment)
    name = clean(_name(link))[:255] if kind == FILE else ""
    return MediaRef(external_id=link, mime=MIMES[kind], name=name or None)


def place(message: Mapping[str, Any]) -> tuple[float, float] | None:
    """Latitude and longitude, in degrees."""
    for attachment in attachments(message):
        coordinates = mapping(mapping(attachment.get("payload")).get("coordinates"))
        latitude, longitude = _degrees(coordinates.get("lat"), 90), _degrees(coordinates.get("long"), 180)
        if text(attachment.get("type")) == "location" and latitude is not None and longitude is not None:
            return latitude, longitude
    return None


def words(message: Mapping[str, Any]) -> str:
    """What was typed; where nothing was, what was shared (a link, a post, a reel): its title and address.

    A file or a place speaks for itself.
    """
    typed = text(message.get("text"))
    if typed or files(message) or place(message):
        return typed
    return next(filter(None, map(_shared, attachments(message))), "")


def _shared(attachment: Mapping[str, Any]) -> str:
    """The payload may be an object, the address itself, or null."""
    payload = attachment.get("payload")
    inside = mapping(payload)
    title = text(attachment.get("title")) or text(inside.get("title"))
    addresses = (payload, inside.get("url"), attachment.get("url"), attachment.get("URL"))
    link = next((text(one) for one in addresses if _is_web(text(one))), "")
    return "\n".join(dict.fromkeys(filter(None, (title.strip(), link))))


def _link(attachment: Mapping[str, Any]) -> str:
    link = text(mapping(attachment.get("payload")).get("url"))
    return link if link.strip() and len(link) <= MAX_LINK else ""


def _name(link: str) -> str:
    try:
        return unquote(urlsplit(link).path.rpartition("/")[2])
    except ValueError:
        return ""


def _is_web(link: str) -> bool:
    return link.startswith(("https://", "http://")) and len(link) <= MAX_LINK


def _degrees(value: Any, limit: int) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) <= limit else None
