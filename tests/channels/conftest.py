"""Both providers with a clock that stands still, and the office's adapters before them."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bot.channels.messenger.adapter import MessengerAdapter
from bot.channels.telegram.adapter import TelegramAdapter
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from tests.channels import office
from tests.fakes import FakeBotApi, FakeGraph
from tests.fakes.messenger import FakeMessenger


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def graph() -> AsyncIterator[FakeGraph]:
    """With the citizen's window open."""
    async with FakeGraph() as server:
        server.clock = lambda: office.NOW
        server.heard_from(wa_id=office.CITIZEN, bsuid=office.BSUID, at=office.NOW)
        yield server


@pytest.fixture
async def bot_api() -> AsyncIterator[FakeBotApi]:
    """The person 42 has pressed Start."""
    async with FakeBotApi() as server:
        server.clock = lambda: office.NOW
        server.meet({"id": 42, "type": "private", "first_name": "Petrus"})
        yield server


@pytest.fixture
async def page() -> AsyncIterator[FakeMessenger]:
    """With the citizen's window open."""
    async with FakeMessenger() as server:
        server.clock = lambda: office.NOW
        server.heard_from(office.PSID, message_id="m_first", at=office.NOW)
        yield server


@pytest.fixture
async def messenger(page: FakeMessenger, http: ClientSession) -> MessengerAdapter:
    return office.messenger(page, http)


@pytest.fixture
async def whatsapp(graph: FakeGraph, http: ClientSession) -> WhatsAppAdapter:
    return office.whatsapp(graph, http)


@pytest.fixture
async def telegram(bot_api: FakeBotApi, http: ClientSession) -> TelegramAdapter:
    return office.telegram(bot_api, http)
