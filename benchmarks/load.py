"""Signed webhooks in, every reply audited: right person, right text, exactly once.

``closed``: so many people talk at once, each waiting for a reply before saying the next.
``open``: so many messages a second whatever the bot does, each timed from the moment it was due.
``ack``: from a webhook to its answer; ``reply``: from a webhook to the reply reaching the provider.
"""

import asyncio
import itertools
import statistics
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.conversation import WEBHOOKS, said_and_expected
from benchmarks.provider import Provider
from benchmarks.rawhttp import Client

PATIENCE = 20.0  # seconds for one reply

Said = tuple[str, str, str]  # person, words, the reply expected


@dataclass
class Result:
    """What one bot did in one run; times in seconds."""

    messages: int = 0
    seconds: float = 0.0
    acks: list[float] = field(default_factory=list)
    replies: list[float] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    refused: int = 0

    @property
    def bad(self) -> int:
        return self.lost + self.doubled + self.wrong + self.refused


def percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1] if len(values) > 1 else float("nan")


class Load:
    """Talks to one bot on one channel; the provider lives in this process."""

    def __init__(self, channel: str) -> None:
        self._webhook = WEBHOOKS[channel]
        self._numbers = itertools.count(int(time.time()))
        self._people = itertools.count(1)
        self._waiting: dict[str, tuple[str, asyncio.Future[float]]] = {}
        self._answered: set[tuple[str, str]] = set()
        self.result = Result()
        self.provider = Provider(self._heard)

    def client(self, url: str) -> Client:
        """What one person's webhooks go through."""
        return Client(url)

    async def closed(self, url: str, messages: int, people: int) -> Result:
        self.result, conversations = Result(), iter(range(messages // 3))

        async def person() -> None:
            client = self.client(url)
            for _ in conversations:
                for said in self._conversation():
                    await self._say(client, *said, time.perf_counter())
            client.close()

        began = time.perf_counter()
        await asyncio.gather(*(person() for _ in range(people)))
        self.result.seconds = time.perf_counter() - began
        return self.result

    async def open(self, url: str, messages: int, rate: float) -> Result:
        """Whoever has been answered says the next thing when it is time; nobody has: a new person begins."""
        self.result, free = Result(), [self.client(url) for _ in range(32)]
        answered: deque[Iterator[Said]] = deque()
        began, under_way = time.perf_counter() + 0.1, set[asyncio.Task[None]]()

        async def say(talk: Iterator[Said], said: Said, due: float) -> None:
            client = free.pop() if free else self.client(url)
            await self._say(client, *said, due)
            free.append(client)
            answered.append(talk)

        for number in range(messages):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            talk, said = self._next(answered)
            task = asyncio.create_task(say(talk, said, due))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)
        self.result.seconds = time.perf_counter() - began
        for client in free:
            client.close()
        return self.result

    def _next(self, answered: "deque[Iterator[Said]]") -> tuple[Iterator[Said], Said]:
        while answered:
            talk = answered.popleft()
            if (said := next(talk, None)) is not None:
                return talk, said
        talk = self._conversation()
        return talk, next(talk)

    def _conversation(self) -> Iterator[Said]:
        number = next(self._people)
        person = f"62812{number:07}"
        for said, expected in said_and_expected(number, person):
            yield person, said, expected

    async def _say(self, client: Client, person: str, said: str, expected: str, due: float) -> None:
        result, arrived = self.result, asyncio.get_running_loop().create_future()
        self._waiting[person] = (expected, arrived)
        body, headers = self._webhook(next(self._numbers), person, said)
        result.messages += 1
        try:
            result.refused += await client.post(body, headers) != 200
            result.acks.append(time.perf_counter() - due)
            result.replies.append(await asyncio.wait_for(arrived, PATIENCE) - due)
        except TimeoutError:  # an OSError too
            result.lost += 1
        except OSError:
            result.refused += 1

    def _heard(self, person: str, text: str) -> None:
        expected, arrived = self._waiting.get(person, ("", None))
        if (person, text) in self._answered:
            self.result.doubled += 1
        elif text != expected or arrived is None:
            self.result.wrong += 1
        elif not arrived.done():
            self._answered.add((person, text))
            arrived.set_result(time.perf_counter())
