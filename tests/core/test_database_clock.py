"""One clock for several processes: the database's, carried on by one that nobody sets."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import wall_clock
from bot.database_clock import EVERY, DatabaseClock, ask_database
from models.database import is_postgres
from tests.core.channel import NOW
from tests.core.fake_time import FakeTime
from wiring.clocks import by_the_database

ASIDE = timedelta(minutes=7)  # by which the machine is off


class Machine:
    """Its database is ``ASIDE`` ahead of it."""

    def __init__(self) -> None:
        self.time = FakeTime(NOW)
        self.answer_takes = 0.0
        self.away = False
        self.clock = DatabaseClock(self.ask, self.time.monotonic, self.time.pause)

    async def ask(self) -> datetime:
        if self.away:
            raise OSError
        self.time.passed += self.answer_takes / 2
        told = self.time.clock() + ASIDE
        self.time.passed += self.answer_takes / 2
        return told

    def off(self) -> timedelta:
        return self.clock() - (self.time.clock() + ASIDE)


async def test_it_tells_the_databases_time_and_goes_on_by_itself() -> None:
    machine = Machine()
    machine.answer_takes = 0.4
    await machine.clock.set()
    assert machine.off() == timedelta(0)
    machine.time.passed += 3600
    assert machine.off() == timedelta(0)


async def test_a_slow_answer_is_no_answer() -> None:
    machine = Machine()
    await machine.clock.set()
    before = machine.clock()
    machine.answer_takes = 30.0
    await machine.clock.set()
    assert machine.clock() - before == timedelta(seconds=30)


async def test_it_is_asked_every_minute_and_runs_on_while_nobody_answers() -> None:
    machine = Machine()
    await machine.clock.set()
    machine.time.running = lambda: 1
    keeping = asyncio.create_task(machine.clock.keep())
    async with machine.time.runs():
        machine.away = True
        while machine.time.passed < 3 * EVERY:
            await asyncio.sleep(0)
    keeping.cancel()
    assert not keeping.done() or keeping.cancelled()
    assert machine.off() == timedelta(0)


async def test_unset_it_says_nothing() -> None:
    with pytest.raises(RuntimeError):
        DatabaseClock()()


async def test_served_on_postgres_the_clock_is_the_databases(database: str) -> None:
    async with by_the_database(wall_clock) as clock:
        assert (clock is wall_clock) is not is_postgres()
        if is_postgres():
            assert abs(clock() - await ask_database()) < timedelta(seconds=1)
            assert clock().tzinfo is UTC


async def test_a_tests_clock_stays(database: str) -> None:
    def fixed() -> datetime:
        return NOW

    async with by_the_database(fixed) as clock:
        assert clock is fixed
