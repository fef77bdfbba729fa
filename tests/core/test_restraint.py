"""Whoever writes too fast is read more slowly: nothing is lost, they are told, and nobody else waits."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.allowance import Allowance
from bot.lanes import HELD_RESTING, Arrived, Lanes
from bot.restraint import Restraint
from models.files import StoredFile
from models.inbox import InboxEvent, InboxKind
from tests.core.channel import NOW
from tests.patience import PATIENCE

# Rows need an opened database to be made; nothing here asks it anything, so one engine will do.
pytestmark = [pytest.mark.parametrize("engine", ["sqlite"]), pytest.mark.usefixtures("database")]

MOST = 20
AGAIN = 60 / MOST  # seconds until the next message has its turn


def event(ident: int, contact: int = 1, kind: InboxKind = InboxKind.MESSAGE) -> InboxEvent:
    return InboxEvent(
        id=ident,
        office_id=1,
        channel="whatsapp",
        account="1",
        external_id=str(ident),
        kind=kind,
        contact_id=contact,
        body="{}",
        received_at=NOW,
    )


class Room:
    """Lanes that are held to a minute's worth, under a clock that stands still until a lane waits."""

    def __init__(self, said_lately: int = 0, must_wait: bool = True) -> None:
        self.now, self.said_lately, self.must_wait = 0.0, said_lately, must_wait
        self.told: list[int] = []
        self.asked: list[int] = []
        self.done: list[int] = []
        self.waits: list[float] = []
        self.stored: dict[int, InboxEvent] = {}
        self.stands: asyncio.Event | None = None  # until it is set, who waits goes on waiting
        self.restraint = Restraint(lambda _: MOST, self.lately, self.wait, lambda: self.now)
        self.lanes = Lanes(self.handle, self.prepare, lambda _: False, quiet=0.0)
        self.lanes.restrain, self.lanes.pause = self.restraint.wait, self.pause
        self.lanes.read = self.read

    async def lately(self, event: InboxEvent) -> int:
        self.asked.append(event.contact_id or 0)
        return self.said_lately

    async def wait(self, event: InboxEvent) -> bool:
        self.told.append(event.id)
        return self.must_wait

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self.stands is not None:
            await self.stands.wait()
        self.now += seconds

    async def prepare(self, event: InboxEvent) -> list[StoredFile]:
        return []

    async def read(self, key: object) -> Sequence[InboxEvent]:
        return [self.stored[ident] for ident in sorted(self.stored) if ident not in self.done]

    async def handle(self, step: Sequence[Arrived]) -> None:
        self.done += [arrived.event.id for arrived in step]

    def push(self, *events: InboxEvent) -> None:
        for one in events:
            self.stored[one.id] = one
            self.lanes.push(one)

    async def settled(self, last: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while last not in self.done:
                await asyncio.sleep(0)
            await self.lanes.settled()


async def test_a_minutes_worth_waits_for_nothing() -> None:
    room = Room()
    room.push(*map(event, range(1, MOST + 1)))
    await room.settled(MOST)
    assert (room.waits, room.told) == ([], [])


async def test_what_is_more_comes_evenly_in_order_and_whole() -> None:
    room = Room()
    room.push(*map(event, range(1, 2 * MOST + 1)))
    await room.settled(2 * MOST)
    assert room.done == list(range(1, 2 * MOST + 1))
    assert sum(room.waits) == pytest.approx(60)
    room.now += 60
    room.push(event(100))
    await room.settled(100)
    assert sum(room.waits) == pytest.approx(60)  # a minute later all is as before


async def test_another_person_and_what_nobody_wrote_do_not_wait() -> None:
    room = Room()
    room.stands = asyncio.Event()
    room.push(*map(event, range(1, MOST + 2)))
    room.push(*(event(100 + n, 2) for n in range(MOST)))
    room.push(*(event(200 + n, 3, InboxKind.RECEIPT) for n in range(2 * MOST)))
    await room.settled(100 + MOST - 1)
    await room.settled(200 + 2 * MOST - 1)
    assert MOST + 1 not in room.done
    assert room.lanes.people() == []  # whose lane rests holds no partition, and no stop is kept waiting
    room.stands.set()
    await room.settled(MOST + 1)


async def test_who_rests_leaves_room_in_memory_and_loses_nothing() -> None:
    room = Room()
    room.stands = asyncio.Event()
    room.push(*map(event, range(1, 301)))
    async with asyncio.timeout(PATIENCE):
        while not room.waits:
            await asyncio.sleep(0)
    assert len(room.lanes) <= HELD_RESTING
    room.push(event(301))
    assert len(room.lanes) <= HELD_RESTING
    room.stands.set()
    await room.settled(301)
    assert room.done == list(range(1, 302))


async def test_what_comes_while_they_rest_waits_in_the_inbox() -> None:
    room = Room()
    room.stands = asyncio.Event()
    room.push(*map(event, range(1, MOST + 5)))
    async with asyncio.timeout(PATIENCE):
        while not room.waits:
            await asyncio.sleep(0)
    room.push(*map(event, range(MOST + 5, 201)))
    assert len(room.lanes) == HELD_RESTING
    room.stands.set()
    await room.settled(200)
    assert room.done == list(range(1, 201))


async def test_who_need_not_wait_begins_afresh() -> None:
    room = Room(must_wait=False)
    room.push(*map(event, range(1, 3 * MOST + 1)))
    await room.settled(3 * MOST)
    assert (room.waits, room.told) == ([], [MOST + 1, 2 * (MOST + 1)])


async def test_a_restart_does_not_forget_the_minute_before() -> None:
    room = Room(said_lately=MOST)
    room.push(event(1), event(2))
    await room.settled(2)
    assert room.waits == [pytest.approx(AGAIN)] * 2
    assert room.asked == [1]
    room.now += 61
    room.push(event(3, 2))
    await room.settled(3)
    assert room.asked == [1]  # who is new later costs no statement


async def test_rows_that_cannot_be_asked_hold_nobody() -> None:
    room = Room()

    async def away(_: InboxEvent) -> int:
        raise ConnectionError

    room.lanes.restrain = Restraint(lambda _: MOST, away, room.wait, lambda: room.now).wait
    room.push(event(1))
    await room.settled(1)
    assert room.waits == []


@pytest.mark.parametrize("per_minute", [1, 7, 20, 37, 60, 113])
def test_who_has_waited_as_long_as_told_need_not_wait_again(per_minute: int) -> None:
    """Also where the arithmetic leaves them a hair short."""
    now = 1_000_003.1
    allowance = Allowance(per_minute, lambda: now)
    for _ in range(per_minute):
        assert allowance.take("a") == 0
    for _ in range(300):
        wait = allowance.take("a")
        assert wait > 0
        now += wait
        assert allowance.take("a") == 0
