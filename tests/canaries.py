"""What no file, log or figure of the office may hold in clear: planted names, numbers, words and tokens.

The values that tests everywhere use for people are the canaries.  Looked for as ``grep -a`` would, after
every test: in what it logged and printed, and in every file of its folder, which are the database with its
log, papers, temporary files, the black box and backups.  Where a whole office is served on PostgreSQL, in
every column of every row, as its files hold what was deleted long ago.  At the end in the figures.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from prometheus_client import REGISTRY, generate_latest

from models.database import sqlite_path
from tests.flows.counter import APP_SECRET, TELEGRAM_SECRET
from tests.flows.steps import NIK
from tests.migrations.outside import everything

PLANTED = frozenset({NIK, "6281234567890", "Maria Ndun", "MARIA NDUN", APP_SECRET, TELEGRAM_SECRET})
EVERYWHERE = PLANTED - {APP_SECRET} | {  # that one is also the name of a setting in what a verb explains
    "5314 0155 0690 0001",
    "+6281234567890",
    "Maria Adoe",
    "MARIA ADOE",
    "AAtestTokenOfTheOffice",
    "EAAGtestTokenOfTheOffice",
}
_WORDS = tuple(word.encode() for word in sorted(EVERYWHERE))

MAY_HOLD: Mapping[str, str] = {
    # the beginning of a test's id -> why what it leaves or prints holds a canary all the same
    "tests/wiring/test_logs.py": "it logs canaries to see them struck out, and pytest keeps what came before",
    "tests/flows/test_answers.py::test_a_fault_of_ours": "aiohttp's line, before our formatter",
    "tests/fakes/": "the pretend providers' own tests: what they print is no log of the product",
}


def told(item_id: str, sections: Iterable[tuple[str, str]]) -> list[str]:
    """In which of what a test logged and printed a canary stands; never which."""
    if item_id.startswith(tuple(MAY_HOLD)):
        return []
    return sorted({name for name, text in sections for word in EVERYWHERE if word in text})


def left_in(item_id: str, folder: Path) -> list[str]:
    """In which file of a test's folder one stands."""
    if item_id.startswith(tuple(MAY_HOLD)):
        return []
    return [str(path.relative_to(folder)) for path in _files_of(folder) if holds_any(path.read_bytes())]


def in_the_figures() -> bool:
    return holds_any(generate_latest(REGISTRY))


def holds_any(content: bytes) -> bool:
    return any(word in content for word in _WORDS)


def _files_of(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and not path.name.endswith(".ballast"):
            yield path


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
        yield from _files_of(place)


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
