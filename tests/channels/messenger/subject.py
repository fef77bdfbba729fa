"""Messenger to the suite."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.channels.base import ChannelAdapter
from bot.channels.messenger.adapter import MessengerAdapter
from bot.channels.messenger.caps import CAPS
from bot.channels.messenger.settings import MessengerSettings
from tests.conformance.subject import GENUINE, MISSING, OLD, Kit, Subject
from tests.fakes import bodies
from tests.fakes.ledger import Sent
from tests.fakes.messenger import FakeMessenger
from tests.messenger_phone import MessengerPhone
from tests.phone import Phone

OLD_SECRET = "app-secret-before"


class MessengerSubject(Subject):
    name = "messenger"
    caps = CAPS
    can = frozenset(
        {
            "photo",
            "document",
            "voice",
            "sticker",
            "album",
            "location",
            "unknown",
            "edit",
            "reaction",
            "block",
            "echo",
        }
    )
    faults = frozenset({"throttled", "down", "token", "silent"})
    tells = frozenset({"arrived", "seen"})
    captions = False
    keeps_keyboards = False  # quick replies go when anything is said
    names_messages = False  # receipts are watermarks
    unread = (
        {"object": "page", "entry": []},
        {"object": "page", "entry": [{"id": "1", "changes": [{"field": "feed"}]}]},
        {"object": "instagram", "entry": [{"id": "1"}]},
    )

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.provider: FakeMessenger = FakeMessenger()

    def adapter(self, kit: Kit) -> ChannelAdapter:
        settings = MessengerSettings.model_validate(
            {
                "page_id": self.provider.page_id,
                "access_token": self.provider.access_token,
                "app_secret": f"{self.provider.app_secret},{OLD_SECRET}",
                "verify_token": "silakan",
                "api_base": self.provider.base_url,
            }
        )
        return MessengerAdapter(settings, kit.http)

    async def opens(self, url: str) -> None:
        self.provider.webhook_url = self.door
        self.phone = MessengerPhone(self.provider, self.door)

    async def somebody(self, number: int = 2) -> Phone:
        return MessengerPhone(self.provider, self.door, psid=f"74110000000000{number:02}", name="")

    def body(self, person: Phone, text: str) -> bytes:
        assert isinstance(person, MessengerPhone)
        return bodies.as_meta_writes(person._message({"text": text}))

    def headers(self, raw: bytes, how: str) -> Mapping[str, str]:
        if how == MISSING:
            return {"Content-Type": "application/json"}
        secret = {GENUINE: self.provider.app_secret, OLD: OLD_SECRET}.get(how, "a stranger's")
        return bodies.signed(raw, secret)

    def fail_next(self, fault: str, *, seconds: int = 1) -> None:
        names = {"throttled": "http429", "down": "1200", "token": "190", "silent": "drop_after"}
        self.provider.next_send(names[fault], retry_after=seconds)

    async def receipt(self, sent: Sent, word: str) -> int:
        return await self.provider.emit_status(sent, "delivered" if word == "arrived" else "read")

    def approve(self, name: str, body: str) -> None:
        """A Page's templates number what others name."""
        self.provider.register_template(
            name, re.sub(r"\{\{\w+\}\}", "{{1}}", body), language="id", samples=("x",)
        )

    async def echo(self, sent: Sent) -> list[int]:
        """Our own message, and one that staff wrote in the Page's inbox."""
        return [
            await self.provider.emit_echo(sent),
            await self.provider.emit_echo(sent, app_id="263902037430900"),
        ]


SUBJECT = MessengerSubject
