"""How many people a day we may write to first: a platform's messaging limit.

It counts people, not messages: everybody whom a template has reached in the last 24 hours, over all numbers
of the channel.  A template beyond it waits until somebody drops out of the day; it never fails for it.
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

_REACHED = """
SELECT contact_id, max(sent_at) AS at FROM outbox
WHERE channel = $1 AND sent_at > $2 AND sent_as LIKE 'template:%' GROUP BY contact_id
"""


async def reached(channel: str, since: datetime) -> dict[int, datetime]:
    """Whom templates have reached since then, and when last."""
    found = await rows(_REACHED, [channel, since])
    return {row["contact_id"]: _moment(row["at"]) for row in found}


class Tier:
    """``limits``: people a day by channel; a channel that is not there has none.

    ``share``: the part of what is left at each count that this process may use up; others write, too.
    """

    def __init__(self) -> None:
        self._limits: dict[str, int] = {}
        self._people: dict[str, dict[int, datetime]] = {}
        self._counted: dict[str, datetime] = {}
        self._turned_away: dict[str, int] = {}
        self._reached: dict[str, int] = {}  # people at the last count
        self.share = 1.0
        self._counting = asyncio.Lock()

    @property
    def limits(self) -> Mapping[str, int]:
        return self._limits

    def set_limit(self, channel: str, limit: int | None) -> None:
        """As the platform says.  A channel's accounts share it."""
        if limit is None:
            self._limits.pop(channel, None)
        else:
            self._limits[channel] = limit
            TIER_LIMIT.labels(channel=channel).set(limit)

    async def wait_until(self, channel: str, contact_id: int, now: datetime) -> datetime | None:
        """None: this person may be written to, and is counted.  Else when there may be room.

        Those who are turned away get the next moments one after the other, so that not all come back at once.
        """
        limit = self._limits.get(channel)
        if limit is None:
            return None
        people = await self._today(channel, now)
        reached_before = self._reached[channel]
        ours = reached_before + max(0, limit - reached_before) * self.share
        if contact_id in people or len(people) < min(ours, limit):
            people[contact_id] = now
            TIER_USED.labels(channel=channel).set(len(people))
            return None
        free = sorted(at + DAY for at in people.values())
        place = self._turned_away.get(channel, 0)
        self._turned_away[channel] = place + 1
        return free[place % len(free)]

    async def _today(self, channel: str, now: datetime) -> dict[int, datetime]:
        async with self._counting:
            people = self._people.get(channel)
            if people is None or now - self._counted[channel] >= COUNT_AGAIN:
                under_way = {c: at for c, at in (people or {}).items() if at > now - UNDER_WAY}
                people = self._people[channel] = await reached(channel, now - DAY) | under_way
                self._counted[channel] = now
                self._reached[channel] = len(people)
                self._turned_away[channel] = 0
        for contact_id in [one for one, at in people.items() if at + DAY <= now]:
            del people[contact_id]
            self._turned_away[channel] = max(0, self._turned_away[channel] - 1)
        TIER_USED.labels(channel=channel).set(len(people))
        return people


def _moment(value: datetime | str) -> datetime:
    """As either engine keeps it."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
