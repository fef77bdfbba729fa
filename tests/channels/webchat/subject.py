"""The web chat to the suite.  It has no provider: the page reads what the outbox holds."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from yarl import URL

from bot.channels.base import ChannelAdapter
from bot.channels.webchat.adapter import WebChat
from bot.channels.webchat.caps import CAPS
from bot.channels.webchat.routes import Site
from bot.channels.webchat.settings import WebChatSettings
from tests.conformance.subject import Kit, Subject
from tests.fakes.door import knock
from tests.fakes.ledger import Sent
from tests.phone import Phone
from tests.web_phone import WebPhone


class WebChatSubject(Subject):
    name = "webchat"
    caps = CAPS
    can = frozenset({"photo", "document", "voice", "sticker", "album"})
    shows_html = True
    phone: WebPhone

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._people: list[WebPhone] = []

    def adapter(self, kit: Kit) -> ChannelAdapter:
        return WebChat(
            WebChatSettings(per_minute=600),
            site=Site("Disdukcapil Kabupaten Rote Ndao", kit.public_url),
            put=partial(kit.storage.put, office_id=1),
            get=kit.storage.get,
            read=kit.read,
            render=kit.render,
        )

    async def opens(self, url: str) -> None:
        self.phone = await self._browser()

    async def somebody(self, number: int = 2) -> Phone:
        return await self._browser()

    async def _browser(self) -> WebPhone:
        """A page that is open and deaf: it looks when the test says so."""
        person = WebPhone(self.url)
        await person.opens()
        await person.goes_deaf()
        self._people.append(person)
        return person

    async def __aexit__(self, *raised: object) -> None:
        for person in self._people:
            await person.closes()

    async def looks(self) -> None:
        for person in self._people:
            for line in (await person.history())["lines"]:
                await person._take(line)

    async def toasts(self) -> list[str]:
        """They come by the stream alone."""
        assert isinstance(self.phone, WebPhone)
        await self.phone.listens()
        await self.phone._until(lambda: len(self.phone.toasts) > 0, 5, "a toast")
        await self.phone.goes_deaf()
        return self.phone.toasts

    @property
    def door(self) -> str:
        return f"{self.url}/chat/messages"

    def body(self, person: Phone, text: str) -> bytes:
        return b'{"id": "%s", "text": "%s"}' % (str(uuid.uuid4()).encode(), text.encode())

    def headers(self, raw: bytes, how: str) -> Mapping[str, str]:
        """The person's cookie stands for a signature."""
        jar = self.phone.http.cookie_jar.filter_cookies(URL(self.url))
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in jar.items())
        return {"Content-Type": "application/json", "Cookie": cookie if how == "genuine" else ""}

    async def forges(self) -> list[int]:
        """Without the cookie, with a made-up one, from another site, and a tap on what was never offered."""
        raw, known = self.body(self.phone, "palsu"), dict(self.headers(b"", "genuine"))
        made_up = known | {"Cookie": "loket_chat=guessed"}
        elsewhere = known | {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        tap = b'{"id": "%s", "tap": "x", "message_id": "1099511627777"}' % str(uuid.uuid4()).encode()
        return [
            await knock(self.door, raw, {"Content-Type": "application/json"}),
            await knock(self.door, raw, made_up),
            await knock(self.door, raw, elsewhere),
            await knock(self.door, tap, known),
        ]

    def shown(self, sent: Sent) -> str:
        return str(sent.request["text"])


SUBJECT = WebChatSubject
