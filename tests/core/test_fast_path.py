"""Handled first, kept in one commit: the plain path's promises, without its hops."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot, Dispatcher, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot import fast_path, ids
from bot.at_once import Commits
from bot.channels.base import Channel, DeliveryFailed, Fault, Incoming
from bot.fsm import DatabaseStorage
from bot.inline_filters import inline_filters
from bot.notices import Wording
from bot.sealed_storage import SealedStorage
from bot.service import Core, CoreOptions
from bot.storage import Storage
from models import hot
from models.contacts import Address, Contact, Conversation
from models.fsm import FsmRecord
from models.inbox import InboxEvent, InboxState
from models.outbox import OutboxMessage, OutboxState
from tests.core.channel import Clock, TestChannel, arrival

Handler = Callable[..., Any]


async def render(*_: object) -> Wording:
    return Wording(text="notice")


class House:
    """A hosted bot of one handler, behind the door's own steps."""

    def __init__(self, folder: Path) -> None:
        self.channel, self.clock, self.folder = TestChannel(Channel.WHATSAPP), Clock(), folder
        self.core: Core | None = None

    async def opens(self, handler: Handler) -> "House":
        def dispatcher(fsm: DatabaseStorage) -> Dispatcher:
            made, router = Dispatcher(storage=fsm), Router()
            router.message.register(handler)
            made.include_router(router)
            inline_filters(made)
            return made

        self.core = Core(
            [self.channel],
            dispatcher,
            SealedStorage(Storage.open(f"file://{self.folder}/papers")),
            render,
            CoreOptions(
                office_id=1,
                clock=self.clock,
                quiet=0.0,
                pacing=False,
                atomic=False,
                black_box=self.folder / "in-hand",
            ),
        )
        await self.core.start()
        return self

    async def takes(self, event: Incoming) -> bool:
        """Whether the fast path kept it; else it goes the plain way, as the door sends it."""
        assert self.core is not None
        assert self.core.door.fast is not None
        kept = await self.core.door.fast.takes(self.channel, event)
        if not kept:
            await self.core.inbox.store(str(self.channel.channel), self.channel.account, [event])
        return kept

    @property
    def commits(self) -> Commits:
        """Of an opened house."""
        assert self.core is not None
        assert self.core.door.fast is not None
        return self.core.door.fast.commits

    async def settles(self) -> None:
        assert self.core is not None
        await self.core.lanes.settled()
        assert self.core.door.fast is not None
        await self.core.door.fast.settled()

    async def closes(self) -> None:
        if self.core is not None:
            await self.core.stop()


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path)
    yield made
    await made.closes()


async def counts(message: Message, state: FSMContext) -> None:
    """How often this person wrote, kept in their state."""
    times = (await state.get_data()).get("times", 0) + 1
    await state.update_data(times=times)
    await message.answer(f"{message.text} {times}")


async def states(*fields: str) -> list[Any]:
    return list(await OutboxMessage.all().order_by("id").values_list(*fields))


async def test_a_stranger_is_met_answered_and_remembered(house: House) -> None:
    await house.opens(counts)
    assert await house.takes(arrival("a", text="one"))
    await house.settles()
    assert await house.takes(arrival("b", text="two"))
    await house.settles()
    assert house.channel.session.said == ["one 1", "two 2"]
    assert [event.state for event in await InboxEvent.all()] == [InboxState.DONE] * 2
    assert await states("state", "external_id") == [
        (OutboxState.SENT, f"out-{row.id}") for row in await OutboxMessage.all().order_by("id")
    ]
    assert await Contact.all().count() == await Address.all().count() == 1
    assert (await Conversation.get()).turn == 2


async def test_what_was_seen_before_changes_nothing(house: House) -> None:
    await house.opens(counts)
    for _ in range(3):
        assert await house.takes(arrival("a", text="once"))
        await house.settles()
    assert house.channel.session.said == ["once 1"]
    assert await InboxEvent.all().count() == 1


async def test_the_same_event_three_times_at_once_is_one_step(house: House) -> None:
    await house.opens(counts)
    await house.takes(arrival("hello", text="hello"))
    await house.settles()
    await asyncio.gather(*(house.takes(arrival("a", text="once")) for _ in range(3)))
    await house.settles()
    assert await InboxEvent.filter(external_id="a").count() == 1
    assert await OutboxMessage.all().count() == 2


async def test_a_stranger_who_writes_twice_in_a_blink_is_met_once(house: House) -> None:
    await house.opens(counts)
    await asyncio.gather(*(house.takes(arrival(str(n), text=str(n))) for n in range(4)))
    await house.settles()
    assert await Contact.all().count() == 1
    assert await OutboxMessage.all().count() == 4
    record = await FsmRecord.get()
    assert '"times":4' in record.data.replace(" ", "")


async def test_a_step_that_takes_its_time_is_stored_and_its_provider_let_go(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_path, "PROMPT", 0.0)
    goes_on = asyncio.Event()

    async def slow(message: Message) -> None:
        await goes_on.wait()
        await message.answer("at last")

    await house.opens(slow)
    goes_on.set()
    await house.takes(arrival("hello", text="hello"))
    await house.settles()
    goes_on.clear()

    assert await house.takes(arrival("a", text="x"))  # acknowledged
    event = await InboxEvent.get(external_id="a")
    assert event.state is InboxState.NEW
    assert not await house.takes(arrival("b", text="y"))  # its lane is busy: it waits behind
    goes_on.set()
    await house.settles()
    await house.core.lanes.settled() if house.core else None
    assert [e.state for e in await InboxEvent.all()] == [InboxState.DONE] * 3
    assert (await InboxEvent.get(external_id="a")).id == event.id


async def test_a_handler_that_raises_has_said_what_it_said(house: House) -> None:
    async def fails(message: Message) -> None:
        await message.answer("before")
        raise ValueError("after")

    await house.opens(fails)
    assert await house.takes(arrival("a", text="x"))
    await house.settles()
    event = await InboxEvent.get()
    assert (event.state, event.error) == (InboxState.PARKED, "ValueError")
    assert house.channel.session.said == ["before"]


async def test_answers_of_one_step_leave_in_order_and_stop_behind_one_that_fails(house: House) -> None:
    async def talks(message: Message) -> None:
        for words in ("first", "second", "third"):
            await message.answer(words)

    await house.opens(talks)
    await house.takes(arrival("a", text="x"))
    await house.settles()
    assert house.channel.session.said == ["first", "second", "third"]

    house.channel.session.fails(DeliveryFailed(Fault.RETRY, "busy"))
    await house.takes(arrival("b", text="y"))
    await house.settles()
    assert house.channel.session.said == ["first", "second", "third"]
    waiting = await states("state")
    assert waiting[3:] == [(OutboxState.QUEUED,)] * 3


async def test_an_ambiguous_send_is_unknown_and_nobody_repeats_it(house: House) -> None:
    await house.opens(counts)
    house.channel.session.fails(DeliveryFailed(Fault.UNKNOWN, "no_answer"))
    await house.takes(arrival("a", text="x"))
    await house.settles()
    assert await states("state") == [(OutboxState.UNKNOWN,)]
    assert house.channel.session.tried == 1


async def test_what_is_said_to_somebody_else_goes_to_them(house: House) -> None:
    async def tells(message: Message, bot: Bot) -> None:
        if message.text and message.text.isdigit():
            await bot.send_message(int(message.text), "from another")

    await house.opens(tells)
    await house.takes(arrival("a", sender="628111", text="hello"))
    await house.settles()
    first = await Contact.get()
    await house.takes(arrival("b", sender="628222", text=str(ids.chat_id(first.id))))
    await house.settles()
    row = await OutboxMessage.get()
    assert row.contact_id == first.id


async def test_papers_and_unknown_kinds_go_the_plain_way(house: House) -> None:
    await house.opens(counts)
    house.channel.media_bytes["f"] = b"\xff\xd8\xff\xe0"
    assert not await house.takes(arrival("a", text="", files=["f"]))
    await house.settles()
    assert (await InboxEvent.get()).state is InboxState.DONE


async def test_what_somebody_else_moved_meanwhile_is_handled_anew(house: House, engine: str) -> None:
    """On PostgreSQL another replica may have had the conversation's turn between our look and our commit."""
    handled = 0

    async def overtaken_once(message: Message) -> None:
        nonlocal handled
        handled += 1
        if handled == 2 and engine == "postgres":
            await Conversation.all().update(turn=17)
        await message.answer(f"{message.text}")

    await house.opens(overtaken_once)
    await house.takes(arrival("a", text="one"))
    await house.settles()
    kept = await house.takes(arrival("b", text="two"))
    await house.settles()
    assert kept == (engine == "sqlite")
    assert handled == (3 if engine == "postgres" else 2)
    assert ["two" in row.payload for row in await OutboxMessage.all()].count(True) == 1


async def test_a_database_that_is_away_keeps_nothing_and_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.opens(counts)
    await house.takes(arrival("a", text="one"))
    await house.settles()
    assert house.core is not None
    assert house.core.door.fast is not None

    async def away(_: Any) -> list[hot.Verdict]:
        raise ConnectionRefusedError

    commits = house.core.door.fast.commits
    monkeypatch.setattr(commits, "_write", away)
    with pytest.raises(fast_path.NotStored):
        await house.takes(arrival("b", text="two"))
    monkeypatch.undo()
    assert await InboxEvent.all().count() == 1
    assert await house.takes(arrival("b", text="two"))
    await house.settles()
    assert house.channel.session.said == ["one 1", "two 2"]


async def test_a_send_is_noted_once_the_database_is_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the outage: a row that was sent is not left to be doubted."""
    monkeypatch.setattr("bot.at_once.FIRST_PAUSE", 0.0)
    await house.opens(counts)
    await house.takes(arrival("a", text="one"))
    await house.settles()
    commits = house.commits
    write, failed = commits._write, 0

    async def away_for_what_was_sent(items: Any) -> Any:
        nonlocal failed
        if failed < 3 and any(isinstance(item, hot.Sent) for item in items):
            failed += 1
            raise ConnectionRefusedError
        return await write(items)

    monkeypatch.setattr(commits, "_write", away_for_what_was_sent)
    await house.takes(arrival("b", text="two"))
    await house.settles()
    assert failed == 3
    assert house.channel.session.said == ["one 1", "two 2"]
    assert await states("state") == [(OutboxState.SENT,)] * 2


async def test_a_step_and_the_next_event_of_the_same_person_share_a_commit(house: House) -> None:
    """What a batch holds of one conversation beside its step is not taken for the step."""
    await house.opens(counts)
    await house.takes(arrival("a", text="one"))
    await house.settles()
    heard, talk = await InboxEvent.get(), await Conversation.get()

    def event(number: int, **facts: Any) -> hot.Turn:
        place = {name: getattr(heard, name) for name in ("office_id", "contact_id", "channel", "account")}
        return hot.Turn(
            id=heard.id + number,
            external_id=f"later-{number}",
            kind="message",
            body="{}",
            sent_at=None,
            received_at=house.clock(),
            turn=talk.turn,
            **place,
            **facts,
        )

    step, behind = event(10, choices='[0, ["ya"]]'), hot.Stored(event(11))
    assert await hot.open_hot().write([step, behind]) == [hot.Verdict.KEPT] * 2
    assert [row.state for row in await InboxEvent.all().order_by("id")] == ["done", "done", "new"]
    talk = await Conversation.get()
    assert (talk.turn, talk.choices) == (2, '[0, ["ya"]]')


async def test_a_step_that_waits_for_its_commit_is_not_stored_besides(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.opens(counts)
    await house.takes(arrival("a", text="one"))
    await house.settles()
    commits = house.commits
    write, written = commits._write, list[type]()

    async def slowly(items: Any) -> Any:
        written.extend(type(item) for item in items)
        await asyncio.sleep(1.5)  # longer than a provider waits, below
        return await write(items)

    monkeypatch.setattr(fast_path, "PROMPT", 1.0)  # a busy machine is longer at a step than one would think
    monkeypatch.setattr(commits, "_write", slowly)
    assert await house.takes(arrival("b", text="two"))
    await house.settles()
    assert hot.Stored not in written
    assert house.channel.session.said == ["one 1", "two 2"]
