"""JSON as providers send it: parsed strictly, and fit for both databases."""

import contextlib
import json
import time
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
        b'{"a" : 1, "b"\n:2, "c": {"a": 3}}',
        rb'{"said": "it is \"so\": {really}", "at": "12:30", "n": [18446744073709551615, 1.5e300]}',
        b'{"id": "123456789012345678901234567890"}',
        b"[" * 64 + b"]" * 64,
        b'{"":{"":{"":[]}}}',
    ],
)
def test_what_only_looks_odd_is_read_as_it_stands(raw: bytes) -> None:
    assert jsontext.loads(raw) == json.loads(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(70_000)) + b"}",
        b"{" + b",".join(b'"k%d" :%d' % (n, n) for n in range(59_000)) + b"}",
        b"[" + b",".join([b"{}"] * 1_300_000) + b"]",
        b"9" * 4_000_000,
    ],
    ids=["brackets", "many keys", "as many as may be, read slowly", "many objects", "a long number"],
)
def test_it_takes_no_time_to_see_that(raw: bytes) -> None:
    """A fraction of a second of CPU, which a busy machine stretches; with the square it would be minutes."""

    def once() -> float:
        began = time.process_time()
        with contextlib.suppress(jsontext.NotJson):
            jsontext.loads(raw)
        return time.process_time() - began

    assert min(once() for _ in range(3)) < 0.25


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
        b"[" * 65 + b"]" * 65,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a": 1, "a": 2}',
        b'{"a" :1,"a":2}',
        rb'{"a":1,"\u0061":2}',
        rb'{"a":"\":","b":{"c":1,"c":1}}',
        b"[" + b"1" * 21 + b"]",
        b"[-" + b"1" * 21 + b"]",
        b"[" + b",".join([b"1"] * 60_001) + b"]",
        "[1]".encode("utf-16"),
        b'{"a": 1} {"b": 2}',
        b"{'a': 1}",
    ],
)
def test_the_rest_is_no_json(raw: bytes) -> None:
    with pytest.raises(jsontext.NotJson):
        jsontext.loads(raw)
