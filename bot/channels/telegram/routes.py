"""Telegram's door: who may knock."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from bot.channels.base import Accept, ChannelAdapter
from bot.channels.rotation import is_one_of
from bot.channels.telegram.settings import TelegramSettings

PATH: Final = "/webhooks/telegram"
SECRET: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  (a header's name)


def routes(
    adapter: ChannelAdapter, settings: TelegramSettings, accept: Accept
) -> Sequence[web.AbstractRouteDef]:
    """Without a secret in the settings (polling) the door takes nothing."""

    async def receive(request: web.Request) -> web.Response:
        raw = await request.read()
        given = request.headers.get(SECRET)
        if settings.secret_token is None or not is_one_of(given, settings.secret_token):
            return web.Response(status=401)
        return await accept(adapter, raw)

    return [web.post(PATH, receive)]
