"""What the Send API refuses in a message, whatever the conversation.

`read_message` understands ``message`` or raises `MessengerRefusal`. Rules that depend on the conversation
(window, files, utility templates) are in `messenger`, `messenger_files` and `messenger_templates`.
Lengths count code points.
Source: Meta, Messenger Platform, "Send a Message" (5 May 2026), "Button template" (22 Apr 2026),
"Generic template", "Media template", "Quick Replies".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.ledger import Button
from tests.fakes.messenger_errors import MessengerRefusal
from tests.fakes.messenger_fields import Json, a_list, a_string, a_web_address, a_word, an_object

MAX_TEXT = 2000
MAX_METADATA = 1000
MAX_PAYLOAD = 1000
MAX_QUICK_REPLIES = 13
MAX_TITLE = 20  # of a button and of a quick reply
MAX_BUTTONS = 3
MAX_BUTTON_TEXT = 640
MAX_CARD_TITLE = MAX_CARD_SUBTITLE = 80
MAX_CARDS = 10
MAX_IMAGES = 30
FILE_KINDS = ("image", "audio", "video", "file")
MESSAGE = ("text", "attachment", "attachments", "quick_replies", "metadata", "reply_to")
PHONE = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file by id, by link, or (neither) by the ``filedata`` that comes along."""

    kind: str
    attachment_id: str = ""
    url: str = ""
    reusable: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """What a person would see: the text, what can be tapped, the files; or a utility template to fill."""

    type: str
    text: str = ""
    buttons: tuple[Button, ...] = ()
    files: tuple[FileRef, ...] = ()
    metadata: str = ""
    reply_to: str = ""
    utility: Json | None = None


def read_message(part: object) -> Content:
    """Everything a message may hold but its files' bytes.  Raises `MessengerRefusal`."""
    message = an_object(part, "message", may=MESSAGE)
    given = [name for name in ("text", "attachment", "attachments") if name in message]
    if len(given) > 1:
        words = "Only one of the text, attachment, and dynamic_text fields can be specified"
        raise MessengerRefusal(100, words, subcode=2018191)
    if not given or message[given[0]] in (None, "", [], {}):
        raise MessengerRefusal.named("100/2018034")
    content = _READ[given[0]](message[given[0]])
    quick = _quick_replies(message["quick_replies"]) if "quick_replies" in message else ()
    metadata = message.get("metadata", "")
    if metadata != "":
        a_string(metadata, "message[metadata]", most=MAX_METADATA)
    reply_to = ""
    if "reply_to" in message:
        answered = an_object(message["reply_to"], "message[reply_to]", needs=["mid"])
        reply_to = a_string(answered["mid"], "message[reply_to][mid]", most=512)
    buttons = (*content.buttons, *quick)
    return Content(
        content.type, content.text, buttons, content.files, metadata, reply_to, utility=content.utility
    )


def quick_replies_of(call: Json) -> tuple[Button, ...]:
    """The quick replies in a call that broke no rule."""
    message = call.get("message", {})
    return _quick_replies(message["quick_replies"]) if "quick_replies" in message else ()


# ---------------------------------------------------------------------- what a message is made of


def _text(part: object) -> Content:
    return Content("text", a_string(part, "message[text]", most=MAX_TEXT))


def _quick_replies(part: object) -> tuple[Button, ...]:
    replies = []
    for position, item in enumerate(a_list(part, "quick_replies", most=MAX_QUICK_REPLIES)):
        where = f"message[quick_replies][{position}]"
        reply = an_object(item, where, needs=["content_type"], may=["title", "payload", "image_url"])
        kind = a_word(
            reply["content_type"], f"{where}[content_type]", ("text", "user_phone_number", "user_email")
        )
        if kind != "text":
            replies.append(Button(kind, kind))
            continue
        title = a_string(reply.get("title"), f"{where}[title]", most=MAX_TITLE)
        payload = a_string(reply.get("payload"), f"{where}[payload]", most=MAX_PAYLOAD)
        if "image_url" in reply:
            a_web_address(reply["image_url"], f"{where}[image_url]")
        replies.append(Button(title, payload))
    return tuple(replies)


def _attachment(part: object) -> Content:
    attachment = an_object(part, "message[attachment]", needs=["type"], may=["payload"])
    kind = a_word(attachment["type"], "message[attachment][type]", (*FILE_KINDS, "template"))
    if kind == "template":
        return _template(attachment.get("payload"))
    return Content(kind, files=(file_ref(attachment, "message[attachment]"),))


def file_ref(attachment: Json, where: str) -> FileRef:
    """Where the bytes of an attachment of a file kind come from."""
    payload = an_object(
        attachment.get("payload", {}), f"{where}[payload]", may=["url", "attachment_id", "is_reusable"]
    )
    if "url" in payload and "attachment_id" in payload:
        raise MessengerRefusal(100, f"Only one of url and attachment_id may be given in {where}[payload]")
    if not isinstance(payload.get("is_reusable", False), bool):
        raise MessengerRefusal(100, f"Param {where}[payload][is_reusable] must be a boolean")
    url = a_web_address(payload["url"], f"{where}[payload][url]") if "url" in payload else ""
    ident = payload.get("attachment_id", "")
    if "attachment_id" in payload and not (isinstance(ident, str) and ident.isdigit()):
        raise MessengerRefusal(100, f"Param {where}[payload][attachment_id] must be a valid ID string")
    return FileRef(attachment["type"], ident, url, payload.get("is_reusable", False))


def _images(part: object) -> Content:
    """Several pictures in one message; nothing but pictures, and each by id or link."""
    files = []
    for position, item in enumerate(a_list(part, "message[attachments]", most=MAX_IMAGES)):
        where = f"message[attachments][{position}]"
        attachment = an_object(item, where, needs=["type", "payload"])
        a_word(attachment["type"], f"{where}[type]", ("image",))
        ref = file_ref(attachment, where)
        if not (ref.url or ref.attachment_id):
            raise MessengerRefusal(100, f"The parameter {where}[payload][url] is required")
        files.append(ref)
    return Content("images", files=tuple(files))


# ---------------------------------------------------------------------- templates


def _template(part: object) -> Content:
    where = "message[attachment][payload]"
    if not isinstance(part, dict):
        raise MessengerRefusal(100, f"Param {where} must be a JSON object.")
    kind = a_word(part.get("template_type"), f"{where}[template_type]", tuple(_TEMPLATES))
    return _TEMPLATES[kind](part)


def _button_template(part: Json) -> Content:
    where = "message[attachment][payload]"
    an_object(part, where, needs=["template_type", "buttons"], may=["text", "sharable"])
    text = a_string(part.get("text"), f"{where}[text]", most=MAX_BUTTON_TEXT)
    return Content("template.button", text, _buttons(part["buttons"], "name_placeholder[buttons]"))


def _generic_template(part: Json) -> Content:
    where = "message[attachment][payload]"
    may = ["image_aspect_ratio", "sharable"]
    an_object(part, where, needs=["template_type", "elements"], may=may)
    texts: list[str] = []
    buttons: list[Button] = []
    for position, item in enumerate(a_list(part["elements"], "name_placeholder[elements]", most=MAX_CARDS)):
        at = f"[elements][{position}]"
        also = ["subtitle", "image_url", "default_action", "buttons"]
        card = an_object(item, at, may=["title", *also])
        texts.append(a_string(card.get("title"), f"{at}[title]", most=MAX_CARD_TITLE))
        if not any(name in card for name in also):
            raise MessengerRefusal(100, f"{at} must have one property more beside its title")
        if "subtitle" in card:
            texts.append(a_string(card["subtitle"], f"{at}[subtitle]", most=MAX_CARD_SUBTITLE))
        if "image_url" in card:
            a_web_address(card["image_url"], f"{at}[image_url]")
        if "default_action" in card:
            action = an_object(card["default_action"], f"{at}[default_action]", needs=["type", "url"])
            a_word(action["type"], f"{at}[default_action][type]", ("web_url",))
            a_web_address(action["url"], f"{at}[default_action][url]")
        if "buttons" in card:
            buttons += _buttons(card["buttons"], f"name_placeholder{at}[buttons]")
    return Content("template.generic", "\n".join(texts), tuple(buttons))


def _media_template(part: Json) -> Content:
    where = "message[attachment][payload]"
    an_object(part, where, needs=["template_type", "elements"], may=["sharable"])
    (item,) = a_list(part["elements"], "name_placeholder[elements]", most=1)
    at = "[elements][0]"
    card = an_object(item, at, needs=["media_type", "attachment_id"], may=["buttons"])
    kind = a_word(card["media_type"], f"{at}[media_type]", ("image", "video"))
    ref = file_ref({"type": kind, "payload": {"attachment_id": card["attachment_id"]}}, at)
    buttons = _buttons(card["buttons"], f"name_placeholder{at}[buttons]") if "buttons" in card else ()
    return Content("template.media", "", buttons, (ref,))


def _utility_template(part: Json) -> Content:
    return Content("utility", utility=part)


def _buttons(part: object, where: str) -> tuple[Button, ...]:
    return tuple(
        _button(item, f"{where}[{position}]")
        for position, item in enumerate(a_list(part, where, most=MAX_BUTTONS))
    )


def _button(item: object, where: str) -> Button:
    button = an_object(item, where, needs=["type"], may=list(item) if isinstance(item, dict) else [])
    kind = a_word(button["type"], f"{where}[type]", tuple(_BUTTON_FIELDS))
    an_object(button, where, needs=["type"], may=_BUTTON_FIELDS[kind])
    title = a_string(button.get("title"), f"{where}[title]", most=MAX_TITLE)
    if kind == "web_url":
        return Button(title, url=a_web_address(button.get("url"), f"{where}[url]"))
    payload = a_string(button.get("payload"), f"{where}[payload]", most=MAX_PAYLOAD)
    if kind == "phone_number":
        if not PHONE.fullmatch(payload):
            raise MessengerRefusal(100, f"Param {where}[payload] must be a phone number, as +62…")
        return Button(title, url=f"tel:{payload}")
    return Button(title, payload)


_BUTTON_FIELDS: dict[str, tuple[str, ...]] = {
    "postback": ("title", "payload"),
    "web_url": ("title", "url", "webview_height_ratio", "messenger_extensions", "fallback_url"),
    "phone_number": ("title", "payload"),
}
_TEMPLATES: dict[str, Callable[[Json], Content]] = {
    "button": _button_template,
    "generic": _generic_template,
    "media": _media_template,
    "utility_messages": _utility_template,
}
_READ: dict[str, Callable[[object], Content]] = {
    "text": _text,
    "attachment": _attachment,
    "attachments": _images,
}
