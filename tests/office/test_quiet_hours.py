"""Nobody is written to unasked at night, whatever the clock does; nothing is said twice or dropped."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Caps, Channel
from bot.delivery import Delivery
from bot.directory import Directory
from bot.files import Files
from bot.notices import Notice
from bot.outbox import queue_notice
from bot.pacing import Pacing
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.contacts import Address, Contact, Conversation
from models.database import transaction
from models.outbox import OutboxMessage, OutboxState
from office import desk
from office.context import open_office
from office.holidays import is_day_off
from office.notice_classes import COURTESY_LIVES
from office.notices import render
from office.profile import ROTE_NDAO
from office.quiet_hours import IN_CONVERSATION, may_be_said_at, quiet
from scheduler.ticks import tick
from tests.core.channel import Clock, TestChannel
from tests.office.world import NOW, World, act

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
AWAKE = (time(8), time(20))


def office_in(zone: str, folder: Path) -> None:
    """The shipped office, somewhere else in Indonesia."""
    file = folder / f"{zone.replace('/', '_')}.yaml"
    file.write_text(ROTE_NDAO.read_text(encoding="utf-8").replace("Asia/Makassar", zone), encoding="utf-8")
    open_office(file, "https://loket.example")


@pytest.fixture(params=ZONES)
def zone(request: pytest.FixtureRequest, tmp_path: Path) -> ZoneInfo:
    office_in(request.param, tmp_path)
    return ZoneInfo(request.param)


def test_the_next_morning_is_the_first_moment_that_is_not_quiet(zone: ZoneInfo) -> None:
    moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001

    @settings(max_examples=1_000)
    @given(moments)
    def holds(now: datetime) -> None:
        at = may_be_said_at("rejected", now)
        local = at.astimezone(zone).time()
        assert AWAKE[0] <= local < AWAKE[1]
        assert now <= at <= now + timedelta(hours=12)
        if at > now:
            assert local == AWAKE[0]
            assert quiet(now) and quiet(at - timedelta(microseconds=1))

    holds()


@pytest.mark.parametrize("name", sorted(IN_CONVERSATION))
def test_who_has_just_written_is_awake(name: str) -> None:
    night = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # 02.00 WITA
    assert may_be_said_at(name, night) == night
    assert may_be_said_at("staff_words", night) == night + timedelta(hours=6)


# ---------------------------------------------------------------------- with an outbox and a clock that jumps


class Town:
    """People, notices to them, and when each was brought."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.clock = Clock()
        self.channel = TestChannel(Channel.TELEGRAM, Caps())
        self.said: list[tuple[datetime, str]] = []
        self.channel.session.before = self._note
        self.files = Files(SealedStorage(Storage.open(f"file://{folder}/papers")))
        self.queued = 0

    async def _note(self, method: object) -> None:
        self.said.append((self.clock(), str(getattr(method, "text", ""))))

    def delivery(self) -> Delivery:
        """One that has just been started."""
        place = {(self.channel.channel.value, self.channel.account): self.channel}
        people = Directory(5314, {"telegram": "telegram"})
        made = Delivery(place, people, self.files, render, Pacing(on=False), self.clock)
        made.said_at = may_be_said_at
        return made

    async def person(self) -> Contact:
        who = await Contact.create(office_id=5314, name="Maria", created_at=NOW)
        place = {"office_id": 5314, "contact_id": who.id, "channel": "telegram", "account": "1"}
        await Address.create(kind="telegram", value=f"{who.id}", created_at=NOW, **place)
        await Conversation.create(**place)
        return who

    async def decides(self, who: Contact, name: str) -> None:
        """Staff or the clock decide something now, and again after a crash."""
        self.queued += 1
        mark, now = f"nomor {self.queued}.", self.clock()
        facts = {"text": mark, "number": None, "service": None, "name": "Maria"}
        lives = COURTESY_LIVES if name == "courtesy" else None
        notice = Notice(
            key=f"k{self.queued}", name="staff_words", contact_id=who.id, channel="telegram", account="1",
            facts=facts, due_at=now, expires_at=now + lives if lives else None,
        )  # fmt: skip
        for _ in range(2):
            await transaction(lambda: queue_notice(notice))

    async def carries(self, delivery: Delivery) -> None:
        while claimed := await delivery._claim(64):
            for row, token in claimed:
                await delivery._carry(row, token)

    def jumps(self) -> None:
        """Mostly some minutes; now and then what clocks and power cuts do."""
        hours = self.random.choice([0.1, 0.5, 1, 3, 7, 1, -1, 24, -24, 72])
        self.clock.advance(hours=hours, minutes=self.random.randrange(60))


@pytest.mark.parametrize(("engine", "seed"), [("sqlite", 0), ("sqlite", 1), ("postgres", 2), ("postgres", 3)])
async def test_by_day_and_once_whatever_the_clock_does(
    database: str, zone: ZoneInfo, tmp_path: Path, seed: int
) -> None:
    town = Town(tmp_path, seed)
    people = [await town.person() for _ in range(3)]
    delivery = town.delivery()
    for _ in range(90):  # by four seeds and three zones: 1,080 clocks, half of them on each database
        town.jumps()
        if town.random.random() < 0.5:
            await town.decides(town.random.choice(people), town.random.choice(["must_know", "courtesy"]))
        if town.random.random() < 0.1:
            delivery = town.delivery()
            await delivery.recover(starting=True)
        await tick(town.clock())
        if town.random.random() < 0.7:  # else the process is down
            await town.carries(delivery)
    for _ in range(12):  # days without surprises, until whatever waits has had its morning
        town.clock.advance(hours=12)
        await town.carries(delivery)
        await tick(town.clock())

    assert all(AWAKE[0] <= at.astimezone(zone).time() < AWAKE[1] for at, _ in town.said)
    told = Counter(mark for _, text in town.said for mark in text.split("\n") if mark.startswith("nomor"))
    assert set(told.values()) == {1}
    states = Counter(await OutboxMessage.all().values_list("state", flat=True))
    assert states.keys() <= {OutboxState.SENT, OutboxState.EXPIRED}
    assert states[OutboxState.SENT] == len(told)
    assert await OutboxMessage.filter(state=OutboxState.EXPIRED, expires_at=None).count() == 0


async def test_after_three_days_of_downtime_nothing_is_said_at_two_in_the_night(
    database: str, zone: ZoneInfo, tmp_path: Path
) -> None:
    town = Town(tmp_path, 0)
    town.clock.now = datetime(2026, 11, 24, 10, 0, tzinfo=zone).astimezone(UTC)
    people = [await town.person() for _ in range(20)]
    for who in people:
        await town.decides(who, "must_know")
        await town.decides(who, "courtesy")
    town.clock.now = datetime(2026, 11, 28, 2, 0, tzinfo=zone).astimezone(UTC)
    delivery = town.delivery()
    await tick(town.clock())
    await town.carries(delivery)
    assert town.said == []
    waits = await OutboxMessage.filter(state=OutboxState.QUEUED)
    eight = datetime(2026, 11, 28, 8, 0, tzinfo=zone)
    assert {row.due_at for row in waits} == {eight.astimezone(UTC)}
    assert {row.failure for row in waits} == {"quiet_hours"}
    town.clock.now = eight.astimezone(UTC)
    await town.carries(delivery)
    assert len(town.said) == 20
    assert await OutboxMessage.filter(state=OutboxState.EXPIRED).count() == 20


# ---------------------------------------------------------------------- days off


@pytest.mark.parametrize(
    ("day", "off"),
    [
        (date(2026, 12, 24), True),  # shared leave
        (date(2026, 12, 25), True),
        (date(2026, 8, 17), True),
        (date(2026, 11, 24), False),
        (date(2026, 12, 28), False),
    ],
)
def test_days_off_are_those_of_the_decree(day: date, off: bool) -> None:
    assert is_day_off(day) is off


async def test_nobody_is_reminded_of_a_counter_that_is_closed(world: World) -> None:
    yanti = await world.operator()
    number = await world.complete(yanti)
    await act(lambda: desk.ready(number, yanti, NOW))
    waiting = OutboxMessage.filter(name="reminder_uncollected")
    await tick(datetime(2026, 12, 25, 2, 0, tzinfo=UTC))
    assert await waiting.count() == 0
    await tick(datetime(2026, 12, 28, 2, 0, tzinfo=UTC))
    assert await waiting.count() == 1
