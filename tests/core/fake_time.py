"""Time that moves only when nobody has anything left to do: hours of pacing in seconds, on real sockets."""

import asyncio
import contextlib
import heapq
import itertools
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

LOOK = 0.001  # real seconds between looks at whether everybody sleeps


class FakeTime:
    """``clock``, ``monotonic`` and ``pause`` for whoever takes part.

    ``running`` says how many take part now; once so many sleep, time jumps to the first that wakes.
    """

    def __init__(self, start: datetime, running: Callable[[], int] = lambda: 1) -> None:
        self.start = start
        self.running = running
        self.passed = 0.0
        self._sleeping: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def __str__(self) -> str:
        return f"at {self.passed:.3f} s {len(self._sleeping)} sleep of {self.running()}"

    def clock(self) -> datetime:
        return self.start + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def pause(self, seconds: float, until: asyncio.Event | None = None) -> None:
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleeping, (self.passed + seconds, next(self._count), woken))
        if until is None:
            await woken
            return
        event = asyncio.create_task(until.wait())  # done soon where it is set already
        event.add_done_callback(lambda _: _wake(woken))
        try:
            await woken
        finally:
            event.cancel()

    @contextlib.asynccontextmanager
    async def runs(self) -> AsyncIterator[None]:
        """While inside, time jumps on."""
        driver = asyncio.create_task(self._drive())
        try:
            yield
        finally:
            driver.cancel()

    async def _drive(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            if self._all_sleep():
                for _ in range(3):  # whoever was just woken by an event runs first
                    await asyncio.sleep(0)
                if self._all_sleep():
                    self._jump()

    def _all_sleep(self) -> bool:
        self._sleeping = [one for one in self._sleeping if not one[2].done()]
        heapq.heapify(self._sleeping)
        return 0 < self.running() <= len(self._sleeping)

    def _jump(self) -> None:
        self.passed = max(self.passed, self._sleeping[0][0])
        while self._sleeping and self._sleeping[0][0] <= self.passed:
            _wake(heapq.heappop(self._sleeping)[2])


def _wake(sleeper: asyncio.Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
