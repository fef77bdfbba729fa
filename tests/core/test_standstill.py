"""An outage, silence, "too many" and a dead token, in fake time: what the provider saw, and the rows."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import Caps, Channel, DeliveryFailed, Fault, Throttled
from bot.delivery import Delivery
from bot.outcomes import HELD_AT_MOST, MOST_ATTEMPTS
from bot.pacing import Pacing
from bot.standstill import FIRST_PAUSE, IN_A_ROW, LATELY, LONGEST_REST, PROBE, Standstill
from models import database as the_database
from models.outbox import OutboxMessage, OutboxState
from tests.core.channel import ACCOUNT, NOW, TestChannel
from tests.core.fake_time import FakeTime
from tests.core.test_delivery import Post

STUCK = 240.0  # seconds of real time; the longest takes ten on an idle machine
WHATSAPP = ("whatsapp", ACCOUNT)
Behaviour = Callable[[float], Awaitable[None]]


class Street(Post):
    """A post office in fake time; ``whatsapp`` behaves by the hour, ``telegram`` always takes everything."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.time = FakeTime(NOW)
        self.clock = self.time.clock  # type: ignore[assignment]
        self.pacing = Pacing(monotonic=self.time.monotonic, sleep=self.time.pause)
        self.whatsapp = TestChannel(Channel.WHATSAPP, Caps(per_second=80, person_burst=10**6))
        self.telegram = TestChannel(Channel.TELEGRAM, Caps(per_second=30, person_burst=10**6))
        self.calls: list[float] = []  # when whatsapp was called
        self.taken: dict[str, float] = {}  # when telegram took what
        self.told: list[str] = []
        self._watches = False  # from `until` on time stands still, until it is left to run again

    def behaves(self, behaviour: Behaviour) -> None:
        async def before(method: Any) -> None:
            self.calls.append(self.time.passed)
            await behaviour(self.time.passed)

        async def note(method: Any) -> None:
            self.taken[method.text] = self.time.passed

        self.whatsapp.session.before = before
        self.telegram.session.before = note

    @asynccontextmanager
    async def works(self) -> AsyncIterator[Delivery]:
        delivery = self.delivery()
        self.time.running = lambda: 1 + len(delivery._carrying) + self._watches

        async def held(account: tuple[str, str], code: str) -> None:
            self.told.append(code)

        delivery.on_held = held
        task = asyncio.create_task(delivery.run())
        try:
            async with self.time.runs(), asyncio.timeout(STUCK):
                yield delivery
        except TimeoutError:
            pytest.fail(f"not over in {STUCK} s of real time: {self.time}")
        finally:
            delivery.stop()
            self.time.running = lambda: len(delivery._carrying)
            async with self.time.runs():
                await task

    async def until(self, seconds: float) -> None:
        """Returns at that moment, and it lasts."""
        self._watches = True
        if self.time.passed < seconds:
            await self.time.pause(seconds - self.time.passed)

    async def all_sent(self) -> float:
        """Returns the time at which no row was left to bring."""
        self._watches = False
        while await OutboxMessage.filter(state__in=("queued", "claimed", "sending")).exists():
            await asyncio.sleep(0.01)
        return self.time.passed


@pytest.fixture
async def street(database: str, tmp_path: Path) -> Street:
    return Street(tmp_path)


async def test_ten_minutes_of_500_cost_no_row_its_tries_and_the_next_channel_nothing(street: Street) -> None:
    async def down(at: float) -> None:
        if at < 600:
            raise DeliveryFailed(Fault.RETRY, "http_500")

    street.behaves(down)
    people = [await street.person() for _ in range(40)]
    for number, who in enumerate(people):
        await street.reply(who, f"w{number}")
    async with street.works() as delivery:
        for number in range(10):
            await street.until(number * 50)
            await street.reply(people[number], f"t{number}", channel="telegram")
            asked = street.time.passed
            delivery.wake()
            await street.until(asked + 2)
            assert street.taken[f"t{number}"] - asked <= 2
        await street.until(599)
        rows = await OutboxMessage.filter(channel="whatsapp")
        assert {row.state for row in rows} == {OutboxState.QUEUED}
        assert max(row.attempts for row in rows) < IN_A_ROW < MOST_ATTEMPTS
        assert (
            len([at for at in street.calls if at < 599]) < 40 + 20
        )  # a call each, then a probe now and then
        over = await street.all_sent()
    assert over < 600 + 1.2 * LONGEST_REST.total_seconds() + 10
    assert sorted(street.whatsapp.session.said) == sorted(f"w{n}" for n in range(40))


async def test_silence_leaves_a_few_unknown_and_holds_the_rest(street: Street) -> None:
    open_at_call = []

    async def silent(at: float) -> None:
        assert the_database._opened is not None
        if at < 60:
            await street.time.pause(20)
            open_at_call.append(len(the_database._opened.running))
            raise DeliveryFailed(Fault.UNKNOWN, "no_answer")

    street.behaves(silent)
    first = [await street.reply(await street.person(), f"a{n}") for n in range(IN_A_ROW)]
    async with street.works() as delivery:
        await street.until(21)
        for n in range(50):
            await street.reply(await street.person(), f"b{n}")
        delivery.wake()
        await street.all_sent()
    unknown = await OutboxMessage.filter(state=OutboxState.UNKNOWN)
    assert {row.id for row in first} <= {row.id for row in unknown}
    assert len(unknown) <= IN_A_ROW + 2  # the probes of that minute
    said = street.whatsapp.session.said
    assert len(said) == len(set(said)) == IN_A_ROW + 50 - len(unknown)
    assert set(open_at_call) == {0}  # nobody held a transaction while waiting


async def test_too_many_is_waited_out_and_no_try_is_counted(street: Street) -> None:
    throttled_until = itertools.count()

    async def throttles(at: float) -> None:
        if next(throttled_until) < 1:
            wait = timedelta(seconds=30)
            raise DeliveryFailed(Fault.RETRY, "429", retry_after=wait, throttled=Throttled.ACCOUNT)

    street.behaves(throttles)
    for n in range(5):
        await street.reply(await street.person(), f"a{n}")
    async with street.works():
        await street.all_sent()
    first, *later = street.calls
    assert not [at for at in later if first + 1 < at < first + 30]
    rows = await OutboxMessage.all()
    assert {row.attempts for row in rows} == {0}
    assert len(set(street.whatsapp.session.said)) == len(street.whatsapp.session.said) == 5
    assert street.told == []


async def test_a_dead_token_holds_the_queue_and_is_told_once(street: Street) -> None:
    mended = 1_800.0

    async def dead(at: float) -> None:
        if at < mended:
            raise DeliveryFailed(Fault.PAUSE, "190")

    street.behaves(dead)
    people = [await street.person() for _ in range(30)]
    for number, who in enumerate(people):
        await street.reply(who, f"w{number}")
    await street.reply(people[0], "t", channel="telegram")
    async with street.works():
        await street.until(mended - 1)
        assert street.told == ["190"]
        assert await OutboxMessage.filter(channel="whatsapp", state=OutboxState.QUEUED).count() == 30
        assert len(street.calls) < 30 + 15  # those under way at once, then one at the end of each pause
        over = await street.all_sent()
    assert over < mended + 15 * 60 + 10
    assert sorted(street.whatsapp.session.said) == sorted(f"w{n}" for n in range(30))
    assert {row.attempts for row in await OutboxMessage.all()} == {0}
    assert street.taken["t"] < 1


def test_after_a_pause_one_row_is_tried_and_then_all_or_none() -> None:
    still = Standstill()
    still.failed(WHATSAPP, 1, DeliveryFailed(Fault.PAUSE, "190"), NOW)
    assert still.room(WHATSAPP, NOW, 64) == 0
    later = NOW + FIRST_PAUSE
    assert still.room(WHATSAPP, later, 64) == 1
    assert [still.until(WHATSAPP, later) for _ in range(3)] == [None, later + PROBE, later + PROBE]
    assert still.room(WHATSAPP, later, 64) == 0
    assert still.until(WHATSAPP, later + PROBE) is None  # nothing came of that one: the next
    still.passed(WHATSAPP)
    assert still.room(WHATSAPP, later, 64) == 64
    assert still.until(WHATSAPP, later) is None


def test_failures_of_one_message_or_with_successes_between_stop_nothing() -> None:
    still, busy = Standstill(), DeliveryFailed(Fault.RETRY, "x")
    for number in range(IN_A_ROW):
        for fault in (Fault.GIVE_UP, Fault.UNREACHABLE, Fault.TEMPLATE, Fault.WAIT):
            still.failed(WHATSAPP, number, DeliveryFailed(fault, "x"), NOW)
        still.failed(WHATSAPP, number, DeliveryFailed(Fault.RETRY, "x", throttled=Throttled.PERSON), NOW)
        still.failed(WHATSAPP, 1, busy, NOW)
    for _ in range(IN_A_ROW):
        for number in range(1, IN_A_ROW):
            still.failed(WHATSAPP, number, busy, NOW)
        still.passed(WHATSAPP)
    for number in range(IN_A_ROW):
        still.failed(WHATSAPP, number, busy, NOW + number * LATELY)
    assert still.now(NOW + IN_A_ROW * LATELY) == []


async def test_what_the_platform_always_calls_busy_ends_though_its_channel_rests(
    database: str, tmp_path: Path
) -> None:
    """Nobody waits for ever behind a kind word of the platform's."""
    post = Post(tmp_path)
    rows = [
        await post.reply(await post.person(), f"a{n}", created_at=NOW - HELD_AT_MOST) for n in range(IN_A_ROW)
    ]
    post.whatsapp.session.fails(*[DeliveryFailed(Fault.RETRY, "131000")] * IN_A_ROW * MOST_ATTEMPTS)
    delivery = post.delivery()
    for _ in range(IN_A_ROW * MOST_ATTEMPTS):
        await post.carries_what_is_due(delivery)
        post.clock.advance(minutes=16)
    ended = await OutboxMessage.filter(id__in=[row.id for row in rows])
    assert {(row.state, row.attempts) for row in ended} == {(OutboxState.FAILED, MOST_ATTEMPTS)}
