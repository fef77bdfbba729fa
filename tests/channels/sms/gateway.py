"""A pretend SMS Gateway for Android, and the phones that it reaches.

Source: docs.sms-gate.app, "Webhooks", "API"; its server's answers (202, 400, 401, 409, 503).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Sequence
from typing import Any

from aiohttp import encode_basic_auth, web

from tests.fakes.ledger import Sent
from tests.fakes.server import FakeServer
from tests.posted_phone import PostedPhone

Json = dict[str, Any]
NUMBER = "+6281138100100"
USERNAME, PASSWORD = "loket", "password-of-the-gateway"
SIGNING_KEY = "signing-key"
ORDERED = {"http400": 400, "http401": 401, "http429": 429, "http503": 503}

_DOUBLE = r"[]{}\^~|€"  # two septets each
_GSM = re.compile(r"[\x20-\x5a_a-z\n£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\[\]{}\\^~|€]*")
_KEYS = {"id", "phoneNumbers", "textMessage", "withDeliveryReport"}


class FakeGateway(FakeServer):
    """Takes each id once.  ``next_send("http429", retry_after=7)``."""

    refusals = frozenset(ORDERED)

    def __init__(self) -> None:
        super().__init__()
        self.taken: set[str] = set()
        self.webhook_url = ""

    @property
    def api(self) -> str:
        return f"{self.base_url}/3rdparty/v1"

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/3rdparty/v1/messages", self._take)
        app.router.add_get("/3rdparty/v1/messages", self._list)
        app.router.add_post("/moved/messages", self._moved)
        return app

    async def _moved(self, request: web.Request) -> web.Response:
        raise web.HTTPFound("/3rdparty/v1/messages")

    def _admits(self, request: web.Request) -> bool:
        return request.headers.get("Authorization") == encode_basic_auth(USERNAME, PASSWORD)

    async def _list(self, request: web.Request) -> web.Response:
        return web.json_response([], status=200 if self._admits(request) else 401)

    async def _take(self, request: web.Request) -> web.Response:
        line = Sent(at=self.clock(), channel="sms", to="", type="text")
        if not self._admits(request):
            return self._refuse(line, 401, "Unauthorized")
        line.request = json.loads(await request.read())
        if wrong := _wrong(line.request):
            return self._refuse(line, 400, wrong)
        line.id, line.text = line.request["id"], line.request["textMessage"]["text"]
        line.to = line.request["phoneNumbers"][0]
        if line.id in self.taken:
            return web.json_response({"message": "duplicate id"}, status=409)
        fault = self.fault_for(line.to)
        if fault and fault.name in ORDERED:
            line.outcome = "ordered"
            self.ledger.add(line)
            headers = {"Retry-After": str(fault.retry_after)} if fault.name == "http429" else None
            return web.json_response({"message": fault.name}, status=ORDERED[fault.name], headers=headers)
        if fault is None or fault.name in ("drop_after", "hang", "slow"):
            self.taken.add(line.id)
        await self.carry_out(line, fault, request)
        if line.outcome in ("http500", "http502"):
            return web.Response(status=int(line.outcome[4:]))
        return web.json_response({"id": line.id, "state": "Pending"}, status=202)

    def _refuse(self, line: Sent, status: int, words: str) -> web.Response:
        line.outcome, line.refusal = "refused", f"{status}: {words}"
        self.ledger.add(line)
        return web.json_response({"message": words}, status=status)

    def event(self, kind: str, **payload: Any) -> bytes:
        """A webhook body as the phone writes it."""
        whole = {
            "deviceId": "ffffffffceb0b1db0000018e937c815b",
            "event": kind,
            "id": uuid.uuid4().hex[:21],
            "payload": {"simNumber": 1, **payload},
            "webhookId": "LreFUt-Z3sSq0JufY9uWB",
        }
        return json.dumps(whole, ensure_ascii=False).encode()

    def signed(self, raw: bytes, key: str = SIGNING_KEY) -> dict[str, str]:
        at = str(int(self.clock().timestamp()))
        made = hmac.new(key.encode(), raw + at.encode(), hashlib.sha256).hexdigest()
        return {"Content-Type": "application/json", "X-Timestamp": at, "X-Signature": made}


def _wrong(message: Any) -> str:
    """What the API refuses in a message, in its order; empty if nothing."""
    if not isinstance(message, dict) or not set(message) <= _KEYS:
        return "unknown field"
    if not (isinstance(message.get("id"), str) and 0 < len(message["id"]) <= 36):
        return "id"
    phones = message.get("phoneNumbers")
    if not (isinstance(phones, list) and len(phones) == 1 and re.fullmatch(r"\+\d{8,15}", str(phones[0]))):
        return "invalid phone number"
    text = (message.get("textMessage") or {}).get("text")
    if not isinstance(text, str) or not text.strip():
        return "no text"
    if _GSM.fullmatch(text):
        longer = len(text) + sum(letter in _DOUBLE for letter in text) > 160
    else:
        longer = len(text.encode("utf-16-le")) > 140
    return "longer than one part" if longer else ""


class SmsPhone(PostedPhone):
    """Somebody with a number and nothing else: texts, and pictures that nobody here can read."""

    def __init__(self, gateway: FakeGateway, door_url: str, *, number: str = "+6281234567890") -> None:
        super().__init__("Yohana Ndolu")
        self.gateway, self.door_url, self.number = gateway, door_url, number
        gateway.ledger.on_line.append(self._look)

    async def says(self, text: str) -> int:
        return await self._sends("sms:received", messageId="abc123", message=text)

    async def sends_unknown(self) -> int:
        """A picture message."""
        return await self._sends("mms:received", transactionId="T18e", size=51_200)

    async def _sends(self, kind: str, **payload: Any) -> int:
        self._new_turn()
        at = self.gateway.clock().isoformat()
        raw = self.gateway.event(kind, phoneNumber=self.number, sender=self.number, receivedAt=at, **payload)
        return await self._post(raw)

    def _headers(self, body: bytes) -> dict[str, str]:
        return self.gateway.signed(body)

    def _look(self, sent: Sent) -> None:
        if sent.shown and sent.reached and sent.to == self.number:
            self._show(sent)

    def _buttons_of(self, message: Sent) -> Sequence[Any]:
        return ()
