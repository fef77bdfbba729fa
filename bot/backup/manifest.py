"""What a backup says of itself: it is written last, and a folder without it is no backup."""

import asyncio
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from models.backup.disk import to_disk
from models.backup.problems import BackupBroken, BackupRefused
from models.backup.snapshot import Applied, Engine

NAME = "manifest.json"
FORMAT = 1
DATABASE, PAPERS = "database", "papers"


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of the backup."""

    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """``rows``: per table.  ``files``: by their path in the folder, with ``/``.

    ``lacking``: storage keys that rows name and that the office's own storage did not have whole, with
    ``gone`` or ``damaged``.
    """

    taken_at: datetime
    office_id: int
    engine: Engine
    schema: Sequence[Applied]
    rows: Mapping[str, int]
    files: Mapping[str, Listed]
    lacking: Mapping[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Whole and on disk, or not at all."""
        said = asdict(self) | {"format": FORMAT, "taken_at": self.taken_at.isoformat()}
        draft = folder / f"{NAME}.writing"
        with draft.open("x", encoding="utf-8") as file:
            json.dump(said | {"sha256": _checksum(said)}, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o600)
        draft.rename(folder / NAME)
        to_disk(folder)


def read(folder: Path) -> Manifest:
    """Raises: BackupRefused, BackupBroken."""
    if not folder.is_dir():
        raise BackupRefused(f"there is no folder {folder}")
    try:
        said: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if said.pop("sha256") != _checksum(said):
            raise ValueError
        if said.pop("format") != FORMAT:
            raise BackupRefused("the backup was written by newer code; restore with that")
        return Manifest(
            taken_at=datetime.fromisoformat(said.pop("taken_at")),
            schema=[Applied(**one) for one in said.pop("schema")],
            files={path: Listed(**about) for path, about in said.pop("files").items()},
            **said,
        )
    except FileNotFoundError:
        raise BackupRefused(f"{folder} is not a whole backup: it has no {NAME}") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BackupBroken(f"the backup is damaged: {NAME} is not as it was written") from None


async def verify(manifest: Manifest, folder: Path) -> None:
    """Every file is there, and to the bit what it was.  Raises: BackupBroken with the first that is not."""
    for path, listed in manifest.files.items():
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise BackupBroken(f"the backup is damaged: {path} leads out of it")
        here = folder / path
        if not here.is_file():
            raise BackupBroken(f"the backup is damaged: {path} is missing")
        found = await asyncio.to_thread(listed_as, here)
        if found.size != listed.size:
            raise BackupBroken(
                f"the backup is damaged: {path} has {found.size} bytes instead of {listed.size}"
            )
        if found.sha256 != listed.sha256:
            raise BackupBroken(f"the backup is damaged: {path} is not as it was written")


def listed_as(path: Path) -> Listed:
    with path.open("rb") as file:
        return Listed(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def _checksum(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
