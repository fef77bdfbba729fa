"""Group commit: whatever gathers while one transaction runs shares the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from models.database import AWAY, transaction
from models.offices import of_office

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batch(Generic[Item, Result]):
    """Collects items from many tasks and writes them together.

    ``write`` gets the items in order of arrival and returns one result for each; ``within`` puts it into one
    transaction.  When a shared transaction fails, each item is tried alone, so that one bad row spoils no
    other; where the database is away, all have failed.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        within: Callable[
            [Callable[[], Awaitable[Sequence[Result]]]], Awaitable[Sequence[Result]]
        ] = transaction,
        most: int = 500,
    ) -> None:
        self._write = write
        self._within = within
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._writer: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    async def put(self, item: Item) -> Result:
        """Returns once ``item`` is committed.  Raises what the database raised."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._run())
        return await done

    async def _run(self) -> None:
        with of_office(None):  # what gathers may be the matter of several
            while self._waiting:
                await asyncio.sleep(0)  # whoever is ready in this turn of the loop joins
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._commit(batch)

    async def _commit(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        items = [item for item, _ in batch]
        try:
            results = await self._within(lambda: self._write(items))
        except AWAY as error:
            _fail(batch, error)
            return
        except Exception as error:
            if len(batch) == 1:
                _fail(batch, error)
                return
            for one in batch:
                await self._commit([one])
            return
        for (_, done), result in zip(batch, results, strict=True):
            if not done.done():
                done.set_result(result)


def _fail(batch: Sequence[tuple[Item, asyncio.Future[Result]]], error: Exception) -> None:
    for _, done in batch:
        if not done.done():
            done.set_exception(error)
