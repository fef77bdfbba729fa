"""The villages of Rote Ndao: `office.villages`."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from office.context import open_office
from office.villages import (
    ALIKE,
    MOST_SUGGESTIONS,
    SHORTEST_PART,
    Found,
    KecamatanTyped,
    Kind,
    NotFound,
    Perhaps,
    VillageUnknown,
    find,
    kecamatan_names,
    village,
    villages,
)


@pytest.fixture(autouse=True, scope="module")
def _rote_ndao() -> None:
    open_office()


def called(typed: str) -> str:
    match = find(typed)
    assert isinstance(match, Found), match
    return f"{match.village.title}, {match.village.kecamatan_name}"


def suggested(typed: str) -> list[str]:
    match = find(typed)
    assert isinstance(match, Perhaps), match
    return [village.name for village in match.villages]


def kecamatan(typed: str) -> str:
    match = find(typed)
    assert isinstance(match, KecamatanTyped), match
    assert {village.kecamatan_name for village in match.villages} == {match.kecamatan_name}
    return match.kecamatan_name


def test_there_are_119_in_11_kecamatan_as_the_decree_counts_them() -> None:
    assert Counter(village.kecamatan_name for village in villages()) == {
        "Rote Barat Daya": 19,
        "Rote Barat Laut": 12,
        "Lobalain": 18,
        "Rote Tengah": 8,
        "Pantai Baru": 15,
        "Rote Timur": 11,
        "Rote Barat": 7,
        "Rote Selatan": 7,
        "Ndao Nuse": 5,
        "Landu Leko": 7,
        "Loaholu": 10,
    }
    assert Counter(village.kind for village in villages()) == {Kind.DESA: 112, Kind.KELURAHAN: 7}
    assert len({village.name for village in villages()}) == 119
    assert len(kecamatan_names()) == 11


def test_the_fourth_group_of_a_code_says_desa_or_kelurahan() -> None:
    for one in villages():
        assert one.code.split(".")[3][0] == {Kind.KELURAHAN: "1", Kind.DESA: "2"}[one.kind]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("desa metina", "Kelurahan Metina, Lobalain"),
        ("kel. Metina", "Kelurahan Metina, Lobalain"),
        ("KELURAHAN  METINA", "Kelurahan Metina, Lobalain"),
        ("Ds Oelua", "Desa Oelua, Loaholu"),
        ("ds.oelua", "Desa Oelua, Loaholu"),
        ("metina, lobalain", "Kelurahan Metina, Lobalain"),
        ("Metina kec. Lobalain", "Kelurahan Metina, Lobalain"),
        ("Kelurahan Metina, Kecamatan Lobalain, Kabupaten Rote Ndao", "Kelurahan Metina, Lobalain"),
        ("oelua rote barat laut", "Desa Oelua, Loaholu"),  # the kecamatan on old papers
        ("Bo'a", "Desa Bo'a, Rote Barat"),
        ("bo’a", "Desa Bo'a, Rote Barat"),
        ('Bo"a', "Desa Bo'a, Rote Barat"),
        ("boa", "Desa Bo'a, Rote Barat"),
        ("dalekesa", "Desa Dalek Esa, Rote Barat Daya"),
        ("busalangga", "Kelurahan Busalangga, Rote Barat Laut"),
        ("busalangga barat", "Desa Busalangga Barat, Rote Barat Laut"),
        ("landu", "Desa Landu, Rote Barat Daya"),
        ("ndaonuse", "Desa Ndaonuse, Ndao Nuse"),
        ("desa ndao nuse", "Desa Ndaonuse, Ndao Nuse"),
        ("53.14.11.2001", "Desa Oelua, Loaholu"),
        ("kode 5314022006", "Desa Oelua, Loaholu"),  # its code before Loaholu was made
    ],
)
def test_a_village_is_known_by_what_people_call_it(typed: str, expected: str) -> None:
    assert called(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Landu Leko", "Landu Leko"),
        ("landuleko", "Landu Leko"),
        ("rote barat", "Rote Barat"),
        ("Rote Barat Daya", "Rote Barat Daya"),
        ("rote barat laut", "Rote Barat Laut"),
        ("kec. Rote Barat", "Rote Barat"),
        ("Kecamatan Ndaonuse", "Ndao Nuse"),
        ("ndao nuse", "Ndao Nuse"),
        ("lobalain", "Lobalain"),
        ("Lobalian", "Lobalain"),
        ("desa lobalain", "Lobalain"),
    ],
)
def test_a_kecamatan_typed_instead_is_said_to_be_one(typed: str, expected: str) -> None:
    assert kecamatan(typed) == expected


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("metinna", "Metina"),
        ("bebalein", "Bebalain"),
        ("nembrala", "Nemberala"),
        ("pepela", "Papela"),
        ("Metina, Rote Timur", "Metina"),
        ("ndao", "Ndaonuse"),
        ("saya di metina", "Metina"),
    ],
)
def test_a_name_nearly_right_is_asked_back(typed: str, first: str) -> None:
    assert suggested(typed)[0] == first


@pytest.mark.parametrize(
    "typed", ["", "   ", "desa", "kel.", "jakarta", "rote", "kabupaten rote ndao", "53.14.99.2001", "?", "😀"]
)
def test_a_name_from_elsewhere_is_not_found(typed: str) -> None:
    assert find(typed) == NotFound()


def test_an_old_code_leads_to_the_village_of_today() -> None:
    oelua = village("53.14.02.2006")
    assert (oelua.code, oelua.former_code) == ("53.14.11.2001", "53.14.02.2006")
    assert oelua.former_kecamatan_name == "Rote Barat Laut"
    assert sum(bool(one.former_code) for one in villages()) == 10
    with pytest.raises(VillageUnknown):
        village("53.14.02.9999")


def test_every_village_is_found_however_it_is_written() -> None:
    for one in villages():
        for typed in (
            one.name,
            one.name.upper(),
            one.title,
            one.code,
            f"{one.name}, {one.kecamatan_name}",
            f"{one.title} Kec. {one.kecamatan_name}",
            *one.aliases,
        ):
            assert find(typed) == Found(one), typed


def test_one_letter_left_out_of_a_long_name_still_leads_there() -> None:
    for one in villages():
        for place in range(len(one.name)):
            typed = one.name[:place] + one.name[place + 1 :]
            if len(one.name) > SHORTEST_PART and isinstance(match := find(typed), Perhaps):
                assert one in match.villages, typed
            elif len(one.name) > SHORTEST_PART:
                assert isinstance(match, Found | KecamatanTyped), typed


@st.composite
def nearly_names(draw: st.DrawFn) -> str:
    """A part of a village's or kecamatan's name, with something strange in it or behind it."""
    name = draw(st.sampled_from([*(one.name for one in villages()), *kecamatan_names()]))
    begins = draw(st.integers(0, len(name) - 1))
    part = name[begins : draw(st.integers(begins + 1, len(name)))]
    return (
        part + draw(st.sampled_from(["", " ", "x", " kec.", ", Rote", "\u200b"])) + draw(st.text(max_size=3))
    )


@st.composite
def misspelt_names(draw: st.DrawFn) -> str:
    """One word: a village's name, some of its letters others."""
    letters = [one for one in draw(st.sampled_from(villages())).name.lower() if one.isalpha()]
    for _ in range(draw(st.integers(0, 4))):
        letters[draw(st.integers(0, len(letters) - 1))] = draw(st.sampled_from("aeiklnotu"))
    return "".join(letters)


@settings(max_examples=60, deadline=None)
@given(misspelt_names())
def test_all_that_difflib_calls_alike_are_suggested(typed: str) -> None:
    plain = {one: "".join(filter(str.isalpha, one.name.lower())) for one in villages()}
    alike = {one for one, name in plain.items() if SequenceMatcher(None, typed, name, False).ratio() >= ALIKE}
    match find(typed):
        case Perhaps(villages=near):
            assert alike <= set(near) or len(near) == MOST_SUGGESTIONS
        case NotFound():
            assert not alike


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=200), nearly_names()))
@example("ngga")  # a part of nine names
def test_any_text_gets_one_of_four_answers(text: str) -> None:
    match find(text):
        case Found(village=one):
            assert one in villages()
        case Perhaps(villages=near):
            assert 1 <= len(near) <= MOST_SUGGESTIONS
            assert set(near) <= set(villages())
        case KecamatanTyped(kecamatan_name=name, villages=inside):
            assert inside
            assert {one.kecamatan_name for one in inside} == {name}
        case other:
            assert other == NotFound()
