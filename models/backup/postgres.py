"""PostgreSQL: every table by COPY out of one snapshot, and back in one transaction, schema and all."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from graphlib import TopologicalSorter
from pathlib import Path

import asyncpg

from models.backup.problems import BackupBroken, BackupRefused, DatabaseInUse
from models.backup.snapshot import KEPT_FILES, LEAP, VERSIONS, Applied, Kept, Snapshot
from models.failpoint import failpoint
from models.migrations.files import FOLDER, Migration, read, statements
from models.migrations.postgres import ADVISORY_LOCK, RECORDS, PostgresSchema, connected

OWN = "schema_versions"
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
_PARENTS = """
SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent
FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conrelid <> confrelid
"""
_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_PATIENT = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
_COUNTERS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND column_default LIKE 'nextval(%'
"""


async def copy_out(url: str, folder: Path) -> Snapshot:
    """Copy every table into ``folder``, all as of one moment; nobody waits for it but a migration."""
    async with connected(url) as db, db.transaction(isolation="repeatable_read", readonly=True):
        await db.execute(_PATIENT)
        schema = [Applied(*row) for row in await db.fetch(VERSIONS)]
        rows = {table: await _copy_table(db, table, folder) for table in await _tables(db)}
        return Snapshot(
            engine="postgres",
            schema=schema,
            rows=rows,
            kept=[Kept(*row) for row in await db.fetch(KEPT_FILES)],
        )


async def _copy_table(db: "asyncpg.Connection[asyncpg.Record]", table: str, folder: Path) -> int:
    """How many rows went into ``TABLE.csv``."""
    said = await db.copy_from_table(table, output=folder / f"{table}.csv", format="csv", header=True)
    return int(said.split()[-1])  # "COPY 12"


async def refuse_unless_empty(url: str) -> None:
    """Raises: BackupRefused where the database has rows, DatabaseInUse where somebody is connected to it."""
    async with connected(url) as db:
        await _refuse_company(db)
        await _refuse_rows(db, await _tables(db))


async def bring_back(
    url: str,
    folder: Path,
    schema: Sequence[Applied],
    expected: Mapping[str, int],
    then: Sequence[str],
    migrations: Path = FOLDER,
) -> None:
    """Fill an empty database: the backup's schema, its rows, what came since, and ``then``; or nothing of it.

    Raises: BackupRefused, BackupBroken, DatabaseInUse.
    """
    async with connected(url) as db, _alone(db):
        newer = await _at_the_schema(db, schema, read("postgres", migrations))
        await _lock_and_refuse_rows(db)
        for table in await _parents_first(db):
            await _fill(db, table, folder / f"{table}.csv", expected.get(table))
        for migration in newer:
            await _apply(db, migration)
        await _make_a_copy(db, then)
        await db.execute("ANALYZE")
        failpoint("restore.rows")


async def make_a_copy(url: str, then: Sequence[str]) -> None:
    """Let ids jump and run ``then`` in a database that came back by other means.  Raises: DatabaseInUse."""
    async with connected(url) as db, _alone(db):
        await _make_a_copy(db, then)


async def _make_a_copy(db: "asyncpg.Connection[asyncpg.Record]", then: Sequence[str]) -> None:
    for table, column in await db.fetch(_COUNTERS):
        await db.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'),"  # noqa: S608
            f' (SELECT coalesce(max("{column}"), 0) FROM "{table}") + {LEAP})'
        )
    for statement in then:
        await db.execute(statement)


@asynccontextmanager
async def _alone(db: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[None]:
    """A transaction during which nobody else migrates.  Raises: DatabaseInUse."""
    await _refuse_company(db)
    async with db.transaction():
        await db.execute(
            f"{_PATIENT}; SELECT pg_advisory_xact_lock({ADVISORY_LOCK}); SET LOCAL lock_timeout = '5s'"
        )
        yield


async def _refuse_company(db: "asyncpg.Connection[asyncpg.Record]") -> None:
    others = await db.fetchval(_OTHERS)
    if others:
        raise DatabaseInUse(f"Others are connected to the database ({others}); stop what serves it first.")


async def _at_the_schema(
    db: "asyncpg.Connection[asyncpg.Record]", schema: Sequence[Applied], known: Sequence[Migration]
) -> Sequence[Migration]:
    """Bring an empty database to the backup's schema; the migrations that came since."""
    newest = schema[-1].version
    if await _tables(db):
        there = [Applied(*row) for row in await db.fetch(VERSIONS)]
        if there != list(schema):
            raise BackupRefused(
                "the database's schema is not the backup's; restore into a database without any table"
            )
    else:
        await db.execute(RECORDS)
        for migration in known[:newest]:
            await _apply(db, migration)
    return known[newest:]


async def _apply(db: "asyncpg.Connection[asyncpg.Record]", migration: Migration) -> None:
    target = PostgresSchema(db)
    for statement in statements(migration.sql, "postgres"):
        await target.execute(statement)
    await target.record(migration)


async def _lock_and_refuse_rows(db: "asyncpg.Connection[asyncpg.Record]") -> None:
    tables = await _tables(db)
    await db.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
    await _refuse_rows(db, tables)


async def _refuse_rows(db: "asyncpg.Connection[asyncpg.Record]", tables: Sequence[str]) -> None:
    for table in tables:
        if await db.fetchval(f'SELECT EXISTS (SELECT 1 FROM "{table}")'):  # noqa: S608
            raise BackupRefused(f"the database has rows already ({table}); restore into an empty one")


async def _fill(
    db: "asyncpg.Connection[asyncpg.Record]", table: str, file: Path, expected: int | None
) -> None:
    if expected is None:
        raise BackupBroken(f"the backup has no table {table}")
    columns = _columns(file)
    try:
        said = await db.copy_to_table(table, source=file, columns=columns, format="csv", header=True)
    except asyncpg.PostgresError as error:
        raise BackupBroken(f"the backup's table {table} cannot be read ({type(error).__name__})") from error
    if said != f"COPY {expected}":
        raise BackupBroken(f"the backup's table {table} does not hold the rows that its manifest counts")


def _columns(file: Path) -> list[str]:
    with file.open(encoding="utf-8") as lines:
        return lines.readline().strip().split(",")


async def _tables(db: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """Ours, without the schema's own record."""
    return [row["tablename"] for row in await db.fetch(_TABLES) if row["tablename"] != OWN]


async def _parents_first(db: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    order: TopologicalSorter[str] = TopologicalSorter({table: [] for table in await _tables(db)})
    for child, parent in await db.fetch(_PARENTS):
        order.add(child, parent)
    return list(order.static_order())
