"""The NIK: `office.identity`."""

from __future__ import annotations

import calendar
import csv
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from office.identity import (
    Decision,
    Nik,
    NikNotDigits,
    NikOneDigit,
    NikUnreadable,
    NikWrongLength,
    Verdict,
    judge_nik,
)
from office.regions import REGIONS

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "data" / "nik_and_phone_vectors.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS["nik"], ids=lambda vector: vector["note"])
def test_the_offices_vectors_hold(vector: dict[str, Any]) -> None:
    verdict = judge_nik(vector["input"])
    assert verdict.decision == vector["verdict"]
    assert list(verdict.flags) == vector["flags"]
    assert verdict.reason == (vector["sex_or_reason"] if vector["verdict"] == "reject" else "")


@pytest.mark.parametrize(
    "typed",
    [
        "5314.0317.0890.0001",
        "5314-0317-0890-0001",
        " 5314031708900001\n",
        "\u202a5314031708900001\u202c",
        "5314\u00a003170890 0001",
    ],
)
def test_what_people_write_between_the_digits_is_no_part_of_it(typed: str) -> None:
    assert Nik.parse(typed) == Nik("5314031708900001")


@pytest.mark.parametrize(
    ("typed", "refusal", "digits"),
    [
        ("", NikWrongLength, 0),
        ("53140317089000011", NikWrongLength, 17),
        ("5.31403E+15", NikNotDigits, 8),  # what Excel shows of one
        ("NIK saya 5314031708900001", NikNotDigits, 16),
        ("٥٣١٤٠٣١٧٠٨٩٠٠٠٠١", NikNotDigits, 0),  # Arabic digits
        ("531403170890000²", NikNotDigits, 15),
        ("0000000000000000", NikOneDigit, 16),
        ("9999 9999 9999 9999", NikOneDigit, 16),
    ],
)
def test_what_cannot_be_one_is_refused_by_name(typed: str, refusal: type[NikUnreadable], digits: int) -> None:
    with pytest.raises(refusal) as raised:
        Nik.parse(typed)
    assert type(raised.value) is refusal
    assert raised.value.facts["digits"] == digits
    assert judge_nik(typed) == Verdict(Decision.REJECT, reason=str(raised.value.facts["reason"]))


def test_a_code_of_papua_that_was_renumbered_is_known() -> None:
    assert judge_nik("9101011708900001").decision is Decision.ACCEPT


def test_a_woman_born_on_29_february_2000_is_accepted() -> None:
    assert judge_nik("5314036902000001").decision is Decision.ACCEPT


def test_a_nik_never_prints_itself() -> None:
    nik = Nik.parse("5314031708900001")
    printed = [str(nik), repr(nik), f"{nik}", f"{nik!r:>40}", repr([nik]), str({"nik": nik}), "%s" % nik]  # noqa: UP031
    for text in printed:
        assert "••••0001" in text
        assert "5314" not in text
    assert nik.last_four == "0001"


def test_a_refusal_carries_no_digit_that_was_typed() -> None:
    with pytest.raises(NikUnreadable) as raised:
        Nik.parse("5314O31708900001")
    assert "5314" not in repr(raised.value) + str(raised.value) + repr(raised.value.facts)


def test_nothing_can_be_asked_of_it_about_the_person() -> None:
    public = {name for name in dir(Nik) if not name.startswith("_")}
    assert public == {"parse", "digits", "last_four", "verdict"}


def test_it_survives_being_put_away() -> None:
    nik = Nik.parse("5314031708900001")
    assert pickle.loads(pickle.dumps(nik)) == nik  # noqa: S301 - made in the line itself


# An independent reading: calendar tables instead of `date`, a row scan instead of a set, slices from the end.
CODES = [
    row[0] for row in csv.reader((REGIONS / "kode_kecamatan_pernah_berlaku.csv").read_text().splitlines()[1:])
]


def oracle(text: str) -> tuple[str, list[str], str]:
    kept = text.translate({ord(" "): None, ord("."): None, ord("-"): None})
    if any(not "0" <= character <= "9" for character in kept):
        return "reject", [], "bukan_angka"
    if len(kept) != 16:
        return "reject", [], f"panjang_{len(kept)}"
    if kept == kept[0] * 16:
        return "reject", [], "satu_angka_berulang"
    flags = []
    if not any(kept.startswith(code) for code in CODES):
        flags.append("kecamatan_tidak_dikenal")
    day, month, year = int(kept[-10:-8]), int(kept[-8:-6]), int(kept[-6:-4])
    day = day - 40 if day >= 41 else day
    longest = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    longest[2] += calendar.isleap(1900 + year) or calendar.isleap(2000 + year)
    if not (1 <= month <= 12 and 1 <= day <= longest[month]):
        flags.append("tanggal_tidak_mungkin")
    if int(kept[-4:]) == 0:
        flags.append("nomor_urut_0000")
    return ("confirm" if flags else "accept"), flags, ""


def spaced(digits: str, gaps: list[int]) -> str:
    return "".join(
        (" .-"[gap % 3] if gap < 3 else "") + digit for digit, gap in zip(digits, gaps, strict=True)
    )


digits_16 = st.text(alphabet="0123456789", min_size=16, max_size=16)
likely = st.builds(
    lambda code, day, month, year, serial: f"{code}{day:02}{month:02}{year:02}{serial:04}",
    st.sampled_from(CODES) | st.sampled_from(["000000", "531412", "999999"]),
    st.integers(0, 75),
    st.integers(0, 14),
    st.integers(0, 99),
    st.integers(0, 3) | st.integers(0, 9999),
)
nearly = st.text(alphabet="0123456789 .-Oo", max_size=20)


@settings(max_examples=600, deadline=None)
@given(digits_16 | likely | nearly)
@example("5314032902000001")
@example("5314034000900001")
@example("5314034001900001")
@example("5314037101900001")
@example("5314037201900001")
def test_an_independent_reading_agrees(typed: str) -> None:
    verdict = judge_nik(typed)
    assert (verdict.decision.value, [flag.value for flag in verdict.flags], verdict.reason) == oracle(typed)


@settings(max_examples=400, deadline=None)
@given(likely, st.lists(st.integers(0, 9), min_size=16, max_size=16))
def test_the_gaps_change_nothing(digits: str, gaps: list[int]) -> None:
    assert judge_nik(spaced(digits, gaps)) == judge_nik(digits)


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=30))
def test_any_text_gets_a_verdict(text: str) -> None:
    verdict = judge_nik(text)
    assert (verdict.decision is Decision.REJECT) == bool(verdict.reason)
    assert (verdict.decision is Decision.CONFIRM) == bool(verdict.flags)
