"""The office as tests serve it in their own process, all of them with one process that opens papers.

To load its libraries takes a third of a second, and most offices of the tests are open for two.
"""

from typing import ClassVar

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


SERVED = Served(make_dispatcher=office_dispatcher, office=True, make_reader=kept_reader)
