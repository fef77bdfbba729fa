"""One conversation at a time, in order; photos that come together are one step."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.lanes import BURST_MOST, Arrived, Lanes
from models.files import FileState, StoredFile
from models.inbox import InboxEvent, InboxKind
from tests.core.channel import NOW
from tests.patience import PATIENCE

# Rows need an opened database to be made; lanes themselves ask it nothing, so one engine will do.
pytestmark = [pytest.mark.parametrize("engine", ["sqlite"]), pytest.mark.usefixtures("database")]

NEVER, AT_ONCE = 60.0, 0.0  # seconds of quiet


def event(
    ident: int, contact: int | None = 1, *, media: bool = False, channel: str = "whatsapp"
) -> InboxEvent:
    return InboxEvent(
        id=ident,
        office_id=1,
        channel=channel,
        account="1",
        external_id=str(ident),
        kind=InboxKind.MESSAGE,
        contact_id=contact,
        body='{"media": true}' if media else "{}",
        received_at=NOW,
    )


class Room:
    """What was handled, and doors that hold a step or a file back."""

    def __init__(self, quiet: float = AT_ONCE) -> None:
        self.steps: list[list[int]] = []
        self.files: dict[int, int] = {}  # event -> how many it came with
        self.began: list[int] = []
        self.prepared: list[int] = []
        self.broken: dict[int, int] = {}  # event -> how often its file still fails
        self.held: dict[int, asyncio.Event] = {}
        self.changed = asyncio.Event()
        self.lanes = Lanes(self.handle, self.prepare, lambda event: bool(event.facts), quiet=quiet)

    def hold(self, *idents: int) -> asyncio.Event:
        door = asyncio.Event()
        self.held |= dict.fromkeys(idents, door)
        return door

    async def prepare(self, event: InboxEvent) -> list[StoredFile]:
        self.prepared.append(event.id)
        if self.broken.get(event.id, 0):
            self.broken[event.id] -= 1
            raise ConnectionError
        return [StoredFile(office_id=1, file_id=f"wa-{event.id}", state=FileState.STORED, created_at=NOW)]

    async def handle(self, step: Sequence[Arrived]) -> None:
        idents = [arrived.event.id for arrived in step]
        self.began += idents
        self.changed.set()
        if idents[0] in self.held:
            await self.held[idents[0]].wait()
        self.steps.append(idents)
        self.files |= {arrived.event.id: len(arrived.files) for arrived in step}

    async def sees(self, ident: int) -> None:
        """Returns when the step of an event has begun."""
        async with asyncio.timeout(PATIENCE):
            while ident not in self.began:
                self.changed.clear()
                await self.changed.wait()

    async def settled(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self.lanes.settled()


async def test_one_person_is_served_in_order() -> None:
    room = Room()
    for ident in range(1, 21):
        room.lanes.push(event(ident))
    await room.settled()
    assert room.steps == [[ident] for ident in range(1, 21)]
    assert len(room.lanes) == 0


async def test_one_person_never_twice_at_once_and_others_meanwhile() -> None:
    room = Room()
    door = room.hold(1)
    for ident, contact in ((1, 1), (2, 1), (3, 2), (4, None)):
        room.lanes.push(event(ident, contact))
    await room.sees(3)
    await room.sees(4)
    assert room.steps == [[3], [4]]
    assert 2 not in room.began
    door.set()
    await room.settled()
    assert room.steps == [[3], [4], [1], [2]]


async def test_photos_in_a_row_are_one_step_with_all_their_files() -> None:
    room = Room(quiet=0.05)
    for ident in range(1, 7):
        room.lanes.push(event(ident, media=True))
    await room.settled()
    assert room.steps == [[1, 2, 3, 4, 5, 6]]
    assert room.files == dict.fromkeys(range(1, 7), 1)


async def test_words_behind_photos_end_the_burst_at_once() -> None:
    """No quiet has to pass: `quiet` is a minute here, and nobody waits for it."""
    room = Room(quiet=NEVER)
    room.lanes.push(event(1, media=True))
    room.lanes.push(event(2, media=True))
    await asyncio.sleep(0)
    room.lanes.push(event(3))
    await room.settled()
    assert room.steps == [[1, 2], [3]]


async def test_photos_on_another_channel_are_another_burst() -> None:
    room = Room(quiet=NEVER)
    for ident, channel in ((1, "whatsapp"), (2, "whatsapp"), (3, "telegram")):
        room.lanes.push(event(ident, media=True, channel=channel))
    room.lanes.push(event(4))
    await room.settled()
    assert room.steps == [[1, 2], [3], [4]]


async def test_a_burst_has_an_end() -> None:
    room = Room(quiet=NEVER)
    for ident in range(1, BURST_MOST + 2):
        room.lanes.push(event(ident, media=True))
    room.lanes.push(event(99))
    await room.settled()
    assert [len(step) for step in room.steps] == [BURST_MOST, 1, 1]


async def test_files_are_fetched_while_the_lane_is_busy() -> None:
    room = Room(quiet=NEVER)
    door = room.hold(1)
    room.lanes.push(event(1))
    room.lanes.push(event(2, media=True))
    room.lanes.push(event(3))
    await room.sees(1)
    assert room.prepared == [2]
    door.set()
    await room.settled()
    assert room.steps == [[1], [2], [3]]


async def test_a_file_that_cannot_be_kept_is_tried_again_and_nothing_overtakes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.lanes.FIRST_PAUSE", 0.0)
    room = Room()
    room.broken = {1: 4}
    room.lanes.push(event(1, media=True))
    room.lanes.push(event(2))
    await room.settled()
    assert room.prepared == [1] * 5
    assert room.steps == [[1], [2]]
    assert room.files[1] == 1


async def test_closing_stops_at_once() -> None:
    room = Room(quiet=NEVER)
    room.hold(1)
    room.lanes.push(event(1))
    room.lanes.push(event(2, media=True))
    await room.sees(1)
    async with asyncio.timeout(PATIENCE):
        await room.lanes.close()
    assert room.steps == []
    assert room.began == [1]
    await room.settled()


async def test_a_lane_that_was_empty_is_taken_up_again() -> None:
    room = Room()
    for ident in (1, 2, 3):
        room.lanes.push(event(ident))
        await room.settled()
    assert room.steps == [[1], [2], [3]]


async def test_an_event_that_is_pushed_again_keeps_its_place() -> None:
    room = Room()
    door = room.hold(1)
    for ident in (1, 2, 1, 2):
        room.lanes.push(event(ident))
    door.set()
    await room.lanes.settled()
    assert room.steps == [[1], [2]]
    room.lanes.push(event(1))  # once it has ended, it may come again
    await room.lanes.settled()
    assert room.steps == [[1], [2], [1]]


async def test_what_is_anothers_when_its_turn_comes_is_let_go() -> None:
    room = Room()
    room.lanes.is_ours = lambda one: one.id != 2
    for ident in (1, 2, 3):
        room.lanes.push(event(ident))
    await room.lanes.settled()
    assert room.steps == [[1], [3]]
    assert room.lanes.held == set()


async def test_a_lane_that_is_stopped_just_as_another_photo_comes_is_stopped() -> None:
    """`asyncio.wait_for` would take the photo, forget that it was cancelled, and wait another minute."""
    room = Room(quiet=NEVER)
    room.lanes.push(event(1, media=True))
    for _ in range(5):  # until it waits for the next
        await asyncio.sleep(0)
    room.lanes.push(event(2, media=True))
    async with asyncio.timeout(PATIENCE):
        await room.lanes.close()
    assert room.began == []


async def test_a_lane_that_was_stopped_before_it_began_is_not_waited_for() -> None:
    room = Room()
    room.lanes.push(event(1))
    await room.lanes.close()
    await room.settled()
    assert room.began == []


async def test_what_comes_when_the_lanes_are_closed_stays_in_the_inbox() -> None:
    """A connection that stands still brings something: its step would outlive the database."""
    room = Room()
    await room.lanes.close()
    room.lanes.push(event(1))
    assert not room.lanes.begin(1, room.settled)
    await room.settled()
    assert (room.began, room.lanes.held) == ([], set())


# ---------------------------------------------------------------------- more than a lane holds


async def test_of_a_flood_a_lane_holds_the_beginning_and_reads_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.lanes.HELD_MOST", 3)
    room, stored = Room(), [event(ident) for ident in range(1, 12)]
    most = 0

    async def read(key: object) -> list[InboxEvent]:
        assert key == 1
        handled = {ident for step in room.steps for ident in step}
        return [one for one in stored if one.id not in handled][:3]

    room.lanes.read = read
    door = room.hold(1)
    for one in stored[:9]:
        room.lanes.push(one)
        most = max(most, len(room.lanes))
    room.lanes.push(event(100, contact=2))
    await room.sees(100)  # another's is not held up
    door.set()
    await room.sees(5)
    for one in stored[9:]:
        room.lanes.push(one)
    await room.settled()
    assert [step for step in room.steps if step != [100]] == [[one.id] for one in stored]
    assert most <= 4
    assert room.lanes.held == set()


async def test_what_comes_while_the_rest_is_read_keeps_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.lanes.HELD_MOST", 1)
    room, stored = Room(), [event(1), event(2), event(3)]

    async def read(_: object) -> list[InboxEvent]:
        handled = {ident for step in room.steps for ident in step}
        found = [one for one in stored if one.id not in handled][:1]
        if len(stored) == 3:  # committed behind our look, and told in the middle of it
            stored.append(event(4))
            room.lanes.push(stored[-1])
        return found

    room.lanes.read = read
    door = room.hold(1)
    room.lanes.push(stored[0])
    await room.sees(1)
    for one in stored[1:]:
        room.lanes.push(one)
    door.set()
    await room.settled()
    assert room.steps == [[1], [2], [3], [4]]


async def test_what_was_read_and_handled_before_we_are_told_of_it_is_not_handled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.lanes.HELD_MOST", 1)
    room, stored = Room(), [event(1), event(2), event(3), event(4)]

    async def read(_: object) -> list[InboxEvent]:
        handled = {ident for step in room.steps for ident in step}
        return [one for one in stored if one.id not in handled][:1]

    room.lanes.read = read
    door = room.hold(1)
    room.lanes.push(stored[0])
    await room.sees(1)
    for one in stored[1:3]:
        room.lanes.push(one)
    door.set()
    await room.settled()
    room.lanes.push(stored[3])  # committed long ago, and told late
    await room.settled()
    assert room.steps == [[1], [2], [3], [4]]


async def test_a_database_that_is_away_is_asked_again_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.lanes.HELD_MOST", 1)
    monkeypatch.setattr("bot.lanes.FIRST_PAUSE", 0.0)
    room, tries = Room(), 0

    async def read(_: object) -> list[InboxEvent]:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ConnectionError
        return [event(2)] if [2] not in room.steps else []

    room.lanes.read = read
    room.lanes.push(event(1))
    room.lanes.push(event(2))
    await room.settled()
    assert room.steps == [[1], [2]]
    assert tries > 2


async def test_the_rest_of_a_lane_that_is_anothers_now_is_left_to_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.lanes.HELD_MOST", 1)
    room = Room()

    async def read(_: object) -> list[InboxEvent]:
        return [event(2)]

    room.lanes.read = read
    door = room.hold(1)
    room.lanes.push(event(1))
    await room.sees(1)
    room.lanes.push(event(2))
    room.lanes.push(event(3))
    room.lanes.is_ours = lambda _: False
    door.set()
    await room.settled()
    assert room.steps == [[1]]
    assert room.lanes.held == set()
