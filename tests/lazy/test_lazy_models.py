"""aiogram with its models put off is the same aiogram: every type, every method, by every way in."""

import asyncio
import json
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.faults.short_form import SOAKING

ROOT = Path(__file__).resolve().parents[2]
WAYS = (
    "validated validated_json called",
    "within_anything wrongly_filled",
    "answered",
    "subclassed",
    "adapted constructed",
    "described",
    "signed listed",
)


def python(*arguments: str) -> str:
    """What a process of its own prints: in this one aiogram is imported already."""

    async def run() -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        assert process.returncode == 0
        return out.decode()

    return asyncio.run(run())


@cache
def whole_api(*ways: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in python("-m", "tests.lazy.whole_api", *ways).splitlines()]


@pytest.mark.parametrize("ways", WAYS)
def test_who_comes_first_finds_what_aiogram_would_have_built(ways: str) -> None:
    [eager], lazy = whole_api("eager"), whole_api(*WAYS)[WAYS.index(ways)]
    assert lazy["lazy"] and not eager["lazy"]
    assert len(lazy["found"]) > (500 if SOAKING else 25)
    assert lazy["found"] == {asked: eager["found"][asked] for asked in lazy["found"]}


AFTER_IMPORT = """
from bot import lazy_models
assert lazy_models.import_aiogram()
assert not lazy_models.import_aiogram(), "once is enough"
from aiogram.types import Message, Update, User
from aiogram.methods import SendMessage
print(Message.__pydantic_complete__, SendMessage.__pydantic_complete__, Update.__pydantic_complete__)
lazy_models.warm()
print(Message.__pydantic_complete__, SendMessage.__pydantic_complete__, Update.__pydantic_complete__)
before, made = User.__pydantic_complete__, User(id=1, is_bot=False, first_name="A")
print(before, made.first_name, User.__pydantic_complete__)
"""


def test_a_model_waits_until_it_is_used() -> None:
    assert python("-c", AFTER_IMPORT).splitlines() == ["False False False", "True True True", "False A True"]


THREADS = """
import threading
from bot import lazy_models
lazy_models.import_aiogram()
from aiogram.types import Message
start, made = threading.Barrier(8), []
def one():
    start.wait()
    made.append(Message.model_validate({"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}))
threads = [threading.Thread(target=one) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(made))
"""


def test_many_threads_may_be_the_first() -> None:
    assert python("-c", THREADS).split() == ["8"]


OTHER_VERSION = """
from pydantic import BaseModel  # all of it, before
from pydantic._internal import _fields
plain = _fields.rebuild_model_fields
def changed(model, **_):
    _fields.rebuild_model_fields = plain  # pydantic itself knows its new ways
    {does}
_fields.rebuild_model_fields = changed
from bot import lazy_models
assert not lazy_models.import_aiogram()
from aiogram.types import Message
from aiogram.methods import SendMessage
print(Message.__pydantic_complete__, SendMessage.__pydantic_complete__, SendMessage(chat_id=1, text="a").text)
"""


@pytest.mark.parametrize(
    "does",
    ["raise TypeError('other arguments')", "return model.__pydantic_fields__, None  # nothing resolved"],
)
def test_where_pydantic_has_changed_its_ways_everything_is_built_and_said(does: str) -> None:
    *logged, last = python("-c", OTHER_VERSION.format(does=does)).splitlines()
    assert last == "True True a"
    assert any("lazy_models.off" in line for line in logged)
