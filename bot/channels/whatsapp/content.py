"""What a WhatsApp message says, in our words, whatever shape it has.

Source: Meta, WhatsApp Cloud API, "Messages webhook reference": one page a kind.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.channels.base import Body, MediaRef
from bot.channels.keyboard import is_ours
from bot.channels.shape import clean, is_id, listing, mapping, text
from bot.channels.whatsapp.senders import is_vouched

MEDIA_KINDS: Final = ("image", "document", "audio", "voice", "video", "sticker")
UNDERSTOOD: Final = frozenset({*MEDIA_KINDS, "text", "location", "contacts", "interactive", "button"})

Content = tuple[str, dict[str, Any]]  # which builder of aiogram's update, and what it is told


def kind_of(message: Mapping[str, Any]) -> str:
    """Meta's ``type``; where it is missing, the kind whose part is there."""
    given = text(message.get("type"))
    return given or next((kind for kind in sorted(UNDERSTOOD) if kind in message), "")


def content(message: Mapping[str, Any]) -> Content | None:
    """None where the message says nothing that we understand."""
    kind = kind_of(message)
    part = message.get(kind)
    if kind in MEDIA_KINDS:
        return ("media", {}) if media({"message": message}) else None
    reader = _READ.get(kind)
    return reader(part) if reader is not None else None


def media(body: Body) -> list[MediaRef]:
    """The file of a media message; the claims are the sender's."""
    message = mapping(body.get("message"))
    part = file_part(message)
    ident = text(part.get("id"))
    if not is_id(ident):
        return []
    mime = text(part.get("mime_type")).partition(";")[0].strip().lower()
    name = clean(text(part.get("filename")))[:255] or None
    return [MediaRef(external_id=ident, mime=clean(mime)[:100] or "application/octet-stream", name=name)]


def file_part(message: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a media message that names its file; a voice message of old has it under ``audio``."""
    kind = kind_of(message)
    if kind not in MEDIA_KINDS:
        return {}
    return mapping(message.get(kind)) or mapping(message.get("audio"))


def edited(message: Mapping[str, Any]) -> str:
    """The new words of an edit: of a text, or under a file."""
    changed = mapping(mapping(message.get("edit")).get("message"))
    body = text(mapping(changed.get("text")).get("body"))
    return body or text(mapping(changed.get(kind_of(changed))).get("caption"))


def _text(part: Any) -> Content | None:
    body = text(mapping(part).get("body"))
    return ("text", {"text": body}) if body else None


def _button(part: Any) -> Content | None:
    """A template's quick reply.  Meta repeats the label as payload where we gave none."""
    label, payload = text(mapping(part).get("text")), text(mapping(part).get("payload"))
    if payload and (is_ours(payload) or payload != label):
        return "tap", {"id": payload, "title": label}
    return ("text", {"text": label}) if label else None


def _interactive(part: Any) -> Content | None:
    whole = mapping(part)
    for kind in ("button_reply", "list_reply"):
        reply = mapping(whole.get(kind))
        if ident := text(reply.get("id")):
            label = text(reply.get("description")) or text(reply.get("title"))  # a row's title may be cut
            return "tap", {"id": ident, "title": label}
    flow = mapping(whole.get("nfm_reply"))
    if not flow:
        return None
    data = flow.get("response_json")
    data = data if isinstance(data, str) else ""
    return "form", {"data": data, "name": text(flow.get("name")), "text": text(flow.get("body"))}


def _location(part: Any) -> Content | None:
    place = mapping(part)
    latitude, longitude = _degrees(place.get("latitude"), 90), _degrees(place.get("longitude"), 180)
    if latitude is None or longitude is None:
        return None
    words = {"title": text(place.get("name")), "address": text(place.get("address"))}
    return "location", {"latitude": latitude, "longitude": longitude, **words}


def _degrees(value: Any, limit: int) -> float | None:
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    try:
        degrees = float(value)
    except (ValueError, OverflowError):
        return None
    return degrees if abs(degrees) <= limit else None


def _contacts(part: Any) -> Content | None:
    """The first card with a number.  Only the answer to Meta's own question for it is the sender's."""
    for card in map(mapping, listing(part)):
        name, phones = mapping(card.get("name")), [mapping(phone) for phone in listing(card.get("phones"))]
        numbers = (text(phone.get("phone")) or text(phone.get("wa_id")) for phone in phones)
        if number := next(filter(None, numbers), ""):
            called = text(name.get("formatted_name")) or text(name.get("first_name"))
            return "contact", {"phone_number": number, "first_name": called, "own": is_vouched(card)}
    return None


_READ: Final[Mapping[str, Callable[[Any], Content | None]]] = {
    "text": _text,
    "button": _button,
    "interactive": _interactive,
    "location": _location,
    "contacts": _contacts,
}
