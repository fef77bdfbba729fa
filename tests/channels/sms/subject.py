"""SMS to the suite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.channels.base import ChannelAdapter
from bot.channels.sms.adapter import CAPS, Sms
from bot.channels.sms.settings import SmsSettings
from tests.channels.sms.gateway import NUMBER, PASSWORD, SIGNING_KEY, USERNAME, FakeGateway, SmsPhone
from tests.conformance.subject import GENUINE, MISSING, OLD, Kit, Subject
from tests.fakes.ledger import Sent
from tests.phone import Phone

OLD_KEY = "signing-key-before"


class SmsSubject(Subject):
    name = "sms"
    caps = CAPS
    can = frozenset({"unknown", "echo"})
    hidden = False  # who writes has a number
    faults = frozenset({"throttled", "down", "token", "silent"})
    tells = frozenset({"taken", "arrived", "failed"})
    unread = ({"event": "system:ping", "id": "p", "payload": {"health": {}}}, {"event": "sms:received"})

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.provider: FakeGateway = FakeGateway()

    def adapter(self, kit: Kit) -> ChannelAdapter:
        settings = SmsSettings.model_validate(
            {
                "url": self.provider.api,
                "username": USERNAME,
                "password": PASSWORD,
                "signing_key": f"{SIGNING_KEY},{OLD_KEY}",
                "number": NUMBER,
            }
        )
        return Sms(settings, kit.http)

    async def opens(self, url: str) -> None:
        self.phone = SmsPhone(self.provider, self.door)

    async def somebody(self, number: int = 2) -> Phone:
        return SmsPhone(self.provider, self.door, number=f"+62812345678{number:02}")

    def body(self, person: Phone, text: str) -> bytes:
        assert isinstance(person, SmsPhone)
        at = self.clock().isoformat()
        return self.provider.event(
            "sms:received", phoneNumber=person.number, messageId="x", message=text, receivedAt=at
        )

    def headers(self, raw: bytes, how: str) -> Mapping[str, str]:
        if how == MISSING:
            return {"Content-Type": "application/json"}
        return self.provider.signed(raw, {GENUINE: SIGNING_KEY, OLD: OLD_KEY}.get(how, "a stranger's"))

    def fail_next(self, fault: str, *, seconds: int = 1) -> None:
        names = {"throttled": "http429", "down": "http503", "token": "http401", "silent": "drop_after"}
        self.provider.next_send(names[fault], retry_after=seconds)

    async def receipt(self, sent: Sent, word: str) -> int:
        kinds = {"taken": "sms:sent", "arrived": "sms:delivered", "failed": "sms:failed"}
        return await self.posts(self.provider.event(kinds[word], messageId=sent.id, phoneNumber=sent.to))

    async def echo(self, sent: Sent) -> list[int]:
        """Our own number, and the short codes and names under which networks write to their customers."""
        writers = (NUMBER, "3636", "TELKOMSEL", "")
        return [
            await self.posts(
                self.provider.event("sms:received", phoneNumber=who, messageId="e", message=sent.text)
            )
            for who in writers
        ]


SUBJECT = SmsSubject
