"""The database's clock, kept by one that never jumps: several processes agree on what is due and what over.

Leases and due times are compared across processes, so they must be told by one clock.  It is asked at the
start and every minute; in between the machine's monotonic clock carries it on, which no administrator and no
time server sets.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog

from bot.clock import Pause, pause
from models.database import rows

log = structlog.get_logger(__name__)

EVERY = 60.0  # seconds between two questions
SLOWEST = 1.0  # seconds; an answer that took longer says too little about now
NOTEWORTHY = timedelta(seconds=2)  # by which our own clock may be off before we say so


async def ask_database() -> datetime:
    """PostgreSQL's time of day, aware."""
    told = await rows("SELECT clock_timestamp() AS now")
    now: datetime = told[0]["now"]
    return now


class DatabaseClock:
    """A `Clock`, once `set` has returned.  ``ask``, ``monotonic`` and ``sleep`` are handed in by tests."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[datetime]] = ask_database,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Pause = pause,
    ) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._sleep = sleep
        self._told: datetime | None = None
        self._at = 0.0

    def __call__(self) -> datetime:
        """Raises: RuntimeError before the database has been asked."""
        if self._told is None:
            raise RuntimeError("the clock is not set")
        return self._told + timedelta(seconds=self._monotonic() - self._at)

    async def set(self) -> None:
        """Ask now; a slow answer counts only where there is none yet.  Raises: what the database raises."""
        began = self._monotonic()
        told = await self._ask()
        took = self._monotonic() - began
        if took > SLOWEST and self._told is not None:
            return
        self._told, self._at = told.astimezone(UTC), began + took / 2

    async def keep(self) -> None:
        """Ask again and again; while the database is away the clock runs on."""
        while True:
            await self._sleep(EVERY)
            try:
                await self.set()
            except Exception as error:
                log.warning("clock.not_asked", error=type(error).__name__)


async def start(own: Callable[[], datetime]) -> tuple[DatabaseClock, "asyncio.Task[None]"]:
    """A clock that is set, and the task that keeps it."""
    clock = DatabaseClock()
    await clock.set()
    if abs(off := own() - clock()) > NOTEWORTHY:
        log.warning("clock.differs", seconds=round(off.total_seconds(), 1))
    return clock, asyncio.create_task(clock.keep(), name="clock")
