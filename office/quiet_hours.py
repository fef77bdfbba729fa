"""When people may be written to unasked: from 08.00 to 20.00, by the office's own clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from office.context import office

QUIET_UNTIL: Final = time(8)
QUIET_FROM: Final = time(20)

IN_CONVERSATION: Final = frozenset(
    {
        *("trouble", "too_fast", "link_asked", "linked", "link_refused", "fresh_start", "data_erased"),
        *("village_checked", "village_unfit", "broadcast_trial"),
    }
)
"""Said to somebody who has just written to us, here or in another chat of theirs: they are awake."""


def quiet(moment: datetime) -> bool:
    """Whether nobody should be written to unasked."""
    return not QUIET_UNTIL <= moment.astimezone(office().office.zone).time() < QUIET_FROM


def may_be_said_at(name: str, now: datetime) -> datetime:
    """``now``, or the next morning: for what is unasked.  What staff write themselves is unasked, too."""
    if name in IN_CONVERSATION or not quiet(now):
        return now
    here = now.astimezone(office().office.zone)
    day = here.date() + timedelta(days=0 if here.time() < QUIET_UNTIL else 1)
    return datetime.combine(day, QUIET_UNTIL, here.tzinfo).astimezone(now.tzinfo)
