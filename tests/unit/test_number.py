"""The request number: `office.number`."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from office.number import ALPHABET, BODY, RequestNumber, RequestNumberUnreadable, check_character

bodies = st.text(alphabet=ALPHABET, min_size=BODY, max_size=BODY)
numbers = bodies.map(lambda body: body + check_character(body))


def refused(typed: str) -> str:
    with pytest.raises(RequestNumberUnreadable) as refusal:
        RequestNumber.parse(typed)
    return str(refusal.value.facts["reason"])


def test_the_contracts_example_is_a_number() -> None:
    assert str(RequestNumber.parse("K7Q2-M9FD-X")) == "K7Q2-M9FD-X"


@pytest.mark.parametrize(
    "typed",
    [
        "k7q2m9fdx",
        " K7Q2 M9FD X ",
        "K7Q2–M9FD—X",
        "k7q2-m9fd-x",
        "K7Q2\u00a0M9FD\u00a0X",
        "K-7-Q-2-M-9-F-D-X",
    ],
)
def test_case_spaces_and_hyphens_make_no_difference(typed: str) -> None:
    assert RequestNumber.parse(typed) == RequestNumber("K7Q2M9FDX")


@given(numbers)
def test_letters_that_look_like_digits_are_read_as_digits(number: str) -> None:
    for lookalikes in ("OI", "oi", "OL", "ol"):
        zero, one = lookalikes
        assert RequestNumber.parse(number.replace("0", zero).replace("1", one)).characters == number


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "length"),
        ("K7Q2-M9FD", "length"),
        ("K7Q2-M9FD-XX", "length"),
        ("K7Q2-M9FD-W", "check"),
        ("7KQ2-M9FD-X", "check"),
        ("UUUU-UUUU-U", "characters"),
        ("K7Q2_M9FD", "characters"),
        ("٣٣٣٣-٣٣٣٣-٣", "characters"),
        ("ßßßßßßßßß", "characters"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(typed: str, reason: str) -> None:
    assert refused(typed) == reason


@given(st.integers(min_value=0, max_value=2**40 - 1))
@example(0)
@example(2**40 - 1)
def test_a_new_number_holds_its_forty_bits_and_reads_back(bits: int) -> None:
    number = RequestNumber.new(lambda wanted: bits if wanted == 40 else -1)
    assert RequestNumber.parse(str(number)) == number
    assert sum(ALPHABET.index(c) << 5 * (7 - place) for place, c in enumerate(number.characters[:8])) == bits


def test_new_numbers_are_not_repeated() -> None:
    assert len({RequestNumber.new() for _ in range(10_000)}) == 10_000


def test_every_wrong_character_and_every_exchange_is_found() -> None:
    """All of them, not a sample.

    The check is linear (the next test): two bodies share a check character exactly if their difference, a ^ b
    in every place, has the check 0.  So it is enough that no difference which one wrong character or one
    exchange makes has the check 0.
    """
    zero = ALPHABET[0]
    for place in range(BODY):
        for difference in ALPHABET[1:]:
            wrong = zero * place + difference + zero * (BODY - 1 - place)
            assert check_character(wrong) != zero
            for other in range(place + 1, BODY):
                exchanged = wrong[:other] + difference + wrong[other + 1 :]
                assert check_character(exchanged) != zero
            # exchanged with the check character itself: the sum of both changes must not vanish
            assert check_character(wrong) != difference


@settings(max_examples=400)
@given(bodies, bodies)
def test_the_check_is_linear(one: str, other: str) -> None:
    def plus(a: str, b: str) -> str:
        return "".join(ALPHABET[ALPHABET.index(x) ^ ALPHABET.index(y)] for x, y in zip(a, b, strict=True))

    assert check_character(plus(one, other)) == plus(check_character(one), check_character(other))


@settings(max_examples=400)
@given(numbers, st.integers(0, BODY), st.sampled_from(ALPHABET))
def test_one_mistyped_character_is_found(number: str, place: int, typed: str) -> None:
    mistyped = number[:place] + typed + number[place + 1 :]
    if mistyped == number:
        assert RequestNumber.parse(mistyped).characters == number
    else:
        assert refused(mistyped) == "check"


@settings(max_examples=400)
@given(numbers, st.integers(0, BODY - 1))
def test_two_neighbours_exchanged_are_found(number: str, place: int) -> None:
    exchanged = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if exchanged == number:
        assert RequestNumber.parse(exchanged).characters == number
    else:
        assert refused(exchanged) == "check"


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    try:
        number = RequestNumber.parse(text)
    except RequestNumberUnreadable:
        return
    assert RequestNumber.parse(str(number)) == number
