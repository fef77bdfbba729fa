"""Leases on partitions, in PostgreSQL's words.  Each call belongs into a transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.database import rows

PARTITIONS: Final = 60  # shared evenly by 2, 3, 4, 5, 6, 10 or 12 workers

_EVERY = "INSERT INTO partitions (number) SELECT generate_series(0, $1) ON CONFLICT (number) DO NOTHING"
_PRESENT = """
INSERT INTO workers (name, lease_until) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET lease_until = excluded.lease_until
"""
_ALIVE = "SELECT count(*) AS alive FROM workers WHERE lease_until > $1"
_KEPT = "UPDATE partitions SET lease_until = $2 WHERE worker = $1 RETURNING number"
_TAKEN = """
UPDATE partitions p SET worker = $1, lease_until = $2
FROM (SELECT number, worker IS NOT NULL AS abandoned FROM partitions
      WHERE worker IS NULL OR lease_until <= $3
      ORDER BY worker IS NULL, random() LIMIT $4 FOR UPDATE SKIP LOCKED) free
WHERE p.number = free.number
RETURNING p.number, free.abandoned
"""
_LET_GO = """
UPDATE partitions SET worker = NULL, lease_until = NULL WHERE worker = $1 AND number = ANY($2::int[])
"""
_LEFT = "DELETE FROM workers WHERE name = $1 OR lease_until <= $2"


@dataclass(frozen=True, slots=True)
class Held:
    """What a worker holds after it came by.  ``abandoned``: of ``taken``, those whose holder had vanished."""

    kept: Sequence[int]
    taken: Sequence[int]
    abandoned: Collection[int]
    workers: int

    @property
    def fair(self) -> int:
        """How many each may hold."""
        return -(-PARTITIONS // self.workers)


def partition_of(contact_id: int) -> int:
    """The number of the partition of a conversation."""
    return contact_id % PARTITIONS


async def prepare() -> None:
    """Make the rows, where they are not there yet."""
    await rows(_EVERY, [PARTITIONS - 1])


async def come_by(worker: str, until: datetime, now: datetime) -> Held:
    """Hold on to what is ``worker``'s until then, and take of what is nobody's up to a fair share."""
    await rows(_PRESENT, [worker, until])
    alive = int((await rows(_ALIVE, [now]))[0]["alive"])
    kept = [row["number"] for row in await rows(_KEPT, [worker, until])]
    lacking = -(-PARTITIONS // alive) - len(kept)
    taken = await rows(_TAKEN, [worker, until, now, lacking]) if lacking > 0 else []
    return Held(
        kept=kept,
        taken=[row["number"] for row in taken],
        abandoned={row["number"] for row in taken if row["abandoned"]},
        workers=alive,
    )


async def let_go(worker: str, numbers: Collection[int]) -> None:
    """They are anybody's."""
    await rows(_LET_GO, [worker, list(numbers)])


async def leave(worker: str, numbers: Collection[int], now: datetime) -> None:
    """Let all go, and count no more among the living."""
    await let_go(worker, numbers)
    await rows(_LEFT, [worker, now])
