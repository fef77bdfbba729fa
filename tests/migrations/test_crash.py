"""Killed at every statement, a migration has not happened; run again, it happens once."""

import signal
from pathlib import Path

from models.database import sqlite_path
from models.migrate import migrate, pending
from models.migrations.files import Dialect, statements
from tests.migrations.future import add_trigger, add_widening
from tests.migrations.migrator import finish, start
from tests.migrations.office import furnish
from tests.migrations.outside import everything, schema


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
        assert await finish(await start(database_url, folder, killed_at=n)) == (-signal.SIGKILL, []), n
        assert (await schema(database_url), await everything(database_url)) == before, n

    assert await finish(await start(database_url, folder, killed_at=points + 1)) == (0, [waiting])
    assert points > 5
    assert len((await everything(database_url))["papers"]) == 6
    await migrate(empty_url, folder)
    assert await schema(database_url) == await schema(empty_url)
