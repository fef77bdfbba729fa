"""How many people a day we may write to first: a platform's messaging limit.

It counts people, not messages: everybody whom a template has reached in the last 24 hours, over all numbers
of the office on the channel: they belong to one business portfolio.  A template beyond it waits until
somebody drops out of the day; it never fails for it.
Source: Meta, Business Platform, "Messaging limits", read 2026-11.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.metrics import TIER_LIMIT, TIER_USED
from models.database import rows

BEYOND_TIER = "tier"  # what a row that waits for it says
DAY = timedelta(hours=24)
UNDER_WAY = timedelta(minutes=1)
COUNT_AGAIN = timedelta(minutes=10)  # sends that failed, or that another process made
SETTLING = timedelta(seconds=2)  # in which a process that has just begun gets its share

_REACHED = """
SELECT contact_id, max(sent_at) AS at FROM outbox
WHERE office_id = $3 AND channel = $1 AND sent_at > $2 AND sent_as LIKE 'template:%' GROUP BY contact_id
"""

Portfolio = tuple[str, int]  # a channel of an office


async def reached(portfolio: Portfolio, since: datetime) -> dict[int, datetime]:
    """Whom templates have reached since then, and when last."""
    channel, office_id = portfolio
    found = await rows(_REACHED, [channel, since, office_id])
    return {row["contact_id"]: _moment(row["at"]) for row in found}


class Tier:
    """``limits``: people a day by channel and office; what is not there has none.

    ``share``: the part of what is left at each count that this process may use up; others write, too.
    """

    def __init__(self) -> None:
        self._limits: dict[Portfolio, int] = {}
        self._people: dict[Portfolio, dict[int, datetime]] = {}
        self._counted: dict[Portfolio, datetime] = {}
        self._turned_away: dict[Portfolio, int] = {}
        self._reached: dict[Portfolio, int] = {}  # people at the last count
        self.share = 1.0
        self._counting = asyncio.Lock()

    @property
    def limits(self) -> Mapping[Portfolio, int]:
        return self._limits

    def set_limit(self, portfolio: Portfolio, limit: int | None) -> None:
        """As the platform says.  An office's accounts on a channel share it."""
        if limit is None:
            self._limits.pop(portfolio, None)
        else:
            self._limits[portfolio] = limit
            TIER_LIMIT.labels(*portfolio).set(limit)

    async def wait_until(self, portfolio: Portfolio, contact_id: int, now: datetime) -> datetime | None:
        """None: this person may be written to, and is counted.  Else when there may be room.

        Those who are beyond the limit get the next moments one after the other, so that not all come back at
        once.  Who is beyond our part of it alone waits for the next count, which parts anew what is left.
        """
        limit = self._limits.get(portfolio)
        if limit is None:
            return None
        people = await self._today(portfolio, now)
        reached_before = self._reached[portfolio]
        ours = reached_before + max(0, limit - reached_before) * self.share
        if contact_id in people or len(people) < min(ours, limit):
            people[contact_id] = now
            TIER_USED.labels(*portfolio).set(len(people))
            return None
        if not people or len(people) < limit:
            return self._counted[portfolio] + COUNT_AGAIN if self.share else now + SETTLING
        free = sorted(at + DAY for at in people.values())
        place = self._turned_away.get(portfolio, 0)
        self._turned_away[portfolio] = place + 1
        return free[place % len(free)]

    async def _today(self, portfolio: Portfolio, now: datetime) -> dict[int, datetime]:
        async with self._counting:
            people = self._people.get(portfolio)
            if people is None or now - self._counted[portfolio] >= COUNT_AGAIN:
                under_way = {c: at for c, at in (people or {}).items() if at > now - UNDER_WAY}
                people = self._people[portfolio] = await reached(portfolio, now - DAY) | under_way
                self._counted[portfolio] = now
                self._reached[portfolio] = len(people)
                self._turned_away[portfolio] = 0
        for contact_id in [one for one, at in people.items() if at + DAY <= now]:
            del people[contact_id]
            self._turned_away[portfolio] = max(0, self._turned_away[portfolio] - 1)
        TIER_USED.labels(*portfolio).set(len(people))
        return people


def _moment(value: datetime | str) -> datetime:
    """As either engine keeps it."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
