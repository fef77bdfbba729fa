"""Looking at a database from outside the models: its rows and its schema, whatever the engine."""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from models.database import sqlite_path
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
    path = sqlite_path(url)
    if path is not None:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA foreign_keys=ON")
            found = db.execute(sql).fetchall()
            db.commit()
            return found
    connection = await connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def run_all(url: str, statements: Iterable[str]) -> None:
    """The same with many, one after the other, and one commit for all."""
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
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
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
    return {table: await query(url, f'SELECT * FROM "{table}" ORDER BY 1') for table in await tables(url)}  # noqa: S608
