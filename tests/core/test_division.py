"""Sharing the work: fair parts, handed over when nothing is under way, and never held by two."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bot.division import SETTLES, Shared
from models.division import PARTITIONS, partition_of

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

LEASE = timedelta(seconds=15)


class Time:
    """One for all: the database's, and everybody's own."""

    def __init__(self) -> None:
        self.passed = 0.0

    def clock(self) -> datetime:
        return datetime(2026, 11, 24, 1, tzinfo=UTC) + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed


class Worker:
    """A process's part, without the process."""

    def __init__(self, name: str, time: Time) -> None:
        self.in_hand: set[int] = set()
        self.gained: list[int] = []
        self.abandoned: set[int] = set()
        self.part = Shared(name, time.clock, LEASE, lambda: self.in_hand, time.monotonic)
        self.part.on_gained = self._gains

    async def _gains(self, gained: Sequence[int], abandoned: Collection[int]) -> None:
        self.gained += gained
        self.abandoned |= set(abandoned)

    @property
    def numbers(self) -> set[int]:
        return set(self.part.numbers() or ())

    async def comes_by(self) -> None:
        await self.part._come_by()


@pytest.fixture
def time() -> Time:
    return Time()


def are_disjoint(*workers: Worker) -> bool:
    return all(one.numbers.isdisjoint(other.numbers) for one, other in pairwise([*workers, workers[0]]))


async def test_the_first_works_on_everything_at_once(database: str, time: Time) -> None:
    only = Worker("only", time)
    await only.part.begin()
    assert only.numbers == set(range(PARTITIONS))
    assert only.part.share == 1.0
    assert all(only.part.mine(contact) for contact in range(200))


async def test_who_joins_gets_a_fair_part_once_nothing_of_it_is_under_way(database: str, time: Time) -> None:
    first, second, third = (Worker(name, time) for name in ("first", "second", "third"))
    await first.part.begin()
    first.in_hand = {PARTITIONS - 1}
    await second.part.begin()
    await first.comes_by()  # sees that they are two, and lets no new work in
    assert len(first.numbers) == 30
    assert second.numbers == set()
    await first.comes_by()  # gives away what has no work
    await second.comes_by()
    assert len(second.numbers) == 29
    assert PARTITIONS - 1 not in first.numbers | second.numbers
    first.in_hand = set()
    await first.comes_by()
    await second.comes_by()
    assert PARTITIONS - 1 in second.numbers

    await third.part.begin()
    for _ in range(2):
        for worker in (first, second, third):
            await worker.comes_by()
    assert [len(worker.numbers) for worker in (first, second, third)] == [20, 20, 20]
    assert are_disjoint(first, second, third)
    assert third.abandoned == set()


async def test_the_part_of_a_limit_grows_only_when_what_the_other_sent_counts_no_more(
    database: str, time: Time
) -> None:
    first, second = Worker("first", time), Worker("second", time)
    await first.part.begin()
    await second.part.begin()
    await first.comes_by()
    assert first.part.share == 0.5  # at once, for the other may have its part any moment
    await first.comes_by()
    await second.comes_by()
    assert len(second.numbers) == 30
    assert second.part.share == 0
    time.passed += SETTLES
    assert second.part.share == 0.5


async def test_whoever_does_not_come_by_in_time_has_lost_it_and_knows(database: str, time: Time) -> None:
    sleeper, other = Worker("sleeper", time), Worker("other", time)
    await sleeper.part.begin()
    time.passed = LEASE.total_seconds() - 0.1
    assert sleeper.numbers == set()  # before the others may take it
    await other.part.begin()
    assert other.numbers == set()
    time.passed = LEASE.total_seconds() + 0.1
    await other.comes_by()
    assert other.numbers == other.abandoned == set(range(PARTITIONS))
    assert other.part.share == 1.0
    await sleeper.comes_by()
    assert sleeper.numbers == set()
    assert not sleeper.part.mine(1)


async def test_who_could_not_come_by_for_a_while_and_lost_nothing_looks_again_at_all_of_it(
    database: str, time: Time
) -> None:
    only = Worker("only", time)
    await only.part.begin()
    only.gained.clear()
    time.passed = 60.0
    await only.comes_by()
    assert sorted(only.gained) == list(range(PARTITIONS))


async def test_under_its_own_name_a_process_goes_on_at_once_and_suspects_what_it_finds(
    database: str, time: Time
) -> None:
    await Worker("one", time).part.begin()
    again = Worker("one", time)
    await again.part.begin()
    assert again.numbers == again.abandoned == set(range(PARTITIONS))


async def test_who_leaves_leaves_everything_at_once(database: str, time: Time) -> None:
    first, second = Worker("first", time), Worker("second", time)
    await first.part.begin()
    await second.part.begin()
    await first.part.end()
    assert first.numbers == set()
    await second.comes_by()
    assert second.numbers == set(range(PARTITIONS))
    assert second.abandoned == set()


def test_a_conversation_has_one_partition(engine: str) -> None:
    assert {partition_of(contact) for contact in range(1_000)} == set(range(PARTITIONS))
