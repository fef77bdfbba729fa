"""What the WhatsApp Cloud API refuses whatever is said: fields of a wrong shape, and a wrong envelope.

Content is in `graph_content` and `graph_interactive`; rules that depend on the conversation (window, media
ids, templates, the message answered) are in `graph` and `graph_templates`.
Source: Meta, "Send messages". Lengths count code points; a field that is null counts as absent.
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
ENVELOPE |= {"biz_opaque_callback_data", "recipient_identity_key_hash"}
MAX_CALLBACK_DATA = 512
MAX_TEXT = 4096
MAX_CAPTION = 1024
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
    about: str = ""  # the message reacted to


# ---------------------------------------------------------------------- fields


def an_object(value: object, where: str, *, needs: Sequence[str] = (), may: Sequence[str] = ()) -> Json:
    """A JSON object with these fields and no others, without those that are null."""
    if not isinstance(value, dict):
        raise GraphRefusal(100, f"Param {where} must be a JSON object.")
    value = {name: field for name, field in value.items() if field is not None}
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


def no_two_alike(values: Sequence[str], what: str) -> None:
    if len(set(values)) != len(values):
        raise GraphRefusal(131009, f"Duplicated {what} is not allowed.")


# ---------------------------------------------------------------------- envelope


def addressee(payload: Json) -> tuple[str, str]:
    """(``phone``, digits) or (``bsuid``, id) of whom it goes to; ``to`` wins when both are given."""
    if payload.get("messaging_product") != "whatsapp":
        raise GraphRefusal(100, "The parameter messaging_product is required.")
    if payload.get("recipient_type", "individual") != "individual":
        raise GraphRefusal(131009, "recipient_type must be individual.")
    if payload.get("to") is not None:
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
    if payload.get("context") is None:
        return ""
    context = an_object(payload["context"], "context", needs=["message_id"])
    return a_string(context["message_id"], "context['message_id']", most=512)


# ---------------------------------------------------------------------- media


def media(kind: str) -> Callable[[object], Content]:
    """The reader of one kind of media, by id or by link."""
    also = {
        "image": ["caption"],
        "video": ["caption"],
        "document": ["caption", "filename"],
        "audio": ["voice"],
    }.get(kind, [])

    def read(part: object) -> Content:
        file = an_object(part, kind, may=["id", "link", *also])
        if ("id" in file) == ("link" in file):
            raise GraphRefusal(100, f"Exactly one of {kind}['id'] and {kind}['link'] is required.")
        if "link" in file:
            a_web_address(file["link"], f"{kind}['link']")
        if "caption" in file:
            a_string(file["caption"], f"{kind}['caption']", most=MAX_CAPTION, code=100)
        if "filename" in file:
            a_string(file["filename"], f"{kind}['filename']", most=240, code=100)
        if not isinstance(file.get("voice", False), bool):
            raise GraphRefusal(100, f"Param {kind}['voice'] must be a boolean.")
        media_id = a_string(file["id"], f"{kind}['id']", most=512) if "id" in file else ""
        return Content(kind, file.get("caption", ""), (), media_id, kind, file.get("filename", ""))

    return read
