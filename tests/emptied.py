"""One PostgreSQL database for all tests of a worker, emptied from one to the next.

To make a database takes a hundred times as long as to empty it.  Whoever changed its schema leaves it to
nobody: the next test gets a new one.  So does who filled it: rows go, but not their pages, nor what indexes
say of them, and who walks those for the next test takes twice as long.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import asyncpg

from models.database import AWAY
from tests.postgres import Postgres, connect

T = TypeVar("T")

# Any change of the schema, or of the record of its migrations, writes one of these rows anew.
SCHEMA = """
SELECT md5(string_agg(version, ',' ORDER BY version)) FROM (
    SELECT concat_ws(' ', tableoid, xmin, ctid) FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', tableoid, xmin, ctid) FROM pg_attribute WHERE attrelid >= 16384
    UNION ALL SELECT concat_ws(' ', tableoid, xmin, ctid) FROM pg_attrdef
    UNION ALL SELECT concat_ws(' ', tableoid, xmin, ctid) FROM pg_constraint WHERE oid >= 16384
    UNION ALL SELECT concat_ws(' ', tableoid, xmin, ctid) FROM pg_trigger
    UNION ALL SELECT concat_ws(' ', tableoid, xmin, ctid) FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT concat_ws(' ', tableoid, xmin, ctid) FROM schema_versions
) AS everything (version)
"""
SIZE = "SELECT pg_database_size(current_database())"
GROWN = 4 * 1024**2  # bytes, beside the ten million of a new one
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_versions'"
OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
FROM_ONE = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)
  FROM pg_sequences WHERE last_value IS NOT NULL
"""


class Emptied:
    """Keeps a connection, and a loop for it to live in: tests come with loops of their own."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._db: asyncpg.Connection[asyncpg.Record] | None = None
        self._url = ""
        self._schema = ""
        self._size = 0
        self._tables: Sequence[str] = ()

    def url(self) -> str:
        """The URL of a migrated database without a row in it."""
        return self._wait_for(self._empty())

    def close(self) -> None:
        self._wait_for(self._leave())
        self._loop.close()

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    async def _empty(self) -> str:
        if self._url and not await self._emptied():
            await self._leave()
        if not self._url:
            self._url = await self._server.create()
            self._db = await connect(self._url)
            self._schema = await self._db.fetchval(SCHEMA)
            self._size = await self._db.fetchval(SIZE)
            self._tables = [row["tablename"] for row in await self._db.fetch(TABLES)]
        return self._url

    async def _emptied(self) -> bool:
        """False where somebody changed the schema, or filled it."""
        db = await self._alone()
        if await db.fetchval(SCHEMA) != self._schema or await db.fetchval(SIZE) > self._size + GROWN:
            return False
        if used := await self._used(db):
            deleted = ", ".join(f'"_{name}" AS (DELETE FROM "{name}")' for name in used)  # noqa: S608
            await db.execute(  # one statement: no foreign key minds the order, and the audit no deletion
                f"SET session_replication_role = replica; WITH {deleted} SELECT;"
                " RESET session_replication_role"
            )
        await db.execute(FROM_ONE)
        return True

    async def _alone(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Our connection, once all others are gone: whoever was killed may still hold a lock."""
        assert self._db is not None
        try:
            await self._db.execute(OTHERS)
        except AWAY:  # the test ended all connections
            self._db = await connect(self._url)
            await self._db.execute(OTHERS)
        return self._db

    async def _used(self, db: "asyncpg.Connection[asyncpg.Record]") -> Sequence[str]:
        asked = (f"SELECT '{name}' AS name WHERE EXISTS (SELECT FROM \"{name}\")" for name in self._tables)  # noqa: S608
        return [row["name"] for row in await db.fetch(" UNION ALL ".join(asked))]

    async def _leave(self) -> None:
        if self._db is not None and not self._db.is_closed():
            self._db.terminate()  # a test may have ended it already
        if self._url:
            await self._server.drop(self._url)
        self._db, self._url = None, ""
