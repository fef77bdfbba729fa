"""What no file of the office may hold in clear: planted names, numbers, words and tokens.

Looked for as ``grep -a`` would, in the database with its log, in papers, temporary files and backups; on
PostgreSQL in every column of every row, as its files hold what was deleted long ago.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from models.database import sqlite_path
from tests.flows.counter import APP_SECRET, TELEGRAM_SECRET
from tests.flows.steps import NIK
from tests.migrations.outside import everything

PLANTED = frozenset({NIK, "6281234567890", "Maria Ndun", "MARIA NDUN", APP_SECRET, TELEGRAM_SECRET})


async def in_clear(folder: Path, url: str, planted: Collection[str] = PLANTED) -> list[str]:
    """Where each was found; never what."""
    wanted = [(n, word.encode()) for n, word in enumerate(sorted(planted))]
    found = [
        f"canary {n} in {path.relative_to(folder)}"
        for path in files_in(folder, url)
        for n, word in wanted
        if word in path.read_bytes()
    ]
    if sqlite_path(url) is None:
        found += [
            f"canary {n} in a row of {table}"
            for table, rows in (await everything(url)).items()
            for row in rows
            for n, word in wanted
            if any(word in _bytes(value) for value in row)
        ]
    return sorted(set(found))


def files_in(folder: Path, url: str) -> Iterator[Path]:
    """But for the ballast, which is 64 MiB of nothing."""
    database = sqlite_path(url)
    places = {folder, *([database.parent] if database is not None else [])}
    for place in places:
        for path in place.rglob("*"):
            if path.is_file() and not path.name.endswith(".ballast"):
                yield path


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
