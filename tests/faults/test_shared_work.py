"""Several processes on one PostgreSQL: in roles, and within the limits that a provider sets for all."""

import asyncio
from collections.abc import Sequence
from itertools import cycle

import pytest

from bot.channels.webchat.stream import HEARTBEAT
from tests.faults.desk import ready_for_pickup
from tests.faults.town import Town
from tests.web_phone import WebPhone

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

TELEGRAMS_LIMIT = 30  # messages a second


def most_in_a_second(moments: Sequence[float]) -> int:
    """In any second, not only in those that a clock shows."""
    ordered = sorted(moments)
    return max(sum(start <= at < start + 1.0 for at in ordered) for start in ordered)


async def test_three_processes_keep_one_limit_and_use_it(town: Town) -> None:
    servers = [await town.starts(LOKET_PACING="on", LOKET_LEASE_SECONDS="5") for _ in range(3)]
    doors = cycle([await server.serves() for server in servers])
    crowd = [town.on_telegram(n) for n in range(150)]
    for person in crowd:  # a balancer in front
        town.leads_to(next(doors))
        await person.says("halo")
    await servers[0].is_killed()  # its part goes to the others, who do not send it on top
    town.leads_to(next(doors))
    town.leads_to(await servers[1].serves())
    assert await town.holds() == []
    began = town.clock()
    sends = [sent for sent in town.telegram.ledger if sent.type == "sendMessage"]
    moments = [(sent.at - began).total_seconds() for sent in sends]
    assert len(sends) > len(crowd) - 20  # what the dead one had in its hands is `unknown`
    assert {sent.outcome for sent in sends} == {"accepted"}
    assert most_in_a_second(moments) <= TELEGRAMS_LIMIT
    assert len(sends) / (max(moments) - min(moments)) > TELEGRAMS_LIMIT / 10


async def test_one_receives_one_works_and_one_tells_the_time(town: Town) -> None:
    web = await town.starts(run=("serve", "--role", "web"))
    worker = await town.starts(run=("serve", "--role", "worker"))
    clock = await town.starts(run=("serve", "--role", "clock"), LOKET_TICK_SECONDS="0.2")
    for server in (worker, clock, web):
        town.leads_to(await server.serves())
    maria = await ready_for_pickup(town)
    await maria.hears(containing="siap diambil")
    assert await town.holds() == []
    assert await asyncio.gather(*(server.stop() for server in (web, worker, clock))) == [0, 0, 0]


async def test_a_page_hears_at_once_what_another_process_says(town: Town) -> None:
    web = await town.starts(run=("serve", "--role", "web"), LOKET_WEBCHAT__ENABLED="true")
    worker = await town.starts(run=("serve", "--role", "worker"), LOKET_WEBCHAT__ENABLED="true")
    await worker.serves()
    async with WebPhone(await web.serves()) as citizen:
        assert await citizen.says("halo") == 200
        await citizen.hears(within=HEARTBEAT / 2)  # sooner than a page that nobody rings looks
