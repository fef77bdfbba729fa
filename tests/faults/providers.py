"""Providers as they are on a bad day: they fail by chance, and what nobody took they bring again."""

import random
from collections.abc import Mapping
from typing import Any

from tests.fakes import FakeBotApi, FakeGraph
from tests.fakes.messenger import FakeMessenger
from tests.fakes.server import FakeServer, Fault

Json = dict[str, Any]


class Chaos:
    """Faults by chance, the same for the same seed.  ``shares``: of a thousand sends so many fail so."""

    def __init__(self, seed: int, shares: Mapping[str, int], retry_after: int = 1) -> None:
        self._random = random.Random(seed)
        self._shares = dict(shares)
        self._retry_after = retry_after

    def pick(self) -> Fault | None:
        drawn = self._random.randrange(1000)
        for name, share in self._shares.items():
            if drawn < share:
                return Fault(name, retry_after=self._retry_after)
            drawn -= share
        return None


class Restless(FakeServer):
    """``chaos``: None on a good day."""

    chaos: Chaos | None = None

    def fault_for(self, to: str) -> Fault | None:
        return super().fault_for(to) or (self.chaos.pick() if self.chaos else None)


class RestlessBotApi(Restless, FakeBotApi):
    """Telegram."""


class RestlessGraph(Restless, FakeGraph):
    """WhatsApp.  ``undelivered``: webhook bodies that the office has not answered with 200."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.undelivered: list[Json] = []
        self.auto_statuses = ("delivered",)

    async def deliver(self, body: Json, *, url: str = "") -> int:
        status = await super().deliver(body, url=url)
        if status != 200:
            self.undelivered.append(body)
        return status

    async def redelivers(self) -> None:
        waiting, self.undelivered = self.undelivered, []
        for body in waiting:
            await self.deliver(body)


class RestlessMessenger(Restless, FakeMessenger):
    """Messenger, with echoes.  ``undelivered``: as above."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.undelivered: list[Json] = []
        self.echoes = True

    async def deliver(self, body: Json, *, url: str = "") -> int:
        status = await super().deliver(body, url=url)
        if status != 200:
            self.undelivered.append(body)
        return status

    async def redelivers(self) -> None:
        waiting, self.undelivered = self.undelivered, []
        for body in waiting:
            await self.deliver(body)
