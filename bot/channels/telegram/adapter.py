"""One Telegram bot of the office, as the core knows it."""

from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
from aiohttp import web

from bot.channels.base import (
    Accept,
    Body,
    Caps,
    Channel,
    Finding,
    Incoming,
    MediaRef,
    News,
    ProviderReceipt,
    Scene,
)
from bot.channels.telegram import inbound, media, upkeep
from bot.channels.telegram.api import BotApi
from bot.channels.telegram.caps import CAPS
from bot.channels.telegram.routes import routes
from bot.channels.telegram.session import TelegramSession
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.updates import Update


class TelegramAdapter:
    """``http`` stays the caller's to close.

    ``public_url``: where the world reaches us; without one the webhook is set by other hands.
    ``commands``: what the menu of the chat shows, command (without the slash) to its line.
    ``updates``: kinds of updates that handlers want beyond those that the office needs.
    """

    channel = Channel.TELEGRAM
    caps: Caps = CAPS

    def __init__(
        self,
        settings: TelegramSettings,
        http: aiohttp.ClientSession,
        *,
        public_url: str | None = None,
        commands: Mapping[str, str] | None = None,
        updates: Sequence[str] = (),
    ) -> None:
        self._settings = settings
        self._public_url = public_url
        self._commands = commands if commands is not None else {}  # may still grow until `run`
        self._updates = tuple(dict.fromkeys((*inbound.ALLOWED_UPDATES, *updates)))
        self._username = ""  # known once `run` has asked
        self._api = BotApi(settings, http)
        self.account = str(settings.bot_id)
        self.bot_id = settings.bot_id
        self.session = TelegramSession(self._api)

    def read(self, payload: Any) -> list[Incoming]:
        return inbound.read(payload)

    def media(self, body: Body) -> Sequence[MediaRef]:
        return inbound.media(body)

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        return await media.fetch(self._api, ref, limit)

    def replied_to(self, body: Body) -> str | None:
        return inbound.replied_to(body)

    def receipts(self, body: Body) -> Sequence[ProviderReceipt]:
        """Telegram sends none."""
        return []

    def news(self, body: Body) -> News | None:
        return inbound.news(body)

    def update(self, body: Body, scene: Scene) -> Update | None:
        return inbound.update(body, scene, self._username)

    def routes(self, accept: Accept) -> Sequence[web.AbstractRouteDef]:
        return routes(self, self._settings, accept)

    async def run(self, accept: Accept) -> None:
        await upkeep.set_up(
            self._api, self._settings, self._public_url, self._commands, updates=self._updates
        )
        self._username = await upkeep.username(self._api)
        if self._settings.mode == "polling":
            await upkeep.poll(self, self._api, accept, updates=self._updates)

    async def check(self) -> Sequence[Finding]:
        return await upkeep.check(self._api, self._settings, self._public_url, updates=self._updates)
