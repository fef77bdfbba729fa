"""SMS over a gateway that speaks HTTP: an Android phone with a SIM card is enough.

The dialect is that of SMS Gateway for Android (open source; in the cloud, on a server or on the phone).
Source: docs.sms-gate.app, "Webhooks", "API", read 2026-11.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import aiohttp
from aiohttp import web

from bot.channels import base, updates
from bot.channels.bare import Bare
from bot.channels.rotation import is_signed
from bot.channels.shape import external_id, mapping, text, written_moment
from bot.channels.sms.session import PHONE, SmsSession
from bot.channels.sms.settings import SmsSettings
from models.inbox import InboxKind
from models.outbox import Receipt

CAPS: Final = base.Caps(
    file_prefix="sm",
    idempotent=True,
    per_second=0.5,  # a SIM that sends faster is blocked by its network
    per_person=0.5,
    person_burst=5,
    receipts=True,
)
SPOKEN: Final = frozenset({"sms:received", "sms:data-received", "mms:received"})
RECEIPTS: Final = {"sms:sent": Receipt.TAKEN, "sms:delivered": Receipt.ARRIVED, "sms:failed": Receipt.FAILED}
_PHONE = re.compile(r"\+[0-9]{8,15}")
_OURS = re.compile(r"(?P<tag>[0-9]{1,18})-(?P<number>\d+)\.(?P<of>\d+)-[0-9a-f]{12}")


class Sms(Bare):
    """``http`` stays the caller's to close."""

    channel = "sms"
    caps: base.Caps = CAPS

    def __init__(self, settings: SmsSettings, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self.account = settings.number
        self.bot_id = int(settings.number)
        self.session = SmsSession(settings, http)

    def routes(self, accept: base.Accept) -> Sequence[web.AbstractRouteDef]:
        """The signature covers body and time.  An old body again is the same event: its age is not asked."""

        async def receive(request: web.Request) -> web.Response:
            raw, headers = await request.read(), request.headers
            signed = raw + headers.get("X-Timestamp", "").encode("utf-8", "replace")
            if not is_signed(signed, headers.get("X-Signature"), self._settings.signing_key):
                return web.Response(status=401)
            return await accept(self, raw)

        return [web.post("/webhooks/sms", receive)]

    def read(self, payload: Any) -> list[base.Incoming]:
        """One event a body.  Short codes, names ("TELKOM") and our own number are nobody who waits."""
        event, part = mapping(payload), mapping(mapping(payload).get("payload"))
        kind = text(event.get("event"))
        if not kind:
            raise base.MalformedBody("event")
        sender = self._person(part) if kind in SPOKEN else None
        heard = InboxKind.MESSAGE if sender and text(part.get("message")) else InboxKind.OTHER
        return [
            base.Incoming(
                external_id=external_id(text(event.get("id")), event),
                kind=InboxKind.RECEIPT if kind in RECEIPTS else heard,
                body=event,
                addresses=(base.AddressKey(PHONE, sender),) if sender else (),
                sent_at=written_moment(part.get("receivedAt")),
            )
        ]

    def _person(self, part: Mapping[str, Any]) -> str | None:
        said = re.sub(r"[\s().-]", "", text(part.get("sender")) or text(part.get("phoneNumber")))
        phone = f"+{self._settings.country}{said[1:]}" if said.startswith("0") else said
        return phone if _PHONE.fullmatch(phone) and phone != self.account else None

    def update(self, body: base.Body, scene: base.Scene) -> updates.Update:
        """A picture message, which nobody here can read, is a message without words."""
        return updates.text(scene, text(mapping(body.get("payload")).get("message")))

    def receipts(self, body: base.Body) -> Sequence[base.ProviderReceipt]:
        """Of a text in parts the last speaks for all, but any may fail."""
        word, ident = RECEIPTS[text(body.get("event"))], text(mapping(body.get("payload")).get("messageId"))
        ours, failed = _OURS.fullmatch(ident), word is Receipt.FAILED
        if ours is None or not (failed or ours["number"] == ours["of"]):
            return []
        failure = base.DeliveryFailed(base.Fault.GIVE_UP, "not_sent") if failed else None
        return [base.ProviderReceipt(external_id=ident, tag=ours["tag"], receipt=word, failure=failure)]

    async def check(self) -> Sequence[base.Finding]:
        try:
            status, _ = await self.session.call("GET", params={"limit": "1"})
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            return [base.Finding("gateway", False, type(error).__name__)]
        return [base.Finding("gateway", status == 200, f"HTTP {status}")]
