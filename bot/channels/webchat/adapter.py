"""The web chat as a channel: a page of our own, on our own address."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiohttp import web

from bot.allowance import Allowance
from bot.bell import Bell
from bot.channels.base import (
    Accept,
    Body,
    Caps,
    Channel,
    Finding,
    Incoming,
    MediaGone,
    MediaRef,
    MediaUnreachable,
    News,
    ProviderReceipt,
    ReadFile,
    Scene,
)
from bot.channels.webchat import inbound
from bot.channels.webchat.caps import CAPS
from bot.channels.webchat.lines import Writer
from bot.channels.webchat.newcomers import Newcomers
from bot.channels.webchat.reader import Reader
from bot.channels.webchat.routes import Doors, Site
from bot.channels.webchat.session import WebChatSession
from bot.channels.webchat.settings import WebChatSettings
from bot.history import History
from bot.notices import Render

BOT_ID = 1  # below any bot of Telegram's

Put = Callable[[str, bytes], Awaitable[None]]
Get = Callable[[str], Awaitable[bytes]]


class WebChat:
    """``put`` and ``get`` keep bytes by key, ``read`` finds a file by our id, ``render`` words a notice.

    At ``site`` citizens find the page; over https the cookie is Secure.  Several web chats may share
    a ``bell``.
    """

    def __init__(
        self,
        settings: WebChatSettings,
        *,
        site: Site,
        put: Put,
        get: Get,
        read: ReadFile,
        render: Render,
        bell: Bell | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.account = site.account
        self.bell = bell or Bell()
        self._session = WebChatSession(self.bell)
        self._get = get
        self._doors = Doors(
            site,
            self,
            reader=Reader(
                History(Channel.WEBCHAT, site.account), Writer(render), Channel.WEBCHAT, site.account
            ),
            bell=self.bell,
            allowance=Allowance(settings.per_minute, monotonic),
            newcomers=Newcomers(site.callers, site.newcomers_per_minute, monotonic),
            put=put,
            read=read,
        )

    @property
    def channel(self) -> Channel:
        return Channel.WEBCHAT

    @property
    def bot_id(self) -> int:
        return BOT_ID

    @property
    def caps(self) -> Caps:
        return CAPS

    @property
    def session(self) -> WebChatSession:
        return self._session

    def read(self, payload: Any) -> list[Incoming]:
        return [inbound.incoming(payload)]

    def media(self, body: Body) -> Sequence[MediaRef]:
        return inbound.media(body)

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        """The door has taken the file in already; here it comes back out of the storage."""
        try:
            content = await self._get(ref.held or "")
        except FileNotFoundError as error:
            raise MediaGone("gone") from error
        except OSError as error:
            raise MediaUnreachable(type(error).__name__) from error
        if len(content) > limit:
            raise MediaGone("too_big")
        return content

    def replied_to(self, body: Body) -> str | None:
        row = inbound.tapped(body)
        return None if row is None else str(row)

    def receipts(self, body: Body) -> Sequence[ProviderReceipt]:
        return []

    def news(self, body: Body) -> News | None:
        return None

    def update(self, body: Body, scene: Scene) -> Mapping[str, Any] | None:
        if body["kind"] == inbound.Kind.TAP:
            scene = replace(scene, replied_to=int(body["message_id"]))
        return inbound.update(body, scene, bot_id=BOT_ID)

    def routes(self, accept: Accept) -> Sequence[web.AbstractRouteDef]:
        return self._doors.routes(accept)

    async def run(self, accept: Accept) -> None:
        return None

    async def check(self) -> Sequence[Finding]:
        return [self._doors.check()]
