"""What the WhatsApp Cloud API refuses in a message, whatever the conversation.

`read_message` understands a payload or raises `GraphRefusal`. Rules that depend on the conversation
(window, media ids, templates) are in `graph` and `graph_templates`.
Source: platforms.md 3 and 4. Lengths count code points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.fakes.graph_errors import GraphRefusal
from tests.fakes.ledger import Button

Json = dict[str, Any]

PHONE = re.compile(r"\+?[1-9][0-9]{6,14}")
BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
ENVELOPE = {"messaging_product", "recipient_type", "to", "recipient", "type", "context"}
ENVELOPE |= {"biz_opaque_callback_data"}
MAX_CALLBACK_DATA = 512
MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_HEADER = MAX_FOOTER = 60
MAX_BUTTONS = 3
MAX_BUTTON_TITLE = MAX_LIST_BUTTON = 20
MAX_BUTTON_ID = 256
MAX_SECTIONS = MAX_ROWS = 10
MAX_ROW_TITLE = MAX_SECTION_TITLE = 24
MAX_ROW_DESCRIPTION = 72
MAX_ROW_ID = 200
MEDIA_KINDS = {"image", "document", "audio", "video", "sticker"}


@dataclass(frozen=True, slots=True)
class Content:
    """What a person would see: the text, what can be tapped, and the media by id or by link."""

    type: str
    text: str = ""
    buttons: tuple[Button, ...] = ()
    media_id: str = ""
    media_kind: str = ""
    filename: str = ""


# ---------------------------------------------------------------------- fields


def an_object(value: object, where: str, *, needs: Sequence[str] = (), may: Sequence[str] = ()) -> Json:
    """A JSON object with these fields and no others."""
    if not isinstance(value, dict):
        raise GraphRefusal(100, f"Param {where} must be a JSON object.")
    for name in needs:
        if value.get(name) in (None, ""):
            raise GraphRefusal(131008, f"Parameter '{name}' of {where} is required.")
    unexpected = sorted(set(value) - {*needs, *may})
    if unexpected:
        raise GraphRefusal(100, f'Unexpected key "{unexpected[0]}" on param "{where}".')
    return value


def a_list(value: object, where: str, *, least: int, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise GraphRefusal(100, f"Param {where} must be an array.")
    if not least <= len(value) <= most:
        raise GraphRefusal(131009, f"{where} must have between {least} and {most} items, not {len(value)}.")
    return value


def a_string(value: object, where: str, *, most: int, code: int = 131009) -> str:
    """Text that is there, is not blank and is not longer than ``most``."""
    if not isinstance(value, str):
        raise GraphRefusal(100, f"Param {where} must be a string.")
    if not value.strip():
        raise GraphRefusal(131008, f"The parameter {where} is required.")
    if len(value) > most:
        raise GraphRefusal(code, f"Param {where} must be at most {most} characters long.")
    return value


def a_web_address(value: object, where: str) -> str:
    address = urlsplit(a_string(value, where, most=2000))
    if address.scheme not in ("http", "https") or not address.hostname or " " in str(value):
        raise GraphRefusal(131009, f"{where} is not a valid URL.")
    return str(value)


def _no_two_alike(values: Sequence[str], what: str) -> None:
    if len(set(values)) != len(values):
        raise GraphRefusal(131009, f"Duplicated {what} is not allowed.")


# ---------------------------------------------------------------------- envelope


def addressee(payload: Json) -> tuple[str, str]:
    """(``phone``, digits) or (``bsuid``, id) of whom it goes to; ``to`` wins when both are given."""
    if payload.get("messaging_product") != "whatsapp":
        raise GraphRefusal(100, "The parameter messaging_product is required.")
    if payload.get("recipient_type", "individual") != "individual":
        raise GraphRefusal(131009, "recipient_type must be individual.")
    if "to" in payload:
        to = payload["to"]
        if not isinstance(to, str) or not PHONE.fullmatch(to):
            raise GraphRefusal(100, "Parameter 'to' must be a phone number with its country code.")
        return "phone", to.removeprefix("+")
    recipient = payload.get("recipient")
    if recipient is None:
        raise GraphRefusal(131008, "Parameter 'to' is required.")
    if not isinstance(recipient, str) or not BSUID.fullmatch(recipient):
        raise GraphRefusal(100, "Parameter 'recipient' must be a business-scoped user id.")
    return "bsuid", recipient


def callback_data(payload: Json) -> str:
    value = payload.get("biz_opaque_callback_data", "")
    if not isinstance(value, str) or len(value) > MAX_CALLBACK_DATA:
        raise GraphRefusal(100, f"biz_opaque_callback_data must be a string of at most {MAX_CALLBACK_DATA}.")
    return value


def context_id(payload: Json) -> str:
    """The id of the message that this one answers, or an empty string."""
    if "context" not in payload:
        return ""
    context = an_object(payload["context"], "context", needs=["message_id"])
    return a_string(context["message_id"], "context['message_id']", most=512)


def read_message(payload: Json) -> Content:
    """The content of everything but a template.  Raises `GraphRefusal`."""
    kind = payload.get("type", "text")
    read = KINDS.get(kind) if isinstance(kind, str) else None
    if read is None:
        raise GraphRefusal(100, f"Param type must be one of {', '.join([*KINDS, 'template'])}.")
    an_object(payload, "message", needs=[kind], may=[*ENVELOPE])
    return read(payload[kind])


# ---------------------------------------------------------------------- kinds


def _text(part: object) -> Content:
    text = an_object(part, "text", may=["body", "preview_url"])
    if not isinstance(text.get("preview_url", False), bool):
        raise GraphRefusal(100, "Param text['preview_url'] must be a boolean.")
    return Content("text", a_string(text.get("body", ""), "text['body']", most=MAX_TEXT, code=100))


def _media(kind: str) -> Callable[[object], Content]:
    also = {"image": ["caption"], "video": ["caption"], "document": ["caption", "filename"]}.get(kind, [])

    def read(part: object) -> Content:
        media = an_object(part, kind, may=["id", "link", *also])
        if ("id" in media) == ("link" in media):
            raise GraphRefusal(100, f"Exactly one of {kind}['id'] and {kind}['link'] is required.")
        if "link" in media:
            a_web_address(media["link"], f"{kind}['link']")
        if "caption" in media:
            a_string(media["caption"], f"{kind}['caption']", most=MAX_CAPTION, code=100)
        if "filename" in media:
            a_string(media["filename"], f"{kind}['filename']", most=240, code=100)
        media_id = a_string(media["id"], f"{kind}['id']", most=512) if "id" in media else ""
        return Content(kind, media.get("caption", ""), (), media_id, kind, media.get("filename", ""))

    return read


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
    names = []
    for item in a_list(part, "contacts", least=1, most=257):
        fields = ["phones", "emails", "addresses", "org", "urls", "birthday"]
        card = an_object(item, "contacts", needs=["name"], may=fields)
        parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"]
        name = an_object(card["name"], "contacts['name']", needs=["formatted_name"], may=parts)
        if not any(name.get(one) for one in parts):
            raise GraphRefusal(131009, "contacts['name'] needs one more part beside formatted_name.")
        names.append(a_string(name["formatted_name"], "formatted_name", most=1024))
        for phone in a_list(card.get("phones", []), "contacts['phones']", least=0, most=20):
            an_object(phone, "contacts['phones']", needs=["phone"], may=["type", "wa_id"])
    return Content("contacts", "\n".join(names))


def _reaction(part: object) -> Content:
    reaction = an_object(part, "reaction", needs=["message_id"], may=["emoji"])
    if not isinstance(reaction.get("emoji", ""), str):
        raise GraphRefusal(100, "Param reaction['emoji'] must be a string.")
    return Content("reaction", reaction.get("emoji", ""))


def _interactive(part: object) -> Content:
    if not isinstance(part, dict):
        raise GraphRefusal(100, "Param interactive must be a JSON object.")
    kind = part.get("type")
    if kind not in ("button", "list", "cta_url"):
        raise GraphRefusal(131009, "interactive['type'] must be button, list or cta_url.")
    whole = an_object(part, "interactive", needs=["type", "body", "action"], may=["header", "footer"])
    body = an_object(whole["body"], "interactive['body']", may=["text"])
    most = MAX_TEXT if kind == "list" else MAX_CAPTION
    texts = [a_string(body.get("text", ""), "interactive['body']['text']", most=most)]
    media_id, media_kind = "", ""
    if "header" in whole:
        title, media_id, media_kind = _header(whole["header"], text_only=kind == "list")
        texts[:0] = [title] if title else []
    if "footer" in whole:
        footer = an_object(whole["footer"], "interactive['footer']", may=["text"])
        texts.append(a_string(footer.get("text", ""), "interactive['footer']['text']", most=MAX_FOOTER))
    buttons = {"button": _buttons, "list": _rows, "cta_url": _link}[kind](whole["action"])
    return Content(f"interactive.{kind}", "\n".join(texts), buttons, media_id, media_kind)


def _header(part: object, *, text_only: bool) -> tuple[str, str, str]:
    """The title, or the media id and its kind, above an interactive message."""
    header = an_object(part, "interactive['header']", needs=["type"], may=["text", *MEDIA_KINDS])
    kind = header["type"]
    if kind == "text":
        return a_string(header.get("text", ""), "interactive['header']['text']", most=MAX_HEADER), "", ""
    if text_only or kind not in ("image", "video", "document"):
        raise GraphRefusal(131009, f"interactive['header'] of type {kind} is not allowed here.")
    media = _media(kind)(header.get(kind))
    return "", media.media_id, kind


def _buttons(part: object) -> tuple[Button, ...]:
    action = an_object(part, "interactive['action']", may=["buttons"])
    where = "interactive['action']['buttons']"
    buttons = []
    for item in a_list(action.get("buttons"), where, least=1, most=MAX_BUTTONS):
        an_object(item, where, needs=["type", "reply"])
        if item["type"] != "reply":
            raise GraphRefusal(131009, f"{where}['type'] must be reply.")
        reply = an_object(item["reply"], f"{where}['reply']", may=["id", "title"])
        title = a_string(reply.get("title", ""), "Button title", most=MAX_BUTTON_TITLE)
        ident = a_string(reply.get("id", ""), "Button id", most=MAX_BUTTON_ID)
        if ident != ident.strip():
            raise GraphRefusal(131009, "Button id may not begin or end with a space.")
        buttons.append(Button(title, ident))
    _no_two_alike([button.id for button in buttons], "button id")
    _no_two_alike([button.title for button in buttons], "button title")
    return tuple(buttons)


def _rows(part: object) -> tuple[Button, ...]:
    action = an_object(part, "interactive['action']", may=["button", "sections"])
    a_string(action.get("button", ""), "List button", most=MAX_LIST_BUTTON)
    where = "interactive['action']['sections']"
    sections = a_list(action.get("sections"), where, least=1, most=MAX_SECTIONS)
    rows: list[Button] = []
    for section in sections:
        an_object(section, where, may=["title", "rows"])
        if len(sections) > 1 or "title" in section:
            a_string(section.get("title", ""), "Section title", most=MAX_SECTION_TITLE)
        rows += [_row(row) for row in a_list(section.get("rows"), f"{where}['rows']", least=1, most=1000)]
    if len(rows) > MAX_ROWS:
        raise GraphRefusal(131009, f"Total row count exceed max allowed count: {MAX_ROWS}.")
    _no_two_alike([row.id for row in rows], "row id")
    return tuple(rows)


def _row(part: object) -> Button:
    row = an_object(part, "row", may=["id", "title", "description"])
    title = a_string(row.get("title", ""), "Row title", most=MAX_ROW_TITLE)
    ident = a_string(row.get("id", ""), "Row id", most=MAX_ROW_ID)
    told = row.get("description")
    description = "" if told is None else a_string(told, "Row description", most=MAX_ROW_DESCRIPTION)
    return Button(title, ident, description, row=True)


def _link(part: object) -> tuple[Button, ...]:
    action = an_object(part, "interactive['action']", needs=["name", "parameters"])
    if action["name"] != "cta_url":
        raise GraphRefusal(131009, "interactive['action']['name'] must be cta_url.")
    link = an_object(action["parameters"], "interactive['action']['parameters']", may=["display_text", "url"])
    title = a_string(link.get("display_text", ""), "Button title", most=MAX_BUTTON_TITLE)
    return (Button(title, url=a_web_address(link.get("url", ""), "Button url")),)


KINDS: dict[str, Callable[[object], Content]] = {
    "text": _text,
    "contacts": _contacts,
    "location": _location,
    "reaction": _reaction,
    "interactive": _interactive,
    **{kind: _media(kind) for kind in sorted(MEDIA_KINDS)},
}
