"""Fault 26: a message that breaks its handler, and one that kills the process."""

import signal

from tests.faults.servers import Server
from tests.faults.town import Town
from tests.migrations.outside import query

HOST = ("host", "tests.faults.poison:router")
MOST_TRIES = 5


async def rests(town: Town, server: Server) -> bool:
    """False where it died before."""
    return await town.rests_unless(lambda: not server.lives) is not None


async def test_what_breaks_its_handler_is_set_aside_and_the_next_is_answered(town: Town) -> None:
    await town.serves(run=HOST)
    maria, yakob = town.on_whatsapp(1), town.on_telegram(2)
    await maria.says("galat")
    await yakob.says("halo")
    await yakob.hears(containing="baik")
    await maria.says("halo")
    await maria.hears(containing="baik")
    parked = await query(town.database_url, "SELECT error FROM inbox WHERE state = 'parked'")
    assert parked == [("RuntimeError",)]
    assert await town.holds() == []


async def test_what_kills_the_process_is_set_aside_after_five_tries(town: Town) -> None:
    server, deaths = await town.serves(run=HOST), 0
    maria, yakob = town.on_whatsapp(1), town.on_telegram(2)
    await maria.says("racun")
    await maria.says("halo")
    while not await rests(town, server):
        assert await server.dies() == -signal.SIGKILL
        deaths += 1
        assert deaths <= MOST_TRIES + 1
        server = await town.serves(run=HOST)
    assert deaths >= 2  # it was not given up at the first
    assert await query(town.database_url, "SELECT error FROM inbox WHERE state = 'parked'") == [("KilledUs",)]
    await maria.hears(containing="baik")
    await yakob.says("halo")
    await yakob.hears(containing="baik")
    assert await town.holds() == []
