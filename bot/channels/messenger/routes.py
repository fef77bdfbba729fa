"""Messenger's door."""

from collections.abc import Sequence

from aiohttp import web

from bot.channels import meta
from bot.channels.base import Accept, ChannelAdapter
from bot.channels.messenger.settings import MessengerSettings

PATH = "/webhooks/messenger"


def routes(
    adapter: ChannelAdapter, settings: MessengerSettings, accept: Accept
) -> Sequence[web.AbstractRouteDef]:
    secrets = {"app_secret": settings.app_secret, "verify_token": settings.verify_token}
    return meta.doors(PATH, adapter, accept, **secrets)
