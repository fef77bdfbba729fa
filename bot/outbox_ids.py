"""Ids of outbox rows that are not written yet: a handler has to know them before anything is committed."""

import asyncio

from models.database import is_postgres, rows, transaction

_BLOCK = 200  # ids taken at once; those that nobody used when the process ends stay unused

_POSTGRES = "SELECT nextval(pg_get_serial_sequence('outbox', 'id')) AS id FROM generate_series(1, $1)"
_BEGIN = """
INSERT INTO sqlite_sequence (name, seq)
SELECT 'outbox', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'outbox')
"""
_SQLITE = "UPDATE sqlite_sequence SET seq = seq + $1 WHERE name = 'outbox' RETURNING seq"


class OutboxIds:
    """Hands out ids in rising order; the database never gives them to anybody else."""

    def __init__(self) -> None:
        self._left: list[int] = []
        self._taking = asyncio.Lock()

    async def next(self) -> int:
        async with self._taking:
            if not self._left:
                self._left = await transaction(_reserve)
            return self._left.pop()


async def _reserve() -> list[int]:
    """A block, the highest first."""
    if is_postgres():
        return [int(row["id"]) for row in reversed(await rows(_POSTGRES, [_BLOCK]))]
    await rows(_BEGIN)
    last = int((await rows(_SQLITE, [_BLOCK]))[0]["seq"])
    return list(range(last, last - _BLOCK, -1))
