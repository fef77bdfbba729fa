"""Choices, their ids on other platforms, and their titles."""

import pytest
from aiogram.types import (
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    WebAppInfo,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.keyboard import (
    MAX_DATA,
    CallbackDataTooLong,
    Choice,
    Tap,
    choices,
    cut,
    decode,
    encode,
    is_ours,
    linked,
    numbered,
    tappable,
    titles,
)
from bot.choices import offered, visible

short_data = st.text(min_size=1, max_size=64).filter(lambda data: len(data.encode()) <= MAX_DATA)
numbers = st.integers(min_value=1, max_value=999)
labels = st.text(max_size=200)


@given(number=numbers, data=short_data)
def test_callback_data_comes_back_as_it_went(number: int, data: str) -> None:
    ident = encode(number, Choice("Pilih", data=data))
    assert decode(ident) == Tap(data=data)
    assert is_ours(ident)
    assert 0 < len(ident) <= 200
    assert ident.isascii()
    assert ident.isprintable()
    assert ident == ident.strip()


@given(number=numbers, label=labels)
def test_a_ready_made_answer_comes_back_as_typed(number: int, label: str) -> None:
    ident = encode(number, Choice(label))
    assert len(ident) <= 200
    assert decode(ident) == Tap(words=label or None if len(label.encode()) <= 120 else None)


@given(data=st.lists(short_data, min_size=2, max_size=10))
def test_no_two_buttons_share_an_id(data: list[str]) -> None:
    idents = [encode(n, Choice("Sama", data=one)) for n, one in enumerate(data, start=1)]
    assert len(set(idents)) == len(idents)


@pytest.mark.parametrize(
    "ident", ["callback_data", "", "lk", "lk1d", "lkd.x", "LK1d.x", "lk1x.y", "lk1b.é", "lk1234d.x"]
)
def test_an_id_that_is_not_ours_is_its_own_data(ident: str) -> None:
    assert decode(ident) == Tap(data=ident)


@given(st.text())
def test_any_id_can_be_read(ident: str) -> None:
    tap = decode(ident)
    assert is_ours(ident) or tap == Tap(data=ident)


@pytest.mark.parametrize("data", ["x" * 65, "é" * 33])
def test_more_than_telegram_allows_is_refused_everywhere(data: str) -> None:
    with pytest.raises(CallbackDataTooLong):
        encode(1, Choice("Pilih", data=data))
    button = InlineKeyboardButton(text="Pilih", callback_data=data)
    with pytest.raises(CallbackDataTooLong):
        choices(InlineKeyboardMarkup(inline_keyboard=[[button]]))


def test_a_keyboard_is_read_row_by_row() -> None:
    keyboard = InlineKeyboardMarkup(
        inline_keyboard=[
            [
                InlineKeyboardButton(text="Ya", callback_data="y"),
                InlineKeyboardButton(text="Peta", url="https://x.id"),
            ],
            [InlineKeyboardButton(text="Isi", web_app=WebAppInfo(url="https://f.id"))],
            [
                InlineKeyboardButton(text="Bayar", pay=True),
                InlineKeyboardButton(text="Tidak", callback_data="n"),
            ],
        ]
    )
    read = choices(keyboard)
    assert read == [
        Choice("Ya", data="y"),
        Choice("Peta", url="https://x.id"),
        Choice("Isi", url="https://f.id"),
        Choice("Tidak", data="n"),
    ]
    assert numbered(read) == "1. Ya\n2. Tidak"
    assert linked(read) == "Peta: https://x.id\nIsi: https://f.id"


def test_days_stand_without_numbers_and_blanks_not_at_all() -> None:
    days = [Choice(label, data="x") for label in ("Mon", " ", " ", "01", "02", "03")]
    assert numbered(days) == "Mon\n01\n02\n03"


def test_a_blank_among_words_keeps_its_place() -> None:
    assert numbered([Choice(label, data="x") for label in ("A", " ", "B")]) == "1. A\n3. B"


def test_signs_that_nobody_sees_take_no_room() -> None:
    assert titles(["Beli" + "\u2063" * 40, "👩\u200d🌾"], 20) == ["Beli", "👩\u200d🌾"]


def test_typed_numbers_count_as_the_core_counts_them() -> None:
    keyboard = InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text="Peta", url="https://x.id")],
            [
                InlineKeyboardButton(text="Ya", callback_data="y"),
                InlineKeyboardButton(text="Tidak", callback_data="n"),
            ],
        ]
    )
    assert [(c.label, c.data) for c in tappable(choices(keyboard))] == [
        (c.label, c.data) for c in offered(keyboard)
    ]
    reply = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Satu")], [KeyboardButton(text="Dua")]])
    assert choices(reply) == [Choice("Satu"), Choice("Dua")]
    assert [c.label for c in offered(reply)] == ["Satu", "Dua"]


@pytest.mark.parametrize("markup", [None, ForceReply(), ReplyKeyboardRemove(), "x"])
def test_other_markup_offers_nothing(markup: object) -> None:
    assert choices(markup) == []


@given(labels=st.lists(labels, max_size=12), limit=st.integers(min_value=8, max_value=24))
def test_titles_fit_and_are_told_apart(labels: list[str], limit: int) -> None:
    told = titles(labels, limit)
    assert len(told) == len(labels) == len(set(told))
    for title, label in zip(told, labels, strict=True):
        assert 0 < len(title) <= limit
        assert "\n" not in title
        assert title.strip()
        if len(visible(label)) <= limit:
            assert title.startswith(visible(label)[: limit - 5].rstrip())


def test_a_title_too_long_ends_in_an_ellipsis() -> None:
    assert cut("Kartu Keluarga hilang atau rusak", 20) == "Kartu Keluarga hila…"
    assert titles(["Ya", "Ya", "ya"], 20) == ["Ya", "Ya (2)", "ya"]


def test_many_long_choices_keep_every_number() -> None:
    offered = [
        Choice(f"Desa {n} di ujung pulau yang namanya panjang sekali", data=str(n)) for n in range(200)
    ]
    lines = numbered(offered, 4096)
    assert len(lines) <= 4096
    assert [line.partition(".")[0] for line in lines.splitlines()] == [str(n) for n in range(1, 201)]
    assert lines.startswith("1. Desa 0 di")
    assert numbered(offered[:3], 4096) == numbered(offered[:3])
