"""Spellings that must not stand in what the office writes, with the right ones.

Source: the domain report's glossary (KBBI and the laws' own words).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_RIGHT_FOR: Final = {
    r"antrian": "antrean",
    r"(?:ngantri|mengantri)": "mengantre",
    r"(?:foto|photo|foto )cop(?:y|i)": "fotokopi",
    r"materai": "meterai",
    r"kad[ae]lu?warsa|kadaluarsa|kedaluarsa": "kedaluwarsa",
    r"akte": "akta",
    r"ijasah": "ijazah",
    r"silahkan": "silakan",
    r"terimakasih": "terima kasih",
    r"aktifasi": "aktivasi",
    r"diverivikasi": "diverifikasi",
    r"merubah": "mengubah",
    r"resiko": "risiko",
    r"nomer": "nomor",
    r"e-ktp": "KTP-el",
    r"pecah kk": "pisah KK",
    r"blanko": "blangko",
    r"nopember": "November",
    r"pebruari": "Februari",
    r"perlindungan data pribadi": "pelindungan data pribadi",
    r"anda": "Bapak/Ibu",
}
_WRONG: Final = [
    (re.compile(rf"\b(?:{wrong})(?=(?:nya)?\b)", re.IGNORECASE), right) for wrong, right in _RIGHT_FOR.items()
]


@dataclass(frozen=True, slots=True)
class Misspelling:
    """``wrong`` as it was written."""

    wrong: str
    right: str


def misspellings(indonesian: str) -> tuple[Misspelling, ...]:
    """Every banned spelling in an Indonesian text."""
    return tuple(
        Misspelling(found[0], right) for pattern, right in _WRONG for found in pattern.finditer(indonesian)
    )
