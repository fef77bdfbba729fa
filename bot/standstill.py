"""Channels that stand still: because a human has to look, or because nobody answers there.

A dead token, a policy, an unpaid bill stop a channel at once; an outage stops it when several rows fail and
none gets through.  Its rows wait in the queue instead of failing one by one.  When the pause is over one row
is tried; if it gets through, all may go, else the next pause is twice as long.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.channels.base import DeliveryFailed, Fault
from bot.metrics import HELD

log = structlog.get_logger(__name__)

Account = tuple[str, str]  # channel, account
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=15)
FIRST_REST, LONGEST_REST = timedelta(seconds=10), timedelta(minutes=5)  # in an outage, which ends by itself
IN_A_ROW = 5  # rows that fail without a success between them, none later after the last than
LATELY = timedelta(minutes=2)
PROBE = timedelta(seconds=30)  # within which the one row that is tried has its answer


@dataclass(slots=True)
class _Pause:
    until: datetime
    length: timedelta
    probed_at: datetime | None = None


@dataclass(slots=True)
class _Failures:
    rows: set[int]
    last: datetime


class Standstill:
    """What is held, and for how long; one process's own view."""

    def __init__(self) -> None:
        self._pauses: dict[Account, _Pause] = {}
        self._failures: dict[Account, _Failures] = {}

    def until(self, account: Account, now: datetime) -> datetime | None:
        """When this row may be tried; None: now.  After a pause only the first that asks is told so."""
        pause = self._pauses.get(account)
        if pause is None:
            return None
        if pause.until > now:
            return pause.until
        if pause.probed_at is not None and now - pause.probed_at < PROBE:
            return pause.probed_at + PROBE
        pause.probed_at = now
        return None

    def room(self, account: Account, now: datetime, most: int) -> int:
        """How many of ``most`` rows may be taken up: one at the end of a pause, none before."""
        pause = self._pauses.get(account)
        if pause is None:
            return most
        probed = pause.probed_at is not None and now - pause.probed_at < PROBE
        return 0 if pause.until > now or probed else min(1, most)

    def now(self, now: datetime) -> list[Account]:
        """The channels that stand still."""
        return [account for account, pause in self._pauses.items() if pause.until > now]

    def failed(self, account: Account, row: int, failure: DeliveryFailed, now: datetime) -> bool:
        """Note that a row's send failed.  True if a human has to be told: at first, or of a long outage."""
        if failure.fault is Fault.PAUSE:
            return self._begin(account, failure.code, now, FIRST_PAUSE, LONGEST_PAUSE)
        if failure.fault not in (Fault.RETRY, Fault.UNKNOWN) or failure.throttled is not None:
            return False
        before = self._failures.get(account)
        rows = {row} if before is None or now - before.last >= LATELY else before.rows | {row}
        self._failures[account] = _Failures(rows, now)
        if account in self._pauses or len(rows) >= IN_A_ROW:
            self._begin(account, failure.code, now, FIRST_REST, LONGEST_REST)
            return self._pauses[account].length >= LONGEST_REST
        return False

    def passed(self, account: Account) -> None:
        """Something got through."""
        self._failures.pop(account, None)
        if self._pauses.pop(account, None) is not None:
            HELD.labels(*account).set(0)
            log.info("channel.goes_on", channel=account[0])

    def _begin(
        self, account: Account, code: str, now: datetime, first: timedelta, longest: timedelta
    ) -> bool:
        """Hold the channel, unless it is held already.  True if it went before."""
        before = self._pauses.get(account)
        if before is not None and before.until > now:
            return False
        length = min(before.length * 2, max(longest, before.length)) if before else first
        jitter = timedelta(0) if first is FIRST_PAUSE else length * (0.4 * random.random() - 0.2)
        self._pauses[account] = _Pause(now + length + jitter, length)
        HELD.labels(*account).set(1)
        log.error("channel.held", channel=account[0], code=code, seconds=length.total_seconds())
        return before is None
