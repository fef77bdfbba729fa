"""One step: everything it causes is committed at once, or nothing is; poison is set aside."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram import Dispatcher, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import BufferedInputFile, Message
from tortoise.exceptions import DBConnectionError

from bot.channels.base import Caps, Channel
from bot.fsm import DatabaseStorage
from bot.inline_filters import inline_filters
from bot.methods import UnsupportedOnChannel
from bot.notices import Wording
from bot.sealed_storage import SealedStorage
from bot.service import Core, CoreOptions
from bot.storage import Storage
from models.contacts import Contact, Conversation
from models.counters import Counter
from models.files import FileState, StoredFile
from models.fsm import FsmRecord
from models.inbox import InboxEvent, InboxState
from models.outbox import OutboxMessage, OutboxState, Receipt
from tests.core.channel import ACCOUNT, Clock, TestChannel, arrival
from tests.patience import PATIENCE

ON = ("whatsapp", ACCOUNT)


async def render(*_: object) -> Wording:
    return Wording(text="notice")


class House:
    """The core around the test's own handlers; every process of it is built afresh."""

    def __init__(self, folder: Path) -> None:
        self.channel, self.clock = TestChannel(Channel.WHATSAPP), Clock()
        self.handlers: list[tuple[Any, ...]] = []
        self.folder = folder
        self.parked: list[str] = []

    def register(self, handler: Any, *filters: Any) -> None:
        self.handlers.append((handler, *filters))

    def build(self) -> Core:
        def dispatcher(fsm: DatabaseStorage) -> Dispatcher:
            made = Dispatcher(storage=fsm)
            router = Router()
            for handler, *filters in self.handlers:
                router.message.register(handler, *filters)
            made.include_router(router)
            inline_filters(made)
            return made

        storage = SealedStorage(Storage.open(f"file://{self.folder}/papers"))
        options = CoreOptions(office_id=1, clock=self.clock, quiet=0.0, pacing=False)
        core = Core([self.channel], dispatcher, storage, render, options)

        async def note(event: InboxEvent) -> None:
            self.parked.append(event.external_id)

        core.handling.on_parked = note
        return core

    async def hears(self, *events: Any) -> Core:
        """Stores the events together and waits until their lanes are empty."""
        core = self.build()
        await core.inbox.store(*ON, list(events))
        async with asyncio.timeout(PATIENCE):
            await core.lanes.settled()
        return core


@pytest.fixture
def house(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr("bot.handling.PAUSES", (0.0, 0.0, 0.0, 0.0))
    return House(tmp_path)


async def said() -> list[str]:
    return [row.payload for row in await OutboxMessage.all().order_by("id")]


def fails(error: Exception, times: int) -> Callable[..., Any]:
    """A handler that writes a row and an answer, then raises, so many times; then it works."""
    left = {"n": times}

    async def handle(message: Message, state: FSMContext) -> None:
        await Counter.create(office_id=1, name=f"{message.text}")
        await state.set_state("here")
        await message.answer("done")
        if left["n"]:
            left["n"] -= 1
            raise error

    return handle


async def test_rows_states_answers_and_the_mark_are_one_commit(house: House) -> None:
    house.register(fails(RuntimeError("once"), 1))
    await house.hears(arrival("a", text="x"))
    event = await InboxEvent.get()
    assert (event.state, event.tries) == (InboxState.DONE, 1)
    assert await Counter.all().count() == len(await said()) == await FsmRecord.all().count() == 1


async def test_poison_is_parked_after_five_tries_and_the_lane_goes_on(house: House) -> None:
    house.register(fails(RuntimeError("628123456789"), 10**6), F.text == "poison")
    house.register(fails(RuntimeError(), 0))
    await house.hears(arrival("a", text="poison"), arrival("b", text="x"), arrival("c", "yakob", text="y"))
    rows = {row.external_id: row for row in await InboxEvent.all()}
    assert (rows["a"].state, rows["a"].error, rows["a"].tries) == (InboxState.PARKED, "RuntimeError", 4)
    assert rows["b"].state is rows["c"].state is InboxState.DONE
    assert house.parked == ["a"]
    assert sorted(one.name for one in await Counter.all()) == ["x", "y"]  # the poison's own rows are gone
    assert len(await said()) == 2


async def test_what_aiogram_cannot_even_read_is_parked_at_once(house: House) -> None:
    tried: list[str] = []

    async def handle(message: Message) -> None:
        tried.append(message.text or "")

    house.register(handle)
    await house.hears(arrival("a", raw={"message": {"message_id": "no number"}}), arrival("b", text="x"))
    rows = {row.external_id: row for row in await InboxEvent.all()}
    assert (rows["a"].state, rows["a"].error, rows["a"].tries) == (InboxState.PARKED, "ValidationError", 0)
    assert rows["b"].state is InboxState.DONE
    assert tried == ["x"]


@pytest.mark.parametrize("away", [ConnectionRefusedError(), DBConnectionError("down"), OSError("628…")])
async def test_a_database_that_is_away_counts_against_nobody(house: House, away: Exception) -> None:
    house.register(fails(away, 9))
    await house.hears(arrival("a", text="x"))
    event = await InboxEvent.get()
    assert (event.state, event.tries) == (InboxState.DONE, 0)
    assert house.parked == []


async def test_a_message_that_killed_us_five_times_is_parked_unhandled(house: House) -> None:
    """Each start counts the conversation's first event before it is handled; see `Core.start`."""
    tried: list[str] = []

    async def handle(message: Message) -> None:
        tried.append(message.text or "")

    house.register(handle)
    core = house.build()
    core.inbox.on_new = lambda _: None
    await core.inbox.store(*ON, [arrival("a", text="killer"), arrival("b", text="after")])
    await InboxEvent.filter(external_id="a").update(tries=5)
    await core.start()
    async with asyncio.timeout(PATIENCE):
        await core.lanes.settled()
    await core.stop()
    rows = {row.external_id: row for row in await InboxEvent.all()}
    assert (rows["a"].state, rows["a"].error) == (InboxState.PARKED, "KilledUs")
    assert rows["b"].state is InboxState.DONE
    assert tried == ["after"]


async def test_what_was_not_handled_is_taken_up_at_the_next_start(house: House) -> None:
    house.register(fails(RuntimeError(), 0))
    core = house.build()
    core.inbox.on_new = lambda _: None
    await core.inbox.store(*ON, [arrival(f"n{n}", text=f"{n}") for n in range(5)])
    again = house.build()
    await again.start()
    async with asyncio.timeout(PATIENCE):
        await again.lanes.settled()
    await again.stop()
    assert [one.name for one in await Counter.all().order_by("id")] == ["0", "1", "2", "3", "4"]
    assert len(await said()) == 5  # whatever is not sent by now is a row that the next start sends


async def test_an_answer_comes_back_with_our_id_and_can_be_edited(house: House) -> None:
    async def handle(message: Message) -> None:
        answer = await message.answer("one")
        await answer.edit_text("two")
        await answer.delete()

    house.register(handle)
    await house.hears(arrival("a", text="x"))
    rows = await OutboxMessage.all().order_by("id")
    assert [row.name for row in rows] == ["sendMessage", "editMessageText", "deleteMessage"]
    assert all(f'"message_id":{2**40 + rows[0].id}' in row.payload for row in rows[1:])


async def test_what_the_channel_has_nothing_like_is_refused_before_anything_is_written(house: House) -> None:
    async def handle(message: Message) -> None:
        await message.bot.send_chat_action(message.chat.id, "typing")  # type: ignore[union-attr]
        with pytest.raises(UnsupportedOnChannel):
            await message.answer_dice()
        await message.answer("after")

    house.register(handle)
    await house.hears(arrival("a", text="x"))
    assert [row.name for row in await OutboxMessage.all()] == ["sendMessage"]


async def test_long_words_become_several_messages_and_files_become_references(house: House) -> None:
    async def handle(message: Message) -> None:
        await message.answer("kata " * 2_000)
        await message.answer_document(BufferedInputFile(b"%PDF-1.4 ours", "surat.pdf"))

    house.register(handle)
    await house.hears(arrival("a", text="x"))
    names = [row.name for row in await OutboxMessage.all().order_by("id")]
    assert names == ["sendMessage"] * 3 + ["sendDocument"]
    [file] = await StoredFile.all()
    assert file.file_id in (await said())[-1]
    assert (file.name, file.state) == ("surat.pdf", FileState.STORED)


async def test_files_of_a_burst_reach_one_handler_in_order_with_what_could_not_be_had(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.intake.PATIENCE", (0.0, 0.0))
    house.channel.media_bytes = {"f1": b"%PDF-1", "f2": None, "f4": b""}
    seen: list[list[str | None]] = []

    async def handle(message: Message, files: list[StoredFile], album: list[Message]) -> None:
        seen.append([file.problem for file in files])

    house.register(handle)
    await house.hears(arrival("a", files=["f1", "f2"]), arrival("b", files=["f3", "f4"]))
    assert seen == [[None, "gone", "unreachable", "empty"]]
    assert house.channel.fetched.count("f3") == 3
    assert await StoredFile.filter(state=FileState.REFUSED).count() == 3


async def test_photos_are_put_in_the_order_in_which_they_were_sent(house: House) -> None:
    order: list[int] = []

    async def handle(message: Message, files: list[StoredFile]) -> None:
        order.extend(file.size or 0 for file in files)

    house.register(handle)
    house.channel.media_bytes = {f"f{n}": b"x" * n for n in (1, 2, 3)}
    now = house.clock()
    sent = {n: now + timedelta(seconds=n) for n in (3, 1, 2)}
    await house.hears(*(arrival(f"n{n}", files=[f"f{n}"], sent_at=at) for n, at in sent.items()))
    assert order == [1, 2, 3]


async def test_writing_opens_the_window_by_the_platforms_clock_and_revives_the_address(house: House) -> None:
    house.channel.caps = Caps(window=timedelta(hours=24))
    house.register(fails(RuntimeError(), 0))
    await house.hears(arrival("a", text="1", sent_at=house.clock() - timedelta(hours=20)))
    talk = await Conversation.get()
    assert talk.window_expires_at == house.clock() + timedelta(hours=4)
    await Conversation.filter(id=talk.id).update(unreachable_at=house.clock())
    await house.hears(
        arrival("b", text="2", sent_at=house.clock() + timedelta(days=3))
    )  # a clock that is wrong
    talk = await Conversation.get()
    assert talk.window_expires_at == house.clock() + timedelta(hours=24)
    assert talk.unreachable_at is None
    await house.hears(arrival("c", text="3", sent_at=house.clock() - timedelta(days=5)))  # an old one, late
    assert (await Conversation.get()).window_expires_at == house.clock() + timedelta(hours=24)


async def test_receipts_are_no_conversation(house: House) -> None:
    house.register(fails(RuntimeError(), 0))
    await house.hears(arrival("a", text="x"))
    await OutboxMessage.all().update(state=OutboxState.SENT, external_id="wamid.1")
    await house.hears(arrival("r", kind="receipt", about="wamid.1", receipt=int(Receipt.SEEN)))
    assert (await OutboxMessage.get()).receipt is Receipt.SEEN
    assert await Contact.all().count() == 1


async def test_a_flood_that_no_lane_can_hold_is_handled_whole_and_in_order(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.lanes.HELD_MOST", 4)
    monkeypatch.setattr("bot.taking_up.HELD_MOST", 4)
    heard: list[str] = []

    async def listens(message: Message) -> None:
        heard.append(str(message.text))

    house.register(listens)
    words = [f"banjir {n}" for n in range(30)]
    await house.hears(*(arrival(word, text=word) for word in words))
    assert heard == words
    assert await InboxEvent.exclude(state=InboxState.DONE).count() == 0
