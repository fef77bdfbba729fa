"""Set aside: what is genuine and cannot be understood is kept as it came, and spoils nothing beside it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.clock import Clock
from models.database import rows, transaction
from models.quarantine import Reason, sealed_body

log = structlog.get_logger(__name__)

_INSERT = """
INSERT INTO quarantine (office_id, channel, account, reason, digest, body, times, received_at, last_at)
VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7)
ON CONFLICT (channel, account, digest) DO UPDATE SET times = quarantine.times + 1, last_at = $7
"""
_SINCE = """
SELECT channel, reason, count(*) AS n FROM quarantine
WHERE office_id = $1 AND last_at >= $2 GROUP BY channel, reason ORDER BY channel, reason
"""


@dataclass(frozen=True, slots=True)
class Aside:
    """``raw``: a whole body, or one entry written down anew."""

    reason: Reason
    raw: bytes


class Quarantine:
    """Keeps each thing once, however often it comes, and counts its comings.

    ``office_of``: whose the account is at whose door it came.
    """

    def __init__(self, office_of: Callable[[str, str], int], clock: Clock) -> None:
        self._office_of = office_of
        self._clock = clock

    async def keep(self, channel: str, account: str, found: Sequence[Aside]) -> None:
        """All of them in one transaction.  Raises: what the database raises."""
        if not found:
            return
        now = self._clock()

        async def write() -> None:
            for aside in found:
                digest = hashlib.sha256(aside.raw).hexdigest()
                place = (self._office_of(channel, account), channel, account)
                body = sealed_body(*place, digest, aside.raw)
                await rows(_INSERT, [*place, aside.reason.value, digest, body, now])

        await transaction(write)
        for reason in sorted({aside.reason for aside in found}):
            say = log.error if reason is Reason.FOREIGN_ACCOUNT else log.warning
            count = sum(aside.reason is reason for aside in found)
            say("door.set_aside", channel=channel, reason=reason.value, count=count)


async def kept_since(office_id: int, since: datetime) -> list[tuple[str, Reason, int]]:
    """Channel, reason and how many things came since then, also if they had come before."""
    found = await rows(_SINCE, [office_id, since])
    return [(row["channel"], Reason(row["reason"]), row["n"]) for row in found]
