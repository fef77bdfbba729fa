"""Who was erased, outside the database and its backups: a copy that is brought back erases them again.

One line of JSON for each, with our numbers and times alone: ``{"office": 5314, "contact": 12, "born": …,
"at": …}``.  A line tells nothing of anybody.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from models.contacts import Contact
from models.database import transaction
from models.offices import of_office
from models.retention import Tombstone
from office.erasure import bury, erase_again

NAME: Final = "tombstones.jsonl"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stone:
    """``born``: when the contact's row was made, by which it is known from a namesake of another database."""

    office: int
    contact: int
    born: datetime
    at: datetime

    @property
    def grave(self) -> tuple[int, int, datetime]:
        return self.office, self.contact, self.born

    def line(self) -> str:
        said = {"office": self.office, "contact": self.contact, "born": _iso(self.born), "at": _iso(self.at)}
        return json.dumps(said) + "\n"


class Tombstones:
    """The file in the data folder.  Every process with a clock keeps one, and writes down what any did."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._written: set[tuple[int, int, datetime]] | None = None
        self._seen = 0  # the last row of the table that is known to be in the file

    async def keep(self) -> int:
        """Write down what the table has and the file has not.  Gives how many."""
        fresh = await Tombstone.filter(id__gt=self._seen).order_by("id")
        written = self._known()
        stones = [Stone(row.office_id, row.contact_id, row.born_at, row.at) for row in fresh]
        missing = [stone for stone in stones if stone.grave not in written]
        if missing:
            self._append(missing)
        written.update(stone.grave for stone in missing)
        self._seen = max([self._seen, *(row.id for row in fresh)])
        return len(missing)

    async def heed(self, now: datetime) -> int:
        """Erase again whom the file names and the table does not, before anybody is served.  Gives how many.

        Each in a transaction of its own, so that it may be killed and begun again.
        """
        known = {(row.office_id, row.contact_id, row.born_at) for row in await Tombstone.all()}
        erased = 0
        for stone in self.read():
            if stone.grave not in known:
                erased += await _lay(stone, now)
                known.add(stone.grave)
        if erased:
            log.warning("erased_again", count=erased)
        return erased

    def read(self) -> list[Stone]:
        """What the file says.  A line that a crash cut off is passed over: the table has it still."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [stone for stone in map(_stone, lines) if stone is not None]

    @property
    def there(self) -> bool:
        return self._path.exists()

    def _known(self) -> set[tuple[int, int, datetime]]:
        if self._written is None:
            self._written = {stone.grave for stone in self.read()}
        return self._written

    def _append(self, stones: Sequence[Stone]) -> None:
        """On disk before anybody relies on it, and on a line of its own whatever stood there before."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab+") as file:
            size = file.seek(0, os.SEEK_END)
            whole = size == 0 or os.pread(file.fileno(), 1, size - 1) == b"\n"
            file.write(("" if whole else "\n").encode() + "".join(one.line() for one in stones).encode())
            file.flush()
            os.fsync(file.fileno())


async def _lay(stone: Stone, now: datetime) -> bool:
    """True: the person was there."""

    async def work() -> bool:
        theirs = Contact.filter(id=stone.contact, office_id=stone.office, created_at=stone.born)
        contact = await theirs.first()
        if contact is not None and contact.erased_at is None:
            await erase_again(contact, now)
        await bury(stone.office, stone.contact, stone.born, stone.at)
        return contact is not None

    with of_office(stone.office):
        return await transaction(work)


def _stone(line: str) -> Stone | None:
    try:
        said = json.loads(line)
        return Stone(
            int(said["office"]),
            int(said["contact"]),
            datetime.fromisoformat(said["born"]),
            datetime.fromisoformat(said["at"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
