"""One WhatsApp number of the office, as the core knows it."""

from collections.abc import Sequence
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
    RegisteredTemplate,
    Scene,
)
from bot.channels.meta import app_of, bot_id
from bot.channels.meta_templates import templates
from bot.channels.updates import Update
from bot.channels.whatsapp import inbound
from bot.channels.whatsapp.caps import CAPS
from bot.channels.whatsapp.check import check
from bot.channels.whatsapp.graph import Graph
from bot.channels.whatsapp.media import Media
from bot.channels.whatsapp.routes import routes
from bot.channels.whatsapp.session import WhatsAppSession
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.channels.whatsapp.tier import tier


class WhatsAppAdapter:
    """``http`` stays the caller's to close; ``list_label`` opens a list of choices (20 characters).

    ``reactions``: handlers want to hear of emojis laid on messages; otherwise they are kept in silence.
    """

    channel = Channel.WHATSAPP
    caps: Caps = CAPS

    def __init__(
        self,
        settings: WhatsAppSettings,
        http: aiohttp.ClientSession,
        *,
        list_label: str = "Pilih",
        reactions: bool = False,
    ) -> None:
        self._settings = settings
        self._reactions = reactions
        self._graph = Graph(settings, http)
        self._media = Media(settings, self._graph, http)
        self.account = settings.phone_number_id
        self.app = app_of(settings.app_secret)
        self.bot_id = bot_id(settings.phone_number_id)
        self.session = WhatsAppSession(self._graph, list_label)

    def read(self, payload: Any) -> list[Incoming]:
        return inbound.read(payload, self.account, reactions=self._reactions)

    def media(self, body: Body) -> Sequence[MediaRef]:
        return inbound.media(body)

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        return await self._media.fetch(ref, limit)

    def replied_to(self, body: Body) -> str | None:
        return inbound.replied_to(body)

    def receipts(self, body: Body) -> Sequence[ProviderReceipt]:
        found = inbound.receipt(body)
        return [found] if found is not None else []

    def news(self, body: Body) -> News | None:
        return inbound.news(body)

    def update(self, body: Body, scene: Scene) -> Update | None:
        return inbound.update(body, scene, bot_id=self.bot_id)

    def routes(self, accept: Accept) -> Sequence[web.AbstractRouteDef]:
        return routes(self, self._settings, accept)

    async def run(self, accept: Accept) -> None:
        """Nothing to do: Meta comes to us."""

    async def check(self) -> Sequence[Finding]:
        return await check(self._graph, self._settings)

    async def templates(self) -> Sequence[RegisteredTemplate]:
        return await templates(self._graph, self._settings.waba_id)

    async def tier(self) -> int | None:
        return await tier(self._graph, self._settings.phone_number_id)
