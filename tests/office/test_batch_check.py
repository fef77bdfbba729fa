"""A list's columns and rows: what is taken, what is worth a look, and what is refused and why."""

import pytest

from bot.reading.words import Cell
from models.batches import Outcome
from models.requests import nik_index_of
from office.batch_check import Checked, Open, Why, check
from office.batch_columns import Unfit, filled_rows
from office.context import OfficeContext
from tests.office.lists import LOST, nik_of, table
from tests.office.world import METINA

NOTHING: Open = frozenset()


def checked(*rows: tuple[str | Cell, ...], open_already: Open = NOTHING) -> list[Checked]:
    return check(filled_rows(table(*rows)), METINA, open_already)


def why(*rows: tuple[str | Cell, ...], open_already: Open = NOTHING) -> list[str | None]:
    return [row.why for row in checked(*rows, open_already=open_already)]


def test_columns_are_found_in_any_order_by_whatever_they_are_called() -> None:
    mixed = table(
        ("0812", nik_of(1), "Metina", "Maria Ndun", "KTP hilang"),
        headings=("No. HP", " N.I.K ", "Desa/Kelurahan", "NAMA LENGKAP", "Jenis Layanan"),
    )
    (row,) = check(filled_rows(mixed), METINA, NOTHING)
    assert (row.outcome, row.name, row.nik and row.nik.digits) == (Outcome.GOOD, "Maria Ndun", nik_of(1))
    assert row.service is not None and row.service.code == "KTP_HILANG"


@pytest.mark.parametrize(
    ("headings", "problem", "columns"),
    [
        (("nama", "desa"), "columns_missing", ["layanan", "nik"]),
        (("nama", "nik", "layanan", "Nomor NIK", "nama lengkap"), "columns_twice", ["nik", "nama"]),
    ],
)
def test_a_column_that_is_missing_or_doubled_is_named(
    headings: tuple[str, ...], problem: str, columns: list[str]
) -> None:
    with pytest.raises(Unfit) as no:
        filled_rows(table(("x",) * len(headings), headings=headings))
    assert (no.value.problem, no.value.facts) == (problem, {"columns": columns})


@pytest.mark.parametrize(
    "niks",
    [
        [Cell(nik_of(1), is_number=True), Cell(nik_of(2), is_number=True)],
        ["5.31401E+15", "5,31401E+15"],
        ["5314015506900010", "5314015506900020", "5314015506900030"],
        [Cell("5314015506900010", is_number=True), "5314015506900020", "5314015506900030"],
    ],
)
def test_a_column_of_niks_that_a_spreadsheet_has_spoilt_is_refused(niks: list[str | Cell]) -> None:
    with pytest.raises(Unfit, match="nik_damaged"):
        checked(*((LOST, "Maria Ndun", nik) for nik in niks))


def test_two_that_end_in_0_may_be_chance() -> None:
    assert why((LOST, "Maria Ndun", nik_of(10)), (LOST, "Yohana Ndun", nik_of(20))) == [None, None]


def test_one_number_among_texts_is_refused_alone() -> None:
    number = Cell(nik_of(2), is_number=True)
    assert why((LOST, "Maria Ndun", nik_of(1)), (LOST, "Yohana Ndun", number)) == [None, Why.NIK_NUMBER]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("terbang", "Maria Ndun", nik_of(1)), Why.SERVICE),
        ((LOST, "M4ria", nik_of(1)), Why.NAME),
        ((LOST, "", nik_of(1)), Why.NAME),
        ((LOST, "Maria Ndun", "531401550690001"), Why.NIK),
        ((LOST, "Maria Ndun", "53140155O6900001"), Why.NIK),
        ((LOST, "Maria Ndun", ""), Why.NIK_MISSING),
        ((LOST, "Maria Ndun", nik_of(1), "Oelua"), Why.VILLAGE),
        ((LOST, "Maria Ndun", nik_of(1), "Atlantis"), Why.VILLAGE),
    ],
)
def test_a_row_is_refused_with_its_reason(row: tuple[str, ...], reason: Why) -> None:
    (found,) = checked(row)
    assert (found.place, found.outcome, found.why) == (2, Outcome.REFUSED, reason)


@pytest.mark.parametrize(
    ("nik", "reason"),
    [
        ("9999995506900001", Why.KECAMATAN),
        ("5314019906900001", Why.DATE),
        ("5314015506900000", Why.SERIAL),
        ("53 1401.550690-0001", None),
        ("5314015502010001", None),  # a birthday in the future or long ago: a NIK is held against no date
    ],
)
def test_an_unusual_nik_is_taken_with_a_mark(nik: str, reason: Why | None) -> None:
    (found,) = checked((LOST, "Maria Ndun", nik, "Kel. Metina"))
    assert (found.outcome, found.why) == (Outcome.LOOK if reason else Outcome.GOOD, reason)


def test_the_same_person_and_service_twice_names_the_first() -> None:
    found = checked(
        (LOST, "Maria Ndun", nik_of(1)),
        ("KK hilang", "Maria Ndun", nik_of(1)),
        ("ktp-el hilang", "M. Ndun", f"{nik_of(1)[:4]} {nik_of(1)[4:]}"),
        (LOST, "Maria Ndun", nik_of(1)),
    )
    assert [(row.place, row.why, row.first) for row in found] == [
        (2, None, None), (3, None, None), (4, Why.TWICE, 2), (5, Why.TWICE, 2)
    ]  # fmt: skip


def test_a_refused_row_is_nobodys_first() -> None:
    rows = (LOST, "Maria Ndun", nik_of(1), "Oelua"), (LOST, "Maria Ndun", nik_of(1))
    assert why(*rows) == [Why.VILLAGE, None]


def test_newborns_have_no_nik_and_two_of_one_name_are_worth_a_look() -> None:
    found = checked(("akta kelahiran", "Anak Maria", ""), ("akta kelahiran", "ANAK  MARIA", ""))
    assert [(row.outcome, row.why, row.first) for row in found] == [
        (Outcome.GOOD, None, None), (Outcome.LOOK, Why.SAME_NAME, 2)
    ]  # fmt: skip


def test_what_is_under_way_for_the_same_nik_and_service_is_refused(here: OfficeContext) -> None:
    under_way = frozenset({("KTP_HILANG", nik_index_of(here.office_id, nik_of(1)))})
    rows = (LOST, "Maria Ndun", nik_of(1)), ("KK hilang", "Maria Ndun", nik_of(1))
    assert why(*rows, open_already=under_way) == [Why.OPEN, None]
