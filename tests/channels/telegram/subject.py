"""Telegram to the suite."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.channels.base import ChannelAdapter
from bot.channels.telegram.adapter import TelegramAdapter
from bot.channels.telegram.caps import CAPS
from bot.channels.telegram.settings import TelegramSettings
from tests.conformance.subject import CARD, GENUINE, MISSING, OLD, PLACE, Kit, Subject
from tests.fakes import FakeBotApi, bodies
from tests.fakes.ledger import Sent
from tests.phone import Phone
from tests.phones import TelegramPhone

SECRET, OLD_SECRET = "secret-token", "secret-token-before"


class TelegramSubject(Subject):
    name = "telegram"
    caps = CAPS
    can = frozenset(
        {
            "photo", "document", "voice", "sticker", "album", "location", "contact", "unknown", "edit",
            "reaction", "block", "echo",
        }
    )  # fmt: skip
    faults = frozenset({"throttled", "down", "token", "silent"})
    signs_bodies = False  # a secret of the door's, the same for every body
    unread = ({"update_id": 5}, {"update_id": 6, "poll": {"id": "1"}}, {"update_id": 7, "message": None})

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.provider: FakeBotApi = FakeBotApi()

    def adapter(self, kit: Kit) -> ChannelAdapter:
        settings = TelegramSettings.model_validate(
            {
                "token": self.provider.token,
                "secret_token": f"{SECRET},{OLD_SECRET}",
                "api_base": self.provider.base_url,
            }
        )
        return TelegramAdapter(settings, kit.http)

    async def opens(self, url: str) -> None:
        self.phone = TelegramPhone(self.provider, self.door, SECRET, username="maria_adu")

    async def somebody(self, number: int = 2) -> Phone:
        """Without a last name or a username."""
        return TelegramPhone(self.provider, self.door, SECRET, user_id=501000 + number, name="Yakob")

    def body(self, person: Phone, text: str) -> bytes:
        assert isinstance(person, TelegramPhone)
        return bodies.as_telegram_writes(person._update(person._message(text=text)))

    def headers(self, raw: bytes, how: str) -> Mapping[str, str]:
        if how == MISSING:
            return {"Content-Type": "application/json"}
        return {bodies.TELEGRAM_HEADER: {GENUINE: SECRET, OLD: OLD_SECRET}.get(how, "a-strangers")}

    def fail_next(self, fault: str, *, seconds: int = 1) -> None:
        names = {"throttled": "http429", "down": "http500", "token": "http401", "silent": "drop_after"}
        self.provider.next_send(names[fault], retry_after=seconds)

    async def does(self, what: str) -> int:
        person = self.phone
        assert isinstance(person, TelegramPhone)
        latitude, longitude = PLACE
        if what == "location":
            return await person._sends(location={"latitude": latitude, "longitude": longitude})
        if what == "contact":
            return await person._sends(contact={"phone_number": CARD[0], "first_name": CARD[1]})
        if what == "reaction":
            reaction = {
                "chat": person.chat,
                "message_id": 1,
                "user": person.user,
                "date": int(self.clock().timestamp()),
                "old_reaction": [],
                "new_reaction": [{"type": "emoji", "emoji": "👍"}],
            }
            return await person._deliver(person._update(reaction, "message_reaction"))
        return await super().does(what)

    async def echo(self, sent: Sent) -> list[int]:
        """A message from the bot itself, and one from another bot."""
        statuses = []
        for ident in (self.provider.me_as_user["id"], 99):
            bot = self.provider.me_as_user | {"id": ident}
            message = bodies.telegram_message(
                message_id=self.provider.next_message_id(),
                at=self.clock(),
                sender=bot,
                chat={"id": int(sent.to), "type": "private", "first_name": "Maria"},
                text=sent.text,
            )
            update = bodies.telegram_update(self.provider.next_update_id(), "message", message)
            statuses.append(await self.posts(bodies.as_telegram_writes(update)))
        return statuses


SUBJECT = TelegramSubject
