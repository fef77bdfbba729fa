"""PostgreSQL: a migration that waits for a busy table gets out of the way of those who work."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from models import migrate as migrating
from models.migrate import migrate
from models.migrations.problems import SchemaBusy
from tests.migrations.future import add_trigger, add_widening
from tests.migrations.outside import query, schema
from tests.patience import PATIENCE
from tests.postgres import connect

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

WAITING_FOR_A_TABLE = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@pytest.fixture
async def folder(database_url: str, tmp_path: Path) -> Path:
    here = tmp_path / "future"
    here.mkdir()
    await add_trigger(here)
    await migrate(database_url, here)
    await add_widening(here, database_url)
    return here


@pytest.fixture
async def reader(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Somebody in the middle of a long look at the requests."""
    connection = await connect(database_url)
    await connection.execute("BEGIN; SELECT * FROM requests")
    yield connection
    await connection.close()


async def test_others_go_on_reading_and_it_is_done_when_the_table_is_free(
    database_url: str, folder: Path, reader: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    running = asyncio.create_task(migrate(database_url, folder))
    async with asyncio.timeout(PATIENCE):
        while await query(database_url, WAITING_FOR_A_TABLE) == [(0,)]:
            assert not running.done()
        # Stands behind the waiting ALTER, which gives up first.
        assert await query(database_url, "SELECT count(*) FROM requests") == [(0,)]
        assert not running.done()
        await reader.execute("COMMIT")
        assert len(await running) == 1


async def test_a_table_that_is_never_free_is_reported_and_nothing_is_changed(
    database_url: str,
    folder: Path,
    reader: "asyncpg.Connection[asyncpg.Record]",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(migrating, "BUSY_TRIES", 2)
    before = await schema(database_url)
    with pytest.raises(SchemaBusy):
        await migrate(database_url, folder)
    assert await schema(database_url) == before
