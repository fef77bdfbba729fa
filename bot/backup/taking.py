"""Taking a backup while others write: rows first, then the bytes they name, then the manifest."""

import asyncio
import errno
from datetime import datetime
from pathlib import Path

from bot.backup import papers
from bot.backup.manifest import DATABASE, Listed, Manifest, listed_as
from bot.storage import Storage
from models.backup import postgres, sqlite
from models.backup.disk import to_disk
from models.backup.problems import BackupRefused
from models.database import sqlite_path
from models.failpoint import failpoint

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class FolderInTheWay(Exception):
    """A backup goes into a folder of its own."""


async def take(url: str, storage: Storage, folder: Path, *, office_id: int, now: datetime) -> Manifest:
    """Back up the database and its files into ``folder``, which must be new or empty.

    Bytes are kept before a row names them and never change: what the copied rows name is there.  An upload
    that was read while we copied is named as gone.
    Raises: FolderInTheWay, BackupRefused.
    """
    database = folder / DATABASE
    try:
        _make(folder, database)
        path = sqlite_path(url)
        taken = await (postgres.copy_out(url, database) if path is None else sqlite.copy_out(path, database))
        files, lacking = await papers.copy_out(storage, taken.kept, folder)
        manifest = Manifest(
            taken_at=now,
            office_id=office_id,
            engine=taken.engine,
            schema=taken.schema,
            rows=taken.rows,
            files=files | await asyncio.to_thread(_of_the_database, database),
            lacking=lacking,
        )
        await asyncio.to_thread(_close, folder)
        failpoint("backup.copied")
        manifest.write(folder)
    except OSError as error:
        if error.filename is None and error.errno not in NO_ROOM:  # the database or the storage is away
            raise
        raise BackupRefused(f"the backup cannot be written to {folder} ({error.strerror})") from error
    return manifest


def _make(folder: Path, database: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderInTheWay(f"{folder} is there already and not empty; a backup goes into a new folder")
    database.mkdir(parents=True)
    for here in (folder, database):
        here.chmod(0o700)


def _close(folder: Path) -> None:
    """Every folder to ourselves, and its names on disk."""
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o700)
            to_disk(path)


def _of_the_database(database: Path) -> dict[str, Listed]:
    found = {}
    for path in sorted(database.iterdir()):
        path.chmod(0o600)
        to_disk(path)
        found[f"{DATABASE}/{path.name}"] = listed_as(path)
    return found
