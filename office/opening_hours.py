"""Whether the office is open, by the hours of an ordinary week; holidays are not known here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from office.profile import OfficeProfile

DAYS_AHEAD: Final = 7


def is_open(profile: OfficeProfile, now: datetime) -> bool:
    """Whether staff are there at this moment."""
    local = now.astimezone(profile.zone)
    clock = local.time().replace(tzinfo=None)
    return any(span.opens <= clock < span.closes for span in profile.service_hours.week[local.weekday()])


def opens_next(profile: OfficeProfile, now: datetime) -> datetime | None:
    """The next opening after ``now``, in UTC; None if the office never opens."""
    local = now.astimezone(profile.zone)
    for ahead in range(DAYS_AHEAD + 1):
        day = local.date() + timedelta(days=ahead)
        for span in profile.service_hours.week[day.weekday()]:
            opens = datetime.combine(day, span.opens, tzinfo=profile.zone)
            if opens > local:
                return opens.astimezone(UTC)
    return None
