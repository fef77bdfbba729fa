"""Bringing a backup back: checked to the bit, into an empty place, with everything that goes out frozen."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot import freeze
from bot.backup import manifest as manifests
from bot.backup import papers
from bot.backup.manifest import DATABASE, Manifest
from bot.storage import Storage
from models.backup import postgres, sqlite
from models.backup.problems import BackupRefused
from models.database import sqlite_path
from models.failpoint import failpoint
from models.migrate import check, waiting
from models.migrations.files import FOLDER, read
from models.migrations.problems import SchemaProblem


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back."""

    manifest: Manifest
    papers: int


async def restore(
    folder: Path,
    url: str,
    storage: Storage,
    *,
    office_id: int,
    idempotent: Collection[str],
    now: datetime,
    migrations: Path = FOLDER,
) -> Restored:
    """Fill an empty database and the storage from the backup in ``folder``, and freeze the outbox.

    Files come first, then all rows at once: killed at any moment, there is no database yet, and the same
    order may be given again.  What must be true of a copy before anybody reads it is done to the rows in the
    same transaction; see `freeze.statements`.
    ``idempotent``: channels that show a row once however often it is sent.
    Raises: BackupRefused, BackupBroken, DatabaseInUse.
    """
    manifest = manifests.read(folder)
    _refuse_what_does_not_fit(manifest, url, office_id, migrations)
    await manifests.verify(manifest, folder)
    path = sqlite_path(url)
    if path is not None:
        sqlite.refuse_unless_empty(path)
    else:
        await postgres.refuse_unless_empty(url)
    brought = await papers.bring_back(storage, manifest.files, folder)
    failpoint("restore.papers")
    then = freeze.statements(taken_at=manifest.taken_at, now=now, idempotent=idempotent)
    if path is not None:
        await sqlite.bring_back(folder / DATABASE, path, manifest.rows, then, migrations)
    else:
        await postgres.bring_back(url, folder / DATABASE, manifest.schema, manifest.rows, then, migrations)
    return Restored(manifest, brought)


async def freeze_what_came_back(
    url: str, *, taken_at: datetime, idempotent: Collection[str], now: datetime
) -> None:
    """Make a database that came back by other means (WAL, a snapshot of the machine) a restored copy.

    Raises: SchemaProblem, DatabaseInUse.
    """
    await check(url)
    then = freeze.statements(taken_at=taken_at, now=now, idempotent=idempotent)
    path = sqlite_path(url)
    await (postgres.make_a_copy(url, then) if path is None else sqlite.make_a_copy(path, then))


def _refuse_what_does_not_fit(manifest: Manifest, url: str, office_id: int, migrations: Path) -> None:
    engine = "postgres" if sqlite_path(url) is None else "sqlite"
    if manifest.engine != engine:
        raise BackupRefused(f"the backup is of {manifest.engine}, and LOKET_DATABASE_URL names {engine}")
    if manifest.office_id != office_id:
        raise BackupRefused(f"the backup is of office {manifest.office_id}, and LOKET_OFFICE is {office_id}")
    applied = {one.version: (one.name, one.sha256) for one in manifest.schema}
    try:
        waiting(read(manifest.engine, migrations), applied)
    except SchemaProblem as problem:
        raise BackupRefused(f"the backup does not fit this code: {problem}") from problem
