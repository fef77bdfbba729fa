"""SQLite: a copy made by the engine itself while others write, and put in place by a rename."""

import asyncio
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from models.backup.disk import to_disk
from models.backup.problems import BackupBroken, BackupRefused
from models.backup.snapshot import KEPT_FILES, LEAP, VERSIONS, Applied, Kept, Snapshot
from models.failpoint import failpoint
from models.migrate import migrate
from models.migrations.files import FOLDER

NAME = "loket.db"

_TABLES = """
SELECT name FROM sqlite_master
WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_versions' ORDER BY name
"""
_FIRST_IDS = """
INSERT INTO sqlite_sequence (name, seq)
SELECT name, 0 FROM sqlite_master
WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence)
"""
_LEAP = f"UPDATE sqlite_sequence SET seq = seq + {LEAP}"  # noqa: S608


async def copy_out(path: Path, folder: Path) -> Snapshot:
    """Copy the database into ``folder``, whole as of one moment.  Raises: BackupRefused."""
    return await asyncio.to_thread(_copy_out, path, folder)


def _copy_out(path: Path, folder: Path) -> Snapshot:
    """``VACUUM INTO`` reads one moment and stops no writer; a copied file would lack what is in the WAL."""
    if not path.exists():
        raise BackupRefused(f"there is no database at {path}")
    copy = folder / NAME
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.DatabaseError as error:
        raise BackupRefused(f"the database at {path} cannot be copied ({error})") from error
    copy.chmod(0o600)
    to_disk(copy)
    with closing(sqlite3.connect(copy)) as db:
        _check(db, "the copy")
        return Snapshot(
            engine="sqlite",
            schema=[Applied(*row) for row in db.execute(VERSIONS)],
            rows=_counts(db),
            kept=[Kept(key, digest, bool(named)) for key, digest, named in db.execute(KEPT_FILES)],
        )


def refuse_unless_empty(path: Path) -> None:
    """Raises: BackupRefused where the database has rows."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as db:
        filled = [table for table, count in _counts(db).items() if count]
    if filled:
        raise BackupRefused(
            f"the database at {path} has rows already ({filled[0]}); restore into an empty one"
        )


async def bring_back(
    folder: Path, path: Path, expected: Mapping[str, int], then: Sequence[str], migrations: Path = FOLDER
) -> None:
    """Make ``path`` the copy in ``folder``: checked, brought up to date, and after ``then``, at one stroke.

    Until the last rename nothing stands at ``path``.  Raises: BackupBroken, SchemaProblem.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.restoring")
    _take_away(draft)
    try:
        await asyncio.to_thread(_copy_in, folder / NAME, draft, expected)
        await migrate(f"sqlite://{draft}", migrations)
        await make_a_copy(draft, then)
        failpoint("restore.rows")
        _take_away(path)  # an empty one, and its WAL: it would be read into the new file
        draft.rename(path)
        to_disk(path.parent)
    finally:
        _take_away(draft)


def _copy_in(copy: Path, draft: Path, expected: Mapping[str, int]) -> None:
    shutil.copyfile(copy, draft)
    draft.chmod(0o600)
    try:
        with closing(sqlite3.connect(draft)) as db:
            _check(db, "the backup's database")
            counted = _counts(db)
    except sqlite3.DatabaseError as error:
        raise BackupBroken("the backup's database cannot be read") from error
    if counted != dict(expected):
        raise BackupBroken("the backup's database does not hold the rows that its manifest counts")


async def make_a_copy(path: Path, then: Sequence[str]) -> None:
    """Let ids jump and run ``then``; nothing is left beside the file."""
    await asyncio.to_thread(_make_a_copy, path, then)


def _make_a_copy(draft: Path, then: Sequence[str]) -> None:
    with closing(sqlite3.connect(draft, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        for statement in (_FIRST_IDS, _LEAP, *then):
            db.execute(statement)
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode=DELETE")
    to_disk(draft)


def _check(db: sqlite3.Connection, what: str) -> None:
    """Raises: BackupBroken."""
    if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        raise BackupBroken(f"{what} is damaged (integrity_check)")
    orphans = sorted({str(row[0]) for row in db.execute("PRAGMA foreign_key_check")})
    if orphans:
        raise BackupBroken(f"{what} has rows without a parent in {', '.join(orphans)}")


def _counts(db: sqlite3.Connection) -> dict[str, int]:
    tables = [name for (name,) in db.execute(_TABLES)]
    return {table: db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}  # noqa: S608


def _take_away(path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
