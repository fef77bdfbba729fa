"""WhatsApp to the suite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.channels.base import ChannelAdapter
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from bot.channels.whatsapp.caps import CAPS
from bot.channels.whatsapp.settings import WhatsAppSettings
from tests.conformance.subject import GENUINE, MISSING, OLD, Kit, Subject
from tests.fakes import FakeGraph, bodies
from tests.fakes.graph import DISPLAY_PHONE_NUMBER
from tests.fakes.ledger import Sent
from tests.phone import Phone
from tests.whatsapp_phone import WhatsAppPhone

OLD_SECRET = "app-secret-before"


class WhatsAppSubject(Subject):
    name = "whatsapp"
    caps = CAPS
    can = frozenset(
        {
            "photo", "document", "voice", "sticker", "album", "location", "contact", "unknown", "edit",
            "reaction", "block", "echo",
        }
    )  # fmt: skip
    faults = frozenset({"throttled", "down", "token", "silent"})
    tells = frozenset({"taken", "arrived", "seen", "failed"})
    unread = (
        {"object": "whatsapp_business_account", "entry": []},
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "flows"}]}]},
        {"object": "instagram", "entry": [{"id": "1"}]},
    )

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.provider: FakeGraph = FakeGraph()

    def adapter(self, kit: Kit) -> ChannelAdapter:
        settings = WhatsAppSettings.model_validate(
            {
                "phone_number_id": self.provider.phone_number_id,
                "waba_id": self.provider.waba_id,
                "access_token": self.provider.access_token,
                "app_secret": f"{self.provider.app_secret},{OLD_SECRET}",
                "verify_token": "silakan",
                "api_base": self.provider.base_url,
            }
        )
        return WhatsAppAdapter(settings, kit.http)

    async def opens(self, url: str) -> None:
        self.provider.webhook_url = self.door
        self.phone = WhatsAppPhone(self.provider, self.door)

    async def somebody(self, number: int = 2) -> Phone:
        """Behind a username: no number anywhere."""
        bsuid = f"ID.1349120865530274{number:04}"
        return WhatsAppPhone(self.provider, self.door, wa_id=None, bsuid=bsuid, name="Yakob")

    def body(self, person: Phone, text: str) -> bytes:
        assert isinstance(person, WhatsAppPhone)
        return bodies.as_meta_writes(person._body(person._message("text", {"body": text})))

    def headers(self, raw: bytes, how: str) -> Mapping[str, str]:
        if how == MISSING:
            return {"Content-Type": "application/json"}
        secret = {GENUINE: self.provider.app_secret, OLD: OLD_SECRET}.get(how, "a stranger's")
        return bodies.signed(raw, secret)

    def fail_next(self, fault: str, *, seconds: int = 1) -> None:
        names = {"throttled": "http429", "down": "131016", "token": "190", "silent": "drop_after"}
        self.provider.next_send(names[fault], retry_after=seconds)

    async def receipt(self, sent: Sent, word: str) -> int:
        meta = {"taken": "sent", "arrived": "delivered", "seen": "read", "failed": "failed"}[word]
        return await self.provider.emit_status(sent, meta, code=131026 if word == "failed" else None)

    def approve(self, name: str, body: str) -> None:
        self.provider.register_template(name, body, language="id")

    async def echo(self, sent: Sent) -> list[int]:
        """The field that tells of messages written in the business app, and our number as a sender."""
        ours = bodies.whatsapp_message(
            "text", {"body": sent.text}, id=sent.id, at=self.clock(), wa_id=DISPLAY_PHONE_NUMBER
        )
        echoes = self.provider.webhook_body([ours])
        echoes["entry"][0]["changes"][0]["field"] = "smb_message_echoes"
        echoes["entry"][0]["changes"][0]["value"]["message_echoes"] = [ours | {"to": sent.to}]
        as_sender = self.provider.webhook_body([ours | {"id": self.provider.new_wamid()}])
        return [await self.posts(bodies.as_meta_writes(body)) for body in (echoes, as_sender)]


SUBJECT = WhatsAppSubject
