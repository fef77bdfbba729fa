"""What strangers and broken software put through the office's doors, and what the door said."""

from __future__ import annotations

import json
from collections.abc import Mapping

import aiohttp

from tests.fakes import bodies
from tests.fakes.bodies import Json
from tests.flows.counter import APP_SECRET, TELEGRAM_SECRET, Counter
from tests.phones import TelegramPhone

BRACKETS = b"[" * 100_000
NO_JSON: Mapping[str, bytes] = {
    "nothing": b"",
    "cut off": b'{"entry": [',
    "a form": b"hub.mode=subscribe",
    "100,000 brackets": BRACKETS,
    "100,000 brackets and an escape": rb'["\u0041",' + BRACKETS,
    "NaN": b'{"entry": [], "update_id": NaN}',
    "Infinity with an escape": rb'{"entry": ["\ud83d", Infinity]}',
    "a number of 5,000 digits": b'{"update_id": ' + b"9" * 5000 + b"}",
    "a number of 22": b'{"update_id": ' + str(2**70).encode() + b"}",
    "the same thing said twice": b'{"update_id": 4, "update_id": 5}',
    "such a number and half a character": rb'{"a": "\ud83d", "update_id": ' + b"9" * 5000 + b"}",
    "UTF-16": '{"entry": []}'.encode("utf-16"),
    "bytes that are no text": b'{"entry": ["\xff\xfe"]}',
}


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    async with (
        aiohttp.ClientSession() as http,
        http.post(url, data=body, headers=headers, skip_auto_headers=("Content-Type",)) as answer,
    ):
        return answer.status


async def whatsapp(counter: Counter, body: bytes | Json, headers: Mapping[str, str] | None = None) -> int:
    """Posts a body to WhatsApp's door, signed unless ``headers`` say otherwise."""
    raw = body if isinstance(body, bytes) else bodies.as_meta_writes(body)
    given = bodies.signed(raw, APP_SECRET) if headers is None else headers
    return await post(f"{counter.url}/webhooks/whatsapp", raw, given)


async def telegram(counter: Counter, body: bytes | Json, headers: Mapping[str, str] | None = None) -> int:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {bodies.TELEGRAM_HEADER: TELEGRAM_SECRET} if headers is None else headers
    return await post(f"{counter.url}/webhooks/telegram", raw, given)


def written_by(counter: Counter, wa_id: str, message: Json, name: str = "Warga") -> Json:
    """One webhook body with one message of a person; Meta's side knows them from now on."""
    counter.graph.heard_from(wa_id=wa_id, name=name, message_id=message["id"])
    return counter.graph.webhook_body([message], contacts=[bodies.whatsapp_contact(name=name, wa_id=wa_id)])


def message(counter: Counter, wa_id: str, kind: str, part: object) -> Json:
    return bodies.whatsapp_message(kind, part, id=counter.graph.new_wamid(), at=counter.clock(), wa_id=wa_id)


def on_telegram(counter: Counter, name: str = "Yusuf Ndun", user_id: int = 51) -> TelegramPhone:
    """A citizen on Telegram."""
    door = f"{counter.url}/webhooks/telegram"
    return TelegramPhone(counter.telegram, door, TELEGRAM_SECRET, user_id=user_id, name=name)
