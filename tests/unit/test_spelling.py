"""Banned spellings: `office.spelling`."""

from __future__ import annotations

import pytest

from office.spelling import Misspelling, misspellings


@pytest.mark.parametrize(
    ("text", "wrong", "right"),
    [
        ("Urutan antriannya tetap", "antrian", "antrean"),
        ("kirim FOTOCOPY kk", "FOTOCOPY", "fotokopi"),
        ("kirim foto copy", "foto copy", "fotokopi"),
        ("di atas materai", "materai", "meterai"),
        ("sudah kadaluarsa", "kadaluarsa", "kedaluwarsa"),
        ("sudah kadaluwarsa", "kadaluwarsa", "kedaluwarsa"),
        ("akte lahir", "akte", "akta"),
        ("Silahkan datang", "Silahkan", "silakan"),
        ("e-KTP", "e-KTP", "KTP-el"),
        ("berkas Anda", "Anda", "Bapak/Ibu"),
        ("Perlindungan Data Pribadi", "Perlindungan Data Pribadi", "pelindungan data pribadi"),
    ],
)
def test_a_banned_spelling_is_found_with_the_right_one(text: str, wrong: str, right: str) -> None:
    assert misspellings(text) == (Misspelling(wrong, right),)


@pytest.mark.parametrize(
    "text",
    [
        "antrean",
        "fotokopi",
        "meterai",
        "kedaluwarsa",
        "akta",
        "silakan",
        "KTP-el",
        "andalan",
        "nomor",
        "foto berkas",
    ],
)
def test_a_right_spelling_is_left_alone(text: str) -> None:
    assert misspellings(text) == ()


def test_every_mistake_of_a_text_is_found() -> None:
    assert len(misspellings("Antrian akte: bawa foto copy, silahkan.")) == 4
