"""The clock that settings ask for."""

from bot.clock import Clock, clock_from, wall_clock
from wiring.settings import Settings


def clock_of(settings: Settings) -> Clock:
    """The wall clock, or in tests one that starts at ``LOKET_CLOCK``."""
    return clock_from(settings.clock) if settings.clock else wall_clock
