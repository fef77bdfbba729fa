"""Ids of rows that are not written yet: a handler has to know them before anything is committed."""

import asyncio
from typing import Literal

from models.database import is_postgres, rows, transaction

Table = Literal["inbox", "outbox", "contacts"]

_BLOCK = 200  # ids taken at once; those that nobody used when the process ends stay unused

_POSTGRES = "SELECT nextval(pg_get_serial_sequence($2, 'id')) AS id FROM generate_series(1, $1)"
_BEGIN = """
INSERT INTO sqlite_sequence (name, seq)
SELECT $1, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $1)
"""
_SQLITE = "UPDATE sqlite_sequence SET seq = seq + $1 WHERE name = $2 RETURNING seq"


class Numbers:
    """Hands out a table's ids in rising order; the database never gives them to anybody else."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._left: list[int] = []
        self._taking = asyncio.Lock()

    async def next(self) -> int:
        if self._left:
            return self._left.pop()
        async with self._taking:
            if not self._left:
                self._left = await transaction(self._reserve)
            return self._left.pop()

    async def _reserve(self) -> list[int]:
        """A block, the highest first."""
        if is_postgres():
            return [int(row["id"]) for row in reversed(await rows(_POSTGRES, [_BLOCK, self._table]))]
        await rows(_BEGIN, [self._table])
        last = int((await rows(_SQLITE, [_BLOCK, self._table]))[0]["seq"])
        return list(range(last, last - _BLOCK, -1))
