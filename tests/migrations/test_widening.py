"""A parent column is widened under its children: the case in which the ORM's own tool loses them."""

import sqlite3
from pathlib import Path

import asyncpg
import pytest

from models.migrate import migrate
from models.migrations.problems import OrphanRows
from tests.migrations.future import add_trigger, add_widening
from tests.migrations.office import furnish
from tests.migrations.outside import everything, query, schema

REFUSED_BY_THE_DATABASE = (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError)


@pytest.fixture
async def folder(database_url: str, tmp_path: Path) -> Path:
    """Today's migrations and two more; the trigger is applied to a furnished office, the widening waits."""
    here = tmp_path / "future"
    here.mkdir()
    await add_trigger(here)
    assert len(await migrate(database_url, here)) == 1
    await furnish(database_url)
    await add_widening(here, database_url)
    return here


async def test_children_are_kept(database_url: str, folder: Path) -> None:
    before = await everything(database_url)
    await migrate(database_url, folder)
    after = await everything(database_url)

    assert len(after["papers"]) == 6
    for table in before.keys() - {"requests", "schema_versions"}:
        assert after[table] == before[table], table
    width = len(before["requests"][0])
    assert [row[:width] for row in after["requests"]] == before["requests"]


async def test_uniques_indexes_triggers_and_references_are_kept(database_url: str, folder: Path) -> None:
    before = {row[:3] for row in await schema(database_url)}
    await migrate(database_url, folder)
    after = {row[:3] for row in await schema(database_url)}
    assert before <= after

    await query(database_url, "UPDATE requests SET number = 'K7Q2M9FDXXXX' WHERE queue_number = 1")
    with pytest.raises(REFUSED_BY_THE_DATABASE):
        await query(database_url, "UPDATE requests SET number = 'K7Q2M9FDXXXX' WHERE queue_number = 2")
    with pytest.raises(REFUSED_BY_THE_DATABASE):
        await query(database_url, "UPDATE requests SET queue_number = 1 WHERE queue_number = 2")
    with pytest.raises(REFUSED_BY_THE_DATABASE):
        await query(database_url, "DELETE FROM requests WHERE queue_number = 1")

    await query(database_url, "UPDATE requests SET state = 'in_review' WHERE queue_number = 1")
    assert await query(database_url, "SELECT reason FROM requests WHERE queue_number = 1") == [("watched",)]
    assert await query(database_url, "SELECT action FROM journal WHERE actor = 'trigger'") == [("moved;",)]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_a_rebuild_that_forgets_rows_is_refused_whole(database_url: str, folder: Path) -> None:
    rebuild = next(folder.glob("*_widen.sqlite.sql"))
    rebuild.write_text(
        rebuild.read_text().replace(' FROM "requests";', ' FROM "requests" WHERE "queue_number" > 1;')
    )
    before = await schema(database_url), await everything(database_url)

    with pytest.raises(OrphanRows, match="papers"):
        await migrate(database_url, folder)
    assert (await schema(database_url), await everything(database_url)) == before
