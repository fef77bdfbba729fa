"""SMS over a gateway that speaks HTTP: an Android phone with a SIM card is enough.

The dialect is that of SMS Gateway for Android (open source; in the cloud, on a server or on the phone).
Source: docs.sms-gate.app, "Webhooks", "API", read 2026-11.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import aiohttp
from aiohttp import web

from bot.channels import updates
from bot.channels.base import (
    Accept, AddressKey, Body, Caps, DeliveryFailed, Fault, Finding, Incoming, MalformedBody, MediaGone, MediaRef,
    News, ProviderReceipt, Scene,
)  # fmt: skip
from bot.channels.rotation import secrets_in
from bot.channels.shape import external_id, mapping, text
from bot.channels.sms.session import PHONE, SmsSession
from bot.channels.sms.settings import SmsSettings
from models.inbox import InboxKind
from models.outbox import Receipt

CAPS: Final = Caps(
    prefix="sm",
    idempotent=True,
    per_second=0.5,  # a SIM that sends faster is blocked by its network
    per_person=0.5,
    person_burst=5,
    text_limit=4096,  # in parts of 160
    receipts=True,
    signed=True,
)
SPOKEN: Final = frozenset({"sms:received", "sms:data-received", "mms:received"})
RECEIPTS: Final = {"sms:sent": Receipt.TAKEN, "sms:delivered": Receipt.ARRIVED, "sms:failed": Receipt.FAILED}
_PHONE = re.compile(r"\+\d{8,15}")
_OURS = re.compile(r"(?P<tag>\d{1,18})-(?P<number>\d+)\.(?P<of>\d+)-[0-9a-f]{12}")


class Sms:
    """``http`` stays the caller's to close."""

    channel = "sms"
    caps: Caps = CAPS

    def __init__(self, settings: SmsSettings, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self.account = settings.number
        self.bot_id = int(settings.number)
        self.session = SmsSession(settings, http)

    def read(self, payload: Any) -> list[Incoming]:
        """One event a body.  Short codes, names ("TELKOM") and our own number are nobody who waits."""
        event, part = mapping(payload), mapping(mapping(payload).get("payload"))
        kind, sender = text(event.get("event")), self._person(part)
        if not kind:
            raise MalformedBody("event")
        speaks = kind in SPOKEN and sender is not None
        heard = InboxKind.MESSAGE if speaks and text(part.get("message")) else InboxKind.OTHER
        return [
            Incoming(
                external_id=external_id(text(event.get("id")), event),
                kind=InboxKind.RECEIPT if kind in RECEIPTS else heard,
                body=event,
                addresses=(AddressKey(PHONE, sender),) if speaks and sender else (),
                sent_at=_moment(part.get("receivedAt")),
            )
        ]

    def _person(self, part: Mapping[str, Any]) -> str | None:
        said = re.sub(r"[\s().-]", "", text(part.get("sender")) or text(part.get("phoneNumber")))
        phone = f"+{self._settings.country}{said[1:]}" if said.startswith("0") else said
        return phone if _PHONE.fullmatch(phone) and phone.isascii() and phone != self.account else None

    def update(self, body: Body, scene: Scene) -> updates.Update | None:
        return updates.text(scene, text(mapping(body.get("payload")).get("message")))

    def receipt(self, body: Body) -> ProviderReceipt | None:
        """Of a text in parts the last speaks for all, but any may fail."""
        word, part = RECEIPTS.get(text(body.get("event"))), mapping(body.get("payload"))
        ours = _OURS.fullmatch(text(part.get("messageId")))
        if word is None or ours is None or (word is not Receipt.FAILED and ours["number"] != ours["of"]):
            return None
        failure = DeliveryFailed(Fault.GIVE_UP, "not_sent") if word is Receipt.FAILED else None
        return ProviderReceipt(external_id=ours[0], tag=ours["tag"], receipt=word, failure=failure)

    def routes(self, accept: Accept) -> Sequence[web.AbstractRouteDef]:
        async def receive(request: web.Request) -> web.Response:
            raw, headers = await request.read(), request.headers
            if not self._is_genuine(raw, headers.get("X-Timestamp", ""), headers.get("X-Signature", "")):
                return web.Response(status=401)
            return await accept(self, raw)

        return [web.post("/webhooks/sms", receive)]

    def _is_genuine(self, raw: bytes, timestamp: str, signature: str) -> bool:
        """Signed over body and time.  An old body again is the same event, so its age is not asked."""
        told, signed = signature.lower().encode("utf-8", "surrogatepass"), raw + timestamp.encode("utf-8", "replace")
        keys = secrets_in(self._settings.signing_key)
        return any(hmac.compare_digest(told, hmac.new(key, signed, hashlib.sha256).hexdigest().encode()) for key in keys)

    async def check(self) -> Sequence[Finding]:
        try:
            status, _ = await self.session.call("GET", params={"limit": "1"})
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            return [Finding("sms", False, type(error).__name__)]
        return [Finding("sms", status == 200, f"HTTP {status}")]

    # What SMS has not: files, quotes, news, and anything to do besides.

    def media(self, body: Body) -> Sequence[MediaRef]:
        return []

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        raise MediaGone("gone")

    def replied_to(self, body: Body) -> str | None:
        return None

    def news(self, body: Body) -> News | None:
        return None

    async def run(self, accept: Accept) -> None:
        return None


def _moment(value: object) -> datetime | None:
    """``2026-11-24T09:00:00.000+08:00``; a time without a zone says nothing."""
    try:
        at = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return at if at.tzinfo else None
