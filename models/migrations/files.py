"""Migrations as files: which there are for an engine, and their statements."""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from models.migrations.problems import MisnamedMigration

Dialect = Literal["sqlite", "postgres"]

FOLDER = Path(__file__).parent

_NAME = re.compile(r"(?P<version>\d{4})_(?P<name>[a-z0-9_]+)(?:\.(?P<dialect>sqlite|postgres))?\.sql")
_POSTGRES_PIECE = re.compile(
    r"'(?:[^']|'')*'"  # text
    r'|"(?:[^"]|"")*"'  # a name
    r"|--[^\n]*|/\*.*?\*/"  # comments
    r"|(?P<tag>\$\w*\$).*?(?P=tag)"  # a function's body
    r"|(?P<end>;)",
    re.DOTALL,
)
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step.  ``name`` is its file's name, ``sql`` its text."""

    version: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read(dialect: Dialect, folder: Path = FOLDER) -> list[Migration]:
    """Every migration for an engine, in order.  Raises: MisnamedMigration."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise MisnamedMigration(f"{path.name} is not called like 0001_name.sql")
        if match["dialect"] in (None, dialect):
            found.append(Migration(int(match["version"]), path.name, path.read_text(encoding="utf-8")))
    for expected, migration in enumerate(found, start=1):
        if migration.version != expected:
            raise MisnamedMigration(f"{migration.name} stands where {expected:04} for {dialect} should")
    return found


def statements(sql: str, dialect: Dialect) -> list[str]:
    """The statements of a script; a ``;`` in a text, a comment, a trigger or a function ends none."""
    cut = _cut_sqlite if dialect == "sqlite" else _cut_postgres
    return [piece.strip() for piece in cut(sql) if _COMMENTS.sub("", piece).strip("; \t\r\n")]


def _cut_sqlite(sql: str) -> Iterator[str]:
    start = 0
    for at in (match.end() for match in re.finditer(";", sql)):
        if sqlite3.complete_statement(sql[start:at]):
            yield sql[start:at]
            start = at
    yield sql[start:]


def _cut_postgres(sql: str) -> Iterator[str]:
    start = 0
    for match in _POSTGRES_PIECE.finditer(sql):
        if match["end"]:
            yield sql[start : match.end()]
            start = match.end()
    yield sql[start:]
