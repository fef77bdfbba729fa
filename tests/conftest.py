"""What every test may ask for: a fresh database, on SQLite and on PostgreSQL.

``database_url``  a migrated, empty database of its own; the test runs once per engine
``database``      the same, opened for the models in this process
``empty_url``     a database without any table
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import hypothesis
import pytest

from models.database import close_database, open_database
from models.migrate import migrate
from tests import postgres as server

os.environ.setdefault("LOKET_ENV", "test")

# A busy machine is not a wrong answer.  CI repeats the same examples; at a desk every run looks elsewhere.
hypothesis.settings.register_profile("loket", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("loket")

ENGINES = ("sqlite", "postgres")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # not in xdist's workers: they share their parent's
        server.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        server.end_run()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, closed and without a WAL: copying it is enough."""
    path = tmp_path_factory.mktemp("template") / "loket.db"
    asyncio.run(migrate(f"sqlite://{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_server() -> server.Postgres:
    return server.Postgres()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def source(engine: str, request: pytest.FixtureRequest) -> "Path | server.Postgres":
    """Where fresh databases come from; asked for here, outside any event loop."""
    made: Path | server.Postgres = request.getfixturevalue(
        "sqlite_template" if engine == "sqlite" else "postgres_server"
    )
    return made


@pytest.fixture
async def database_url(source: "Path | server.Postgres", tmp_path: Path) -> AsyncIterator[str]:
    if isinstance(source, Path):
        shutil.copyfile(source, tmp_path / "loket.db")
        yield f"sqlite://{tmp_path / 'loket.db'}"
        return
    url = await source.create()
    yield url
    await source.drop(url)


@pytest.fixture
async def empty_url(source: "Path | server.Postgres", tmp_path: Path) -> AsyncIterator[str]:
    if isinstance(source, Path):
        yield f"sqlite://{tmp_path / 'empty.db'}"
        return
    url = await source.create(empty=True)
    yield url
    await source.drop(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    await open_database(database_url)
    yield database_url
    await close_database()
