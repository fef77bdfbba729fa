"""The clock that settings and database ask for."""

import contextlib
from collections.abc import AsyncIterator

from bot import database_clock
from bot.clock import Clock, clock_from, wall_clock
from models.database import is_postgres
from wiring.settings import Settings


def clock_of(settings: Settings) -> Clock:
    """The wall clock, or in tests one that starts at ``LOKET_CLOCK``."""
    return clock_from(settings.clock) if settings.clock else wall_clock


@contextlib.asynccontextmanager
async def by_the_database(own: Clock) -> AsyncIterator[Clock]:
    """PostgreSQL's clock instead of the machine's, while inside; a test's clock and SQLite's stay.

    SQLite's only process is its own clock.
    """
    if own is not wall_clock or not is_postgres():
        yield own
        return
    clock, keeping = await database_clock.start(own)
    try:
        yield clock
    finally:
        keeping.cancel()
