"""The code of before goes on working on the schema of after, for as long as an upgrade takes.

What older code writes names the columns of its own schema.  So for every schema that ever was: rows written
with those columns alone are taken by today's, can be changed and read again by them, and mean the same.
"""

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

from models.database import sqlite_path
from models.migrate import migrate
from tests.migrations.office import furnish
from tests.migrations.outside import query, run_all, tables
from tests.migrations.test_history import VERSIONS, history

OWN = "schema_versions"
APPEND_ONLY = {"audit"}  # nobody deletes or changes a row of it, of whatever version
POSTGRES_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position
"""
POSTGRES_PARENTS = """
SELECT confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND conrelid = '{table}'::regclass
"""
POSTGRES_DEMANDED = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = '{table}' AND is_nullable = 'NO' AND column_default IS NULL
"""


async def columns(url: str, table: str) -> list[str]:
    if sqlite_path(url) is None:
        return [str(name) for (name,) in await query(url, POSTGRES_COLUMNS.format(table=table))]
    return [str(row[1]) for row in await query(url, f"PRAGMA table_info({table})")]


async def parents_first(url: str) -> list[str]:
    order: TopologicalSorter[str] = TopologicalSorter()
    for table in await tables(url):
        if sqlite_path(url) is None:
            parents = [str(name) for (name,) in await query(url, POSTGRES_PARENTS.format(table=table))]
        else:
            parents = [str(row[2]) for row in await query(url, f"PRAGMA foreign_key_list({table})")]
        order.add(table, *(parent for parent in parents if parent != table))
    return [table for table in order.static_order() if table != OWN]


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if isinstance(value, int) else "'{}'".format(str(value).replace("'", "''"))


def inserts(table: str, names: list[str], rows: list[tuple[Any, ...]]) -> Iterator[str]:
    listed = ", ".join(f'"{name}"' for name in names)
    for row in rows:
        yield f'INSERT INTO "{table}" ({listed}) VALUES ({", ".join(literal(value) for value in row)})'  # noqa: S608


def unchanged(table: str, names: list[str]) -> str:
    """Writes every column that older code knows, with what it holds."""
    same = ", ".join(f'"{name}" = "{name}"' for name in names)
    return f'UPDATE "{table}" SET {same}'  # noqa: S608


async def rows_of(url: str, table: str, names: list[str]) -> list[tuple[Any, ...]]:
    listed = ", ".join(f'"{name}"' for name in names)
    return await query(url, f'SELECT {listed} FROM "{table}" ORDER BY 1')  # noqa: S608


@pytest.mark.parametrize("version", VERSIONS[:-1])
async def test_older_code_writes_changes_and_reads_today(
    version: int, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    await migrate(empty_url, history(tmp_path / "old", until=version))
    then: Mapping[str, list[str]] = {
        table: await columns(empty_url, table) for table in set(await tables(empty_url)) - {OWN, *APPEND_ONLY}
    }
    await furnish(database_url)
    order = [table for table in await parents_first(database_url) if table not in APPEND_ONLY]
    assert then.keys() <= set(order), "a table that older code knows is gone"
    kept = {table: await rows_of(database_url, table, then[table]) for table in order if table in then}
    assert sum(map(len, kept.values())) > 30
    await run_all(database_url, (f'DELETE FROM "{table}"' for table in reversed(order)))  # noqa: S608

    for table in order:
        await run_all(database_url, inserts(table, then.get(table, []), kept.get(table, [])))
    await run_all(database_url, (unchanged(table, names) for table, names in then.items()))
    for table, names in then.items():
        assert await rows_of(database_url, table, names) == kept[table], table


@pytest.mark.parametrize("version", VERSIONS[:-1])
async def test_what_older_code_need_not_write_has_a_default_or_may_be_null(
    version: int, database_url: str, empty_url: str, tmp_path: Path
) -> None:
    """Also of tables that the office above leaves empty."""
    await migrate(empty_url, history(tmp_path / "old", until=version))
    for table in set(await tables(empty_url)) - {OWN}:
        assert await _demanded(database_url, table) <= await _demanded(empty_url, table), table


async def _demanded(url: str, table: str) -> set[str]:
    """Columns that every new row has to name."""
    if sqlite_path(url) is None:
        return {str(name) for (name,) in await query(url, POSTGRES_DEMANDED.format(table=table))}
    info = await query(url, f"PRAGMA table_info({table})")
    return {str(row[1]) for row in info if row[3] and row[4] is None and not row[5]}
