"""Faults 6, 7 and 8: PostgreSQL restarts, is away, or takes connections and does not answer."""

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from models.migrate import migrate
from tests import postgres as postgres_server
from tests.faults.forgetful_line import ForgetfulLine
from tests.faults.load import Load, people
from tests.faults.servers import Server
from tests.faults.test_stopping import ready
from tests.faults.town import Town, open_town
from tests.posted_phone import PostedPhone

KEEPS_WHAT_IT_SAID = ("fsync = off",)  # the machine stays; what was committed must survive the processes


class OwnPostgres:
    """A PostgreSQL for one test, which may be stopped and paused."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "server"
        self.url = postgres_server.start(self.folder, KEEPS_WHAT_IT_SAID)

    @property
    def runs(self) -> bool:
        return (self.folder / "postmaster.pid").exists()

    @property
    def _pid(self) -> int:
        return int((self.folder / "postmaster.pid").read_text().splitlines()[0])

    async def stops(self) -> None:
        """At once, as after a power cut: ``pg_ctl stop -m immediate``."""
        pid = self._pid
        os.kill(pid, signal.SIGQUIT)
        while (
            Path(f"/proc/{pid}/stat").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]
        ):
            await asyncio.sleep(0.02)

    async def starts(self) -> None:
        await asyncio.to_thread(postgres_server.start_again, self.folder)

    def gets(self, what: signal.Signals) -> None:
        """Every process of it."""
        listed = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split()
        for pid in (self._pid, *map(int, listed)):
            os.kill(pid, what)


@asynccontextmanager
async def town_with(own: OwnPostgres, folder: Path) -> AsyncIterator[Town]:
    await migrate(own.url)
    async with open_town(own.url, folder) as town:
        yield town


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[OwnPostgres]:
    with tempfile.TemporaryDirectory(prefix="loket-postgres-") as folder:
        Path(folder).chmod(0o755)
        server = OwnPostgres(Path(folder))
        yield server
        if server.runs:
            await server.stops()


async def until_ready_says(status: int, town: Town, server: Server) -> None:
    """Within seconds."""
    begun = time.monotonic()
    while (said := await ready(town.url)) != status:
        assert time.monotonic() < begun + 20, (said, server.lives)
        await asyncio.sleep(0.05)


async def test_a_restart_under_load_loses_nothing_and_is_over_within_seconds(
    own: OwnPostgres, tmp_path: Path
) -> None:
    """Fault 6."""
    async with town_with(own, tmp_path) as town:
        server, load, crowd, over = await town.serves(), Load(), people(town, 9), asyncio.Event()
        speaking = asyncio.create_task(load.goes_on(crowd, over.is_set, per_second=40))
        await asyncio.sleep(0.5)
        await own.stops()
        await until_ready_says(503, town, server)
        await own.starts()
        await until_ready_says(200, town, server)
        await asyncio.sleep(0.3)
        over.set()
        await speaking
        assert set(load.statuses) == {200, 503}
        assert await town.holds() == []
        assert server.lives


async def test_it_serves_on_where_it_was_just_about_to_greet(own: OwnPostgres, tmp_path: Path) -> None:
    """The doors are open, and what is printed for the first operator waits for a row."""
    async with town_with(own, tmp_path) as town:
        db = await postgres_server.connect(own.url)
        lock = db.transaction()
        await lock.start()
        await db.execute("LOCK TABLE staff")
        server = await town.serves()
        await own.stops()
        await until_ready_says(503, town, server)
        assert server.lives
        await own.starts()
        await until_ready_says(200, town, server)
        maria = town.on_whatsapp(1)
        assert await maria.says("halo") == 200
        await maria.hears()
        assert await town.holds() == []
        assert '"greeting.without_database"' in server.log.read_text()


async def test_while_it_is_away_the_door_says_503_and_nothing_grows(own: OwnPostgres, tmp_path: Path) -> None:
    """Fault 7: seconds stand for the half hour; nothing counts them."""
    async with town_with(own, tmp_path) as town:
        server, crowd = await town.serves(), people(town, 9)
        first = Load()
        await first.goes_on(crowd, lambda: len(first.statuses) > 30, per_second=100)
        await town.comes_to_rest()
        await own.stops()
        before = resident(server_pid := await server.pid)
        load = Load()
        await load.goes_on(crowd, lambda: len(load.statuses) > 60, per_second=50)
        assert set(load.statuses) == {503}
        assert await ready(town.url) == 503
        assert resident(server_pid) - before < 20 * 1024
        await own.starts()
        assert await town.holds() == []
        assert server.lives


def resident(pid: int) -> int:
    """kB."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_commit_whose_answer_was_lost_is_handled_all_the_same(
    database_url: str, tmp_path: Path
) -> None:
    """Fault 6, at its worst moment."""
    async with ForgetfulLine(database_url, b"wamid.") as line, open_town(line.url, tmp_path) as town:
        await town.serves()
        maria = town.on_whatsapp(1)
        await maria.says("halo")
        await maria.hears()
        await town.comes_to_rest()
        line.loses = 2  # on a slow machine the message is kept for itself before its step is
        assert await maria.says("status") == 503
        assert line.lost
        line.loses = 0
        assert await maria.redelivers() == [200]
        await maria.hears()
        assert await town.holds() == []


async def test_while_it_hangs_nobody_waits_for_ever(own: OwnPostgres, tmp_path: Path) -> None:
    """Fault 8."""
    async with town_with(own, tmp_path) as town:
        server, crowd = await town.serves(), people(town, 6)
        await crowd[0].says("halo")
        await crowd[0].hears()
        own.gets(signal.SIGSTOP)
        try:
            await _is_told_to_come_again(town, server, crowd[:3])
        finally:
            own.gets(signal.SIGCONT)
        assert await town.holds() == []


async def _is_told_to_come_again(town: Town, server: Server, crowd: Sequence[PostedPhone]) -> None:
    asked = [asyncio.create_task(person.says("halo?")) for person in crowd]
    assert await alive(town.url) < 3  # the loop is free: it does not wait the 5.5 s that a statement may
    answered, _ = await asyncio.wait(asked, timeout=15)  # 5.5 s for a statement, and to take it back
    assert [task.result() for task in answered] == [503] * len(crowd)
    assert server.lives


async def alive(url: str) -> float:
    """Seconds until `/healthz` answered."""
    began = time.monotonic()
    async with aiohttp.ClientSession() as http, http.get(f"{url}/healthz") as answer:
        assert answer.status == 200
    return time.monotonic() - began
