"""Migrating PostgreSQL: one migrator at a time, and never in the way of those who work."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import asyncpg

from models.database import connection_settings
from models.migrations.files import Dialect, Migration

ADVISORY_LOCK = 0x4C4F4B4554  # "LOKET"
TABLE_LOCK_WAIT = "500ms"  # a waiting ALTER makes every SELECT behind it wait, too

RECORDS = """
CREATE TABLE IF NOT EXISTS "schema_versions" (
    "version" INT PRIMARY KEY NOT NULL,
    "name" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "applied_at" TIMESTAMPTZ NOT NULL
)
"""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """One connection beside the pool, without the pool's time-outs."""
    where = connection_settings(url)["credentials"]
    names = ("host", "port", "user", "password", "database")
    db = await asyncpg.connect(**{name: where[name] for name in names})
    try:
        yield db
    finally:
        await asyncio.shield(db.close())


class PostgresSchema:
    """One connection that changes the schema of a PostgreSQL database."""

    dialect: Dialect = "postgres"

    def __init__(self, db: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._db = db

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        async with connected(url) as db:
            yield cls(db)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Alone among migrators, however long the other one takes.

        Raises: asyncpg.LockNotAvailableError when a table was busy, and nothing was changed.
        """
        async with self._db.transaction():
            await self._db.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0")
            await self._db.execute(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
            await self._db.execute(f"SET LOCAL lock_timeout = '{TABLE_LOCK_WAIT}'")
            await self._db.execute(RECORDS)
            yield

    async def execute(self, statement: str) -> None:
        await self._db.execute(statement)

    async def applied(self) -> dict[int, tuple[str, str]]:
        """Version → (name, SHA-256)."""
        if await self._db.fetchval("SELECT to_regclass('schema_versions')") is None:
            return {}
        rows = await self._db.fetch("SELECT version, name, sha256 FROM schema_versions")
        return {row["version"]: (row["name"], row["sha256"]) for row in rows}

    async def record(self, migration: Migration) -> None:
        await self._db.execute(
            "INSERT INTO schema_versions (version, name, sha256, applied_at) VALUES ($1, $2, $3, now())",
            migration.version,
            migration.name,
            migration.sha256,
        )
