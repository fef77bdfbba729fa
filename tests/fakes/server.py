"""What both pretend providers share: a socket, a clock that the test sets, faults on order."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from aiohttp import web

from tests.fakes.ledger import Ledger, Sent

#: Faults every provider knows. A provider adds its own refusals to these.
FAULTS = frozenset({"http500", "http502", "drop_before", "drop_after", "hang", "slow"})


@dataclass(frozen=True, slots=True)
class Fault:
    """``name`` of what goes wrong, for whom (empty: anybody), and seconds for ``Retry-After``."""

    name: str
    to: str = ""
    retry_after: int = 1


class Throttle:
    """A bucket of ``burst`` tokens that fills by one every ``seconds``; a person has one each."""

    def __init__(self, *, seconds: float, burst: int) -> None:
        self.seconds, self.burst = seconds, burst
        self._level: dict[str, tuple[float, datetime]] = {}

    def wait(self, who: str, now: datetime) -> float:
        """0.0 when one more may pass (and passes), else the seconds until it may."""
        level, since = self._level.get(who, (float(self.burst), now))
        level = min(self.burst, level + max(0.0, (now - since).total_seconds()) / self.seconds)
        if level >= 1:
            self._level[who] = (level - 1, now)
            return 0.0
        self._level[who] = (level, now)
        return (1 - level) * self.seconds


class FakeServer(ABC):
    """A provider on 127.0.0.1. ``async with FakeGraph() as graph: …`` or `start` and `stop`.

    ``clock`` may be replaced at any time: ``graph.clock = lambda: NOW``. ``slow`` answers wait for
    `release` or ``slow_seconds``, whichever is first; a ``hang`` lasts until `release` or `stop`.
    """

    #: Names of refusals of this provider that `next_send` accepts besides `FAULTS`.
    refusals: frozenset[str] = frozenset()

    def __init__(self, *, ledger_file: Path | None = None) -> None:
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.ledger = Ledger(ledger_file)
        self.slow_seconds = 2.0
        self.base_url = ""
        self.every_send: Fault | None = None
        self._next: deque[Fault] = deque()
        self._released = asyncio.Event()
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._background: set[asyncio.Task[None]] = set()

    @abstractmethod
    def application(self) -> web.Application:
        """What it answers."""

    async def start(self, port: int = 0) -> str:
        """Listens, and returns the address, e.g. ``http://127.0.0.1:40123``."""
        self._stopping.clear()
        self._released = asyncio.Event()
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, bound = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{bound}"
        return self.base_url

    async def stop(self) -> None:
        self._stopping.set()
        self._released.set()
        for task in tuple(self._background):
            task.cancel()
        if self._runner:
            await self._runner.cleanup()
        self.ledger.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # ------------------------------------------------------------------ faults

    def next_send(self, *faults: str, to: str = "", retry_after: int = 1) -> None:
        """The next messages fail, one fault each in this order (``to``: only that person's)."""
        for name in faults:
            self._known(name)
            self._next.append(Fault(name, to, retry_after))

    @property
    def faults_left(self) -> int:
        """How many of the next messages are still to fail."""
        return len(self._next)

    def every_send_fails(self, fault: str | None, *, to: str = "", retry_after: int = 1) -> None:
        """From now on every message fails so; ``None`` ends it."""
        if fault is not None:
            self._known(fault)
        self.every_send = Fault(fault, to, retry_after) if fault else None

    def release(self) -> None:
        """Answers every ``slow`` call at once, and breaks off every ``hang``."""
        self._released.set()
        self._released = asyncio.Event()

    def fault_for(self, to: str) -> Fault | None:
        """Takes the fault that is due for a message to this person."""
        for fault in self._next:
            if fault.to in ("", to):
                self._next.remove(fault)
                return fault
        due = self.every_send
        return due if due and due.to in ("", to) else None

    def _known(self, fault: str) -> None:
        if fault not in FAULTS | self.refusals:
            raise ValueError(f"no such fault: {fault}; known: {', '.join(sorted(FAULTS | self.refusals))}")

    async def carry_out(self, sent: Sent, fault: Fault | None, request: web.Request) -> None:
        """Writes the line of a message that broke no rule, and lets the fault happen to its answer.

        Raises what ends the request (`web.HTTPException`) for the faults that have another answer.
        """
        name = fault.name if fault else ""
        sent.outcome = {
            "drop_before": "dropped_before",
            "drop_after": "dropped_after",
            "hang": "hung",
            "http500": "http500",
            "http502": "http502",
        }.get(name, "accepted")
        self.ledger.add(sent)
        if name == "slow":
            await self._slowly()
        elif name == "hang":
            await self._released.wait()
        if name in ("drop_before", "drop_after", "hang"):
            cut(request)

    async def _slowly(self) -> None:
        waiting = self._released
        try:
            async with asyncio.timeout(self.slow_seconds):
                await waiting.wait()
        except TimeoutError:
            return

    def later(self, task: asyncio.Task[None]) -> None:
        """Keeps a background task alive, to be ended by `stop`."""
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def settled(self) -> None:
        """Returns when everything the provider still had to say has been said."""
        while self._background:
            await asyncio.gather(*self._background)


def cut(request: web.Request) -> None:
    """Breaks the connection; whatever the handler returns after this reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
