"""One office's channels for these tests: settings, a scene, and what a translated body says."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aiogram import Bot
from aiogram.types import Message, Update
from aiohttp import ClientSession

from bot.channels.base import AddressKey, Body, ChannelAdapter, HeldFile, MediaRef, Recipient, Scene
from bot.channels.messenger.adapter import MessengerAdapter
from bot.channels.messenger.settings import MessengerSettings
from bot.channels.telegram.adapter import TelegramAdapter
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from bot.channels.whatsapp.settings import WhatsAppSettings
from models.files import FileState, StoredFile
from tests.fakes import FakeBotApi, FakeGraph
from tests.fakes.messenger import FakeMessenger

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CITIZEN = "6281234567890"
BSUID = "ID.13491208655302741918"
PHONE_NUMBER_ID = "1122334455667"
PSID = "7411000000000001"
PAGE_ID = "108421234567890"
TELEGRAM_TOKEN = "7042:AAtestTokenOfTheOffice"

WHATSAPP = {
    "phone_number_id": PHONE_NUMBER_ID,
    "waba_id": "102290129340398",
    "access_token": "EAAGtestTokenOfTheOffice",
    "app_secret": "new-secret,old-secret",
    "verify_token": "silakan",
}

MESSENGER = {
    "page_id": PAGE_ID,
    "access_token": "EAAPpageTokenOfTheOffice",
    "app_secret": "new-secret,old-secret",
    "verify_token": "silakan",
}


def whatsapp(graph: FakeGraph, http: ClientSession) -> WhatsAppAdapter:
    """The adapter of the fake's number."""
    settings = WhatsAppSettings.model_validate(
        WHATSAPP | {"phone_number_id": graph.phone_number_id, "api_base": graph.base_url}
    )
    return WhatsAppAdapter(settings, http)


def messenger(page: FakeMessenger, http: ClientSession) -> MessengerAdapter:
    """The adapter of the fake's Page."""
    settings = MessengerSettings.model_validate(
        MESSENGER | {"page_id": page.page_id, "access_token": page.access_token, "api_base": page.base_url}
    )
    return MessengerAdapter(settings, http)


def telegram(
    bot_api: FakeBotApi, http: ClientSession, *, mode: str = "webhook", public_url: str | None = None
) -> TelegramAdapter:
    settings = TelegramSettings.model_validate(
        {
            "token": bot_api.token,
            "secret_token": "new-secret,old-secret",
            "api_base": bot_api.base_url,
            "mode": mode,
        }
    )
    commands = {"mulai": "Menu utama", "status": "Sampai di mana permohonan saya"}
    return TelegramAdapter(settings, http, public_url=public_url, commands=commands)


def on_whatsapp(wa_id: str | None = CITIZEN, bsuid: str | None = None) -> Recipient:
    kinds = (("bsuid", bsuid), ("wa_id", wa_id))
    return Recipient(addresses=tuple(AddressKey(kind, value) for kind, value in kinds if value))


def on_messenger(psid: str = PSID) -> Recipient:
    return Recipient(addresses=(AddressKey("psid", psid),))


def on_telegram(user_id: int) -> Recipient:
    return Recipient(addresses=(AddressKey("telegram", str(user_id)),))


class Shelf:
    """The files we hold, by our ids; what a session is given to read them with."""

    def __init__(self, files: Mapping[str, HeldFile] | None = None) -> None:
        self.files = dict(files or {})

    async def read(self, file_id: str) -> HeldFile:
        if file_id not in self.files:
            raise FileNotFoundError(file_id)
        return self.files[file_id]


def stored(ref: MediaRef, position: int = 0) -> StoredFile:
    return StoredFile(
        office_id=1,
        file_id=f"wa-{position}",
        state=FileState.STORED,
        mime=ref.mime,
        size=1234,
        name=ref.name,
        created_at=NOW,
    )


def scene(refs: Sequence[MediaRef] = (), *, replied_to: int | None = None) -> Scene:
    return Scene(
        update_id=77,
        chat_id=2**52 + 5,
        message_id=78,
        name="Mama Welmince",
        language="id",
        at=NOW - timedelta(minutes=1),
        files=[stored(ref, n) for n, ref in enumerate(refs)],
        replied_to=replied_to,
    )


def as_aiogram(plain: Mapping[str, Any]) -> Update:
    """As the core does it.  Raises pydantic's ValidationError."""
    return Update.model_validate(plain, context={"bot": _bot()})


@cache
def _bot() -> Bot:
    """Each makes a session, with the certificates of the whole world."""
    return Bot(TELEGRAM_TOKEN)


def translated(adapter: ChannelAdapter, body: Body, *, replied_to: int | None = None) -> Update:
    plain = adapter.update(body, scene(adapter.media(body), replied_to=replied_to))
    assert plain is not None
    return as_aiogram(plain)


def message_of(adapter: ChannelAdapter, body: Body) -> Message:
    message = translated(adapter, body).message
    assert message is not None
    return message
