"""People who write at a steady pace, whatever the answers are, and how long the office took to say 200."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.faults.town import Town
from tests.posted_phone import PostedPhone


@dataclass(slots=True)
class Load:
    """``statuses`` in the order of the answers; 0: nobody answered."""

    statuses: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Of the seconds until the door answered, whatever it said."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]

    async def goes_on(
        self, people: Sequence[PostedPhone], enough: Callable[[], bool], *, per_second: float = 50
    ) -> None:
        """Somebody says something every so often; nobody waits for anybody."""
        under_way: set[asyncio.Task[None]] = set()
        n = 0
        while not enough():
            task = asyncio.create_task(self._says(people[n % len(people)], f"kabar {n}"))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            n += 1
            await asyncio.sleep(1 / per_second)
        if under_way:
            await asyncio.wait(under_way)

    async def _says(self, person: PostedPhone, words: str) -> None:
        began = time.monotonic()
        self.statuses.append(await person.says(words))
        self.seconds.append(time.monotonic() - began)


def people(town: Town, count: int) -> list[PostedPhone]:
    """On three channels in turn."""
    comes = (town.on_whatsapp, town.on_telegram, town.on_messenger)
    return [comes[n % 3](100 + n) for n in range(count)]
