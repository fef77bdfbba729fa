"""From lines that a machine read to what the operator is suggested: nothing is made up."""

import random

from hypothesis import given
from hypothesis import strategies as st

from bot.reading.ocr import Line
from office.identity import Decision, Nik
from office.suggestions import Suggestion, packed, suggested_by, unpacked

NIK = "5314015506900001"
OTHER = "5314014101850002"
CONFUSED = {"0": "OoQD", "1": "Il|!", "2": "Zz", "5": "Ss", "6": "bG", "8": "B"}


def card(*rows: tuple[str, ...]) -> list[Line]:
    """Rows of pieces that stand side by side."""
    return [
        Line(text, 40.0 + 300 * column, 100.0 + 56 * row, 34.0)
        for row, pieces in enumerate(rows)
        for column, text in enumerate(pieces)
    ]


def ktp(number: str, name: str = ": MARIA NDUN") -> list[Line]:
    return card(("PROVINSI NTT",), (f"NIK : {number}",), ("Nama", name), ("Alamat", ": DUSUN NAMA"))


FAMILY = card(
    ("KARTU KELUARGA",),
    ("No. 5314012501120007",),
    ("Nama Lengkap", "NIK", "Jenis Kelamin"),
    ("YOSEF NDUN", OTHER, "LAKI-LAKI"),
    ("MARIA NDUN", NIK, "PEREMPUAN"),
)


def test_a_card_says_whose_it_is_wherever_the_pieces_are_cut() -> None:
    for lines in (
        ktp(NIK),
        card((f"NIK:{NIK}",), ("Nama : MARIA NDUN",)),
        card(("NIK", f": {NIK}"), ("Nama", ":", "MARIA NDUN")),
        card((f"NlK {NIK[:6]} {NIK[6:12]} {NIK[12:]}",), ("nama", "MARIA NDUN")),
        card((f"NIK{NIK}",), ("Nama:", "MARIA NDUN")),
    ):
        assert suggested_by(lines, "ktp_ayah", None) == Suggestion(Nik(NIK), "MARIA NDUN")
    shuffled = ktp(NIK)
    random.Random(3).shuffle(shuffled)
    assert suggested_by(shuffled, "ktp", None) == Suggestion(Nik(NIK), "MARIA NDUN")


def test_of_a_family_card_it_is_the_row_of_whom_the_request_is_about() -> None:
    assert suggested_by(FAMILY, "kk", "Maria Ndun") == Suggestion(Nik(NIK), "MARIA NDUN")
    assert suggested_by(FAMILY, "kk", "Yosef Ndum") == Suggestion(Nik(OTHER), "YOSEF NDUN")
    for nobody in ("Ruben Tulle", "Maria", "", None):
        assert suggested_by(FAMILY, "kk", nobody) is None
    alone = card(("No.", "5314012501120007"), ("MARIA NDUN", "tidak terbaca"))
    assert suggested_by(alone, "kk", "Maria Ndun") is None  # the number of the card is nobody's NIK


@given(st.lists(st.integers(0, 15), max_size=6, unique=True), st.data())
def test_a_letter_among_the_digits_is_said_and_more_than_four_are_no_number(
    places: list[int], data: st.DataObject
) -> None:
    digits = list(NIK)
    changed = [place for place in places if digits[place] in CONFUSED]
    for place in changed:
        digits[place] = data.draw(st.sampled_from(CONFUSED[digits[place]]))
    found = suggested_by(ktp("".join(digits)), "ktp", None)
    assert found is not None and found.name == "MARIA NDUN"
    if len(changed) > 4:
        assert found.nik is None
    else:
        assert (found.nik, found.letters) == (Nik(NIK), bool(changed))


@given(st.text(alphabet="0123456789 OIBS.-", min_size=1, max_size=24))
def test_what_is_suggested_has_sixteen_digits_or_is_none(number: str) -> None:
    found = suggested_by(card((number,)), "ktp", None)
    letters = sum(c in "OIBS" for c in number)
    digits = sum(c.isdigit() for c in number)
    if found is not None:
        assert found.nik is not None and len(found.nik.digits) == 16 == letters + digits
        assert found.letters == bool(letters)


def test_an_impossible_date_is_shown_as_such_and_two_numbers_are_none() -> None:
    found = suggested_by(ktp("5314019906900001"), "ktp", None)
    assert found is not None and found.nik is not None and found.nik.verdict.decision is Decision.CONFIRM
    both = suggested_by([*ktp(NIK), Line(OTHER, 40, 900, 34)], "ktp", None)
    assert both == Suggestion(None, "MARIA NDUN")
    assert suggested_by(card(("SURAT KETERANGAN",), ("Nomor : 474/12/2026",)), "ktp", None) is None


PLACE = st.floats(0, 3000)


@given(st.lists(st.builds(Line, st.text(max_size=40), PLACE, PLACE, PLACE), max_size=8))
def test_nothing_that_a_machine_reads_breaks_it(lines: list[Line]) -> None:
    for slot in ("ktp", "kk"):
        found = suggested_by(lines, slot, "Maria Ndun")
        assert unpacked(packed(found)) == found


def test_what_was_not_read_says_nothing() -> None:
    assert packed(None) == "" and unpacked("") is None and unpacked(None) is None
