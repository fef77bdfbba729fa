"""`/healthz`, `/readyz` and `/metrics`: what a proxy and Prometheus are told, under the contract's names."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from bot.health import Health
from bot.metrics import ACK, DELIVERED
from models.contacts import Contact
from models.database import close_database, open_database
from models.inbox import InboxEvent, InboxKind
from models.outbox import OutboxMessage
from models.requests import Request

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture
async def health(database: str) -> AsyncIterator[tuple[Health, str]]:
    """With the address where it is served."""
    here = Health()
    app = web.Application()
    app.add_routes(here.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield here, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await answer.text()


async def test_not_ready_while_starting_or_draining_and_alive_all_the_same(
    health: tuple[Health, str],
) -> None:
    here, url = health
    assert (await get(f"{url}/readyz"))[0] == 503
    here.ready = True
    assert await get(f"{url}/readyz") == (200, "ready")
    here.ready = False
    assert (await get(f"{url}/readyz"))[0] == 503
    assert await get(f"{url}/healthz") == (200, "ok")


async def test_not_ready_without_its_database(health: tuple[Health, str], database: str) -> None:
    here, url = health
    here.ready = True
    await close_database()
    assert await get(f"{url}/readyz") == (503, "no database")
    assert await get(f"{url}/healthz") == (200, "ok")
    await open_database(database)
    assert (await get(f"{url}/readyz"))[0] == 200


async def test_the_figures_have_the_contracts_names_and_labels(health: tuple[Health, str]) -> None:
    _, url = health
    contact = await Contact.create(office_id=1, name="Maria Canary", created_at=NOW)
    await InboxEvent.create(
        office_id=1,
        channel="webchat",
        account="site",
        external_id="1",
        kind=InboxKind.OTHER,
        body="{}",
        sent_at=NOW,
        received_at=NOW,
    )
    await OutboxMessage.create(
        office_id=1,
        contact_id=contact.id,
        channel="webchat",
        account="site",
        kind="reply",
        name="SendMessage",
        key="k",
        payload="{}",
        due_at=NOW,
        created_at=NOW,
    )
    await Request.create(
        office_id=1,
        number="K7Q2M9FDX",
        service="IKD",
        contact_id=contact.id,
        channel="webchat",
        account="site",
        subject_name="Maria Canary",
        nik="5314015506900001",
        created_at=NOW,
        changed_at=NOW,
    )
    ACK.labels(channel="webchat").observe(0.01)
    DELIVERED.labels(channel="webchat").observe(0.01)

    _, text = await get(f"{url}/metrics")

    for line in (
        'loket_inbox_rows{channel="webchat",state="new"} 1.0',
        'loket_outbox_rows{channel="webchat",state="queued"} 1.0',
        'loket_requests{state="draft"} 1.0',
    ):
        assert line in text.splitlines()
    for histogram in ("loket_delivery_seconds", "loket_ack_seconds"):
        assert f"# TYPE {histogram} histogram" in text
        assert re.search(rf'^{histogram}_count{{channel="webchat"}} [1-9]', text, re.MULTILINE)
    assert "Canary" not in text
    assert "5314015506900001" not in text
