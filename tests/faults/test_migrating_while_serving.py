"""Fault 29: the schema changes while fifty a second write, and the code that runs is the one before."""

import asyncio
from pathlib import Path

from tests.faults.load import Load, people
from tests.faults.town import Town
from tests.migrations.future import add_trigger, add_widening
from tests.migrations.migrator import finish, start

STALL = 1.0  # seconds that nobody may wait longer than usual


async def test_nobody_is_turned_away_and_nobody_waits_long(town: Town, tmp_path: Path) -> None:
    await town.serves()
    folder = tmp_path / "future"
    folder.mkdir()
    await add_trigger(folder)
    await add_widening(folder, town.database_url)
    migrator = await start(town.database_url, folder)
    load, over, crowd = Load(), asyncio.Event(), people(town, 9)
    speaking = asyncio.create_task(load.goes_on(crowd, over.is_set, per_second=50))
    await asyncio.sleep(0.5)
    exit_code, applied = await finish(migrator)
    await asyncio.sleep(0.5)
    over.set()
    await speaking
    assert (exit_code, len(applied)) == (0, 2)
    assert set(load.statuses) == {200}
    assert load.percentile(1.0) - load.percentile(0.5) <= STALL
    assert await town.holds() == []
