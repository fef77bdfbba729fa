"""Days off: public holidays and the shared leave around them, as the state decrees them each year."""

from __future__ import annotations

from datetime import date
from functools import cache


def is_day_off(day: date) -> bool:
    """Of years without a decree only what is computed is known, the feasts of the moon perhaps a day off."""
    return day in _of_year(day.year)


@cache
def _of_year(year: int) -> frozenset[date]:
    from holidays.countries.indonesia import Indonesia  # noqa: PLC0415 - 18 MB, for a few days a year

    return frozenset(Indonesia(years=year, categories=("public", "government")))
