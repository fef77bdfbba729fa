"""One conversation at a time, in order of arrival; conversations beside each other.

A lane holds what one person sent and nobody has handled yet; of a flood its beginning, and the rest is read
from the inbox when the lane has come so far.  Who writes too fast has to wait (`bot.restraint`).  Media is
fetched while the lane waits; photos that come close together are one step, so that six get one answer.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from models.files import StoredFile
from models.inbox import InboxEvent, InboxKind

log = structlog.get_logger(__name__)

HELD_MOST = 500  # events of one lane in memory
HELD_RESTING = 40  # … while it has to wait: many who flood leave room for all others
READ_REMEMBERED = 2 * HELD_MOST
BURST_MOST = 30  # media events in one step
RECEIPTS_MOST = 200  # receipts in one step
LOOK = 0.5  # seconds between looks at who works still
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


Key = int | tuple[str, str]  # the contact, or the account where nobody in particular is meant


class _Lane:
    """``behind``: more is stored than it holds; ``missed``: some of it came since that was last read."""

    __slots__ = ("arrived", "behind", "missed", "queue")

    def __init__(self) -> None:
        self.queue: deque[Waiting] = deque()
        self.arrived = asyncio.Event()
        self.behind = self.missed = False


class Lanes:
    """``quiet``: seconds without another photo after which a burst is over.

    What is no longer ours when its turn comes (``is_ours``) is let go: it is stored, and another's.
    ``read``: the next `HELD_MOST` stored events of a lane, by its key.
    """

    def __init__(
        self, handle: Handle, prepare: Prepare, carries_media: Callable[[InboxEvent], bool], *, quiet: float
    ) -> None:
        self._handle = handle
        self._prepare = prepare
        self._carries_media = carries_media
        self._quiet = quiet
        self._lanes: dict[Key, _Lane] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._read: deque[int] = deque(maxlen=READ_REMEMBERED)  # … before we were told of them
        self.held: set[int] = set()  # stored events that wait here or are being handled
        self._closed = False
        self.is_ours: Callable[[InboxEvent], bool] = lambda _: True
        self.read: Callable[[Key], Awaitable[Sequence[InboxEvent]]] = _nothing
        self.restrain: Callable[[InboxEvent], Awaitable[float]] = _at_once  # seconds that it has to wait
        self.pause: Callable[[float], Awaitable[None]] = asyncio.sleep
        self._resting: set[Key] = set()

    def push(self, event: InboxEvent) -> None:
        """Put a committed event at the end of its lane; one that is held already keeps its place.

        After `close` it stays in the inbox, for whoever starts next.
        """
        if event.id in self.held or event.id in self._read or self._closed:
            return
        key: Key = event.contact_id if event.contact_id is not None else (event.channel, event.account)
        lane = self._lanes.setdefault(key, _Lane())
        if lane.behind or len(lane.queue) >= (HELD_RESTING if key in self._resting else HELD_MOST):
            lane.behind = lane.missed = True
        else:
            self._hold(lane, event)
        if key not in self._tasks:
            self._tasks[key] = asyncio.create_task(self._run(key, lane))

    def _hold(self, lane: _Lane, event: InboxEvent) -> None:
        self.held.add(event.id)
        media = self._carries_media(event)
        lane.queue.append(Waiting(event, asyncio.create_task(self._prepare(event)) if media else None))
        lane.arrived.set()

    def begin(self, key: Key, work: Callable[[], Awaitable[None]]) -> bool:
        """Let ``work`` be the first step of an idle lane; what is pushed meanwhile waits behind it."""
        if key in self._tasks or self._closed:
            return False
        lane = self._lanes.setdefault(key, _Lane())
        self._tasks[key] = asyncio.create_task(self._run(key, lane, work))
        return True

    def __len__(self) -> int:
        """Events that wait in memory."""
        return sum(len(lane.queue) for lane in self._lanes.values())

    def people(self) -> list[int]:
        """Whose lanes have work in hand; 0: nobody's in particular."""
        return [key if isinstance(key, int) else 0 for key in self._tasks if key not in self._resting]

    async def settled(self) -> None:
        """Returns when no lane has work; one that waits, or was stopped before it had begun, has none."""
        while at_work := [
            task for key, task in self._tasks.items() if key not in self._resting and not task.done()
        ]:
            await asyncio.wait(at_work, timeout=LOOK)

    async def close(self) -> None:
        """Stop at once; what was not committed is still in the inbox."""
        self._closed = True
        tasks: list[asyncio.Task[Any]] = [*self._tasks.values()]
        tasks += [w.files for lane in self._lanes.values() for w in lane.queue if w.files is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, key: Key, lane: _Lane, first: Callable[[], Awaitable[None]] | None = None) -> None:
        try:
            if first is not None:
                await first()
            while lane.queue or await self._catch_up(key, lane):
                await self._rest(key, lane)
                step = await self._next_step(lane)
                if self.is_ours(step[0].event):
                    await self._handle(step)
                else:
                    self._forget(step)
                self.held.difference_update(arrived.event.id for arrived in step)
        finally:
            del self._tasks[key]
            if not lane.queue:
                self._lanes.pop(key, None)

    async def _rest(self, key: Key, lane: _Lane) -> None:
        """Let them wait who write too fast; what is behind the next few messages waits in the inbox."""
        try:
            while self.is_ours(event := lane.queue[0].event) and (seconds := await self.restrain(event)) > 0:
                self._resting.add(key)
                while len(lane.queue) > HELD_RESTING and lane.queue[-1].files is None:
                    self.held.discard(lane.queue.pop().event.id)
                    lane.behind = lane.missed = True
                await self.pause(seconds)
        finally:
            self._resting.discard(key)

    def _forget(self, step: Sequence[Arrived]) -> None:
        """Should it be ours again, we are told of it again."""
        for arrived in step:
            if arrived.event.id in self._read:
                self._read.remove(arrived.event.id)

    async def _catch_up(self, key: Key, lane: _Lane) -> bool:
        """Read what the lane could not hold; False: there is nothing more, or it is another's now."""
        pause = FIRST_PAUSE
        while lane.behind:
            lane.missed = False
            try:
                found = [event for event in await self.read(key) if event.id not in self.held]
            except Exception as error:
                log.error("lane.not_read", error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            if found and not self.is_ours(found[0]):
                lane.behind = False
                return False
            for event in found:
                self._hold(lane, event)
            self._read.extend(event.id for event in found)
            lane.behind = lane.missed or len(found) >= HELD_MOST
            if found:
                return True
        return False

    async def _next_step(self, lane: _Lane) -> list[Arrived]:
        first = lane.queue.popleft()
        burst = [first]
        if first.files is not None and first.event.kind is not InboxKind.INTERNAL:
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
            if not _goes_with(lane.queue[0], burst[0]):
                return
            burst.append(lane.queue.popleft())


def _goes_with(next_one: Waiting, first: Waiting) -> bool:
    """Whether it is a further photo of the same chat.  What a page of ours took in says where it belongs."""
    event = next_one.event
    sent = next_one.files is not None and event.kind is not InboxKind.INTERNAL
    return sent and event.channel == first.event.channel


async def _at_once(_: InboxEvent) -> float:
    return 0.0


async def _nothing(_: Key) -> Sequence[InboxEvent]:
    return ()


def _gather_receipts(lane: _Lane, burst: list[Waiting]) -> None:
    """Receipts that wait are one step: nobody answers them, and they come in swarms."""
    while lane.queue and lane.queue[0].event.kind is InboxKind.RECEIPT and len(burst) < RECEIPTS_MOST:
        burst.append(lane.queue.popleft())
