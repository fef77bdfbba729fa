"""One process per SQLite database; on PostgreSQL, one process per name."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from models.database import sqlite_path


class AlreadyServed(Exception):
    """Another process serves this database."""


def hold(database_url: str) -> int | None:
    """Take the database's lock file until this process ends; None where many may serve (PostgreSQL).

    Raises: AlreadyServed.
    """
    path = sqlite_path(database_url)
    if path is None:
        return None
    handle = _hold(Path(f"{path}.lock"))
    if handle is None:
        raise AlreadyServed(str(path))
    return handle


@contextlib.contextmanager
def name(folder: Path) -> Iterator[str]:
    """A name among the processes that share a PostgreSQL, ours while inside.

    It is kept in ``folder``: whoever starts there again after a crash goes by the same name, and may take up
    at once what the dead one had in hand.  A second process beside a living one goes by another.
    """
    held = (_hold(folder / f"worker-{number}.lock") for number in count(1))
    handle = next(found for found in held if found is not None)
    try:
        kept = os.pread(handle, 12, 0).decode("ascii", "replace")
        if len(kept) < 12:
            kept = secrets.token_hex(6)
            os.pwrite(handle, kept.encode(), 0)
        yield kept
    finally:
        os.close(handle)


def _hold(path: Path) -> int | None:
    """A file of which we are the only holder until we end; None: somebody else is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def release(handle: int) -> None:
    """Let another process serve."""
    os.close(handle)
