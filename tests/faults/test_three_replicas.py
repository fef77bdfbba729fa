"""Three processes on one PostgreSQL, each killed, paused and started again in turn, under load."""

import asyncio
import signal
from collections import Counter
from itertools import cycle

import pytest

from tests.faults.load import Load, people
from tests.faults.servers import Server
from tests.faults.town import LEASE, Town

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


async def test_each_is_killed_paused_and_started_again_and_everything_holds(town: Town) -> None:
    servers = [await town.starts() for _ in range(3)]
    doors = cycle([await server.serves() for server in servers])
    load, crowd, over = Load(), people(town, 12), asyncio.Event()
    for person in crowd:  # a balancer in front, that sends each to another
        town.leads_to(next(doors))
        assert await person.says("halo") == 200
    speaking = asyncio.create_task(load.goes_on(crowd, over.is_set, per_second=30))
    for n in range(len(servers)):
        town.leads_to(await servers[(n + 1) % 3].serves())
        servers[n] = await _is_replaced(town, servers[n])
        await _sleeps_a_while(servers[n])
        await asyncio.sleep(0.5)
    over.set()
    await speaking
    rows = await town.comes_to_rest()
    assert await town.holds(rows) == []
    heard = Counter(row.contact_id for row in rows.inbox if row.kind == "message")
    answered = Counter(row.contact_id for row in rows.outbox if row.name.startswith("send"))
    assert answered == heard  # each message was handled by one of them


async def _is_replaced(town: Town, server: Server) -> Server:
    await server.is_killed()
    again = await town.starts()
    await again.serves()
    return again


async def _sleeps_a_while(server: Server) -> None:
    await server.gets(signal.SIGSTOP)
    await asyncio.sleep(2 * LEASE)
    await server.gets(signal.SIGCONT)
