"""When the office is there, in words."""

from datetime import datetime

from office import opening_hours, times
from office.context import office
from office.words import language, say


def address_and_hours(now: datetime) -> str:
    """Where the office is, when it is open in an ordinary week, and whether it is now."""
    profile = office().office
    return "\n".join(
        (
            say("citizen-address", address=profile.address.in_language(language())),
            say("citizen-hours", hours=times.hours(profile.service_hours)),
            open_or_when(now),
        )
    )


def open_or_when(now: datetime) -> str:
    """A sentence: staff are there now, or from when on."""
    profile = office().office
    if opening_hours.is_open(profile, now):
        return say("citizen-open-now", hours=times.hours(profile.service_hours))
    opens = opening_hours.opens_next(profile, now)
    return say("citizen-closed-now") if opens is None else say("citizen-closed-until", when=times.when(opens))


def unless_open(now: datetime) -> str:
    """The same, but nothing at all while staff are there."""
    return "" if opening_hours.is_open(office().office, now) else open_or_when(now)
