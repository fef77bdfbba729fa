"""Moments short enough for a line of a list."""

from datetime import datetime
from typing import Final

from babel.dates import format_date

from office import times
from office.words import language


def moment(at: datetime) -> str:
    """``24 Nov 08.00``, in the office's zone; what lies further off carries its year elsewhere."""
    here = times.local(at)
    return f"{format_date(here.date(), 'd MMM', locale=language())} {here:{_CLOCK.get(language(), '%H.%M')}}"


_CLOCK: Final = {"en": "%H:%M"}
