import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.operator.numbers import LIMIT, Numbers, RangeBackwards, TooManyNumbers, read, written

queue_numbers = st.integers(1, 9_999_999)


@pytest.mark.parametrize(
    ("typed", "values", "rest"),
    [
        ("123 124 130-134", (123, 124, 130, 131, 132, 133, 134), ""),
        ("123,124;125 / 126 & 127", (123, 124, 125, 126, 127), ""),
        ("123 dan 124", (123, 124), ""),
        ("130 – 132", (130, 131, 132), ""),
        ("130 s/d 132, 140 sampai 141", (130, 131, 132, 140, 141), ""),
        ("#12 #13", (12, 13), ""),
        ("5 5 4-6 5", (5, 4, 6), ""),
        ("  7\n8 ", (7, 8), ""),
        ("123 124 siak pusat mati", (123, 124), "siak pusat mati"),
        ("123 dan lain-lain", (123,), "dan lain-lain"),
        ("123, jaringan", (123,), "jaringan"),
        ("123 081234567890", (123,), "081234567890"),
        ("123 +62 812 3456 7890", (123,), "+62 812 3456 7890"),
        ("123 6281234567890", (123,), "6281234567890"),
        ("siak", (), "siak"),
        ("", (), ""),
        ("12a", (), "12a"),
        ("1.234", (), "1.234"),
        ("1-2-3", (), "1-2-3"),
        ("-5", (), "-5"),
        ("0", (), "0"),
        ("١٢", (), "١٢"),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, values: tuple[int, ...], rest: str) -> None:
    assert read(typed) == Numbers(values, rest)


def test_a_range_that_runs_backwards_is_not_guessed_at() -> None:
    with pytest.raises(RangeBackwards) as refused:
        read("134-130")
    assert refused.value.facts == {"first": 134, "last": 130}


@pytest.mark.parametrize("typed", ["1-101", "1-9999999", "1-60 101-160", " ".join(map(str, range(1, 102)))])
def test_one_command_takes_a_bounded_count(typed: str) -> None:
    with pytest.raises(TooManyNumbers):
        read(typed)


def test_exactly_the_limit_is_taken_and_duplicates_do_not_count() -> None:
    assert len(read(f"1-{LIMIT} 1-{LIMIT} 7").values) == LIMIT


@given(
    st.lists(queue_numbers, min_size=1, max_size=LIMIT),
    st.sampled_from([" ", ", ", ";", "\n", " dan ", " / "]),
)
def test_every_list_is_read_whole_and_each_number_once(typed: list[int], separator: str) -> None:
    assert read(separator.join(map(str, typed))).values == tuple(dict.fromkeys(typed))


@given(st.sets(queue_numbers, min_size=1, max_size=LIMIT))
def test_what_we_write_we_read_again(numbers: set[int]) -> None:
    assert read(written(sorted(numbers))) == Numbers(tuple(sorted(numbers)), "")


@given(st.sets(st.integers(1, 120), min_size=1, max_size=LIMIT))
def test_neighbours_are_written_short_and_read_again(numbers: set[int]) -> None:
    assert set(read(written(list(numbers))).values) == numbers


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(typed: str) -> None:
    try:
        found = read(typed)
    except (TooManyNumbers, RangeBackwards):
        return
    assert len(found.values) == len(set(found.values)) <= LIMIT
    assert typed.rstrip().endswith(found.rest) or found.rest == ""
