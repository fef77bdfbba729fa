"""How fast we may write: per account and per person, as each platform sees it.

The platform counts a send at some moment between our request and its answer, and we do not know which.  So a
send holds its place in the account's second from before the request until one second after the answer: then
no second of the platform's holds more than the limit, however the network behaves.  The price is the time of
an answer: places come round ``limit / (1 + latency)`` times a second.

A person has a bucket that refills, but not while something to them is under way.
"""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.channels.base import Caps
from bot.clock import Pause, pause

SHORT_WAIT = 3.0  # seconds that a row may wait in our hands; longer, and it waits in the queue
AHEAD = 0.5  # seconds of sends that may stand ready for their turn
GRAIN = 0.001  # seconds by which two clocks may round apart
INSTANT = 1e-6  # no sleep is shorter
LONGEST_HOLD = 60.0
INCOMING_MOST = 0.75  # of a second that what comes in may take up

Account = tuple[str, str]  # channel, account


class TooLong(Exception):
    """A wait that is better spent in the queue."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.3f} s")
        self.seconds = seconds


class Turn:
    """A place in an account's line, in order of urgency and then of asking."""

    def __init__(self, line: "_Line", bucket: "_Bucket", order: tuple[bool, int]) -> None:
        self.order = order
        self._line = line
        self._bucket = bucket
        self._begun = False

    async def comes(self, within: float = 0.0) -> None:
        """Returns when the turn is at most ``within`` seconds away; at 0 it has begun.

        Raises: TooLong, while it has not begun.
        """
        while not self._line.closed and (delay := self._line.delay(self.order) - within) > INSTANT:
            await sit_out(delay, self._line.pause)
        if self._line.closed:
            raise TooLong(0.0)
        if within == 0:
            self._begun = True
            self._line.begin(self.order)

    def is_here(self) -> bool:
        """Begin the turn if nothing stands before it."""
        if self._line.closed or self._line.delay(self.order) > INSTANT:
            return False
        self._begun = True
        self._line.begin(self.order)
        return True

    def end(self) -> None:
        """The answer came, or nothing was sent after all."""
        if self._begun:
            self._line.end()
        else:
            self._line.leave(self.order)
        self._bucket.end(self._line.now(), spent=self._begun)

    def __enter__(self) -> "Turn":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


@dataclass(slots=True)
class _Bucket:
    """A person's tokens, as of ``since``; ``under_way`` stops the refilling."""

    tokens: float
    since: float
    under_way: int = 0

    def refill(self, now: float, caps: Caps) -> None:
        if not self.under_way:
            gained = (now - self.since) * caps.per_person
            self.tokens = min(float(caps.person_burst), self.tokens + gained)
            self.since = now

    def end(self, now: float, *, spent: bool) -> None:
        self.under_way -= 1
        self.since = now
        if not spent:
            self.tokens += 1.0


class _Line:
    """One account: who waits, what is under way, and when the answers of the last second came."""

    def __init__(self, now: Callable[[], float], sleep: Pause) -> None:
        self.now = now
        self.pause = sleep
        self.closed = False  # no part of the limit is ours
        self.limit = 1
        self.second = 1.0  # how long an answered send still counts; longer where the limit is below one
        self._under_way = 0
        self._ended: deque[float] = deque()
        self._came: deque[float] = deque()  # those of them that people sent
        self._waiting: set[tuple[bool, int]] = set()
        self._held_until = 0.0
        self._holds = 0

    def set_limit(self, per_second: float) -> None:
        self.closed = per_second <= 0
        if self.closed:
            return
        self.limit = max(1, math.floor(per_second))
        self.second = max(1.0, 1.0 / per_second) + GRAIN

    def room(self, ahead: float) -> int:
        """How many more may join so that all who wait have begun ``ahead`` seconds from now."""
        now = self.now()
        if self.closed or self._held_until > now + ahead:
            return 0
        self._forget(now)
        counted = sum(ended + self.second > now + ahead for ended in self._ended)
        return self.limit - self._under_way - counted - len(self._waiting)

    def join(self, order: tuple[bool, int]) -> None:
        self._waiting.add(order)

    def leave(self, order: tuple[bool, int]) -> None:
        self._waiting.discard(order)

    def delay(self, order: tuple[bool, int]) -> float:
        """Seconds until this turn, if nobody more urgent comes; 0: now."""
        now = self.now()
        if self._held_until > now:
            return self._held_until - now
        self._forget(now)
        ahead = sum(other < order for other in self._waiting)
        short = ahead - (self.limit - self._under_way - len(self._ended))
        if short < 0:
            return 0.0
        if short < len(self._ended):
            return self._ended[short] + self.second - now
        return self.second  # behind what is still under way

    def begin(self, order: tuple[bool, int]) -> None:
        self._waiting.discard(order)
        self._under_way += 1

    def end(self) -> None:
        self._under_way -= 1
        self._ended.append(self.now())

    def came_in(self, count: int) -> None:
        """Messages of people, which the platform counts with ours.

        A flood leaves a part of each second to answers all the same: somebody else may wait for one.  Should
        the platform refuse, it says so.
        """
        now = self.now()
        while self._came and self._came[0] + self.second <= now + INSTANT:
            self._came.popleft()
        counted = [now] * min(count, max(0, math.floor(self.limit * INCOMING_MOST) - len(self._came)))
        self._came.extend(counted)
        self._ended.extend(counted)

    def recall(self, at: float) -> None:
        if at + self.second > self.now():
            self._ended = deque(sorted([*self._ended, at]))

    def hold(self, seconds: float | None) -> None:
        """Nothing until then: the platform said so, or 1, 2, 4 … seconds where it did not say how long."""
        now = self.now()
        if self._held_until > now and seconds is None:
            return
        wait = min(2.0**self._holds, LONGEST_HOLD) if seconds is None else seconds
        self._holds += 1
        self._held_until = max(self._held_until, now + wait)

    def passes(self) -> None:
        """Something got through: the next hold is a short one again."""
        self._holds = 0

    def _forget(self, now: float) -> None:
        while self._ended and self._ended[0] + self.second <= now + INSTANT:
            self._ended.popleft()


async def sit_out(seconds: float, sleep: Pause) -> None:
    """Raises: TooLong."""
    if seconds > SHORT_WAIT:
        raise TooLong(seconds)
    await sleep(seconds)


class Pacing:
    """Gives out turns, within our ``share`` of each account's limit: others may send by it, too.

    ``monotonic`` and ``sleep`` are handed in by tests.
    """

    def __init__(
        self, *, on: bool = True, monotonic: Callable[[], float] = time.monotonic, sleep: Pause = pause
    ) -> None:
        self.on = on
        self.pause = sleep
        self._now = monotonic
        self._lines: defaultdict[Account, _Line] = defaultdict(lambda: _Line(monotonic, sleep))
        self._people: dict[tuple[str, str, int], _Bucket] = {}
        self._limits: dict[Account, float] = {}  # as the platform has them, per second
        self._asked = 0
        self._share = 1.0

    @property
    def share(self) -> float:
        return self._share

    @share.setter
    def share(self, share: float) -> None:
        self._share = share
        for account, line in self._lines.items():
            line.set_limit(self._limits.get(account, 1.0) * share)

    def room(self, account: Account, caps: Caps) -> int | None:
        """How many sends may be made ready now; None: no limit."""
        return max(0, self._line(account, caps).room(AHEAD)) if self.on else None

    async def sit_out(self, seconds: float) -> None:
        """Raises: TooLong."""
        await sit_out(seconds, self.pause)

    def person_wait(self, account: Account, contact_id: int, caps: Caps) -> float:
        """Seconds until this person may be written to; 0: now."""
        if not self.on:
            return 0.0
        bucket = self._bucket(account, contact_id, caps)
        wait = (1.0 - bucket.tokens) / caps.per_person
        return wait if wait > INSTANT else 0.0

    def turn(self, account: Account, contact_id: int, caps: Caps, *, urgent: bool) -> Turn:
        """A place in the line, and a token of the person's.  The urgent go before all others."""
        if not self.on:
            return _FREE
        line, bucket = self._line(account, caps), self._bucket(account, contact_id, caps)
        bucket.tokens -= 1.0
        bucket.under_way += 1
        self._asked += 1
        turn = Turn(line, bucket, (not urgent, self._asked))
        line.join(turn.order)
        self._forget_the_rested()
        return turn

    def came_in(self, account: Account, caps: Caps, count: int) -> None:
        """So many messages came from people."""
        if self.on and caps.counts_incoming:
            self._line(account, caps).came_in(count)

    def recall(self, account: Account, contact_id: int, caps: Caps, ago: float) -> None:
        """A send of ``ago`` seconds before us counts, too.  To be called in the order of the sends."""
        if not self.on:
            return
        at = self._now() - ago
        self._line(account, caps).recall(at)
        bucket = self._people.setdefault((*account, contact_id), _Bucket(float(caps.person_burst), at))
        bucket.refill(at, caps)
        bucket.tokens -= 1.0

    def hold(self, account: Account, seconds: float | None = None) -> None:
        """The platform throttles the whole account."""
        if self.on:
            self._lines[account].hold(seconds)

    def passes(self, account: Account) -> None:
        """The platform took something."""
        if self.on:
            self._lines[account].passes()

    def _line(self, account: Account, caps: Caps) -> _Line:
        line = self._lines[account]
        self._limits[account] = caps.per_second
        line.set_limit(caps.per_second * self._share)
        return line

    def _bucket(self, account: Account, contact_id: int, caps: Caps) -> _Bucket:
        key, now = (*account, contact_id), self._now()
        bucket = self._people.get(key)
        if bucket is None:
            bucket = self._people[key] = _Bucket(float(caps.person_burst), now)
        bucket.refill(now, caps)
        return bucket

    def _forget_the_rested(self) -> None:
        if len(self._people) > 50_000:
            now = self._now()
            self._people = {k: b for k, b in self._people.items() if b.under_way or now - b.since < 600}


class _Free(Turn):
    """A turn where nothing is paced."""

    def __init__(self) -> None:
        self.order = (True, 0)

    async def comes(self, within: float = 0.0) -> None:
        return None

    def is_here(self) -> bool:
        return True

    def end(self) -> None:
        return None


_FREE = _Free()
