"""How fast we may write: per account and per person, as each platform asks."""

import time
from collections import defaultdict, deque
from collections.abc import Callable

from bot.channels.base import Caps


class Pacing:
    """Says how long a send has to wait; 0 means: now, and it is counted.

    The account's limit holds in every one-second window; a person's is a bucket that refills.
    """

    def __init__(self, *, on: bool = True, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._on = on
        self._now = monotonic
        self._account: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)
        self._person: dict[tuple[str, int], tuple[float, float]] = {}  # tokens left, as of when

    def wait(self, channel: str, account: str, contact_id: int, caps: Caps) -> float:
        """Seconds until this message may go."""
        if not self._on:
            return 0.0
        now = self._now()
        sends = self._account[(channel, account)]
        while sends and now - sends[0] >= 1.0:
            sends.popleft()
        if len(sends) >= caps.per_second:
            return 1.0 - (now - sends[0])
        tokens, since = self._person.get((channel, contact_id), (float(caps.person_burst), now))
        tokens = min(float(caps.person_burst), tokens + (now - since) * caps.per_person)
        if tokens < 1.0:
            return (1.0 - tokens) / caps.per_person
        self._person[(channel, contact_id)] = (tokens - 1.0, now)
        sends.append(now)
        self._forget_the_rested(now)
        return 0.0

    def _forget_the_rested(self, now: float) -> None:
        if len(self._person) > 50_000:
            self._person = {key: held for key, held in self._person.items() if now - held[1] < 600}
