"""The room left on the disks that we write to, and a ballast for the hour in which there is none.

On a full disk SQLite writes nothing more, and cannot even delete.  The ballast is a file beside the database
that holds nothing: when less is left than it takes up it is thrown off, so that steps under way can end, the
write-ahead log goes back into the database, and staff can be told.  It is made again when there is room.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.clock import Pause, pause
from bot.metrics import BALLAST, DISK_LEFT
from models.database import sqlite_path

log = structlog.get_logger(__name__)

SCARCE = 0.10  # of a disk left: staff are told
AMPLE = 0.12  # … and it is over
LOOK = 5.0  # seconds between two looks
HEAVIEST = 64 * 1024**2  # bytes of ballast
LIGHT = 0.01  # of what is left: no ballast is heavier


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of a disk as ``df`` counts them: ``size`` without what is kept for root, and ``left`` for us."""

    size: int
    left: int

    @classmethod
    def of(cls, folder: Path) -> "Room":
        """Of the disk on which ``folder`` is, or would be made.  Raises: OSError."""
        found = os.statvfs(_nearest(folder))
        used = found.f_blocks - found.f_bfree
        return cls((used + found.f_bavail) * found.f_frsize, found.f_bavail * found.f_frsize)

    @property
    def share(self) -> float:
        """What is left, of 1; a disk without a size has room."""
        return self.left / self.size if self.size else 1.0


def disks(data_dir: Path, database_url: str, storage_url: str) -> dict[str, Path]:
    """The folders that we write to, by what lies there; of those on one disk the first.  Raises: OSError."""
    database = sqlite_path(database_url)
    places = {"data": data_dir}
    if database is not None:
        places["database"] = database.parent
    if storage_url.startswith("file://"):
        places["papers"] = Path(storage_url.removeprefix("file://"))
    seen: dict[int, str] = {}
    for name, folder in places.items():
        seen.setdefault(_nearest(folder).stat().st_dev, name)
    return {name: places[name] for name in seen.values()}


def _nearest(folder: Path) -> Path:
    """It, or the folder in which it would be made."""
    here = folder.absolute()
    return here if here.exists() or here == here.parent else _nearest(here.parent)


class Ballast:
    """The file beside a SQLite database.  Its methods wait for the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def of(cls, database_url: str) -> "Ballast | None":
        """None on PostgreSQL, whose disk is another's."""
        path = sqlite_path(database_url)
        return None if path is None else cls(Path(f"{path}.ballast"))

    @property
    def weight(self) -> int:
        """Bytes; 0: there is none."""
        return self._path.stat().st_size if self._path.exists() else 0

    def throw_off(self) -> None:
        """If less is left than it takes up.  Raises: OSError."""
        weight = self.weight
        if weight and Room.of(self._path.parent).left < weight:
            self._path.unlink()
            log.error("disk.full", given_back=weight)

    def take_in(self) -> None:
        """If there is none, and room for one.  Raises: OSError."""
        room = Room.of(self._path.parent)
        weight = min(HEAVIEST, int(room.left * LIGHT))
        if self.weight or not weight or room.share < AMPLE:
            return
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(handle, 0, weight)
        except OSError:
            self._path.unlink()
            raise
        finally:
            os.close(handle)


class DiskWatch:
    """Looks at ``disks`` until it is cancelled.

    ``on_scarce`` is told of a disk once, until it has had room again; if it fails, at the next look anew.
    """

    def __init__(
        self,
        disks: Mapping[str, Path],
        ballast: Ballast | None,
        on_scarce: Callable[[str], Awaitable[None]],
        *,
        sleep: Pause = pause,
    ) -> None:
        self._disks = disks
        self._ballast = ballast
        self._on_scarce = on_scarce
        self._sleep = sleep
        self._told: set[str] = set()

    async def run(self) -> None:
        while True:
            await self._sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """The ballast first: whoever is told may have to write it down."""
        if self._ballast is not None:
            await self._mind(self._ballast)
        for name, folder in self._disks.items():
            try:
                room = await asyncio.to_thread(Room.of, folder)
            except OSError as error:
                log.error("disk.not_seen", place=name, error=type(error).__name__)
            else:
                DISK_LEFT.labels(place=name).set(room.share)
                await self._judge(name, room)

    async def _mind(self, ballast: Ballast) -> None:
        try:
            await asyncio.to_thread(ballast.throw_off)
            await asyncio.to_thread(ballast.take_in)
            BALLAST.set(ballast.weight)
        except OSError as error:
            log.error("disk.no_ballast", error=type(error).__name__)

    async def _judge(self, name: str, room: Room) -> None:
        if room.share >= AMPLE:
            self._told.discard(name)
        elif room.share <= SCARCE and name not in self._told:
            log.error("disk.scarce", place=name, left=room.left, percent=round(room.share * 100, 1))
            try:
                await self._on_scarce(name)
            except Exception as error:
                log.error("disk.not_told", place=name, error=type(error).__name__)
            else:
                self._told.add(name)
