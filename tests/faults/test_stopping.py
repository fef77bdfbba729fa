"""Faults 4, 5 and 20: told to stop under load, paused beyond the lease, and two at once."""

import asyncio
import signal
import time

import aiohttp
import pytest

from tests.faults.desk import ready_for_pickup
from tests.faults.load import Load, people
from tests.faults.town import LEASE, Town
from tests.migrations.outside import query

POSTGRES = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


async def ready(url: str) -> int:
    """What `/readyz` says; 0: nothing."""
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{url}/readyz") as answer:
            return answer.status
    except aiohttp.ClientError:
        return 0


async def test_told_to_stop_under_load_it_ends_what_it_began_and_leaves_nothing_open(town: Town) -> None:
    """Fault 4."""
    server = await town.serves()
    load, crowd = Load(), people(town, 9)
    town.graph.slow_seconds = 0.3
    town.graph.every_send_fails("slow")  # so that sends are under way when it is told
    speaking = asyncio.create_task(load.goes_on(crowd, lambda: not server.lives))
    await asyncio.sleep(1.0)  # a second of load, by the real clock of a real process
    assert await ready(town.url) == 200
    began = time.monotonic()
    await server.gets(signal.SIGTERM)
    seen = []
    while server.lives:
        seen.append(await ready(town.url))
        await asyncio.sleep(0.02)
    assert await server.dies() == 0
    assert time.monotonic() - began <= 30
    await speaking
    assert set(seen[1:]) <= {503, 0}
    middle = "SELECT count(*) FROM outbox WHERE state IN ('claimed', 'sending', 'unknown')"
    assert await query(town.database_url, middle) == [(0,)]
    assert load.statuses.count(200) > 20

    town.graph.every_send_fails(None)
    await town.serves()
    assert await town.holds() == []
    assert (await town.comes_to_rest()).unknown == []


@POSTGRES
async def test_paused_beyond_its_lease_it_cannot_write_over_who_took_its_place(town: Town) -> None:
    """Fault 5: it wakes with messages in its hands that are another's meanwhile.

    It may sleep amid a transaction, whose locks nobody else gets before the server ends it.
    """
    hasty = town.database_url + ("&" if "?" in town.database_url else "?") + "transaction_timeout=2000"
    first = await town.serves(LOKET_DATABASE_URL=hasty)
    crowd = people(town, 9)
    town.graph.auto_statuses, town.page.echoes = (), False  # nothing settles what is unknown
    town.graph.slow_seconds = 600
    town.graph.every_send_fails("slow")
    load = Load()
    await load.goes_on(crowd, lambda: len(load.statuses) > 40, per_second=200)
    while not any(line.channel == "whatsapp" for line in town.graph.ledger):
        await asyncio.sleep(0.01)
    await first.gets(signal.SIGSTOP)
    await asyncio.sleep(2 * LEASE)
    second = await town.serves()
    town.graph.every_send_fails(None)
    await town.rests_unless(lambda: not second.lives)
    town.graph.release()  # the answer that the sleeper waits for
    await first.gets(signal.SIGCONT)
    assert await first.stop() == 0

    found = await town.holds()
    # Whoever was put to sleep between the intent and the first byte sends late, and nobody can know: that
    # message was `unknown` meanwhile, and comes behind those that the other has sent.
    assert [one for one in found if one.invariant != "I8"] == []


@POSTGRES
async def test_two_schedulers_remind_once(town: Town) -> None:
    """Fault 20."""
    await town.serves()
    maria = await ready_for_pickup(town)
    town.time_passes(days=4)
    servers = [await town.starts(LOKET_TICK_SECONDS="0.2") for _ in range(3)]
    town.leads_to(await servers[0].serves())
    await asyncio.gather(*(server.serves() for server in servers))
    await maria.hears(containing="belum diambil")
    await asyncio.sleep(1.0)  # further ticks of three schedulers
    notices = await query(town.database_url, "SELECT name FROM outbox WHERE kind = 'notice'")
    assert len([name for (name,) in notices if "reminder" in name]) == 1, notices
    assert len([text for text in maria.everything if "belum diambil" in text]) == 1
    assert await town.holds() == []
