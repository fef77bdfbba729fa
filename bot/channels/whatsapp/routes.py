"""WhatsApp's door."""

from collections.abc import Sequence

from aiohttp import web

from bot.channels import meta
from bot.channels.base import Accept, ChannelAdapter
from bot.channels.whatsapp.settings import WhatsAppSettings

PATH = "/webhooks/whatsapp"


def routes(
    adapter: ChannelAdapter, settings: WhatsAppSettings, accept: Accept
) -> Sequence[web.AbstractRouteDef]:
    secrets = {"app_secret": settings.app_secret, "verify_token": settings.verify_token}
    return meta.doors(PATH, adapter, accept, **secrets)
