"""Telephone numbers: `office.phone`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from office.phone import PhoneHasLetters, PhoneIsLandline, PhoneNotANumber, PhoneUnreadable, to_e164

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "data" / "nik_and_phone_vectors.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS["phone_to_e164"], ids=lambda vector: vector["input"])
def test_the_offices_vectors_hold(vector: dict[str, str]) -> None:
    assert to_e164(vector["input"]) == vector["e164"]


def test_the_offices_traps_hold() -> None:
    letter, timor_leste = (trap["input"] for trap in VECTORS["phone_traps"])
    with pytest.raises(PhoneHasLetters):
        to_e164(letter)
    assert to_e164(timor_leste) == "+67077234567"


@pytest.mark.parametrize(
    "typed",
    [
        "8123 4567 890",
        "6281234567890",
        "0812.3456.7890",
        "(0812) 3456-7890",
        "\u202a+62 812-3456-7890\u202c",  # as WhatsApp copies it
        "https://wa.me/6281234567890?text=Halo",
        "WA.me/+6281234567890",
        "https://api.whatsapp.com/send?phone=6281234567890&text=Halo",
        "tel:+62-812-3456-7890",
    ],
)
def test_the_ways_people_write_one_number(typed: str) -> None:
    assert to_e164(typed) == "+6281234567890"


@pytest.mark.parametrize(
    ("typed", "refusal", "reason"),
    [
        ("O81234567890", PhoneHasLetters, "letters"),
        ("hp saya 081234567890", PhoneHasLetters, "letters"),
        ("https://example.com/6281234567890", PhoneHasLetters, "letters"),
        ("wa.me/08123456789O", PhoneHasLetters, "letters"),
        ("0380 21234", PhoneIsLandline, "landline"),
        ("(0380) 831-234", PhoneIsLandline, "landline"),
        ("021 5551234", PhoneIsLandline, "landline"),
        ("0812", PhoneNotANumber, "too_short"),
        ("081234567890123456", PhoneNotANumber, "too_long"),
        ("", PhoneNotANumber, "unknown"),
        ("+", PhoneNotANumber, "unknown"),
        ("٠٨١٢٣٤٥٦٧٨٩٠", PhoneNotANumber, "unknown"),
        ("081234567890#1", PhoneNotANumber, "unknown"),
        ("+999 812 3456 789", PhoneNotANumber, "unknown"),
    ],
)
def test_what_is_no_mobile_number_is_refused_by_name(
    typed: str, refusal: type[PhoneUnreadable], reason: str
) -> None:
    with pytest.raises(refusal) as raised:
        to_e164(typed)
    assert type(raised.value) is refusal
    assert raised.value.facts == {"reason": reason}


mobile = st.from_regex(r"8(1[1-9]|2[1-3]|5[1-35-9]|3[1238]|7[78]|9[5-9])[0-9]{7,8}", fullmatch=True)


@settings(max_examples=400, deadline=None)
@given(
    mobile, st.sampled_from(["0", "62", "+62", "", "+62 0", "wa.me/62"]), st.sampled_from(["", " ", "-", "."])
)
def test_every_indonesian_mobile_number_is_kept_whole(national: str, front: str, between: str) -> None:
    written = front + between.join((national[:3], national[3:7], national[7:]))
    assert to_e164(written) == f"+62{national}"


@settings(max_examples=400, deadline=None)
@given(mobile, st.integers(1, 9), st.sampled_from("OoIlSB"))
def test_a_letter_among_the_digits_is_never_dropped(national: str, place: int, letter: str) -> None:
    with pytest.raises(PhoneHasLetters):
        to_e164(f"0{national[:place]}{letter}{national[place:]}")


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=25))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    try:
        read = to_e164(text)
    except PhoneUnreadable:
        return
    assert read.startswith("+")
    assert read[1:].isdecimal()
    assert to_e164(read) == read
