"""Never faster than the platform allows, in any second one may choose to look at, as the platform sees it."""

import asyncio
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Caps
from bot.pacing import AHEAD, SHORT_WAIT, Pacing, TooLong
from tests.core.channel import NOW
from tests.core.fake_time import FakeTime

ACCOUNT = ("whatsapp", "1")


def most_in_a_second(moments: Sequence[float]) -> int:
    """The most in any window of one second that begins with one of them."""
    ordered = sorted(moments)
    return max(sum(start <= moment < start + 1.0 for moment in ordered) for start in ordered)


class Platform:
    """Takes messages after a while on the way, answers after another, and notes when it saw each."""

    def __init__(self, pacing: Pacing, time: FakeTime, caps: Caps) -> None:
        self.pacing, self.time, self.caps = pacing, time, caps
        self.seen: list[tuple[float, int]] = []
        self.sending = 0

    async def send(self, person: int, there: float, back: float, *, urgent: bool = False) -> None:
        self.sending += 1
        try:
            while wait := self.pacing.person_wait(ACCOUNT, person, self.caps):
                await self.time.pause(wait)
            with self.pacing.turn(ACCOUNT, person, self.caps, urgent=urgent) as turn:
                await turn.comes()
                await self.time.pause(there)
                self.seen.append((self.time.passed, person))
                await self.time.pause(back)
        finally:
            self.sending -= 1

    async def all(self, *sends: tuple[int, float, float]) -> None:
        self.time.running = lambda: self.sending
        async with self.time.runs():
            await asyncio.gather(*(self.send(*one) for one in sends))


def a_platform(**caps: float) -> Platform:
    time = FakeTime(NOW)
    usual = {"per_second": 80.0, "per_person": 1_000.0, "person_burst": 1_000}
    pacing = Pacing(monotonic=time.monotonic, sleep=time.pause)
    return Platform(pacing, time, Caps(**(usual | caps)))  # type: ignore[arg-type]


@settings(max_examples=15)
@given(st.integers(1, 9), st.integers(0, 2**32))
def test_whatever_the_network_does_no_second_of_the_platforms_holds_too_many(limit: int, seed: int) -> None:
    dice = random.Random(seed)
    sends = [(n, dice.choice([0.0, dice.random()]), dice.choice([0.0, dice.random()])) for n in range(40)]

    async def run() -> list[float]:
        platform = a_platform(per_second=limit)
        await platform.all(*((n, there, back) for n, there, back in sends))
        return [moment for moment, _ in platform.seen]

    seen = asyncio.run(run())
    assert len(seen) == 40
    assert most_in_a_second(seen) <= limit


async def test_the_limit_is_reached_where_answers_come_fast() -> None:
    platform = a_platform(per_second=80)
    await platform.all(*((n, 0.002, 0.003) for n in range(800)))
    span = max(moment for moment, _ in platform.seen) - min(moment for moment, _ in platform.seen)
    assert (800 - 80) / span >= 0.99 * 80
    assert most_in_a_second([moment for moment, _ in platform.seen]) == 80


async def test_less_than_one_a_second_is_one_in_so_many_seconds() -> None:
    platform = a_platform(per_second=0.5)
    await platform.all(*((n, 0.0, 0.0) for n in range(4)))
    assert [round(moment, 2) for moment, _ in platform.seen] == [0.0, 2.0, 4.0, 6.0]


async def test_a_person_has_a_bucket_that_does_not_refill_while_something_is_under_way() -> None:
    platform = a_platform(per_person=0.5, person_burst=3)
    for _ in range(6):
        await platform.all((7, 0.0, 0.5))
    assert [round(moment, 3) for moment, _ in platform.seen] == [0.0, 0.5, 1.0, 3.5, 6.0, 8.5]


async def test_persons_and_accounts_are_apart() -> None:
    platform = a_platform(per_second=1, per_person=0.5, person_burst=1)
    pacing, caps = platform.pacing, platform.caps
    pacing.turn(ACCOUNT, 7, caps, urgent=False).end()
    with pacing.turn(ACCOUNT, 7, caps, urgent=False) as turn:
        await turn.comes()
    assert pacing.person_wait(ACCOUNT, 7, caps) == 2.0
    assert pacing.person_wait(ACCOUNT, 8, caps) == 0.0
    assert pacing.person_wait(("whatsapp", "2"), 7, caps) == 0.0
    assert (pacing.room(ACCOUNT, caps), pacing.room(("whatsapp", "2"), caps)) == (0, 1)


async def test_a_turn_that_was_not_used_costs_nothing() -> None:
    platform = a_platform(per_second=1, per_person=0.5, person_burst=1)
    pacing, caps = platform.pacing, platform.caps
    with pacing.turn(ACCOUNT, 7, caps, urgent=False):
        assert pacing.room(ACCOUNT, caps) == 0
    assert pacing.room(ACCOUNT, caps) == 1
    assert pacing.person_wait(ACCOUNT, 7, caps) == 0.0


async def test_an_answer_goes_before_all_notices_that_wait() -> None:
    platform = a_platform(per_second=1)
    notices = [(n, 0.0, 0.0) for n in range(3)]

    async def answers() -> None:
        platform.sending += 1
        await platform.time.pause(0.3)
        platform.sending -= 1
        await platform.send(99, 0.0, 0.0, urgent=True)

    asking = asyncio.create_task(answers())
    await asyncio.sleep(0)
    await platform.all(*notices)
    await asking
    assert [person for _, person in platform.seen] == [0, 99, 1, 2]


async def test_what_comes_in_takes_a_place_only_where_the_platform_counts_it() -> None:
    for counted in (True, False):
        platform = a_platform(per_second=5, counts_incoming=counted)
        platform.pacing.came_in(ACCOUNT, platform.caps, 3)
        assert platform.pacing.room(ACCOUNT, platform.caps) == (2 if counted else 5)
        platform.time.passed += 1.1
        assert platform.pacing.room(ACCOUNT, platform.caps) == 5


async def test_a_flood_that_comes_in_leaves_room_for_answers() -> None:
    platform = a_platform(per_second=80, counts_incoming=True)
    for _ in range(30):
        platform.pacing.came_in(ACCOUNT, platform.caps, 20)
        assert platform.pacing.room(ACCOUNT, platform.caps) >= 20
        platform.time.passed += 0.1
    platform.time.passed += 1.1
    assert platform.pacing.room(ACCOUNT, platform.caps) == 80


async def test_what_can_go_within_half_a_second_may_be_made_ready() -> None:
    platform = a_platform(per_second=4)
    await platform.all(*((n, 0.0, 0.0) for n in range(4)))
    assert platform.pacing.room(ACCOUNT, platform.caps) == 0
    platform.time.passed += 1.01 - AHEAD
    assert platform.pacing.room(ACCOUNT, platform.caps) == 4


async def test_a_throttled_account_stands_still_for_everybody_and_longer_each_time() -> None:
    platform = a_platform()
    pacing, caps, time = platform.pacing, platform.caps, platform.time
    waits = []
    for _ in range(8):
        pacing.hold(ACCOUNT)
        pacing.hold(ACCOUNT)  # those that were under way beside it say the same
        before = time.passed
        while pacing.room(ACCOUNT, caps) == 0:
            time.passed += 0.25
        time.passed += AHEAD
        waits.append(time.passed - before)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    pacing.passes(ACCOUNT)
    pacing.hold(ACCOUNT, 7.0)
    with pacing.turn(ACCOUNT, 1, caps, urgent=True) as turn, pytest.raises(TooLong) as wait:
        await turn.comes()
    assert wait.value.seconds == 7.0 > SHORT_WAIT


async def test_a_new_process_counts_what_the_one_before_it_sent() -> None:
    platform = a_platform(per_second=3, per_person=0.1, person_burst=2)
    for ago in (30.0, 0.9, 0.4):
        platform.pacing.recall(ACCOUNT, 7, platform.caps, ago)
    assert platform.pacing.room(ACCOUNT, platform.caps) == 2  # one of the last second frees within AHEAD
    assert 9 < platform.pacing.person_wait(ACCOUNT, 7, platform.caps) < 10


async def test_it_can_be_switched_off() -> None:
    pacing, caps = Pacing(on=False), Caps(per_second=1, per_person=0.001, person_burst=1)
    for _ in range(100):
        assert pacing.person_wait(ACCOUNT, 7, caps) == 0.0
        with pacing.turn(ACCOUNT, 7, caps, urgent=False) as turn:
            await turn.comes()
    assert pacing.room(ACCOUNT, caps) is None
