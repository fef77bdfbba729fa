"""Several processes start at once on an empty database: one migrates, the others wait and find it done."""

import asyncio

import pytest

from models.migrate import check
from models.migrations.files import FOLDER
from tests.migrations.migrator import finish, start
from tests.migrations.outside import everything, schema


@pytest.mark.parametrize("several", [2, 3])
async def test_started_at_once_they_migrate_once(several: int, empty_url: str, database_url: str) -> None:
    migrators = await asyncio.gather(*(start(empty_url) for _ in range(several)))
    ended = await asyncio.gather(*(finish(migrator) for migrator in migrators))

    assert [code for code, _ in ended] == [0] * several
    applied = [name for _, names in ended for name in names]
    assert len(applied) == len(set(applied)) == len({path.name[:4] for path in FOLDER.glob("*.sql")})
    await check(empty_url)
    assert await schema(empty_url) == await schema(database_url)


async def test_one_is_killed_and_the_next_goes_on(empty_url: str) -> None:
    first = await start(empty_url, killed_at=5)
    second = await start(empty_url)
    (killed, _), (code, _) = await asyncio.gather(finish(first), finish(second))

    assert code == 0
    assert killed in (0, -9)  # it may have come second, and found nothing to do
    await check(empty_url)
    assert len((await everything(empty_url))["schema_versions"]) == len(
        {path.name[:4] for path in FOLDER.glob("*.sql")}
    )
