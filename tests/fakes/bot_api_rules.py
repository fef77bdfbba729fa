"""What Telegram refuses in a message, whatever the chat.

Source: Telegram, Bot API 10.3, "Available methods", "Formatting options"; lengths count code points after
entity parsing, callback data counts bytes. The sentences are those of Telegram's own server, as clients match
on them.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from aiohttp import BodyPartReader, web
from PIL import Image

from tests.fakes.bot_api_text import KNOWN_ENTITIES, CannotParse, formatted, trimmed
from tests.fakes.ledger import Button

Json = dict[str, Any]

MB = 1024 * 1024
MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_CALLBACK_DATA = 64
MAX_KEYS = 100
MAX_PHOTO, MAX_UPLOAD, MAX_DOWNLOAD = 10 * MB, 50 * MB, 20 * MB
ALBUM = range(2, 11)
CHAT_ACTIONS = {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"}
CHAT_ACTIONS |= {
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}
COMMAND = re.compile(r"[a-z0-9_]{1,32}")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
WEBHOOK_PORTS = {443, 80, 88, 8443}


class BotRefusal(Exception):
    """An answer with ``ok: false``; ``parameters``: ``retry_after`` (seconds), ``migrate_to_chat_id``."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        self.code, self.description, self.parameters = code, description, parameters
        super().__init__(f"{code}: {description}")

    def body(self) -> Json:
        said: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return said | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(what: str) -> BotRefusal:
    return BotRefusal(400, f"Bad Request: {what}")


@dataclass(frozen=True, slots=True)
class Upload:
    data: bytes
    filename: str
    mime_type: str


@dataclass(slots=True)
class Call:
    """The fields of one method call, from a query, a form, multipart or JSON."""

    fields: dict[str, Any] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        value = self.fields.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int | None = None) -> int:
        value = self.fields.get(name, default)
        try:
            return int(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise bad_request(f"{name} is not specified or not a number") from None

    def degrees(self, name: str, most: float) -> float:
        try:
            value = float(self.fields[name])
        except (KeyError, TypeError, ValueError):
            raise bad_request(f"{name} is not specified") from None
        if not abs(value) <= most:
            raise bad_request(f"{name} must be between -{most:g} and {most:g}")
        return value

    def flag(self, name: str) -> bool:
        return str(self.fields.get(name, "")).lower() in ("true", "1")

    def json(self, name: str) -> Any:
        """A nested value; None when it is not given."""
        value = self.fields.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None


async def read_call(request: web.Request) -> Call:
    call = Call(dict(request.query))
    if request.content_type == "application/json":
        try:
            given = json.loads(await request.read() or b"{}")
        except ValueError:
            raise bad_request("can't parse request body as JSON") from None
        if not isinstance(given, dict):
            raise bad_request("object expected as request body")
        call.fields |= given
    elif request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            if part.filename is None:
                call.fields[part.name] = await part.text()
            else:
                kind = part.headers.get("Content-Type", "application/octet-stream")
                call.files[part.name] = Upload(bytes(await part.read()), part.filename, kind)
    else:
        call.fields |= dict(await request.post())
    return call


# ---------------------------------------------------------------------- words


def words(call: Call, name: str, *, most: int) -> tuple[str, list[Json]]:
    """``text`` or ``caption`` as people see it, and its entities; may be empty.  Raises `BotRefusal`."""
    given = call.json("entities" if name == "text" else "caption_entities")
    what = "message" if name == "text" else "message caption"
    return spoken(call.text(name), call.text("parse_mode"), given, most=most, what=what)


def spoken(
    text: object, parse_mode: str, given: object = None, *, most: int, what: str
) -> tuple[str, list[Json]]:
    """Entities that are ``given`` are believed, and the text is taken as it is."""
    if not isinstance(text, str) or "\x00" in text:
        raise bad_request("strings must be encoded in UTF-8")
    try:
        said, entities = trimmed(text, _given(given)) if given else formatted(text, parse_mode)
    except CannotParse as error:
        raise bad_request(f"can't parse entities: {error}") from None
    if len(said) > most:
        raise bad_request(f"{what} is too long")
    return said, entities


def _given(entities: object) -> list[Json]:
    if not isinstance(entities, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    for entity in entities:
        whole = isinstance(entity, dict) and isinstance(entity.get("type"), str)
        if not whole or not all(type(entity.get(part)) is int for part in ("offset", "length")):
            raise bad_request("can't parse MessageEntity: type, offset and length are needed")
    return [entity for entity in entities if entity["type"] in KNOWN_ENTITIES]


# ---------------------------------------------------------------------- keyboards


def keyboard(markup: object) -> tuple[Json, tuple[Button, ...]]:
    """The markup, and what a person can tap of it.  Raises `BotRefusal`."""
    if markup in (None, "", {}):
        return {}, ()
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return markup, tuple(_inline(key) for key in _keys(markup["inline_keyboard"]))
    if "keyboard" in markup:
        return markup, tuple(_reply_key(key) for key in _keys(markup["keyboard"]))
    if not {"remove_keyboard", "force_reply"} & set(markup):
        raise bad_request("can't parse reply keyboard markup JSON object")
    return markup, ()


def _keys(rows: object) -> list[Any]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse keyboard: rows must be arrays of keys")
    keys = [key for row in rows for key in row]
    if len(keys) > MAX_KEYS:
        raise bad_request("reply markup is too long")
    return keys


def _inline(key: object) -> Button:
    if not isinstance(key, dict) or not key.get("text"):  # a space will do: calendars fill up with them
        raise bad_request('can\'t parse inline keyboard button: Field "text" must be a non-empty String')
    does = set(key) - {"text", "icon_custom_emoji_id", "style"}
    if not does:
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    if len(does) > 1:
        raise bad_request("can't parse inline keyboard button: exactly one action is allowed")
    if "callback_data" in key:
        data = key["callback_data"]
        if not isinstance(data, str) or len(data.encode()) > MAX_CALLBACK_DATA:
            raise bad_request("BUTTON_DATA_INVALID")
        return Button(key["text"], data)
    if "url" in key:
        return Button(key["text"], url=_address(key["url"]))
    if "web_app" in key:
        url = str(key["web_app"].get("url", "")) if isinstance(key["web_app"], dict) else ""
        if not url.startswith("https://"):
            only = "Only HTTPS links are allowed"
            raise bad_request(f"inline keyboard button Web App URL '{url}' is invalid: {only}")
        return Button(key["text"], url=_address(url))
    return Button(key["text"], url="-")  # switch_inline_query, copy_text, …: nothing comes back as data


def _address(url: object) -> str:
    parts = urlsplit(str(url))
    named = parts.scheme in ("http", "https") and parts.hostname and "." in parts.hostname
    if not (named or parts.scheme == "tg") or " " in str(url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return str(url)


def _reply_key(key: object) -> Button:
    title = key if isinstance(key, str) else key.get("text") if isinstance(key, dict) else None
    if not isinstance(title, str) or not title.strip():
        raise bad_request('can\'t parse keyboard button: Field "text" must be a non-empty String')
    return Button(title)


# ---------------------------------------------------------------------- files


def check_photo(data: bytes) -> tuple[int, int]:
    """Width and height of a photo Telegram would take."""
    check_file(data, most=MAX_PHOTO)
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            width, height = picture.size
    except (OSError, ValueError, Image.DecompressionBombError):
        raise bad_request("IMAGE_PROCESS_FAILED") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return width, height


def check_file(data: bytes, *, most: int = MAX_UPLOAD) -> None:
    if not data:
        raise bad_request("file must be non-empty")
    if len(data) > MAX_UPLOAD:
        raise BotRefusal(413, "Request Entity Too Large")
    if len(data) > most:
        raise bad_request("file is too big")


# ---------------------------------------------------------------------- set-up


def check_webhook(call: Call) -> None:
    address = urlsplit(call.text("url"))
    if address.scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if (address.port or 443) not in WEBHOOK_PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if not address.hostname or "." not in address.hostname:
        raise bad_request("bad webhook: Failed to resolve host: Name or service not known")
    secret = call.text("secret_token")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    if not 1 <= call.number("max_connections", 40) <= 100:
        raise bad_request("max_connections must be between 1 and 100")


def check_commands(commands: object) -> None:
    if not isinstance(commands, list) or len(commands) > 100:
        raise bad_request("expected an Array of BotCommand")
    for command in commands:
        if not isinstance(command, Mapping) or not COMMAND.fullmatch(str(command.get("command", ""))):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
