"""What a browser posted, as the inbox keeps it and as handlers see it.  Pure.

Shape of a body: ``session`` (SHA-256 of the cookie), ``id`` (the page's UUID), ``kind`` and, by kind,
``text`` · ``data``, ``message_id``, ``label`` (a tap) · ``held``, ``mime``, ``name``, ``size``, ``caption``
(a file, already in storage).  The door wrote it, so its fields are there.  ``near``: a blind index of the
address that it was posted from, where that is known.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from bot import ids
from bot.channels import updates
from bot.channels.base import AddressKey, Body, Incoming, MalformedBody, MediaRef, Scene
from models.inbox import InboxKind


class Kind(StrEnum):
    TEXT = "text"
    TAP = "tap"
    FILE = "file"


def external_id(session: str, ident: str) -> str:
    """The same post of the same browser has the same name, however often it comes."""
    return f"{session[:16]}:{ident}"


def client_id(external: str) -> str:
    """The page's own name for the message."""
    return external.partition(":")[2]


def incoming(payload: Any) -> Incoming:
    """Raises: MalformedBody."""
    try:
        body: Body = dict(payload)
        session, ident = str(body["session"]), str(body["id"])
        Kind(body["kind"])
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedBody(f"webchat: {type(error).__name__}") from error
    return Incoming(
        external_id=external_id(session, ident),
        kind=InboxKind.MESSAGE,
        body=body,
        addresses=(AddressKey("session", session),),
    )


def media(body: Body) -> list[MediaRef]:
    if body["kind"] != Kind.FILE:
        return []
    return [
        MediaRef(
            external_id=str(body["id"]),
            mime=str(body["mime"]),
            name=body.get("name"),
            size=body.get("size"),
            held=str(body["held"]),
        )
    ]


def tapped(body: Body) -> int | None:
    """The outbox row of the message that was tapped."""
    return ids.outbox_id(int(body["message_id"])) if body["kind"] == Kind.TAP else None


def update(body: Body, scene: Scene, *, bot_id: int) -> Mapping[str, Any] | None:
    kind = Kind(body["kind"])
    if kind is Kind.TEXT:
        return updates.text(scene, str(body["text"]))
    if kind is Kind.TAP:
        return _with_its_data(updates.tap(scene, "", bot_id=bot_id), str(body["data"]))
    if not scene.files:
        return updates.message(scene)
    file, caption = scene.files[0], str(body.get("caption") or "")
    is_photo = file.mime.startswith("image/")
    return updates.photo(scene, file, caption) if is_photo else updates.document(scene, file, caption)


def _with_its_data(tap: Mapping[str, Any], data: str) -> Mapping[str, Any]:
    """The data as the button carried it.  It may hold separators that nobody can print (aiogram_dialog's is
    \\x1d); what databases cannot hold, the door has replaced, and only what was offered gets this far."""
    return {**tap, "callback_query": {**tap["callback_query"], "data": data}}
