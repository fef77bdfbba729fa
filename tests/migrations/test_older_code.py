"""The code of before goes on working on the schema of after, for as long as an upgrade takes.

What older code writes names the columns of its own schema.  So for every schema that ever was: rows written
with those columns alone are taken by today's, can be changed and read again by them, and mean the same.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
POSTGRES_SCHEMA = """
SELECT table_name, column_name, is_nullable = 'NO' AND column_default IS NULL
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
"""
SQLITE_SCHEMA = """
SELECT t.name, c.name, c."notnull" AND c.dflt_value IS NULL AND NOT c.pk
FROM sqlite_master AS t, pragma_table_info(t.name) AS c
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid
"""
POSTGRES_PARENTS = """
SELECT confrelid::regclass::text FROM pg_constraint
WHERE contype = 'f' AND conrelid = '{table}'::regclass
"""


@dataclass(frozen=True, slots=True)
class Schema:
    """By table: its columns, and those that every new row has to name."""

    columns: Mapping[str, list[str]]
    demanded: Mapping[str, set[str]]


_EVERY: dict[str, Mapping[int, Schema]] = {}  # by engine


@pytest.fixture
def then(engine: str, version: int, request: pytest.FixtureRequest, tmp_path: Path) -> Schema:
    """The schema of that version; all of them are looked at in one way up."""
    if engine not in _EVERY:
        url = request.getfixturevalue("empty_url")
        _EVERY[engine] = asyncio.run(_on_the_way_up(url, tmp_path / "old"))
    return _EVERY[engine][version]


async def _on_the_way_up(url: str, folder: Path) -> Mapping[int, Schema]:
    found = {}
    for version in VERSIONS[:-1]:
        await migrate(url, history(folder, until=version))
        found[version] = await schema_of(url)
    return found


async def schema_of(url: str) -> Schema:
    columns: dict[str, list[str]] = {}
    demanded: dict[str, set[str]] = {}
    for table, name, must in await query(url, POSTGRES_SCHEMA if sqlite_path(url) is None else SQLITE_SCHEMA):
        if table != OWN:
            columns.setdefault(table, []).append(name)
            demanded.setdefault(table, set()).update({name} if must else ())
    return Schema(columns, demanded)


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
async def test_older_code_writes_changes_and_reads_today(then: Schema, database_url: str) -> None:
    known = {table: names for table, names in then.columns.items() if table not in APPEND_ONLY}
    await furnish(database_url)
    order = [table for table in await parents_first(database_url) if table not in APPEND_ONLY]
    assert known.keys() <= set(order), "a table that older code knows is gone"
    kept = {table: await rows_of(database_url, table, known[table]) for table in order if table in known}
    assert sum(map(len, kept.values())) > 30
    await run_all(database_url, (f'DELETE FROM "{table}"' for table in reversed(order)))  # noqa: S608

    for table in order:
        await run_all(database_url, inserts(table, known.get(table, []), kept.get(table, [])))
    await run_all(database_url, (unchanged(table, names) for table, names in known.items()))
    for table, names in known.items():
        assert await rows_of(database_url, table, names) == kept[table], table


@pytest.mark.parametrize("version", VERSIONS[:-1])
async def test_what_older_code_need_not_write_has_a_default_or_may_be_null(
    then: Schema, database_url: str
) -> None:
    """Also of tables that the office above leaves empty."""
    today = await schema_of(database_url)
    for table, demanded in then.demanded.items():
        assert today.demanded[table] <= demanded, table
