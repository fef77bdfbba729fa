"""The edge where time comes in.  Everything else is handed ``now``."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

Clock = Callable[[], datetime]


class Pause(Protocol):
    """Sleeps so many seconds, or until ``until`` is set."""

    async def __call__(self, seconds: float, until: asyncio.Event | None = None) -> None: ...


def wall_clock() -> datetime:
    return datetime.now(UTC)


async def pause(seconds: float, until: asyncio.Event | None = None) -> None:
    """The real `Pause`.

    Not by ``asyncio.wait_for``: before Python 3.12 it loses a cancellation that comes with what it waits for.
    """
    if until is None:
        await asyncio.sleep(seconds)
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await until.wait()


def clock_from(start: datetime) -> Clock:
    """A clock that starts at ``start`` (aware) and then runs like any other: for tests."""
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)
