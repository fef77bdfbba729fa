"""Typed words that mean a button: by whole number or whole label, of the last keyboard only."""

from typing import Any

import pytest
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.choices import NOTHING, Choice, Shown, folded, meant, offered
from bot.typed import as_tap

THREE = [Choice("KTP-el hilang", "s:1"), Choice("Akta Lahir", "s:2"), Choice("Batal", None)]
labels = st.text(min_size=1, max_size=12).filter(lambda text: folded(text) and not folded(text).isdigit())


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("1", 0), ("2", 1), (" 3 ", 2), ("01", 0), ("ktp-el  HILANG", 0), ("akta lahir", 1), ("batal", 2),
        ("0", None), ("4", None), ("10", None), ("11", None), ("1.", None), ("1 2", None), ("-1", None),
        ("١", None), ("²", None), ("001", None), ("akta", None), ("akta lahir 2", None), ("", None),
        ("9" * 5_000, None),
    ],
)  # fmt: skip
def test_a_whole_number_or_a_whole_label(typed: str, place: int | None) -> None:
    assert meant(typed, THREE) == (None if place is None else THREE[place])


@given(st.lists(labels, min_size=1, max_size=30, unique_by=folded), st.data())
def test_every_button_is_reached_by_its_number_and_by_its_label(
    names: list[str], data: st.DataObject
) -> None:
    choices = [Choice(name, str(place)) for place, name in enumerate(names)]
    place = data.draw(st.integers(0, len(names) - 1))
    assert meant(str(place + 1), choices) == choices[place]
    assert meant(f"  {names[place]} ", choices) == choices[place]
    assert meant(str(len(names) + 1), choices) is None


def test_a_label_that_is_a_number_goes_before_the_place() -> None:
    choices = [Choice("2", "two"), Choice("1", "one")]
    assert meant("1", choices) == choices[1]


def test_links_and_absent_keyboards_offer_nothing() -> None:
    buttons = [
        [InlineKeyboardButton(text="Peta", url="https://loket.test")],
        [
            InlineKeyboardButton(text="Ya", callback_data="y"),
            InlineKeyboardButton(text="?", callback_data=""),
        ],
    ]
    assert offered(InlineKeyboardMarkup(inline_keyboard=buttons)) == [Choice("Ya", "y"), Choice("?", "")]
    keys = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="A")], [KeyboardButton(text="B")]])
    assert offered(keys) == [Choice("A", None), Choice("B", None)]
    assert offered(ReplyKeyboardRemove()) == offered(None) == []


@given(
    st.integers(0, 2**53), st.lists(st.builds(Choice, labels, st.none() | st.text(max_size=20)), max_size=5)
)
def test_what_was_shown_survives_its_row(ident: int, choices: list[Choice]) -> None:
    assert Shown.from_text(Shown(ident, choices).to_text()) == Shown(ident, choices)


def typed(text: str) -> dict[str, Any]:
    person = {"id": 7, "is_bot": False, "first_name": "Maria"}
    message = {"message_id": 3, "date": 1, "chat": {"id": 7, "type": "private"}, "from": person, "text": text}
    return {"update_id": 5, "message": message}


def test_a_typed_number_becomes_the_tap_on_the_message_that_was_shown() -> None:
    tap = as_tap(typed("2"), Shown(99, THREE))["callback_query"]
    assert (tap["data"], tap["message"]["message_id"], tap["from"]["id"]) == ("s:2", 99, 7)


def test_a_key_without_data_says_its_label() -> None:
    assert as_tap(typed("3"), Shown(99, THREE))["message"]["text"] == "Batal"


@pytest.mark.parametrize("text", ["10", "/start", "halo"])
def test_anything_else_stays_what_it_was(text: str) -> None:
    said = typed(text)
    assert as_tap(said, Shown(99, THREE)) is said
    assert as_tap(typed("1"), NOTHING) == typed("1")


def test_a_command_is_never_a_tap() -> None:
    said = typed("/start")
    assert as_tap(said, Shown(9, [Choice("/start", "x")])) is said
