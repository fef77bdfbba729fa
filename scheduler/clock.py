"""The clock: APScheduler as a metronome.

It keeps no jobs and remembers nothing: with a persistent store it loses or doubles jobs (reliability.md,
2.2).  What is due stands in tables; a beat that is late or missed is made up for by the next.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

EVERY: Final = 15  # seconds

Tick = Callable[[datetime], Awaitable[None]]
Now = Callable[[], datetime]


def clock(tick: Tick, now: Now, every: float = EVERY) -> AsyncIOScheduler:
    """A scheduler that calls ``tick`` with the time of ``now`` (aware UTC); at once when started.

    A tick that is still running is not joined by another.  Start it in the running loop, and shut it down
    with ``wait=False``: a tick's transaction finishes by itself.
    """

    async def beat() -> None:
        await tick(now())

    scheduler = AsyncIOScheduler(timezone=UTC)
    scheduler.add_job(
        beat,
        IntervalTrigger(seconds=every, timezone=UTC),
        id="tick",
        next_run_time=datetime.now(UTC),
        misfire_grace_time=None,
        coalesce=True,
        max_instances=1,
    )
    return scheduler
