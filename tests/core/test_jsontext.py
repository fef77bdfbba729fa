"""JSON as providers send it: parsed strictly, and fit for both databases."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import jsontext

any_text = st.text(st.characters(codec=None), max_size=20)
any_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=12,
)


@given(any_json)
def test_what_is_parsed_can_be_kept(value: Any) -> None:
    parsed = jsontext.loads(json.dumps(value).encode())
    kept = jsontext.dumps(parsed)
    kept.encode("utf-8")
    assert "\\u0000" not in kept
    assert json.loads(kept) == parsed == jsontext.clean(parsed)


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_good_text_is_left_as_it_is(text: str) -> None:
    assert jsontext.clean_text(text) == text
    assert jsontext.loads(json.dumps(text).encode()) == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\ud83d"', "�"),
        (rb'"\ude00\ud83d"', "��"),
        (rb'"a\u0000b"', "a�b"),
        (rb'{"\u0000": "\udfff"}', {"�": "�"}),
        (rb'["\ud800", 18446744073709551615]', ["�", 18446744073709551615]),
    ],
)
def test_halves_of_characters_and_nul_become_a_question_mark(written: bytes, read: Any) -> None:
    assert jsontext.loads(written) == read


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"NaN",
        rb'["\ud83d", NaN]',
        rb'["\ud83d", -Infinity]',
        b"\xff\xfe",
        rb'["\ud83d", ' + b"1" * 21 + b"]",
        b"1" * 5_000,
        b"[" * 100_000,
        rb'["\ud83d", ' + b"[" * 100_000,
        "[1]".encode("utf-16"),
        b'{"a": 1} {"b": 2}',
        b"{'a': 1}",
    ],
)
def test_the_rest_is_no_json(raw: bytes) -> None:
    with pytest.raises(jsontext.NotJson):
        jsontext.loads(raw)
