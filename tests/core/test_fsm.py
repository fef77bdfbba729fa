"""aiogram's FSM in our rows: its own meaning, and one write a step."""

import pytest
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import StorageKey
from aiogram.fsm.storage.memory import MemoryStorage

from bot.fsm import DatabaseStorage
from bot.step import Step, enter
from models.database import transaction
from models.fsm import FsmRecord

KEY = StorageKey(bot_id=1, chat_id=2**52 + 7, user_id=2**52 + 7)


class Form(StatesGroup):
    name = State()


async def test_it_means_what_aiograms_own_storage_means(database: str) -> None:
    ours, theirs = DatabaseStorage(1), MemoryStorage()
    told = []
    for storage in (ours, theirs):
        here = FSMContext(storage, KEY)
        seen: list[object] = [await here.get_state(), await here.get_data()]
        await here.set_state(Form.name)
        await here.set_data({"a": 1, "list": [1, {"b": None}]})
        seen += [await here.get_state(), await here.get_data(), await here.update_data(b=2)]
        seen += [await here.update_data({"a": 3}), await here.get_value("a"), await here.get_value("z", 9)]
        await here.set_state("plain")
        seen += [await here.get_state(), await here.get_data()]
        await here.set_state(None)
        seen += [await here.get_state(), await here.get_data()]
        await here.clear()
        seen += [await here.get_state(), await here.get_data()]
        told.append(seen)
    assert told[0] == told[1]
    assert await FsmRecord.all().count() == 0  # what is empty leaves no row


async def test_data_handed_out_is_a_copy(database: str) -> None:
    storage = DatabaseStorage(1)
    await storage.set_data(KEY, {"a": 1})
    (await storage.get_data(KEY))["a"] = 2
    assert await storage.get_data(KEY) == {"a": 1}


@pytest.mark.parametrize(
    "other",
    [
        StorageKey(bot_id=2, chat_id=KEY.chat_id, user_id=KEY.user_id),
        StorageKey(bot_id=1, chat_id=KEY.chat_id, user_id=8),
        StorageKey(bot_id=1, chat_id=KEY.chat_id, user_id=KEY.user_id, destiny="dialog"),
        StorageKey(bot_id=1, chat_id=KEY.chat_id, user_id=KEY.user_id, thread_id=5),
        StorageKey(bot_id=1, chat_id=KEY.chat_id, user_id=KEY.user_id, business_connection_id="b"),
    ],
)
async def test_keys_are_apart(database: str, other: StorageKey) -> None:
    storage = DatabaseStorage(1)
    await storage.set_state(KEY, Form.name)
    assert await storage.get_state(other) is None
    await storage.set_state(other, "there")
    assert await storage.get_state(KEY) == "Form:name"


async def test_a_step_writes_at_its_end_and_not_before(database: str) -> None:
    storage = DatabaseStorage(1)
    await storage.set_data(KEY, {"n": 0})
    seen: list[object] = []

    async def step() -> None:
        enter(Step(contact_id=7, channel="whatsapp"))
        await storage.update_data(KEY, {"n": 1})
        await storage.set_state(KEY, Form.name)
        seen.append(await storage.get_data(KEY))
        seen.append((await FsmRecord.get()).data)
        await storage.flush()
        seen.append((await FsmRecord.get()).data)

    await transaction(step)
    assert seen == [{"n": 1}, '{"n":0}', '{"n":1}']
    assert await storage.get_state(KEY) == "Form:name"


async def test_a_step_that_fails_changes_nothing(database: str) -> None:
    storage = DatabaseStorage(1)
    await storage.set_data(KEY, {"n": 0})

    async def step() -> None:
        enter(Step(contact_id=7, channel="whatsapp"))
        await storage.set_data(KEY, {"n": 1})
        await storage.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await transaction(step)
    assert await storage.get_data(KEY) == {"n": 0}
