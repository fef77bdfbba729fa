"""One process per SQLite database."""

import fcntl
import os
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
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(Path(f"{path}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise AlreadyServed(str(path)) from None
    return handle


def release(handle: int) -> None:
    """Let another process serve."""
    os.close(handle)
