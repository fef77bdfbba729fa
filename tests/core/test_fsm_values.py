"""What bots keep in their FSM comes back as it was."""

import enum
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from aiogram.types import Document, User
from hypothesis import given
from hypothesis import strategies as st

from bot.fsm_values import NotKeepable, dumps, loads


class Colour(enum.Enum):
    RED = "red"


@dataclass(frozen=True)
class Fruit:
    name: str
    picked: date


@pytest.mark.parametrize(
    "value",
    [
        {1: "Paris", 2: "London"},
        {(1, 2): {"x"}, None: True},
        {"~": ["enum", "os:system", "x"]},
        [1, 2.5, None, True, "kata"],
        (1, "a", (2,)),
        {1, 2},
        2**70,
        datetime(2026, 11, 24, 8, 0, tzinfo=UTC),
        date(2026, 11, 24),
        time(8, 30),
        timedelta(minutes=90),
        Decimal("12.50"),
        UUID(int=7),
        b"\x00\xff",
        Colour.RED,
        Fruit("jambu", date(2026, 11, 1)),
        User(id=1, is_bot=False, first_name="Maria"),
        Document(file_id="wa-1", file_unique_id="wa-1"),
    ],
    ids=repr,
)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    again = loads(dumps({"kept": value}))["kept"]
    assert again == value
    assert type(again) is type(value)


def test_plain_data_is_plain_json() -> None:
    data = {"name": "Maria", "steps": [1, 2], "more": {"x": None}}
    assert json.loads(dumps(data)) == data


def test_what_cannot_be_written_down_has_a_name() -> None:
    with pytest.raises(NotKeepable, match="builtins:function"):
        dumps({"call": lambda: None})


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=5)
_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
_LEAVES = st.none() | st.booleans() | _NUMBERS | _TEXT
_KEYS = _TEXT | st.integers()


@given(
    st.recursive(_LEAVES, lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner) | st.tuples(inner))
)
def test_any_shape_comes_back(value: object) -> None:
    assert loads(dumps({"kept": value})) == {"kept": value}
