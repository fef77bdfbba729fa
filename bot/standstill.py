"""Channels that stand still because a human has to look: a dead token, a policy, an unpaid bill.

Their rows wait in the queue instead of failing one by one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

log = structlog.get_logger(__name__)

Account = tuple[str, str]  # channel, account
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Pause:
    until: datetime
    length: timedelta


class Standstill:
    """Each pause of a channel is twice as long as the one before, until something gets through."""

    def __init__(self) -> None:
        self._pauses: dict[Account, _Pause] = {}

    def until(self, account: Account, now: datetime) -> datetime | None:
        """When the channel may be tried again; None: at once."""
        pause = self._pauses.get(account)
        return pause.until if pause is not None and pause.until > now else None

    def now(self, now: datetime) -> list[Account]:
        """The channels that stand still."""
        return [account for account, pause in self._pauses.items() if pause.until > now]

    def begin(self, account: Account, code: str, now: datetime) -> None:
        """Hold the channel, unless it is held already."""
        before = self._pauses.get(account)
        if before is not None and before.until > now:
            return
        length = min(before.length * 2, LONGEST_PAUSE) if before else FIRST_PAUSE
        self._pauses[account] = _Pause(now + length, length)
        log.error("channel.held", channel=account[0], code=code, seconds=length.total_seconds())

    def end(self, account: Account) -> None:
        """Something got through."""
        self._pauses.pop(account, None)
