"""The office as tests serve it in their own process, all of them with what each would build anew.

To load the libraries that open papers takes a third of a second, to build the routers a tenth, and most
offices of the tests are open for two.
"""

from functools import cache
from typing import ClassVar

from aiogram import Dispatcher

from bot.fsm import DatabaseStorage
from bot.reading.forks import Child, Forks
from bot.reading.reader import Reader
from wiring.registry import office_dispatcher
from wiring.serve import Served


class KeptForks(Forks):
    """Whoever closes leaves the process to the next; it ends with ours."""

    _kept: ClassVar[Child | None] = None

    async def _ready(self) -> Child:
        if self._child is None:
            self._child = KeptForks._kept
        KeptForks._kept = await super()._ready()
        return KeptForks._kept

    async def close(self) -> None:
        self._child = None
        await super().close()


def kept_reader() -> Reader:
    return Reader(KeptForks)


@cache
def _routers() -> Dispatcher:
    return office_dispatcher(DatabaseStorage(0))


def kept_dispatcher(storage: DatabaseStorage) -> Dispatcher:
    """For one office at a time."""
    _routers().fsm.storage = storage
    return _routers()


SERVED = Served(make_dispatcher=kept_dispatcher, office=True, make_reader=kept_reader)
