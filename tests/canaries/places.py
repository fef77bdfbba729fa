"""Where they are looked for, but for PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from prometheus_client import REGISTRY, generate_latest

from tests.canaries.sieve import Sieve
from tests.canaries.words import EVERYWHERE, IN_OUTPUT

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - what is there is looked at
FILES = Sieve(EVERYWHERE)
OUTPUT = Sieve(IN_OUTPUT)
PASSED_OVER = (
    ".ballast",  # 64 MiB of nothing
    ".env",  # an office's settings: tokens come from there
)
AROUND = 40  # bytes shown on either side: what is planted is nobody's secret

MAY_HOLD: Mapping[str, str] = {
    # the beginning of a test's id -> why what it leaves or prints holds a canary all the same
    "tests/wiring/test_logs.py": "it logs canaries to see them struck out, and pytest keeps what came before",
    "tests/flows/test_answers.py::test_a_fault_of_ours": "aiohttp's line, before our formatter",
    "tests/office/test_breaches.py::test_it_lists_whom": "the list of whom it concerns, for its office",
    "tests/fakes/": "the pretend providers' own tests: what they print is no log of the product",
}
NOT_OURS: Mapping[str, str] = {
    # the beginning of a file's or folder's name -> whose it is
    "playwright": "the browser of a citizen, who typed it there",
    ".org.chromium.": "the same",
    ".com.google.Chrome": "the same",
}


def told(item_id: str, sections: Iterable[tuple[str, str]]) -> list[str]:
    """In which of what a test logged and printed one stands."""
    if item_id.startswith(tuple(MAY_HOLD)):
        return []
    return [shown for name, text in sections for shown in _shown(OUTPUT, text.encode(errors="replace"), name)]


def in_sqlites_logs(item_id: str, folder: Path) -> list[str]:
    """In what an open database has still to take over: closed, it has no log any more.

    The database itself is left alone: closing a file takes away the locks that this process has on it.
    """
    if item_id.startswith(tuple(MAY_HOLD)):
        return []
    return _in(path for path in _files_of(folder) if path.name.endswith("-wal"))


def left_in(item_id: str, folder: Path) -> list[str]:
    """In which file of a folder one stands."""
    if item_id.startswith(tuple(MAY_HOLD)):
        return []
    return _in(_files_of(folder))


class Changing:
    """A folder that is looked at again and again: what is as it was the last time is not read again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[Path, tuple[int, int]] = {}

    def left_in(self, item_id: str) -> list[str]:
        new = self.new()
        return [] if item_id.startswith(tuple(MAY_HOLD)) else _in(new)

    def new(self) -> list[Path]:
        """What has come or changed."""
        return [path for path in _files_of(self._folder) if self._is_new(path)]

    def _is_new(self, path: Path) -> bool:
        with suppress(FileNotFoundError):
            about = path.stat()
            now = about.st_size, about.st_mtime_ns
            before, self._seen[path] = self._seen.get(path), now
            return before != now
        return False


def in_the_figures() -> list[str]:
    return _shown(FILES, generate_latest(REGISTRY), "figures")


def _in(paths: Iterable[Path]) -> list[str]:
    return [shown for path in paths for shown in _shown(FILES, _read(path), str(path))]


def _read(path: Path) -> bytes:
    with suppress(FileNotFoundError):  # a process that is still there took it away
        return path.read_bytes()
    return b""


def _shown(sieve: Sieve, content: bytes, where: str) -> list[str]:
    """Each canary at its first place, with what stands around it."""
    places = [(content.index(word), len(word)) for word in sieve.found_in(content)]
    return [f"{where}: {content[max(at - AROUND, 0) : at + size + AROUND]!r}" for at, size in sorted(places)]


def _files_of(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(tuple(NOT_OURS))]
        for name in names:
            path = Path(root, name)
            ours = not name.startswith(tuple(NOT_OURS)) and not name.endswith(PASSED_OVER)
            if ours and path.is_file() and not path.is_symlink():
                yield path
