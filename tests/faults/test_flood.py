"""Fault 25: a flood of one sender and a desk that tells everybody; who only asks is answered at once."""

import asyncio
import time

from tests.faults.crowd import everybody_files
from tests.faults.desk import Desk
from tests.faults.short_form import SOAKING
from tests.faults.town import Town
from tests.flows.steps import files_a_lost_card

REQUESTS, ROUNDS = (40, 25) if SOAKING else (8, 5)
FLOOD = 2000 if SOAKING else 60
EACH = 20  # questions of one person: who asks on and on is answered at the platform's pace for one person
ANSWERED_WITHIN = 2.0  # seconds, for 95 of 100


async def test_who_asks_amid_a_flood_is_answered_at_once(town: Town) -> None:
    """And a server that is killed in the middle of it repeats nothing."""
    before = await town.serves()  # at no pace: the desk takes up what has come
    desk = await Desk.opens(town)
    await everybody_files([town.on_whatsapp(n) for n in range(REQUESTS)], files_a_lost_card)
    await desk.takes(REQUESTS)
    await town.comes_to_rest()
    assert await before.stop() == 0
    town.time_passes(minutes=10)  # no platform counts what was said till then
    server = await town.serves(LOKET_PACING="on")
    flooder = town.on_whatsapp(500)

    async def floods() -> None:
        for n in range(FLOOD):
            await flooder.says(f"banjir {n}")

    async def tells_everybody() -> None:
        for _ in range(ROUNDS):
            await desk.tells(f"1-{REQUESTS}")

    water = asyncio.gather(floods(), tells_everybody())
    waits: list[float] = []
    while not water.done() or len(waits) < EACH:
        if len(waits) % EACH == 0:
            asker = town.on_whatsapp(501 + len(waits) // EACH)
            await asker.says("halo")
            await asker.hears()
        began = time.monotonic()
        await asker.says("status")
        await asker.hears()
        waits.append(time.monotonic() - began)
    await water
    await server.is_killed()
    await town.serves()
    rows = await town.comes_to_rest(within=240)
    assert await town.holds(rows) == []
    assert sum(row.name in ("on_hold", "resumed") for row in rows.outbox) == REQUESTS * ROUNDS
    assert sorted(waits)[int(0.95 * len(waits))] <= ANSWERED_WITHIN
