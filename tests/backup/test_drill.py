"""The drill: backed up under load, restored elsewhere, frozen, released, and nothing is said twice.

A real office answers signed webhooks while it is backed up and afterwards; its copy starts from the backup in
another place.  What people have heard is read from the providers' ledgers, which both of them share.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import aiohttp
import pytest

from bot.backup import manifest as manifests
from bot.channels.base import AddressKey
from bot.freeze import DOUBTFUL
from models.database import close_database, open_database
from models.inbox import InboxEvent, InboxState
from models.outbox import OutboxMessage, OutboxState
from models.requests import Request
from tests.fakes import FakeBotApi, FakeGraph, pictures
from tests.flows.counter import (
    APP_SECRET,
    MORNING,
    PLENTY_SET,
    TELEGRAM_SECRET,
    TestClock,
    counter_before,
    submit_templates,
)
from tests.flows.steps import files_a_lost_card, says
from tests.migrations.outside import everything
from tests.phones import TelegramPhone, WhatsAppPhone
from tests.processes import environment, served, verb

MARIA, PHOTO, LATE = "6281200000001", "6281200000002", "6281200000003"
OPEN = (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.SENDING)


@pytest.fixture
async def graph() -> AsyncIterator[FakeGraph]:
    async with FakeGraph(app_secret=APP_SECRET) as graph:
        submit_templates(graph)
        yield graph


@pytest.fixture
async def telegram() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as telegram:
        yield telegram


def settings(graph: FakeGraph, telegram: FakeBotApi, url: str) -> dict[str, str]:
    return {
        "LOKET_DATABASE_URL": url,
        "LOKET_PUBLIC_URL": "https://loket.test",
        "LOKET_PACING": "off",
        **PLENTY_SET,
        "LOKET_LOG_LEVEL": "ERROR",
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


def citizen(graph: FakeGraph, url: str, wa_id: str) -> WhatsAppPhone:
    return WhatsAppPhone(graph, f"{url}/webhooks/whatsapp", APP_SECRET, wa_id=wa_id, bsuid=None, name="Warga")


async def all_is_done(url: str, *, also_out: bool = True) -> None:
    """Wait for rows of another process; without ``also_out`` what waits in its outbox may wait."""
    await open_database(url)
    try:
        await _nothing_is_open(also_out)
    finally:
        await close_database()


async def _nothing_is_open(also_out: bool = True) -> None:
    for _ in range(2400):
        left = await InboxEvent.filter(state=InboxState.NEW).count()
        left += await OutboxMessage.filter(state__in=OPEN).count() if also_out else 0
        if not left:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("rows are still open")


async def page(url: str) -> str:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == 200
        return await answer.text()


def heard(graph: FakeGraph) -> Mapping[str, int]:
    """How many messages each citizen has got."""
    return Counter(sent.to for sent in graph.ledger.messages)


async def test_a_copy_restored_from_a_backup_under_load_repeats_nothing(
    database_url: str, empty_url: str, tmp_path: Path, graph: FakeGraph, telegram: FakeBotApi
) -> None:
    original, elsewhere, backup = tmp_path / "original", tmp_path / "elsewhere", tmp_path / "backup"
    here = environment(original, settings(graph, telegram, database_url)) | {"LOKET_GATHER_SECONDS": "10"}
    there = environment(elsewhere, settings(graph, telegram, empty_url)) | {
        "LOKET_GATHER_SECONDS": "0.1",
        "LOKET_KEYS_FILE": str(original / "keys.json"),  # it is in no backup
    }
    await _a_complete_request(graph, telegram, database_url, original)
    before = heard(graph)

    async with served(here) as url:
        ani = TelegramPhone(telegram, f"{url}/webhooks/telegram", TELEGRAM_SECRET, user_id=4242, name="Ani")
        ended, told = await verb("operator", "code", "Ani", env=here)  # her chat fell asleep meanwhile
        assert ended == 0, told
        await says(ani, told[told.index("/masuk") :].strip())
        graph.every_send_fails("131056", to=MARIA)  # "later": what is for her waits in the queue
        await says(ani, "/siap 1", "/kirim 1 Bawa KK asli")
        someone = citizen(graph, url, PHOTO)
        await someone.sends_photo(pictures.jpeg(1))
        over = asyncio.Event()
        crowd = asyncio.create_task(_a_crowd_writes(graph, url, someone, over))
        ended, told = await verb("backup", str(backup), env=here)
        assert (ended, told.startswith("backed up: ")) == (0, True), told
        over.set()
        people = await crowd
        graph.every_send_fails(None)
        await someone.says("halo")  # no more photos
        await all_is_done(database_url)
    said = heard(graph)
    assert said == {**before, MARIA: before[MARIA] + 2, PHOTO: 2} | dict.fromkeys(people, 1)

    manifest = manifests.read(backup)
    assert 0 < manifest.rows["inbox"] < len((await everything(database_url))["inbox"])
    ended, told = await verb("restore", str(backup), env=there)
    assert ended == 0, told
    counted = {t: len(rows) for t, rows in (await everything(empty_url)).items() if t != "schema_versions"}
    assert counted == {**manifest.rows, "freezes": 1}
    assert len(await _in_doubt(empty_url, MARIA)) == 2
    assert await _in_doubt(empty_url, PHOTO) == []  # nobody has answered it yet

    async with served(there) as url:
        assert await page(f"{url}/readyz") == "ready"
        assert "loket_outbox_frozen 1.0" in await page(f"{url}/metrics")
        late = citizen(graph, url, LATE)
        assert await late.says("halo") == 200
        await all_is_done(empty_url, also_out=False)
        assert await _in_doubt(empty_url, PHOTO) == ["unknown"]
        ended, told = await verb("doctor", env=there)
        assert (ended, "outbox  frozen" in told) == (1, True), told
        assert heard(graph) == said

        ended, told = await verb("release", env=there)
        assert (ended, "1  ready_for_pickup" in told) == (0, True), told
        await late.hears()
        await all_is_done(empty_url)
        assert "loket_outbox_frozen 0.0" in await page(f"{url}/metrics")
    assert heard(graph) == {**said, LATE: 1}
    assert graph.ledger.refused == []


async def _a_complete_request(graph: FakeGraph, telegram: FakeBotApi, url: str, folder: Path) -> None:
    async with counter_before(graph, telegram, TestClock(MORNING), url, folder) as counter:
        ani = await counter.operator("Ani", user_id=4242)
        await files_a_lost_card(counter.citizen(name="Maria", wa_id=MARIA))
        await says(ani, "/ambil", "/lengkap 1")
        assert await Request.filter(queue_number=1).exists()
        await _nothing_is_open()


async def _a_crowd_writes(
    graph: FakeGraph, url: str, sender: WhatsAppPhone, over: asyncio.Event
) -> list[str]:
    """One after the other until a few after it is ``over``; who wrote.  Each has an answer.

    ``sender`` goes on sending photos so that the first still waits in its lane for the next.
    """
    wrote, more, last = [], 5, time.monotonic()
    while more:
        more -= over.is_set()
        wrote.append(f"62813{len(wrote):08}")
        person = citizen(graph, url, wrote[-1])
        assert await person.says("halo") == 200
        await person.hears()
        if time.monotonic() - last > 3:
            last = time.monotonic()
            assert await sender.sends_photo(pictures.jpeg(1 + len(wrote))) == 200
    return wrote


async def _in_doubt(url: str, wa_id: str) -> list[str]:
    """The states of what the original may have said to this person."""
    await open_database(url)
    try:
        told = OutboxMessage.filter(
            contact__addresses__index=AddressKey("wa_id", wa_id).index, failure__startswith=DOUBTFUL
        )
        return [row.state.value for row in await told]
    finally:
        await close_database()
