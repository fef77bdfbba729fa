"""Killed at every statement, a migration has not happened; run again, it happens once."""

import asyncio
import os
import signal
from pathlib import Path

from models.database import sqlite_path
from models.migrate import migrate, pending
from models.migrations.files import Dialect, statements
from tests.forked import forked
from tests.migrations.future import add_trigger, add_widening
from tests.migrations.office import furnish
from tests.migrations.outside import everything, schema


def migrates(url: str, folder: str, killed_at: int) -> None:
    """In a process of its own."""
    os.environ |= {"LOKET_ENV": "test", "FAILPOINT": f"migrate:{killed_at}"}
    asyncio.run(migrate(url, Path(folder)))


async def test_killed_at_each_statement_it_has_not_happened(
    database_url: str, empty_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "future"
    folder.mkdir()
    await add_trigger(folder)
    await migrate(database_url, folder)
    await furnish(database_url)
    await add_widening(folder, database_url)
    [waiting] = await pending(database_url, folder)
    dialect: Dialect = "postgres" if sqlite_path(database_url) is None else "sqlite"
    points = len(statements((folder / waiting).read_text(), dialect)) + 1  # and once before the commit
    before = await schema(database_url), await everything(database_url)

    for n in range(1, points + 1):
        assert await forked(migrates, database_url, str(folder), n) == -signal.SIGKILL, n
        assert (await schema(database_url), await everything(database_url)) == before, n

    assert await forked(migrates, database_url, str(folder), points + 1) == 0
    assert await pending(database_url, folder) == []
    assert points > 5
    assert len((await everything(database_url))["papers"]) == 6
    await migrate(empty_url, folder)
    assert await schema(database_url) == await schema(empty_url)
