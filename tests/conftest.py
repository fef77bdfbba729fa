"""What every test may ask for: a fresh database, on SQLite and on PostgreSQL.

``database_url``  a migrated database without a row, for this test alone; it runs once per engine
``database``      the same, opened for the models in this process
``empty_url``     a database without any table
``place``         where papers lie, for this test alone; it runs once in a folder and once on S3
``bucket``        the latter only
"""

import tests.lightly  # noqa: F401 - before all others

# isort: split
import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest

from models.database import close_database, open_database
from models.migrate import migrate
from models.sealing import held
from tests import models_once
from tests import postgres as server
from tests.emptied import Emptied
from tests.sealed import KEYS, RING
from tests.stores import S3, Bucket, Folder, Place
from wiring.serve import RARELY

gc.disable()  # until everything is imported and collected: see `pytest_runtestloop`
models_once.once_an_engine()
os.environ.setdefault("LOKET_ENV", "test")

# A busy machine is not a wrong answer.  CI repeats the same examples; at a desk every run looks elsewhere.
hypothesis.settings.register_profile("loket", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("loket")

pytest_plugins = ["tests.canaries.plugin"]

ENGINES = ("sqlite", "postgres")
LONG = (
    "tests/faults/",
    "tests/core/test_broadcast.py",
    "tests/browser/",
    "tests/foreign/test_bots.py",
    "tests/office/test_lifecycle.py",
    "tests/conformance/",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where several work, they begin with the long files: nobody is left alone with one at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What is there by now stays to the end: the collector need not look at it again and again."""
    gc.freeze()
    gc.set_threshold(*RARELY)
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    config.option.loadscopereorder = False  # xdist would begin with the files of many tests
    if not hasattr(config, "workerinput"):  # not in xdist's workers: they share their parent's
        server.begin_run()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, closed and without a WAL: copying it is enough."""
    path = tmp_path_factory.mktemp("template") / "loket.db"
    asyncio.run(migrate(f"sqlite://{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_server() -> server.Postgres:
    return server.Postgres()


@pytest.fixture(scope="session")
def emptied(postgres_server: server.Postgres) -> Iterator[Emptied]:
    made = Emptied(postgres_server)
    yield made
    made.close()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if engine == "postgres":
        emptied: Emptied = request.getfixturevalue("emptied")
        return emptied.url()
    shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "loket.db")
    return f"sqlite://{tmp_path / 'loket.db'}"


@pytest.fixture(scope="module")
def untouched(postgres_server: server.Postgres) -> Iterator[str]:
    """A PostgreSQL database in which there never was a row: where others have been, their rows are gone, not
    the pages of their indexes, and PostgreSQL takes whichever is the smallest."""
    url = asyncio.run(postgres_server.create())
    yield url
    asyncio.run(postgres_server.drop(url))


@pytest.fixture
def empty_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if engine == "sqlite":
        yield f"sqlite://{tmp_path / 'empty.db'}"
        return
    postgres: server.Postgres = request.getfixturevalue("postgres_server")
    url = asyncio.run(postgres.create(empty=True))
    yield url
    asyncio.run(postgres.drop(url))


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    server = S3()
    yield server
    server.stops()


@pytest.fixture
def bucket(s3: S3, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    made = s3.bucket()
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture(params=("folder", "s3"))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "folder":
        return Folder(tmp_path / "papers")
    made: Bucket = request.getfixturevalue("bucket")
    return made


@pytest.fixture(autouse=True)
def keys() -> None:
    """Whoever opens a database here seals with these; an office that is served takes its own."""
    held.hold(KEYS, RING)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    await open_database(database_url)
    yield database_url
    await close_database()
