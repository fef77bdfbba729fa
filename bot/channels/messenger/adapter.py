"""One Facebook Page of the office, as the core knows it: its Messenger, and comments under its posts."""

from collections.abc import Sequence
from typing import Any

import aiohttp
from aiohttp import web

from bot.channels.bare import Bare
from bot.channels.base import (
    Accept,
    Body,
    Caps,
    Channel,
    Finding,
    Incoming,
    MediaRef,
    ProviderReceipt,
    RegisteredTemplate,
    Scene,
)
from bot.channels.messenger import inbound
from bot.channels.messenger.caps import CAPS
from bot.channels.messenger.check import check
from bot.channels.messenger.graph import Graph
from bot.channels.messenger.media import fetch
from bot.channels.messenger.routes import routes
from bot.channels.messenger.session import MessengerSession
from bot.channels.messenger.settings import MessengerSettings
from bot.channels.meta import app_of, bot_id
from bot.channels.meta_templates import templates
from bot.channels.updates import Update


class MessengerAdapter(Bare):
    """``http`` stays the caller's to close; ``choose`` stands above choices that have no words of their own.

    ``reactions``: handlers want to hear of emojis laid on messages; otherwise they are kept in silence.
    """

    channel = Channel.MESSENGER
    caps: Caps = CAPS

    def __init__(
        self,
        settings: MessengerSettings,
        http: aiohttp.ClientSession,
        *,
        choose: str = "Pilih:",
        reactions: bool = False,
    ) -> None:
        self._settings = settings
        self._http = http
        self._reactions = reactions
        self._graph = Graph(settings, http)
        self.account = settings.page_id
        self.app = app_of(settings.app_secret)
        self.bot_id = bot_id(settings.page_id)
        self.session = MessengerSession(self._graph, choose)

    def read(self, payload: Any) -> list[Incoming]:
        return inbound.read(payload, self.account)

    def media(self, body: Body) -> Sequence[MediaRef]:
        return inbound.media(body)

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        return await fetch(self._http, ref, limit, api_base=self._settings.api_base)

    def replied_to(self, body: Body) -> str | None:
        return inbound.replied_to(body)

    def receipts(self, body: Body) -> Sequence[ProviderReceipt]:
        return inbound.receipts(body)

    def update(self, body: Body, scene: Scene) -> Update | None:
        return inbound.update(body, scene, bot_id=self.bot_id, reactions=self._reactions)

    def routes(self, accept: Accept) -> Sequence[web.AbstractRouteDef]:
        return routes(self, self._settings, accept)

    async def check(self) -> Sequence[Finding]:
        return await check(self._graph, self._settings)

    async def templates(self) -> Sequence[RegisteredTemplate]:
        return await templates(self._graph, self._settings.page_id)
