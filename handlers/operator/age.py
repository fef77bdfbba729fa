"""How long something has waited, in one unit."""

from datetime import timedelta

from babel.dates import format_timedelta

from office.words import language


def age(since: timedelta) -> str:
    """``3 hari``, ``5 jam``, ``12 menit``: rounded down to nothing less than a minute."""
    return format_timedelta(since, granularity="minute", threshold=1, locale=language())
