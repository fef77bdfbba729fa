"""The configured channels: the one place that names them all."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import aiohttp

from bot.bell import Bell
from bot.callers import Callers
from bot.channels.base import ChannelAdapter
from bot.channels.messenger.adapter import MessengerAdapter
from bot.channels.sms.adapter import Sms
from bot.channels.telegram.adapter import TelegramAdapter
from bot.channels.webchat.adapter import WebChat
from bot.channels.webchat.routes import ACCOUNT, Site
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from bot.files import Files
from bot.notices import Render, Wording
from bot.sealed_storage import SealedStorage
from office import notices
from office.context import OfficeContext, at_office
from wiring.offices import Branch
from wiring.settings import OfficeSettings, SettingWrong

COMMANDS = {"start": "Mulai / menu layanan", "status": "Cek permohonan", "petugas": "Bicara dengan petugas"}

LANGUAGE_WORDS = {"id": "Bahasa Indonesia", "en": "English"}  # what a citizen says to be answered so


def open_channels(
    branch: Branch,
    http: aiohttp.ClientSession,
    storage: SealedStorage,
    commands: Mapping[str, str] = COMMANDS,
    language_words: Mapping[str, str] = LANGUAGE_WORDS,
    bell: Bell | None = None,
    callers: Callers | None = None,
) -> list[ChannelAdapter]:
    """An adapter for every channel of the office that is on.

    ``commands``: what a menu of commands shows.  ``bell``: of all web chats of this process.
    ``callers``: tells the addresses of browsers apart; None: nobody can.
    """
    settings, here = branch.settings, branch.here
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
                site=Site(
                    here.office.name.in_language("id"),
                    settings.public_url,
                    language_words,
                    f"{ACCOUNT}-{here.office_id}" if branch.host else ACCOUNT,
                    callers,
                    settings.limits.address_newcomers_per_minute,
                ),
                put=partial(storage.put, office_id=here.office_id),
                get=storage.get,
                read=Files(storage).read,
                render=_rendering(here),
                bell=bell,
            )
        )
    return channels


def _rendering(here: OfficeContext) -> Render:
    """Notices as this office words them."""

    async def render(name: str, facts: Mapping[str, Any], language: str) -> Wording:
        with at_office(here.office_id):
            return await notices.render(name, facts, language)

    return render


def account_of(channel: ChannelAdapter) -> tuple[str, str]:
    return str(channel.channel), channel.account


def by_account(opened: Iterable[tuple[Branch, ChannelAdapter]]) -> dict[tuple[str, str], Branch]:
    """Whose each account is.  Raises: SettingWrong where two offices have the same."""
    whose: dict[tuple[str, str], Branch] = {}
    for branch, channel in opened:
        if whose.setdefault(account_of(channel), branch) is not branch:
            raise SettingWrong(
                f"LOKET_{channel.channel.upper()}: office {branch.here.office_id} has the account of another."
            )
    return whose


def posted_channels(settings: OfficeSettings) -> list[str]:
    """The names of those that are on and have a provider that posts to ``/webhooks/NAME``."""
    posted = ("whatsapp", "messenger", "telegram", "sms")
    return [name for name in posted if getattr(settings, name, None) is not None]


def facts_for_handlers(settings: OfficeSettings, channel: ChannelAdapter) -> Mapping[str, Any]:
    """What the handlers of one channel are told: where an identity number may be asked for."""
    return {"identity": getattr(settings, channel.channel).identity}


def _reachable(settings: OfficeSettings) -> str | None:
    """Our address for webhooks; Telegram takes https only."""
    return settings.public_url if settings.public_url.startswith("https://") else None
