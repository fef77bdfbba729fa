"""Webhook bodies as the platforms write them, and how Meta signs them.

Source: platforms.md 0.1, 2, 7, 12; shapes compared with pywa's and nutgram's recorded updates.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

Json = dict[str, Any]
T = TypeVar("T")

WHATSAPP_HEADER = "X-Hub-Signature-256"
TELEGRAM_HEADER = "X-Telegram-Bot-Api-Secret-Token"


def as_meta_writes(value: object) -> bytes:
    r"""JSON with non-ASCII as lower-case ``\uXXXX``, and ``/`` and ``@`` escaped too."""
    written = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    return written.replace("/", r"\/").replace("@", r"\u0040").encode("ascii")


def signature(body: bytes, app_secret: str) -> str:
    """The value of ``X-Hub-Signature-256``: HMAC-SHA256 over the raw bytes."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def signed(body: bytes, app_secret: str) -> dict[str, str]:
    """The headers of a genuine POST from Meta."""
    return {"Content-Type": "application/json", WHATSAPP_HEADER: signature(body, app_secret)}


def shuffled(items: Sequence[T], seed: int = 1) -> list[T]:
    """The same items in another order, the same for the same seed; never the given order (from two on)."""
    mixed, chance = list(items), random.Random(seed)
    while len(mixed) > 1 and mixed == list(items):
        chance.shuffle(mixed)
    return mixed


def with_duplicates(items: Sequence[T], positions: Sequence[int]) -> list[T]:
    """The items, and at the end those at ``positions`` once more."""
    return [*items, *(items[position] for position in positions)]


# ---------------------------------------------------------------------- WhatsApp


def whatsapp_body(
    messages: Sequence[Json] = (),
    statuses: Sequence[Json] = (),
    *,
    contacts: Sequence[Json] = (),
    errors: Sequence[Json] = (),
    phone_number_id: str = "106540352242922",
    waba_id: str = "102290129340398",
    display_phone_number: str = "6281138100100",
    field: str = "messages",
) -> Json:
    """One ``entry`` with one ``change``; join several with `one_batch`."""
    value: Json = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": display_phone_number, "phone_number_id": phone_number_id},
    }
    parts = {"contacts": contacts, "messages": messages, "statuses": statuses, "errors": errors}
    value |= {name: list(part) for name, part in parts.items() if part}
    change = {"value": value, "field": field}
    return {"object": "whatsapp_business_account", "entry": [{"id": waba_id, "changes": [change]}]}


def one_batch(bodies: Sequence[Json]) -> Json:
    """One POST that holds the entries of all of them, as Meta batches up to 1000 updates."""
    return {"object": bodies[0]["object"], "entry": [entry for body in bodies for entry in body["entry"]]}


def whatsapp_contact(
    *, name: str, wa_id: str | None = None, bsuid: str | None = None, username: str | None = None
) -> Json:
    contact: Json = {"profile": {"name": name} | ({"username": username} if username else {})}
    return contact | ({"wa_id": wa_id} if wa_id else {}) | ({"user_id": bsuid} if bsuid else {})


def whatsapp_message(
    kind: str,
    part: object,
    *,
    id: str,
    at: datetime,
    wa_id: str | None = None,
    bsuid: str | None = None,
    context: Json | None = None,
    **more: object,
) -> Json:
    """``part`` goes under the name of its kind (``text``, ``image``, ``interactive``, …); None: no part."""
    message: Json = {"id": id, "timestamp": str(int(at.timestamp())), "type": kind}
    message |= {"from": wa_id} if wa_id else {}
    message |= {"from_user_id": bsuid} if bsuid else {}
    message |= {"context": context} if context else {}
    message |= {kind: part} if part is not None else {}
    return message | more


def whatsapp_status(
    status: str,
    *,
    id: str,
    at: datetime,
    wa_id: str | None = None,
    bsuid: str | None = None,
    callback_data: str = "",
    errors: Sequence[Json] = (),
) -> Json:
    said: Json = {"id": id, "status": status, "timestamp": str(int(at.timestamp()))}
    said |= {"recipient_id": wa_id} if wa_id else {}
    said |= {"recipient_user_id": bsuid} if bsuid else {}
    said |= {"biz_opaque_callback_data": callback_data} if callback_data else {}
    if status in ("sent", "delivered"):
        said["pricing"] = {"billable": True, "pricing_model": "PMP", "category": "service", "type": "regular"}
    return said | ({"errors": list(errors)} if errors else {})


def whatsapp_error(code: int, title: str, details: str) -> Json:
    """An element of ``errors``, as in ``value``, a message or a status."""
    return {"code": code, "title": title, "message": title, "error_data": {"details": details}}


# ---------------------------------------------------------------------- Telegram


def telegram_update(update_id: int, kind: str, content: Json) -> Json:
    """``kind`` is the one key beside ``update_id``: ``message``, ``callback_query``, ``my_chat_member``…"""
    return {"update_id": update_id, kind: content}


def telegram_message(
    *, message_id: int, at: datetime, sender: Json, chat: Json, text: str | None = None, **more: object
) -> Json:
    message: Json = {"message_id": message_id, "from": sender, "chat": chat, "date": int(at.timestamp())}
    if text is not None:
        message["text"] = text
        if text.startswith("/"):
            command = {"offset": 0, "length": len(text.split()[0]), "type": "bot_command"}
            message["entities"] = [command]
    return message | more


def as_telegram_writes(update: Json) -> bytes:
    """JSON with a line break a field and raw UTF-8, as Telegram's servers write it."""
    return json.dumps(update, ensure_ascii=False, separators=(",\n", ":")).encode()
