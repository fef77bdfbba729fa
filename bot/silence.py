"""What a platform's silence says: it never had the message that it does not name for a day.

There are platforms that name every message they take, by the tag that we sent along.  A message that is
`unknown` for a day, while they have named one that was sent after it, was not taken: it becomes `failed`.
It is not sent again for that: silence is no proof, and should the platform name it after all, it is `sent`
(see `bot.receipts`).
"""

from datetime import datetime, timedelta
from typing import Final

from models.database import rows
from models.outbox import OutboxMessage

LASTS: Final = timedelta(hours=24)
LOOK_EVERY: Final = timedelta(minutes=1)
NEVER_TAKEN: Final = "never_taken"

_NOT_NAMED: Final = """
UPDATE outbox SET state = 'failed', failure = $1
WHERE office_id = $2 AND channel = $3 AND account = $4 AND state = 'unknown' AND unknown_at < $5
"""
_Place = tuple[int, str, str]  # office, channel, account
_looked_at: dict[_Place, datetime] = {}


async def broken_by(named: OutboxMessage, now: datetime) -> None:
    """The platform has just named this message; inside a transaction."""
    place = (named.office_id, named.channel, named.account)
    looked_at = _looked_at.get(place)
    if looked_at is not None and abs(now - looked_at) < LOOK_EVERY:
        return
    _looked_at[place] = now
    before = min(now - LASTS, named.sent_at or named.created_at)
    await rows(_NOT_NAMED, [NEVER_TAKEN, *place, before])
