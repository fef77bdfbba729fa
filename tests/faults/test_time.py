"""Faults 19 and 21: clocks that jump, and a scheduler that was away."""

import asyncio

from tests.faults.desk import ready_for_pickup
from tests.faults.servers import Server
from tests.faults.town import Town
from tests.migrations.outside import query

TICKS = 1.0  # seconds of real time, in which the clock ticks several times


async def at_another_time(town: Town, server: Server, **spans: float) -> Server:
    """The office closes, the clock jumps, the office opens."""
    await server.stop()
    town.time_passes(**spans)
    return await town.serves(LOKET_TICK_SECONDS="0.2")


async def reminders(town: Town) -> int:
    found = await query(town.database_url, "SELECT count(*) FROM outbox WHERE name LIKE '%remind%'")
    return int(found[0][0])


async def test_an_hour_on_an_hour_back_and_a_day_on_nothing_is_said_twice(town: Town) -> None:
    """Fault 19."""
    server = await town.serves()
    maria = await ready_for_pickup(town)
    said = len(maria.messages)
    for spans in ({"hours": 1}, {"hours": -1}, {"days": 1}, {"hours": -1}):
        server = await at_another_time(town, server, **spans)
        await asyncio.sleep(TICKS)
        await town.comes_to_rest()
    assert (len(maria.messages), await reminders(town)) == (said, 0)
    for spans in ({"days": 2, "hours": 2}, {"hours": -2}, {"hours": 3}):
        server = await at_another_time(town, server, **spans)
        await asyncio.sleep(TICKS)
        await town.comes_to_rest()
    assert await reminders(town) == 1
    assert len([text for text in maria.everything if "belum diambil" in text]) == 1
    assert await town.holds() == []


async def test_what_waits_to_be_sent_does_not_wait_for_a_clock_that_was_set_back(town: Town) -> None:
    """Fault 19: killed between the commit and the send, and an hour earlier at the next start."""
    server = await town.serves("handle.committed:1")
    maria = town.on_whatsapp(1)
    await maria.says("halo")
    await server.dies()
    town.time_passes(hours=-1)
    await town.serves()
    await maria.hears()
    assert await town.holds() == []


async def test_three_days_away_it_says_nothing_at_two_in_the_night_and_everything_once_in_the_morning(
    town: Town,
) -> None:
    """Fault 21."""
    server = await town.serves()
    maria = await ready_for_pickup(town)
    said = len(maria.messages)
    server = await at_another_time(town, server, days=3, hours=17)
    await asyncio.sleep(TICKS)
    await town.comes_to_rest()
    assert len(maria.messages) == said
    server = await at_another_time(town, server, hours=7)
    await maria.hears(containing="belum diambil")
    await asyncio.sleep(TICKS)
    await town.comes_to_rest()
    assert len(maria.messages) == said + 1
    assert await town.holds() == []
