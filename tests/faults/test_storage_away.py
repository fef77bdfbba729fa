"""Faults 9, 10 and 11: the file is locked, the disk is full, the papers cannot be written."""

import asyncio
import resource
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from models.database import sqlite_path
from tests.fakes import pictures
from tests.faults.desk import Desk
from tests.faults.servers import EndedBeforeServing, Server
from tests.faults.short_form import only_in_the_soak
from tests.faults.town import Town, open_town
from tests.migrations.outside import query
from tests.patience import PATIENCE
from tests.sealed import paper_of_office
from tests.small_disk import mounted

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
LONGER_THAN_IT_WAITS = 17.0  # seconds; see models.database.SQLITE_PRAGMAS


def database_of(town: Town) -> Path:
    path = sqlite_path(town.database_url)
    assert path is not None
    return path


@SQLITE
async def test_a_second_process_is_refused_in_one_sentence(town: Town) -> None:
    """Fault 9."""
    await town.serves()
    second = await town.starts()
    with pytest.raises(EndedBeforeServing):
        await second.serves()
    assert await second.dies() == 3
    assert "already serves" in second.log.read_text()


@SQLITE
@only_in_the_soak
async def test_while_another_program_locks_the_file_the_door_waits_and_then_says_503(town: Town) -> None:
    """Fault 9: what is not written is not acknowledged, and comes again."""
    await town.serves()
    maria = town.on_whatsapp(1)
    await maria.says("halo")
    await maria.hears()
    await town.comes_to_rest()
    other = sqlite3.connect(database_of(town), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    try:
        async with asyncio.timeout(LONGER_THAN_IT_WAITS + 10):
            assert await maria.says("status") == 503
        assert time.monotonic() - began < LONGER_THAN_IT_WAITS
        async with aiohttp.ClientSession() as http, http.get(f"{town.url}/healthz") as answer:
            assert answer.status == 200
    finally:
        other.execute("ROLLBACK")
        other.close()
    await maria.redelivers()
    await maria.hears()
    assert await town.holds() == []


async def may_write(server: Server, size: int) -> None:
    """No file of this process grows beyond ``size`` bytes: to it, the disk is full."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.prlimit(await server.pid, resource.RLIMIT_FSIZE, (size, hard))


@SQLITE
async def test_a_full_disk_acknowledges_nothing_and_breaks_nothing(town: Town) -> None:
    """Fault 10."""
    server = await town.serves()
    maria, yakob = town.on_whatsapp(1), town.on_telegram(2)
    await maria.says("halo")
    await maria.hears()
    await town.comes_to_rest()
    await may_write(server, 4096)
    assert [await person.says("status") for person in (maria, yakob)] == [503, 503]
    assert server.lives
    await may_write(server, resource.RLIM_INFINITY)
    await town.providers_come_again()
    await maria.hears()
    await yakob.hears()
    assert await town.holds() == []
    assert await query(town.database_url, "PRAGMA integrity_check") == [("ok",)]


async def test_when_the_disk_is_full_the_ballast_goes_staff_are_told_and_the_office_goes_on(
    sqlite_template: Path, tmp_path: Path
) -> None:
    """Fault 10, on a disk of its own."""
    with mounted(tmp_path / "disk", 128) as disk:
        database = disk.folder / "loket.db"
        shutil.copyfile(sqlite_template, database)
        ballast = disk.folder / "loket.db.ballast"
        async with open_town(f"sqlite://{database}", disk.folder, LOKET_TICK_SECONDS="1") as town:
            await town.serves()
            desk, maria = await Desk.opens(town), town.on_whatsapp(1)
            await until(ballast.exists)
            disk.fill()
            assert await maria.says("halo") == 503
            await until(lambda: not ballast.exists())
            await desk.phone.hears(containing="Ruang penyimpanan server hampir habis")
            await town.providers_come_again()
            await maria.hears()
            disk.empty()
            await until(ballast.exists)
            assert await town.holds() == []
            assert await query(town.database_url, "PRAGMA integrity_check") == [("ok",)]


async def test_a_disk_that_was_full_before_the_start_gives_way_to_it(
    sqlite_template: Path, tmp_path: Path
) -> None:
    """Fault 10: migrating and opening the database write, too."""
    with mounted(tmp_path / "disk", 128) as disk:
        database = disk.folder / "loket.db"
        shutil.copyfile(sqlite_template, database)
        (disk.folder / "loket.db.ballast").write_bytes(bytes(1024**2))
        disk.fill()
        async with open_town(f"sqlite://{database}", disk.folder) as town:
            await town.serves()
            maria = town.on_whatsapp(1)
            assert await maria.says("halo") == 200
            await maria.hears()


async def until(so: Callable[[], bool], within: float = PATIENCE) -> None:
    """What another process does with its files: no event of ours tells."""
    async with asyncio.timeout(within):
        while not so():
            await asyncio.sleep(0.05)


async def test_a_paper_that_cannot_be_written_is_kept_waiting_and_nobody_else(
    town: Town, tmp_path: Path
) -> None:
    """Fault 11: no row without its file, no file lost, and others are answered meanwhile."""
    server = await town.serves()
    maria, yakob = town.on_whatsapp(1), town.on_telegram(2)
    await maria.says("halo")
    await maria.hears()
    large = pictures.grainy()
    await may_write(server, 5_000_000)
    assert await maria.sends_photo(large) == 200
    await yakob.says("halo")
    await yakob.hears()
    assert await query(town.database_url, "SELECT count(*) FROM files") == [(0,)]
    await may_write(server, resource.RLIM_INFINITY)
    await maria.hears()
    await town.comes_to_rest()
    [(key, size)] = await query(town.database_url, "SELECT storage_key, size FROM files")
    kept = await paper_of_office(town.database_url, town.keys, tmp_path / "papers", key)
    assert len(kept) == size > 5_000_000
    assert pictures.same(kept, large)
    assert await town.holds() == []
    await server.gets(signal.SIGTERM)
    assert await server.dies() == 0
