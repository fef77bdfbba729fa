"""The code of before goes on working on the schema of after, for as long as an upgrade takes.

What older code writes names the columns of its own schema.  So for every schema that ever was: rows written
with those columns alone are taken by today's, can be changed and read again by them, and mean the same.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from models.database import sqlite_path
from models.migrate import migrate
from tests.migrations.office import furnish
from tests.migrations.outside import query, query_all, run_all, tables
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
SQLITE_PARENTS = "SELECT \"table\" FROM pragma_foreign_key_list('{table}')"


@dataclass(frozen=True, slots=True)
class Schema:
    """By table: its columns, and those that every new row has to name."""

    columns: Mapping[str, list[str]]
    demanded: Mapping[str, set[str]]


@dataclass(frozen=True, slots=True)
class Past:
    """Every schema that ever was, and an office in today's: by table its rows, each by column."""

    schemas: Mapping[int, Schema]
    office: Mapping[str, list[Mapping[str, Any]]]


_KNOWN: dict[str, Past] = {}  # by engine


@pytest.fixture
def past(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Past:
    """All that is known of it is looked at in one way up."""
    if engine not in _KNOWN:
        url = request.getfixturevalue("empty_url")
        _KNOWN[engine] = asyncio.run(_on_the_way_up(url, tmp_path / "old"))
    return _KNOWN[engine]


@pytest.fixture
def then(past: Past, version: int) -> Schema:
    return past.schemas[version]


async def _on_the_way_up(url: str, folder: Path) -> Past:
    schemas = {}
    for version in VERSIONS:
        await migrate(url, history(folder, until=version))
        schemas[version] = await schema_of(url)
    await furnish(url)
    today = schemas[VERSIONS[-1]].columns
    rows = await rows_of(url, today)
    office = {
        table: [dict(zip(names, row, strict=True)) for row in rows[table]] for table, names in today.items()
    }
    return Past(schemas, office)


async def schema_of(url: str) -> Schema:
    columns: dict[str, list[str]] = {}
    demanded: dict[str, set[str]] = {}
    for table, name, must in await query(url, POSTGRES_SCHEMA if sqlite_path(url) is None else SQLITE_SCHEMA):
        if table != OWN:
            columns.setdefault(table, []).append(name)
            demanded.setdefault(table, set()).update({name} if must else ())
    return Schema(columns, demanded)


async def parents_first(url: str) -> list[str]:
    names, parents = await tables(url), TopologicalSorter[str]()
    asked = POSTGRES_PARENTS if sqlite_path(url) is None else SQLITE_PARENTS
    found = await query_all(url, (asked.format(table=table) for table in names))
    for table, rows in zip(names, found, strict=True):
        parents.add(table, *(str(parent) for (parent,) in rows if parent != table))
    return [table for table in parents.static_order() if table != OWN]


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    return str(value) if isinstance(value, int) else "'{}'".format(str(value).replace("'", "''"))


def inserts(table: str, names: list[str], rows: list[Mapping[str, Any]]) -> Iterator[str]:
    listed = ", ".join(f'"{name}"' for name in names)
    for row in rows:
        yield f'INSERT INTO "{table}" ({listed}) VALUES ({", ".join(literal(row[name]) for name in names)})'  # noqa: S608


def unchanged(table: str, names: list[str]) -> str:
    """Writes every column that older code knows, with what it holds."""
    same = ", ".join(f'"{name}" = "{name}"' for name in names)
    return f'UPDATE "{table}" SET {same}'  # noqa: S608


async def rows_of(url: str, columns: Mapping[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    listed = {table: ", ".join(f'"{name}"' for name in names) for table, names in columns.items()}
    asked = [f'SELECT {names} FROM "{table}" ORDER BY 1' for table, names in listed.items()]  # noqa: S608
    return dict(zip(columns, await query_all(url, asked), strict=True))


@pytest.mark.parametrize("version", VERSIONS[:-1])
async def test_older_code_writes_changes_and_reads_today(then: Schema, past: Past, database_url: str) -> None:
    known = {table: names for table, names in then.columns.items() if table not in APPEND_ONLY}
    order = [table for table in await parents_first(database_url) if table in known]
    assert known.keys() == set(order), "a table that older code knows is gone"
    assert sum(len(past.office[table]) for table in known) > 30

    written = (inserts(table, known[table], past.office[table]) for table in order)
    changed = (unchanged(table, names) for table, names in known.items())
    await run_all(database_url, chain(*written, changed))
    for table, rows in (await rows_of(database_url, known)).items():
        assert rows == [tuple(row[name] for name in known[table]) for row in past.office[table]], table


@pytest.mark.parametrize("version", VERSIONS[:-1])
async def test_what_older_code_need_not_write_has_a_default_or_may_be_null(
    then: Schema, database_url: str
) -> None:
    """Also of tables that the office above leaves empty."""
    today = await schema_of(database_url)
    for table, demanded in then.demanded.items():
        assert today.demanded[table] <= demanded, table
