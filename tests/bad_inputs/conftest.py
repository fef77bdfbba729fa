import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.bad_inputs.town import Town, open_town
from tests.canaries.places import in_sqlites_logs
from tests.conftest import ENGINES
from tests.postgres import Postgres


@pytest.fixture(scope="module", params=ENGINES)
def own_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> Iterator[tuple[str, Path]]:
    """A migrated database for the whole table, and a folder."""
    folder = tmp_path_factory.mktemp("sixty")
    if request.param == "sqlite":
        shutil.copyfile(sqlite_template, folder / "loket.db")
        yield f"sqlite://{folder / 'loket.db'}", folder
        return
    postgres: Postgres = request.getfixturevalue("postgres_server")
    url = asyncio.run(postgres.create())
    yield url, folder
    asyncio.run(postgres.drop(url))


@pytest.fixture(autouse=True)
def keys() -> None:
    """The office of the table is served all the time, with keys of its own."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(own_database: tuple[str, Path]) -> AsyncIterator[Town]:
    url, folder = own_database
    async with open_town(url, folder) as opened:
        yield opened
        assert in_sqlites_logs("", folder) == []
