"""The configured channels: the one place that names them all."""

from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.channels.base import ChannelAdapter
from bot.channels.messenger.adapter import MessengerAdapter
from bot.channels.sms.adapter import Sms
from bot.channels.telegram.adapter import TelegramAdapter
from bot.channels.webchat.adapter import WebChat
from bot.channels.webchat.routes import Site
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from bot.files import Files
from bot.storage import Storage
from office import notices
from office.context import OfficeContext
from wiring.settings import Settings

COMMANDS = {"start": "Mulai / menu layanan", "status": "Cek permohonan", "petugas": "Bicara dengan petugas"}

LANGUAGE_WORDS = {"id": "Bahasa Indonesia", "en": "English"}  # what a citizen says to be answered so


def open_channels(
    settings: Settings,
    here: OfficeContext,
    http: aiohttp.ClientSession,
    storage: Storage,
    commands: Mapping[str, str] = COMMANDS,
    language_words: Mapping[str, str] = LANGUAGE_WORDS,
) -> list[ChannelAdapter]:
    """An adapter for every channel that is on.  ``commands``: what a menu of commands shows."""
    channels: list[ChannelAdapter] = []
    if settings.whatsapp is not None:
        channels.append(WhatsAppAdapter(settings.whatsapp, http))
    if settings.messenger is not None:
        channels.append(MessengerAdapter(settings.messenger, http))
    if settings.telegram is not None:
        channels.append(
            TelegramAdapter(settings.telegram, http, public_url=_reachable(settings), commands=commands)
        )
    if settings.sms is not None:
        channels.append(Sms(settings.sms, http))
    if settings.webchat.enabled:
        channels.append(
            WebChat(
                settings.webchat,
                site=Site(here.office.name.in_language("id"), settings.public_url, language_words),
                put=storage.put,
                get=storage.get,
                read=Files(storage, here.office_id).read,
                render=notices.render,
            )
        )
    return channels


def posted_channels(settings: Settings) -> list[str]:
    """The names of those that are on and have a provider that posts to ``/webhooks/NAME``."""
    posted = ("whatsapp", "messenger", "telegram", "sms")
    return [name for name in posted if getattr(settings, name, None) is not None]


def facts_for_handlers(settings: Settings, channel: ChannelAdapter) -> Mapping[str, Any]:
    """What the handlers of one channel are told: where an identity number may be asked for, and papers."""
    chosen = getattr(settings, channel.channel)
    return {"identity": chosen.identity, "papers": chosen.papers}


def _reachable(settings: Settings) -> str | None:
    """Our address for webhooks; Telegram takes https only."""
    return settings.public_url if settings.public_url.startswith("https://") else None
