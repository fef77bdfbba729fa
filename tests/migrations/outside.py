"""Looking at a database from outside the models: its rows and its schema, whatever the engine."""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any, TypeAlias

import asyncpg

from models.database import AWAY, sqlite_path
from tests.postgres import connect

_SQLITE_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
_POSTGRES_SCHEMA = """
SELECT 'column', table_name, column_name,
       concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname, '', prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
_POSTGRES_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
_SQLITE_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


async def query(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Run one statement with foreign keys on, and commit it."""
    (found,) = await query_all(url, [sql])
    return found


async def query_all(url: str, statements: Iterable[str]) -> list[list[tuple[Any, ...]]]:
    """The same with many, one after the other."""
    path = sqlite_path(url)
    if path is not None:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA foreign_keys=ON")
            found = [db.execute(sql).fetchall() for sql in statements]
            db.commit()
            return found
    if (line := _lines.get(url)) is not None:
        return await line.fetched(statements)
    connection = await connect(url)
    try:
        return await _fetched(connection, statements)
    finally:
        await connection.close()


Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def _fetched(connection: Connection, statements: Iterable[str]) -> list[list[tuple[Any, ...]]]:
    return [[tuple(row) for row in await connection.fetch(sql)] for sql in statements]


class _Line:
    """A connection that stays, and is made anew where somebody has ended it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._alone = asyncio.Lock()
        self._connection: Connection | None = None

    async def fetched(self, statements: Iterable[str]) -> list[list[tuple[Any, ...]]]:
        asked = list(statements)
        async with self._alone:
            if self._connection is not None:
                with contextlib.suppress(*AWAY):
                    return await _fetched(self._connection, asked)
                self._connection.terminate()
            self._connection = await connect(self._url)
            return await _fetched(self._connection, asked)

    def hang_up(self) -> None:
        if self._connection is not None:
            self._connection.terminate()


_lines: dict[str, _Line] = {}


@contextlib.contextmanager
def keeps_looking(url: str) -> Iterator[None]:
    """Who looks here often, from one loop, need not connect each time: to PostgreSQL that is no trifle."""
    if sqlite_path(url) is not None:
        yield
        return
    line = _lines[url] = _Line(url)
    try:
        yield
    finally:
        del _lines[url]
        line.hang_up()


async def run_all(url: str, statements: Iterable[str]) -> None:
    """Run all of them, or none."""
    path = sqlite_path(url)
    if path is not None:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA foreign_keys=ON")
            for statement in statements:
                db.execute(statement)
            db.commit()
        return
    connection = await connect(url)
    try:
        await connection.execute(";".join(statements))  # many in one message are one transaction
    finally:
        await connection.close()


async def tables(url: str) -> list[str]:
    found = await query(url, _POSTGRES_TABLES if sqlite_path(url) is None else _SQLITE_TABLES)
    return sorted(str(name) for (name,) in found)


async def schema(url: str) -> list[tuple[str, ...]]:
    """Every table, column, constraint, index, trigger and function, as the engine describes them."""
    found = await query(url, _POSTGRES_SCHEMA if sqlite_path(url) is None else _SQLITE_SCHEMA)
    return sorted(tuple(re.sub(r"\s+", " ", str(part)) for part in row) for row in found)


async def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    names = await tables(url)
    found = await query_all(url, (f'SELECT * FROM "{table}" ORDER BY 1' for table in names))  # noqa: S608
    return dict(zip(names, found, strict=True))
