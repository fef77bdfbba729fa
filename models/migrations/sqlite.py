"""Migrating SQLite: the write lock first, foreign keys off, checked before the commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import aiosqlite

from models.migrations.files import Dialect, Migration
from models.migrations.problems import OrphanRows

LOCK_WAIT = 60  # seconds: somebody else is migrating

RECORDS = """
CREATE TABLE IF NOT EXISTS "schema_versions" (
    "version" INTEGER PRIMARY KEY NOT NULL,
    "name" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "applied_at" TEXT NOT NULL
)
"""


class SqliteSchema:
    """One connection that changes the schema of a SQLite file."""

    dialect: Dialect = "sqlite"

    def __init__(self, db: aiosqlite.Connection) -> None:
        self._db = db

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Self]:
        path.parent.mkdir(parents=True, exist_ok=True)
        async with aiosqlite.connect(path, isolation_level=None, timeout=LOCK_WAIT) as db:
            await db.execute_fetchall("PRAGMA foreign_keys=OFF")  # no effect inside a transaction, so here
            await db.execute_fetchall("PRAGMA synchronous=FULL")
            yield cls(db)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Alone with the file.  Raises: OrphanRows, and nothing was changed."""
        await self.execute("BEGIN IMMEDIATE")
        try:
            await self.execute(RECORDS)
            yield
            orphans = await self._db.execute_fetchall("PRAGMA foreign_key_check")
            if orphans:
                raise OrphanRows(sorted({str(row[0]) for row in orphans}))
            await self.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                await self._db.rollback()
            raise

    async def execute(self, statement: str) -> None:
        await self._db.execute_fetchall(statement)

    async def applied(self) -> dict[int, tuple[str, str]]:
        """Version → (name, SHA-256)."""
        exists = await self._db.execute_fetchall("SELECT 1 FROM sqlite_master WHERE name = 'schema_versions'")
        if not exists:
            return {}
        rows = await self._db.execute_fetchall("SELECT version, name, sha256 FROM schema_versions")
        return {row[0]: (row[1], row[2]) for row in rows}

    async def record(self, migration: Migration) -> None:
        await self._db.execute_fetchall(
            "INSERT INTO schema_versions (version, name, sha256, applied_at)"
            " VALUES (?, ?, ?, CURRENT_TIMESTAMP)",
            (migration.version, migration.name, migration.sha256),
        )
