"""SQLite's log goes into the database beside the work, and nothing is lost or held up by it."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models import checkpoints
from models.contacts import Contact
from models.database import close_database, rows, sqlite_path, the_client, transaction
from models.sqlite_backend import ImmediateSqliteClient
from tests.patience import PATIENCE

MANY = checkpoints.ROWS + 1

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
async def client(database: str) -> AsyncIterator[ImmediateSqliteClient]:
    client = the_client()
    assert isinstance(client, ImmediateSqliteClient)
    yield client


async def write(count: int) -> None:
    await rows(
        """INSERT INTO contacts (office_id, name, language, created_at)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
        SELECT 1, 'Maria Adu', 'id', '2026-11-25 00:00:00+00:00' FROM n""",
        [count],
    )


async def settled(client: ImmediateSqliteClient) -> None:
    async with asyncio.timeout(PATIENCE):
        await client.checkpoints.ended()


def in_the_file_itself(url: str, folder: Path) -> int:
    """How many contacts the database holds without its log."""
    alone = folder / "alone.db"
    shutil.copyfile(sqlite_path(url) or "", alone)
    with sqlite3.connect(alone) as db:
        return int(db.execute("SELECT count(*) FROM contacts").fetchone()[0])


async def pages_of_the_log() -> int:
    """Of the one that the next write would go to."""
    await write(1)
    return int((await rows("PRAGMA wal_checkpoint(PASSIVE)"))[0]["log"])


async def test_much_written_is_soon_in_the_database_itself(
    database: str, client: ImmediateSqliteClient, tmp_path: Path
) -> None:
    await write(10)
    await settled(client)
    assert in_the_file_itself(database, tmp_path) == 0

    await write(MANY)
    await settled(client)
    assert in_the_file_itself(database, tmp_path) == MANY + 10


async def test_a_log_into_which_nobody_wrote_meanwhile_begins_anew(client: ImmediateSqliteClient) -> None:
    await write(MANY)
    await settled(client)
    assert await pages_of_the_log() < 10


async def test_a_log_into_which_somebody_always_writes_begins_anew_in_a_turn_of_its_own(
    client: ImmediateSqliteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    beside = checkpoints._copy_beside

    def and_somebody_writes(path: str) -> int:
        beside(path)
        asyncio.run_coroutine_threadsafe(write(1), loop).result(PATIENCE)
        return checkpoints.LONG

    monkeypatch.setattr(checkpoints, "_copy_beside", and_somebody_writes)
    await write(MANY)
    await settled(client)
    assert await pages_of_the_log() < 10


async def test_a_transaction_that_stands_open_is_neither_cut_short_nor_copied(
    database: str, client: ImmediateSqliteClient, tmp_path: Path
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def undecided() -> None:
        await write(1)
        begun.set()
        await go_on.wait()
        raise ZeroDivisionError

    await write(MANY)  # its checkpoint begins …
    running = asyncio.create_task(transaction(undecided))  # … and meets this one
    await begun.wait()
    await settled(client)
    go_on.set()
    with pytest.raises(ZeroDivisionError):
        await running

    assert await Contact.all().count() == MANY
    assert in_the_file_itself(database, tmp_path) == MANY


async def test_one_that_fails_harms_nothing_and_the_next_one_comes(
    database: str, client: ImmediateSqliteClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: str) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "_copy_beside", full)
        await write(MANY)
        await settled(client)
    assert await Contact.all().count() == MANY

    await write(MANY)
    await settled(client)
    assert in_the_file_itself(database, tmp_path) == 2 * MANY


async def test_closing_waits_for_it(database: str, client: ImmediateSqliteClient, tmp_path: Path) -> None:
    await write(MANY)
    async with asyncio.timeout(PATIENCE):
        await close_database()
    assert in_the_file_itself(database, tmp_path) == MANY


async def test_every_commit_waits_for_the_disk(client: ImmediateSqliteClient) -> None:
    """A checkpoint does not change how: `synchronous` is FULL (2) before and after."""
    for _ in range(2):
        assert (await rows("PRAGMA synchronous"))[0]["synchronous"] == 2
        await write(MANY)
        await settled(client)
