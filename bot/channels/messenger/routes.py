"""Messenger's door: who may knock."""

from collections.abc import Sequence

from aiohttp import web

from bot.channels import meta
from bot.channels.base import Accept, ChannelAdapter
from bot.channels.messenger.settings import MessengerSettings

PATH = "/webhooks/messenger"


def routes(
    adapter: ChannelAdapter, settings: MessengerSettings, accept: Accept
) -> Sequence[web.AbstractRouteDef]:
    async def subscribe(request: web.Request) -> web.Response:
        return meta.handshake(request, settings.verify_token)

    async def receive(request: web.Request) -> web.Response:
        raw = await request.read()
        if not meta.is_genuine(raw, request.headers.get(meta.SIGNATURE), settings.app_secret):
            return web.Response(status=401)
        return await accept(adapter, raw)

    return [web.get(PATH, subscribe), web.post(PATH, receive)]
