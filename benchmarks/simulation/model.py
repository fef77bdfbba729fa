"""A message's way through many replicas and one or more databases, by events.

    arrives → web processor → database → log → 200          ack
            → worker processor → database → log             the step is committed
            → the number's line → platform                  reply
            → worker processor → database → log             the send is recorded
    and for each reply so many receipts: web processor → database → log

A replica has one process to a core, half of them web and half worker; a conversation is always with the same
worker.  An office lies on one shard.  Times of service vary as a gamma distribution of shape 4.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate, count

from benchmarks.simulation.stations import Line, Log, Processors


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """CPU and waits of one message, in seconds."""

    web: float  # verify, read, write down
    worker: float  # handlers, states, outbox
    delivery: float  # claim, send, record
    database: float  # all statements of a message
    receipt: float  # web's work for one receipt; the database's is a fifth of a message's
    flush: float = 0.002  # of the log to its disk
    network: float = 0.0005  # to the database and back, a transaction
    platform: float = 0.150  # until the platform answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """``cores``: of a replica.  ``shards``: databases, each with ``database_cores``."""

    replicas: int
    cores: int = 4
    shards: int = 1
    database_cores: int = 16
    limit: float = 80.0  # messages a second that a number may send


@dataclass(slots=True)
class Outcome:
    seconds: float
    acks: list[float] = field(default_factory=list)
    replies: list[float] = field(default_factory=list)
    web: float = 0.0  # utilisations
    worker: float = 0.0
    databases: list[float] = field(default_factory=list)
    longest_line: float = 0.0


def office_sizes(offices: int, spread: float, dice: random.Random) -> list[float]:
    """Shares of all messages, lognormal."""
    sizes = [dice.lognormvariate(0.0, spread) for _ in range(offices)]
    return [size / sum(sizes) for size in sizes]


def simulate(
    costs: Costs, plant: Plant, shares: list[float], rate: float, *, seconds: float, receipts: int, seed: int
) -> Outcome:
    return _Run(costs, plant, shares, rate, seconds, receipts, random.Random(seed)).run()


class _Run:
    def __init__(
        self,
        costs: Costs,
        plant: Plant,
        shares: list[float],
        rate: float,
        seconds: float,
        receipts: int,
        dice: random.Random,
    ) -> None:
        self._costs, self._plant, self._shares, self._dice = costs, plant, shares, dice
        self._rate, self._seconds, self._receipts = rate, seconds, receipts
        half = max(1, plant.replicas * plant.cores // 2)
        self._webs = [Processors(1) for _ in range(half)]
        self._workers = [Processors(1) for _ in range(half)]
        self._databases = [Processors(plant.database_cores) for _ in range(plant.shards)]
        self._logs = [Log(costs.flush) for _ in range(plant.shards)]
        self._lines = [Line(plant.limit) for _ in shares]
        self._shard_of = [dice.randrange(plant.shards) for _ in shares]
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._numbers = count()
        self._outcome = Outcome(seconds)

    def run(self) -> Outcome:
        offices, shares = range(len(self._shares)), list(accumulate(self._shares))
        now = 0.0
        while now < self._seconds:
            now += self._dice.expovariate(self._rate)
            (office,) = self._dice.choices(offices, cum_weights=shares)
            self._at(now, self._arrival(office, now))
        while self._events:
            at, _, happen = heapq.heappop(self._events)
            happen(at)
        out = self._outcome
        out.web = sum(one.utilisation(self._seconds) for one in self._webs) / len(self._webs)
        out.worker = sum(one.utilisation(self._seconds) for one in self._workers) / len(self._workers)
        out.databases = [one.utilisation(self._seconds) for one in self._databases]
        out.longest_line = max(line.longest for line in self._lines)
        return out

    def _arrival(self, office: int, began: float) -> Callable[[float], None]:
        """The steps of one message; each is asked when its time has come, so that lines are in order."""
        costs, worker = self._costs, self._dice.choice(self._workers)
        web = self._dice.choice(self._webs)

        def arrives(now: float) -> None:
            self._at(web.serve(now, self._vary(costs.web)), written)

        def written(now: float) -> None:
            self._transaction(office, now, costs.database * 0.3, acknowledged)

        def acknowledged(now: float) -> None:
            self._outcome.acks.append(now - began)
            self._at(worker.serve(now, self._vary(costs.worker)), handled)

        def handled(now: float) -> None:
            self._transaction(office, now, costs.database * 0.4, committed)

        def committed(now: float) -> None:
            self._at(self._lines[office].turn(now), sends)

        def sends(now: float) -> None:
            heard = now + self._vary(costs.platform)
            self._outcome.replies.append(heard - began)
            self._at(heard, answered)

        def answered(now: float) -> None:
            self._at(worker.serve(now, self._vary(costs.delivery)), recorded)
            for _ in range(self._receipts):
                self._at(now + self._dice.expovariate(0.5), receipt)

        def recorded(now: float) -> None:
            self._transaction(office, now, costs.database * 0.3, _nothing_more)

        def receipt(now: float) -> None:
            self._at(web.serve(now, self._vary(costs.receipt)), receipt_written)

        def receipt_written(now: float) -> None:
            self._transaction(office, now, costs.database * 0.2, _nothing_more)

        return arrives

    def _transaction(self, office: int, now: float, cpu: float, then: Callable[[float], None]) -> None:
        shard = self._shard_of[office]
        done = self._databases[shard].serve(now + self._costs.network, self._vary(cpu))
        self._at(done, lambda at: self._at(self._logs[shard].commit(at), then))

    def _at(self, when: float, happen: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (when, next(self._numbers), happen))

    def _vary(self, mean: float) -> float:
        return self._dice.gammavariate(4.0, mean / 4.0)


def _nothing_more(_: float) -> None:
    return None
