"""Moments and hours in words, in the office's own zone, which is always named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import groupby
from typing import Final

from babel.dates import format_date

from office import words
from office.context import office
from office.profile import Hours, Span
from office.words import plain

_MONDAY: Final = 5  # 5 January 1970 was one


def local(moment: datetime) -> datetime:
    return moment.astimezone(office().office.zone)


def day(moment: datetime, language: str | None = None) -> str:
    """``24 November 2026``."""
    return date_in_words(local(moment).date(), language)


def date_in_words(on: date, language: str | None = None) -> str:
    """The same of a day of the office's calendar."""
    return format_date(on, "d MMMM y", locale=_spoken(language))


def clock(moment: datetime, language: str | None = None) -> str:
    """``08.00 WITA``; ``08:00 WITA`` in English."""
    return f"{_at(local(moment).time(), language)} {office().office.zone_label}"


def when(moment: datetime, language: str | None = None) -> str:
    """``24 November 2026 pukul 08.00 WITA``."""
    return plain("time-when", language, day=day(moment, language), clock=clock(moment, language))


def part_of_day(moment: datetime, language: str | None = None) -> str:
    """``pagi`` to 11, ``siang`` to 15, ``sore`` to 18.30, ``malam``; what one wishes somebody."""
    here = local(moment).time()
    for ends, part in (
        (time(4), "night"),
        (time(11), "morning"),
        (time(15), "midday"),
        (time(18, 30), "afternoon"),
    ):
        if here < ends:
            return plain(f"time-{part}", language)
    return plain("time-night", language)


def hours(week: Hours, language: str | None = None) -> str:
    """``Senin–Kamis 09.00–14.00, Jumat 09.00–11.00 WITA``; days of the same hours in a row are one span."""
    parts = [
        f"{_days(days, language)} {' & '.join(_span(span, language) for span in spans)}"
        for spans, days in _runs(week.week)
        if spans
    ]
    return f"{', '.join(parts)} {office().office.zone_label}" if parts else plain("time-closed", language)


def _runs(week: Sequence[tuple[Span, ...]]) -> Iterator[tuple[tuple[Span, ...], list[int]]]:
    for spans, run in groupby(enumerate(week), key=lambda numbered: numbered[1]):
        yield spans, [weekday for weekday, _ in run]


def _days(days: Sequence[int], language: str | None) -> str:
    named = [
        format_date(date(1970, 1, _MONDAY + weekday), "EEEE", locale=_spoken(language))
        for weekday in (days[0], days[-1])
    ]
    return named[0] if len(days) == 1 else "–".join(named)


def _spoken(language: str | None) -> str:
    chosen = language or words.language()
    return chosen if chosen in words.LANGUAGES else words.FIRST


def _span(span: Span, language: str | None) -> str:
    return f"{_at(span.opens, language)}–{_at(span.closes, language)}"


def _at(moment: time, language: str | None) -> str:
    return f"{moment:%H:%M}" if _spoken(language) == "en" else f"{moment:%H.%M}"
