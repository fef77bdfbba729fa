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
from bot.typed import as_tap, placed

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


CALENDAR = [Choice(label, f"d:{label}") for label in ("Mon", " ", " ", *(f"{n:02}" for n in range(1, 32)))]
PAGES = [Choice(label, f"p:{label}") for label in ("Ani", "Budi", "Citra", "Dewi", "1", ">", "4")]


@pytest.mark.parametrize(("typed", "data"), [("3", "d:03"), ("03", "d:03"), ("31", "d:31"), ("mon", "d:Mon")])
def test_where_choices_are_days_a_number_is_a_day(typed: str, data: str) -> None:
    assert meant(typed, CALENDAR) == Choice(data.removeprefix("d:"), data)
    assert meant("32", CALENDAR) is None


def test_where_choices_are_counted_the_number_before_a_choice_goes_before_a_label() -> None:
    assert meant("1", PAGES) == PAGES[0]
    assert meant("4", PAGES) == PAGES[3]
    assert meant("7", PAGES) == PAGES[6]


def test_a_number_that_nobody_was_shown_is_a_number() -> None:
    assert meant("1", THREE, numbers=False) is None
    assert meant("batal", THREE, numbers=False) == THREE[2]
    assert meant("4", PAGES, numbers=False) == PAGES[6]


def test_signs_that_nobody_sees_need_not_be_typed() -> None:
    keys = [Choice("Beli\u2063\u2064\u200d", None), Choice("👩\u200d🌾", None)]
    assert meant("beli", keys) == keys[0]
    assert meant("👩\u200d🌾", keys) == keys[1]


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
    for numbered in (True, False):
        shown = Shown(ident, choices, numbered)
        assert Shown.from_text(shown.to_text()) == shown


def test_what_was_shown_before_numbers_were_noted_counts_as_numbered() -> None:
    assert Shown.from_text('[9, [["Ya", "y"]]]') == Shown(9, [Choice("Ya", "y")], numbered=True)


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


def tapped(data: str, message_id: int) -> dict[str, Any]:
    return {
        "update_id": 5,
        "callback_query": {"id": "5", "data": data, "message": {"message_id": message_id}},
    }


def test_a_tap_without_its_message_is_one_on_the_last_keyboard() -> None:
    shown = Shown(99, THREE)
    assert placed(tapped("s:2", 0), shown) == tapped("s:2", 99)
    for other in (tapped("s:9", 0), tapped("s:2", 7), typed("2")):
        assert placed(other, shown) is other
