from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import FakeBotApi, FakeGraph
from tests.faults.servers import Nursery
from tests.flows.counter import APP_SECRET, TELEGRAM_SECRET, submit_templates


@pytest.fixture
async def graph() -> AsyncIterator[FakeGraph]:
    async with FakeGraph(app_secret=APP_SECRET) as graph:
        submit_templates(graph)
        yield graph


@pytest.fixture
async def telegram() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as telegram:
        yield telegram


@pytest.fixture
async def nursery(
    database_url: str, tmp_path: Path, graph: FakeGraph, telegram: FakeBotApi
) -> AsyncIterator[Nursery]:
    settings = {
        "LOKET_ENV": "test",
        "LOKET_DATA_DIR": str(tmp_path),
        "LOKET_DATABASE_URL": database_url,
        "LOKET_STORAGE_URL": f"file://{tmp_path}/papers",
        "LOKET_PUBLIC_URL": "https://loket.test",
        "LOKET_HTTP__PORT": "0",
        "LOKET_PACING": "off",
        "LOKET_LOG_LEVEL": "ERROR",
        "LOKET_GATHER_SECONDS": "0.1",
        "LOKET_LEASE_SECONDS": "2",
        "LOKET_WHATSAPP__PHONE_NUMBER_ID": graph.phone_number_id,
        "LOKET_WHATSAPP__WABA_ID": graph.waba_id,
        "LOKET_WHATSAPP__ACCESS_TOKEN": graph.access_token,
        "LOKET_WHATSAPP__APP_SECRET": APP_SECRET,
        "LOKET_WHATSAPP__VERIFY_TOKEN": "verify",
        "LOKET_WHATSAPP__API_BASE": graph.base_url,
        "LOKET_TELEGRAM__TOKEN": telegram.token,
        "LOKET_TELEGRAM__SECRET_TOKEN": TELEGRAM_SECRET,
        "LOKET_TELEGRAM__API_BASE": telegram.base_url,
    }
    async with Nursery(settings) as nursery:
        yield nursery
