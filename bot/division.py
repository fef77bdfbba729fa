"""Who works on which conversations: with one process all of it, with several each on its partitions.

A conversation belongs to one process at a time, which handles what comes in and sends what goes out: so its
order is kept, and a person's and an account's limits are, by each keeping its part of them.  Partitions are
held by leases that are renewed; who does not come by in time has lost them, and knows it by its own clock.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from typing import Final, Protocol

import structlog

from bot.clock import Clock, pause
from models import division
from models.database import transaction
from models.division import PARTITIONS, Held, partition_of

log = structlog.get_logger(__name__)

LONGEST_LEASE: Final = timedelta(seconds=15)
SETTLES: Final = 1.1  # seconds after which what another has sent counts in no platform's second any more
HANDING_OVER: Final = 0.05  # seconds between looks whether what we give away is out of our hands


class Division(Protocol):
    """What part of all conversations is this process's.

    ``name``: ours among those that share the work; None: no other process serves this database.
    """

    name: str | None

    @property
    def share(self) -> float:
        """0 to 1: how much of each account's limit it may use."""

    def mine(self, contact_id: int) -> bool: ...

    def numbers(self) -> Sequence[int] | None:
        """The partitions; None: all, and nobody else is there."""


class Whole:
    """The only process."""

    name: str | None = None
    share = 1.0

    def mine(self, contact_id: int) -> bool:
        return True

    def numbers(self) -> Sequence[int] | None:
        return None


WHOLE: Final = Whole()


class Nothing:
    """A process that only receives, or only tells the time."""

    share = 0.0

    def __init__(self, name: str) -> None:
        self.name: str | None = name

    def mine(self, contact_id: int) -> bool:
        return False

    def numbers(self) -> Sequence[int] | None:
        return ()


class Shared:
    """A fair part, renegotiated as others come and go.

    ``in_hand``: the partitions with work under way; they are not given away before it has ended.
    ``on_gained`` is handed the partitions that are newly ours, and which of them somebody left who vanished.
    ``on_share`` is told when our share changes, ``on_left`` when others may come and take.
    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        lease: timedelta,
        in_hand: Callable[[], Collection[int]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name: str | None = name
        self._name = name
        self._clock = clock
        self._lease = min(lease, LONGEST_LEASE)
        self._in_hand = in_hand
        self._monotonic = monotonic
        self._owned: dict[int, float] = {}  # number → when it counts for our share
        self._leaving: set[int] = set()
        self._until = 0.0
        self._again = asyncio.Event()
        self.on_gained: Callable[[Sequence[int], Collection[int]], Awaitable[None]] = _nobody
        self.on_share: Callable[[], None] = lambda: None
        self.on_left: Callable[[], None] = lambda: None

    @property
    def share(self) -> float:
        now = self._monotonic()
        return sum(settled <= now for n, settled in self._owned.items() if self._holds(n)) / PARTITIONS

    def mine(self, contact_id: int) -> bool:
        return self._holds(partition_of(contact_id))

    def numbers(self) -> Sequence[int] | None:
        return [n for n in self._owned if self._holds(n)]

    def _holds(self, number: int) -> bool:
        return number in self._owned and number not in self._leaving and self._monotonic() < self._until

    def look(self) -> None:
        """Others came or went."""
        self._again.set()

    async def begin(self) -> None:
        """Take what is free.  Raises: what the database raises."""
        await transaction(division.prepare)
        await self._come_by(first=True)
        self.on_left()  # those who hold more than is fair now may look

    async def run(self) -> None:
        """Come by again and again."""
        while True:
            waits = HANDING_OVER if self._leaving else self._lease.total_seconds() / 3
            await pause(waits, until=self._again)
            self._again.clear()
            try:
                await self._come_by()
            except Exception as error:
                log.error("division.not_renewed", error=type(error).__name__)

    async def end(self) -> None:
        """Leave everything to the others.  Raises: what the database raises."""
        owned, self._owned = self._owned, {}
        await transaction(lambda: division.leave(self._name, owned, self._clock()))
        self.on_left()

    async def _come_by(self, *, first: bool = False) -> None:
        """At the ``first`` time, what was ours is what a process of our name left when it died."""
        began, now = self._monotonic(), self._clock()
        given = self._leaving - set(self._in_hand())

        async def work() -> Held:
            if given:
                await division.let_go(self._name, given)
            return await division.come_by(self._name, now + self._lease, now)

        held = await transaction(work)
        abandoned = {*held.abandoned, *(held.kept if first else ())}
        gained = self._note(held, began, given, abandoned)
        if given or gained:
            log.info("division", partitions=len(self._owned), workers=held.workers)
        self.on_share()
        if given:
            self.on_left()
        if gained:
            asyncio.get_running_loop().call_later(SETTLES, self.on_share)
        await self.on_gained(gained, abandoned)

    def _note(
        self, held: Held, began: float, given: Collection[int], abandoned: Collection[int]
    ) -> list[int]:
        """Write down what is ours; the partitions that were not a moment ago."""
        lapsed = began >= self._until
        before = {} if lapsed else self._owned
        settles = began + SETTLES if held.workers > 1 else began
        mine = [*held.kept, *held.taken]
        self._owned = {n: before.get(n, began if n in abandoned else settles) for n in mine if n not in given}
        self._until = began + self._lease.total_seconds() * 0.9
        surplus = len(self._owned) - held.fair
        self._leaving = set(sorted(self._owned)[-surplus:]) if surplus > 0 else set()
        return [n for n in self._owned if n not in before]


async def _nobody(gained: Sequence[int], abandoned: Collection[int]) -> None:
    return None
