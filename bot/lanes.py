"""One conversation at a time, in order of arrival; conversations beside each other.

A lane holds what one person sent and nobody has handled yet.  Media is fetched while the lane waits; photos
that come close together are one step, so that six of them get one answer.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from models.files import StoredFile
from models.inbox import InboxEvent, InboxKind

log = structlog.get_logger(__name__)

BURST_MOST = 30  # media events in one step
RECEIPTS_MOST = 200  # receipts in one step
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds
Prepare = Callable[[InboxEvent], Coroutine[Any, Any, list[StoredFile]]]


@dataclass(slots=True)
class Waiting:
    """An event in a lane; ``files`` is under way since it arrived (None: it carries no media)."""

    event: InboxEvent
    files: asyncio.Task[list[StoredFile]] | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event with its files in hand."""

    event: InboxEvent
    files: list[StoredFile]


Handle = Callable[[Sequence[Arrived]], Awaitable[None]]
"""Handles one step to its end: committed, or parked.  Raises nothing but cancellation."""


class _Lane:
    __slots__ = ("arrived", "queue")

    def __init__(self) -> None:
        self.queue: deque[Waiting] = deque()
        self.arrived = asyncio.Event()


class Lanes:
    """``quiet``: seconds without another photo after which a burst is over.

    What is no longer ours when its turn comes (``is_ours``) is let go: it is stored, and another's.
    """

    def __init__(
        self, handle: Handle, prepare: Prepare, carries_media: Callable[[InboxEvent], bool], *, quiet: float
    ) -> None:
        self._handle = handle
        self._prepare = prepare
        self._carries_media = carries_media
        self._quiet = quiet
        self._lanes: dict[Hashable, _Lane] = {}
        self._tasks: dict[Hashable, asyncio.Task[None]] = {}
        self.held: set[int] = set()  # stored events that wait here or are being handled
        self._closed = False
        self.is_ours: Callable[[InboxEvent], bool] = lambda _: True

    def push(self, event: InboxEvent) -> None:
        """Put a committed event at the end of its lane; one that is held already keeps its place.

        After `close` it stays in the inbox, for whoever starts next.
        """
        if event.id in self.held or self._closed:
            return
        key: Hashable = event.contact_id if event.contact_id is not None else (event.channel, event.account)
        lane = self._lanes.setdefault(key, _Lane())
        self.held.add(event.id)
        media = self._carries_media(event)
        lane.queue.append(Waiting(event, asyncio.create_task(self._prepare(event)) if media else None))
        lane.arrived.set()
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._run(key, lane))

    def begin(self, key: Hashable, work: Callable[[], Awaitable[None]]) -> bool:
        """Let ``work`` be the first step of an idle lane; what is pushed meanwhile waits behind it."""
        if key in self._tasks or self._closed:
            return False
        lane = self._lanes.setdefault(key, _Lane())
        self._tasks[key] = asyncio.create_task(self._run(key, lane, work))
        return True

    def __len__(self) -> int:
        """Events that wait."""
        return sum(len(lane.queue) for lane in self._lanes.values())

    def people(self) -> list[int]:
        """Whose lanes have work; 0: nobody's in particular."""
        return [key if isinstance(key, int) else 0 for key in self._tasks]

    async def settled(self) -> None:
        """Returns when no lane has work; one that was stopped before it had begun has none."""
        while at_work := [task for task in self._tasks.values() if not task.done()]:
            await asyncio.wait(at_work)

    async def close(self) -> None:
        """Stop at once; what was not committed is still in the inbox."""
        self._closed = True
        tasks: list[asyncio.Task[Any]] = [*self._tasks.values()]
        tasks += [w.files for lane in self._lanes.values() for w in lane.queue if w.files is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(
        self, key: Hashable, lane: _Lane, first: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        try:
            if first is not None:
                await first()
            while lane.queue:
                step = await self._next_step(lane)
                if self.is_ours(step[0].event):
                    await self._handle(step)
                self.held.difference_update(arrived.event.id for arrived in step)
        finally:
            del self._tasks[key]
            if not lane.queue:
                self._lanes.pop(key, None)

    async def _next_step(self, lane: _Lane) -> list[Arrived]:
        first = lane.queue.popleft()
        burst = [first]
        if first.files is not None:
            await self._gather(lane, burst)
        elif first.event.kind is InboxKind.RECEIPT:
            _gather_receipts(lane, burst)
        return [Arrived(waiting.event, await self._files(waiting)) for waiting in burst]

    async def _files(self, waiting: Waiting) -> list[StoredFile]:
        """The event's files; a database or disk that is away is waited for, the event stays first."""
        pause = FIRST_PAUSE
        while waiting.files is not None:
            try:
                return await waiting.files
            except Exception as error:
                log.error("lane.not_prepared", inbox=waiting.event.id, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                waiting.files = asyncio.create_task(self._prepare(waiting.event))
        return []

    async def _gather(self, lane: _Lane, burst: list[Waiting]) -> None:
        """Take the photos that follow, until something else comes or it stays quiet."""
        while len(burst) < BURST_MOST:
            lane.arrived.clear()
            if not lane.queue:
                try:
                    async with asyncio.timeout(self._quiet):
                        await lane.arrived.wait()
                except TimeoutError:
                    return
            if lane.queue[0].files is None or lane.queue[0].event.channel != burst[0].event.channel:
                return
            burst.append(lane.queue.popleft())


def _gather_receipts(lane: _Lane, burst: list[Waiting]) -> None:
    """Receipts that wait are one step: nobody answers them, and they come in swarms."""
    while lane.queue and lane.queue[0].event.kind is InboxKind.RECEIPT and len(burst) < RECEIPTS_MOST:
        burst.append(lane.queue.popleft())
