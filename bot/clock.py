"""The edge where time comes in.  Everything else is handed ``now``."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    return datetime.now(UTC)


def clock_from(start: datetime) -> Clock:
    """A clock that starts at ``start`` (aware) and then runs like any other: for tests."""
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)
