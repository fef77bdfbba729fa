"""Reading what a page posts.  Refusals carry the status and a word that the page knows a sentence for."""

import hashlib
import math
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

from bot import ids, jsontext
from bot.channels.base import Body
from bot.channels.shape import clean, mapping, text
from bot.channels.webchat.caps import CAPTION_LIMIT, LABEL_LIMIT, MAX_FILE, MAX_JSON
from bot.channels.webchat.inbound import Kind, external_id
from bot.multipart import FormTooBig, NotAForm, read_form

_CHUNK: Final = 64 * 1024

Keep = Callable[[str, bytes], Awaitable[None]]


class Refused(Exception):
    """The page is told ``{"error": word}``, and after how many seconds to come again, where that is known."""

    def __init__(self, status: int, word: str, after: float = 0.0) -> None:
        super().__init__(word)
        self.status = status
        self.word = word
        self.headers = {"Retry-After": str(math.ceil(after))} if after else {}


async def read(request: web.Request, session: str, keep: Keep) -> Body:
    """The body of one post, its file already kept.  Raises: Refused."""
    if request.content_type == "application/json":
        return _said(mapping(await _json(request)), session)
    if request.content_type == "multipart/form-data":
        return await _sent(request, session, keep)
    raise Refused(400, "content_type")


async def _json(request: web.Request) -> Any:
    raw = bytearray()
    async for chunk in request.content.iter_chunked(_CHUNK):
        raw += chunk
        if len(raw) > MAX_JSON:
            raise Refused(413, "too_big")
    try:
        return jsontext.loads(bytes(raw))
    except jsontext.NotJson as error:
        raise Refused(400, "not_json") from error


def _said(post: dict[str, Any], session: str) -> Body:
    head = {"session": session, "id": _ident(text(post.get("id")))}
    if "tap" in post:
        message_id = text(post.get("message_id"))
        is_number = message_id.isascii() and message_id.isdigit() and len(message_id) <= 16
        if not (is_number and ids.outbox_id(int(message_id))):
            raise Refused(400, "unknown_choice")
        label = clean(text(post.get("label")))[:LABEL_LIMIT]
        return head | {
            "kind": Kind.TAP, "data": text(post["tap"]), "message_id": int(message_id), "label": label
        }  # fmt: skip
    said = clean(text(post.get("text"))).strip()
    if not said:
        raise Refused(400, "empty")
    return head | {"kind": Kind.TEXT, "text": said}


async def _sent(request: web.Request, session: str, keep: Keep) -> Body:
    try:
        fields, upload = await read_form(request, MAX_FILE)
    except NotAForm as error:
        raise Refused(400, "not_a_form") from error
    except FormTooBig as error:
        raise Refused(413, "too_big") from error
    ident = _ident(fields.get("id", ""))
    if upload is None or not upload.content:
        raise Refused(400, "empty")
    key = _storage_key(external_id(session, ident), upload.content)
    await keep(key, upload.content)
    return {
        "session": session,
        "id": ident,
        "kind": Kind.FILE,
        "held": key,
        "mime": upload.mime,
        "name": upload.name,
        "size": len(upload.content),
        "caption": clean(fields.get("caption", "")).strip()[:CAPTION_LIMIT],
    }


def _storage_key(external: str, content: bytes) -> str:
    """Nobody can guess it, and the same post keeps its file once, however often it is repeated."""
    return f"webchat/{hashlib.sha256(external.encode() + content).hexdigest()[:40]}"


def _ident(given: str) -> str:
    try:
        return str(uuid.UUID(given))
    except ValueError as error:
        raise Refused(400, "bad_id") from error
