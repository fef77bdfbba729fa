"""SQLite's write-ahead log is brought into the database beside the work: no commit stands still for it.

Left alone, SQLite does it inside the commit that fills the log, and that one takes 16 ms longer.  Here a
second connection copies in a thread while others write.  A log into which nobody wrote meanwhile begins anew;
where somebody always does, the rest, which is little, is copied in a turn of its own.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger(__name__)

ROWS: Final = 2_500  # changed ones, after which a checkpoint begins: some 16 MB of log
LONG: Final = 16_000  # pages of a log that does not begin anew by itself, 64 MB
_TWICE: Final = 2  # the second time what was written during the first

_CHECKPOINT: Final = "PRAGMA wal_checkpoint(PASSIVE)"  # it waits for nobody, and copies what it can


class Checkpoints:
    """``changed``: how many rows were written so far; ``in_turn`` does its work between two transactions."""

    def __init__(
        self,
        path: str,
        changed: Callable[[], int],
        in_turn: Callable[[Callable[[sqlite3.Connection], int]], Awaitable[int]],
    ) -> None:
        self._path = path
        self._changed = changed
        self._in_turn = in_turn
        self._seen = 0
        self._running: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Somebody may have written."""
        changed = self._changed()
        if changed - self._seen >= ROWS and self._running is None:
            self._seen = changed
            self._running = asyncio.create_task(self._run())

    async def ended(self) -> None:
        """Returns when none is under way."""
        while self._running is not None:
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        try:
            if await asyncio.to_thread(_copy_beside, self._path) >= LONG:
                await self._in_turn(_copy)
        except Exception as error:  # the log grows, and SQLite does it in a commit sooner or later
            log.warning("database.no_checkpoint", error=type(error).__name__)
        finally:
            self._running = None


def _copy_beside(path: str) -> int:
    """The pages of the log, copied or not."""
    there = f"{Path(path).absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(there, uri=True, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous=FULL")
        return [_copy(db) for _ in range(_TWICE)][-1]


def _copy(db: sqlite3.Connection) -> int:
    _, pages, _ = db.execute(_CHECKPOINT).fetchone()
    return int(pages)
