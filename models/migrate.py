"""Bringing the schema up: each numbered file in one transaction with its record, one migrator at a time.

Until the first release 0001 is simply written anew when the models change::

    python -m models.migrate --print-schema sqlite   > models/migrations/0001_first.sqlite.sql
    python -m models.migrate --print-schema postgres > models/migrations/0001_first.postgres.sql
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import asyncpg

from models.database import sqlite_path
from models.failpoint import failpoint
from models.migrations.files import FOLDER, Dialect, Migration, read, statements
from models.migrations.postgres import PostgresSchema
from models.migrations.problems import DatabaseNewer, MigrationChanged, SchemaBusy, SchemaOlder
from models.migrations.sqlite import SqliteSchema

BUSY_TRIES = 60
BUSY_PAUSE = 0.5  # seconds between them, in which those who work go on


class Schema(Protocol):
    """An engine's way to change a schema."""

    dialect: Dialect

    def transaction(self) -> AbstractAsyncContextManager[None]: ...

    async def execute(self, statement: str) -> None: ...

    async def applied(self) -> dict[int, tuple[str, str]]: ...

    async def record(self, migration: Migration) -> None: ...


@asynccontextmanager
async def _open(url: str) -> AsyncIterator[Schema]:
    path = sqlite_path(url)
    if path is not None:
        async with SqliteSchema.open(path) as sqlite:
            yield sqlite
    else:
        async with PostgresSchema.open(url) as postgres:
            yield postgres


def waiting(known: Sequence[Migration], applied: Mapping[int, tuple[str, str]]) -> list[Migration]:
    """What is not applied yet (version → name, SHA-256).  Raises: MigrationChanged, DatabaseNewer."""
    newest = max(applied, default=0)
    if newest > len(known):
        raise DatabaseNewer(newest)
    for migration in known:
        if migration.version in applied and applied[migration.version] != (migration.name, migration.sha256):
            raise MigrationChanged(migration.name)
    return [migration for migration in known if migration.version not in applied]


async def migrate(url: str, folder: Path = FOLDER) -> list[str]:
    """Apply what is waiting; the names of the files applied by this call.

    Safe when several start at once: one works, the others wait and find it done.  Killed at any instruction,
    a file has happened or has not.
    Raises: MigrationChanged, DatabaseNewer, OrphanRows, SchemaBusy, MisnamedMigration.
    """
    done: list[str] = []
    async with _open(url) as schema:
        known = read(schema.dialect, folder)
        while (name := await _next(schema, known)) is not None:
            done.append(name)
    return done


async def _next(schema: Schema, known: Sequence[Migration]) -> str | None:
    for _ in range(BUSY_TRIES):
        try:
            return await _apply_first(schema, known)
        except asyncpg.LockNotAvailableError:
            await asyncio.sleep(BUSY_PAUSE)
    raise SchemaBusy


async def _apply_first(schema: Schema, known: Sequence[Migration]) -> str | None:
    async with schema.transaction():
        left = waiting(known, await schema.applied())
        if not left:
            return None
        migration = left[0]
        for statement in statements(migration.sql, schema.dialect):
            failpoint("migrate")
            await schema.execute(statement)
        await schema.record(migration)
        failpoint("migrate")
    return migration.name


async def pending(url: str, folder: Path = FOLDER) -> list[str]:
    """The names of the files that wait to be applied; changes nothing.

    Raises: MigrationChanged, DatabaseNewer, MisnamedMigration.
    """
    path = sqlite_path(url)
    if path is not None and not path.exists():
        return [migration.name for migration in read("sqlite", folder)]
    async with _open(url) as schema:
        return [found.name for found in waiting(read(schema.dialect, folder), await schema.applied())]


async def check(url: str, folder: Path = FOLDER) -> None:
    """That the schema is the one this code was written for.

    Raises: SchemaOlder, MigrationChanged, DatabaseNewer, MisnamedMigration.
    """
    left = await pending(url, folder)
    if left:
        raise SchemaOlder(left)


if __name__ == "__main__":
    from models.migrations.fresh import schema_of_the_models

    match sys.argv[1:]:
        case ["--print-schema", ("sqlite" | "postgres") as dialect]:
            sys.stdout.write(asyncio.run(schema_of_the_models(dialect)))
        case _:
            sys.exit("usage: python -m models.migrate --print-schema sqlite|postgres")
