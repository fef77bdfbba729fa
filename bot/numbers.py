"""Ids of rows that are not written yet: a handler has to know them before anything is committed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal

from models.database import is_postgres, rows, transaction
from models.division import PARTITIONS
from models.hot.together import Together

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
        self._newest: Together[None, int] = Together(self._take)

    async def newest(self) -> int:
        """A number higher than any that was handed out before, to whomever: it says who came first.

        Those who ask in one turn of the event loop ask the database once.
        """
        number = await self._newest.ask(None)
        assert number is not None  # noqa: S101 - `_take` has one for each
        return number

    async def _take(self, asked: Sequence[None]) -> Mapping[int, int]:
        def work() -> Awaitable[list[int]]:
            return self._reserve(len(asked))

        taken = await (work() if is_postgres() else transaction(work))  # one statement there
        return dict(enumerate(reversed(taken)))

    async def next_of(self, fits: Callable[[int], bool]) -> int | None:
        """The next that fits, those before it unused; None: in a whole round of the partitions none does."""
        for _ in range(PARTITIONS):
            if fits(number := await self.next()):
                return number
        return None

    async def next(self) -> int:
        if self._left:
            return self._left.pop()
        async with self._taking:
            if not self._left:
                self._left = await transaction(lambda: self._reserve(_BLOCK))
            return self._left.pop()

    async def _reserve(self, count: int) -> list[int]:
        """A block, the highest first."""
        if is_postgres():
            return [int(row["id"]) for row in reversed(await rows(_POSTGRES, [count, self._table]))]
        await rows(_BEGIN, [self._table])
        last = int((await rows(_SQLITE, [count, self._table]))[0]["seq"])
        return list(range(last, last - count, -1))
