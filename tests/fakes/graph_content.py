"""What can be said on WhatsApp, kind by kind: understood, or refused as Meta refuses it.

Source: Meta, "Text messages", "Media messages", "Location", "Contacts", "Reaction messages".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.fakes.graph_errors import GraphRefusal
from tests.fakes.graph_interactive import interactive
from tests.fakes.graph_rules import ENVELOPE, MAX_TEXT, Content, Json, a_list, a_string, an_object, media

MAX_EMOJI = 16  # code points: a family with skin tones joins up to eleven


def read_message(payload: Json) -> Content:
    """The content of everything but a template.  Raises `GraphRefusal`."""
    kind = payload.get("type", "text")
    read = KINDS.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise GraphRefusal(100, f"Param type must be one of {', '.join([*KINDS, 'template'])}.")
    an_object(payload, "message", needs=[kind], may=[*ENVELOPE])
    return read(payload[kind])


def _text(part: object) -> Content:
    text = an_object(part, "text", may=["body", "preview_url"])
    if not isinstance(text.get("preview_url", False), bool):
        raise GraphRefusal(100, "Param text['preview_url'] must be a boolean.")
    return Content("text", a_string(text.get("body", ""), "text['body']", most=MAX_TEXT, code=100))


def _location(part: object) -> Content:
    place = an_object(part, "location", may=["latitude", "longitude", "name", "address"])
    for axis, limit in (("latitude", 90), ("longitude", 180)):
        value = place.get(axis)
        if isinstance(value, str):
            try:
                value = float(value)
            except ValueError:
                value = None
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > limit:
            raise GraphRefusal(100, f"Param location['{axis}'] must be a number of degrees.")
    return Content("location", str(place.get("name", "")))


def _contacts(part: object) -> Content:
    names = [_card(item) for item in a_list(part, "contacts", least=1, most=257)]
    return Content("contacts", "\n".join(names))


_CARD: dict[str, tuple[str, Sequence[str]]] = {
    # the part of a card → what each entry needs, and what it may hold besides
    "phones": ("phone", ["type", "wa_id"]),
    "emails": ("email", ["type"]),
    "urls": ("url", ["type"]),
    "addresses": ("", ["street", "city", "state", "zip", "country", "country_code", "type"]),
}


def _card(item: object) -> str:
    """The name on a card, once the card is found in order."""
    card = an_object(item, "contacts", needs=["name"], may=[*_CARD, "org", "birthday"])
    parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"]
    name = an_object(card["name"], "contacts['name']", needs=["formatted_name"], may=parts)
    if not any(name.get(one) for one in parts):
        raise GraphRefusal(131009, "contacts['name'] needs one more part beside formatted_name.")
    for field, (needs, may) in _CARD.items():
        for entry in a_list(card.get(field, []), f"contacts['{field}']", least=0, most=20):
            an_object(entry, f"contacts['{field}']", needs=[needs] if needs else [], may=may)
    an_object(card.get("org", {}), "contacts['org']", may=["company", "department", "title"])
    return a_string(name["formatted_name"], "formatted_name", most=1024)


def _reaction(part: object) -> Content:
    """An emoji, or an empty string that takes it back; whether the message exists, the conversation knows."""
    reaction = an_object(part, "reaction", needs=["message_id"], may=["emoji"])
    emoji = reaction.get("emoji")
    if not isinstance(emoji, str) or not isinstance(reaction["message_id"], str):
        raise GraphRefusal(100, "Params reaction['emoji'] and reaction['message_id'] must be strings.")
    if len(emoji) > MAX_EMOJI or any(sign.isalpha() for sign in emoji):
        raise GraphRefusal(131009, "reaction['emoji'] is not an emoji.")
    return Content("reaction", emoji, about=reaction["message_id"])


KINDS: dict[str, Callable[[object], Content]] = {
    "text": _text,
    "contacts": _contacts,
    "location": _location,
    "reaction": _reaction,
    "interactive": interactive,
    **{kind: media(kind) for kind in ("audio", "document", "image", "sticker", "video")},
}
