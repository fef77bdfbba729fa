"""Whoever writes faster than anybody reads is read more slowly: a minute's worth at once, then evenly.

Nothing is refused: what came is stored and waits in its lane.  The counts are in this process's memory, for
a conversation is one process's at a time; of the minute before it started the rows tell.
"""

import time
from collections.abc import Awaitable, Callable

import structlog

from bot.allowance import Allowance
from models.inbox import InboxEvent, InboxKind

log = structlog.get_logger(__name__)

MINUTE = 60.0  # seconds


class Restraint:
    """``per_minute``: messages of this event's sender.

    ``said_lately``: how many of theirs were handled in the last minute, by the rows.
    ``on_wait`` is told of whoever has to wait, each time anew; False: they need not, and begin afresh.
    """

    def __init__(
        self,
        per_minute: Callable[[InboxEvent], int],
        said_lately: Callable[[InboxEvent], Awaitable[int]],
        on_wait: Callable[[InboxEvent], Awaitable[bool]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_minute = per_minute
        self._said_lately = said_lately
        self._on_wait = on_wait
        self._monotonic = monotonic
        self._began = monotonic()
        self._allowances: dict[int, Allowance] = {}  # by how many a minute

    async def wait(self, event: InboxEvent) -> float:
        """Seconds until this may be handled; 0: now, and it is counted."""
        if event.kind is not InboxKind.MESSAGE or event.contact_id is None:
            return 0.0
        try:
            return await self._wait(event, str(event.contact_id))
        except Exception as error:  # a limit that cannot be asked holds nobody
            log.error("restraint.not_asked", error=type(error).__name__)
            return 0.0

    async def _wait(self, event: InboxEvent, key: str) -> float:
        allowance = self._of(self._per_minute(event))
        if not allowance.knows(key) and self._monotonic() - self._began < MINUTE:
            allowance.recall(key, await self._said_lately(event))
        wait = allowance.take(key)
        if wait and not await self._on_wait(event):
            allowance.forgive(key)
            return 0.0
        return wait

    def _of(self, per_minute: int) -> Allowance:
        if per_minute not in self._allowances:
            self._allowances[per_minute] = Allowance(per_minute, self._monotonic)
        return self._allowances[per_minute]
