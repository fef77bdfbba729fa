"""Several processes, one service: what comes in goes to whose work it is, and nothing waits for nobody.

Every process stores what is brought to its doors.  The one that holds the conversation's partition is told,
and takes it from the table; so it does with what nobody told it of, a little later.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from datetime import timedelta
from typing import Any, Final

import structlog

from bot.clock import Clock
from bot.delivery import Delivery
from bot.division import Shared
from bot.lanes import Lanes
from bot.taking_up import TakingUp
from bot.wakeups import Wakeups
from models.inbox import InboxEvent

log = structlog.get_logger(__name__)

UNTOLD: Final = timedelta(seconds=2)  # after which a stored event in no lane is looked for

Ring = Callable[[str], None]


class Sharing:
    """``division`` is None in a process that only receives.  ``rings`` wakes a browser that listens here."""

    def __init__(
        self,
        name: str,
        division: Shared | None,
        delivery: Delivery,
        lanes: Lanes,
        taking_up: TakingUp,
        clock: Clock,
    ) -> None:
        self._division = division
        self._delivery = delivery
        self._lanes = lanes
        self._taking_up = taking_up
        self._clock = clock
        self._wakeups = Wakeups(name, self._heard, self._look)
        self._asked: set[int] = set()  # people of whom we were told that something waits
        self._tasks: set[asyncio.Task[None]] = set()
        self.rings: Ring = lambda _: None
        if division is not None:
            division.on_gained = self._gained
            division.on_share = self._new_share
            division.on_left = lambda: self._wakeups.tell("division")

    def arrived(self, event: InboxEvent) -> None:
        """A committed event, to its lane here or to whoever has it."""
        person = event.contact_id or 0
        if self._division is not None and self._division.mine(person):
            self._lanes.push(event)
        else:
            self._wakeups.tell("inbox", str(person))

    def is_ours(self, event: InboxEvent) -> bool:
        return self._division is not None and self._division.mine(event.contact_id or 0)

    def rang(self, key: str) -> None:
        """A browser has news, and may listen to another process."""
        self._wakeups.tell("bell", key)

    async def begin(self) -> None:
        """Listen, and take our part of the work."""
        if self._division is not None:
            await self._division.begin()
            self._start(self._division.run(), "division")
        self._start(self._wakeups.run(), "wakeups")

    async def end(self) -> None:
        """Leave our part to the others; nothing of it may be under way any more."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            if self._division is not None:
                await self._division.end()
        except Exception as error:  # the others take it when our leases have run out
            log.warning("division.not_left", error=type(error).__name__)
        await self._wakeups.settled()

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _heard(self, kind: str, about: list[str]) -> None:
        match kind:
            case "outbox":
                self._delivery.wake()
            case "bell":
                for key in about:
                    self.rings(key)
            case "division":
                self._look()
            case "inbox" if self._division is not None:
                ours = [person for person in map(int, about) if self._division.mine(person)]
                if ours and not self._asked:
                    self._start(self._take_up_asked(), "asked")
                self._asked.update(ours)

    def _look(self) -> None:
        if self._division is not None:
            self._division.look()

    def _new_share(self) -> None:
        if self._division is not None:
            self._delivery.pacing.share = self._delivery.tier.share = self._division.share
        self._delivery.wake()

    async def _take_up_asked(self) -> None:
        while self._asked:
            people, self._asked = self._asked, set()
            try:
                await self._taking_up.of_people(sorted(people))
            except Exception as error:  # they are found at the next look
                log.error("sharing.not_taken_up", error=type(error).__name__)

    async def _gained(self, gained: Sequence[int], abandoned: Collection[int]) -> None:
        """What is newly ours at once; of the rest, what nobody told us of."""
        if gained:
            await self._delivery.recall(gained)
            await self._taking_up.of_partitions([n for n in gained if n in abandoned], counted=True)
            await self._taking_up.of_partitions([n for n in gained if n not in abandoned])
        rest = [n for n in (self._division.numbers() or ()) if n not in gained] if self._division else []
        await self._taking_up.of_partitions(rest, before=self._clock() - UNTOLD)
