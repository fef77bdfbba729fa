"""What happens because time has passed: once each, and in waking hours."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from models.outbox import OutboxMessage
from models.requests import Request, RequestOutput, RequestState
from office import desk, papers, queue, reminders
from office.quiet_hours import quiet
from office.times import local
from scheduler.clock import clock
from scheduler.ticks import tick
from tests.office.world import NOW, World, act, journal, notices_of
from tests.patience import PATIENCE

DUE = NOW + timedelta(days=3)


async def reminded() -> list[OutboxMessage]:
    return await OutboxMessage.filter(name="reminder_uncollected")


async def test_one_reminder_for_one_output_however_often_the_clock_ticks(world: World) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti)
    request = await act(lambda: desk.ready(number, yanti, NOW))
    await tick(DUE - timedelta(seconds=1))
    assert await reminded() == []
    await asyncio.gather(*(tick(DUE) for _ in range(4)))
    for days in range(1, 30):
        await tick(DUE + timedelta(days=days))
    (message,) = await reminded()
    assert message.key == f"request:{request.id}:reminder_uncollected:ktp"
    assert message.due_at == DUE


async def test_what_was_fetched_is_not_reminded_of(world: World) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti)
    await act(lambda: desk.ready(number, yanti, NOW))
    await act(lambda: desk.hand_over(str(number), yanti, NOW))
    await tick(DUE)
    assert await reminded() == []


@pytest.mark.parametrize(("hour", "told"), [(0, 0), (7, 0), (8, 1), (19, 1), (20, 0), (23, 0)])
async def test_nobody_is_reminded_at_night(world: World, hour: int, told: int) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti)
    await act(lambda: desk.ready(number, yanti, NOW))
    at = datetime(2026, 11, 30, hour, 0, tzinfo=UTC) - timedelta(hours=8)  # WITA
    assert local(at).hour == hour and quiet(at) is (told == 0)
    assert await act(lambda: reminders.due(at)) == told
    assert await act(lambda: reminders.due(datetime(2026, 12, 1, 1, 0, tzinfo=UTC))) == 1 - told


async def test_a_correction_that_does_not_come_ends_the_request(world: World) -> None:
    yanti = await world.operator()
    request = await world.taken(yanti)
    asked, _ = await act(lambda: papers.ask_again(request, "kk", "buram", yanti, NOW))
    assert asked.correct_by is not None
    await tick(asked.correct_by - timedelta(seconds=1))
    assert (await Request.get(id=request.id)).state is RequestState.NEEDS_CORRECTION
    late = asked.correct_by
    await asyncio.gather(*(tick(late) for _ in range(3)))
    assert (await Request.get(id=request.id)).state is RequestState.EXPIRED
    assert [one.name for one in await notices_of(request)] == ["needs_correction", "expired"]
    assert (await journal(request))[-1] == ("expire", "needs_correction", "expired")


async def test_a_long_sleep_is_made_up_for_little_by_little(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "AT_ONCE", 2)
    yanti = await world.operator()
    for _ in range(3):
        number = await world.complete(yanti)
        await act(partial(desk.ready, number, yanti, NOW))
    assert [await act(lambda: reminders.due(DUE)) for _ in range(3)] == [2, 1, 0]
    assert await RequestOutput.filter(reminded_at=None).count() == 0


async def test_one_kind_of_work_that_fails_keeps_no_other_from_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti)
    await act(lambda: desk.ready(number, yanti, NOW))

    async def fails(now: datetime) -> int:
        await RequestOutput.all().update(reminded_at=now)
        raise RuntimeError("disk full")

    monkeypatch.setattr("scheduler.ticks.FOR_EACH_OFFICE", (("broken", fails), ("reminders", reminders.due)))
    await tick(DUE)
    assert len(await reminded()) == 1  # and what the broken one wrote is undone
    assert (await queue.get(number)).state is RequestState.IN_PROCESS


async def test_the_clock_hands_over_the_time_and_never_ticks_twice_at_once() -> None:
    seen: list[datetime] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(now: datetime) -> None:
        seen.append(now)
        begun.set()
        await go_on.wait()

    scheduler = _started(slow, every=0.01)
    await asyncio.wait_for(begun.wait(), PATIENCE)
    job = scheduler.get_job("tick")
    first = job.next_run_time
    while job.next_run_time < first + timedelta(seconds=0.05):  # several beats pass
        await asyncio.sleep(0)
        job = scheduler.get_job("tick")
    assert seen == [NOW]
    begun.clear()
    go_on.set()
    await asyncio.wait_for(begun.wait(), PATIENCE)
    scheduler.shutdown(wait=False)
    assert set(seen) == {NOW}


def _started(tick: Callable[[datetime], Awaitable[None]], every: float) -> AsyncIOScheduler:
    scheduler = clock(tick, lambda: NOW, every)
    scheduler.start()
    return scheduler
