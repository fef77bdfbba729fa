"""What OCR read on a card, as a suggestion for the operator: checked, never believed, never filled in.

A machine confuses letters and digits.  Where it read a letter among the digits of a NIK, the digit it looks
like is suggested and the suggestion says so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from bot.reading.ocr import Line
from office.identity import LENGTH, Nik, NikUnreadable
from office.typed import fold

CARDS: Final = ("ktp", "kk")
"""What the slots of papers begin with on which a NIK stands."""

_LOOKS_LIKE: Final = str.maketrans("OoQDIl|!ZzSsBbGg", "0000111122558669")
_MOST_LETTERS: Final = 4  # of sixteen; more of them are no digits misread
_LABEL: Final = re.compile(r"^\W*N[I1l|]K(?![^\W\d_])\W*", re.IGNORECASE)
_NAME_LABEL: Final = re.compile(r"^\W*Nama(?:\s+Lengkap)?\b\s*:?\s*", re.IGNORECASE)
_NAME: Final = re.compile(r"[^\W\d_][^\W\d_ .,'’-]*(?:[ .,'’-]+[^\W\d_]+)*[.]?", re.UNICODE)
_LONGEST_NAME: Final = 60
_SAME: Final = 0.85  # of 1: how alike two names are that a machine has read once


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``letters``: some digits of the NIK were read as letters."""

    nik: Nik | None
    name: str | None
    letters: bool = False

    def fits(self, name: str | None) -> bool:
        """Whether it is most likely of whoever is called so."""
        return bool(name and self.name) and _alike(str(name), str(self.name)) >= _SAME


def suggested_by(lines: Sequence[Line], slot: str, name: str | None) -> Suggestion | None:
    """What a paper in this slot says; of a family card (KK) the row of whoever is called ``name``."""
    if slot.startswith("kk"):
        return next((one for one in _rows_of_family(lines) if one.fits(name)), None)
    return _of_card(lines)


def packed(suggestion: Suggestion | None) -> str:
    """For `StoredFile.suggested`; empty: nothing was read."""
    if suggestion is None:
        return ""
    nik = suggestion.nik.digits if suggestion.nik else None
    return json.dumps([nik, suggestion.name, suggestion.letters])


def unpacked(text: str | None) -> Suggestion | None:
    if not text:
        return None
    nik, name, letters = json.loads(text)
    return Suggestion(Nik(nik) if nik else None, name, letters)


def _of_card(lines: Sequence[Line]) -> Suggestion | None:
    numbers = [read for line in lines if (read := _number_in(line.text)) is not None]
    name = _name_on_card(lines)
    if not numbers and name is None:
        return None
    nik, letters = numbers[0] if len({nik for nik, _ in numbers}) == 1 else (None, False)
    return Suggestion(nik, name, letters) if nik or name else None


def _name_on_card(lines: Sequence[Line]) -> str | None:
    for label in lines:
        if found := _NAME_LABEL.match(label.text):
            beside = [label.text[found.end() :], *(line.text for line in _right_of(label, lines))]
            return next(filter(None, map(_name_in, beside)), None)
    return None


def _rows_of_family(lines: Sequence[Line]) -> Iterable[Suggestion]:
    """A KK number is built like a NIK: it is told apart by having no name in its row."""
    for line in lines:
        names = [name for one in _left_of(line, lines) if (name := _name_in(one.text)) is not None]
        if names and (read := _number_in(line.text)) is not None:
            yield Suggestion(read[0], names[0], read[1])


def _left_of(line: Line, lines: Sequence[Line]) -> list[Line]:
    """In the same row, the nearest first."""
    return sorted((one for one in lines if one.x < line.x and _in_row(one, line)), key=lambda one: -one.x)


def _right_of(line: Line, lines: Sequence[Line]) -> list[Line]:
    return sorted((one for one in lines if one.x > line.x and _in_row(one, line)), key=lambda one: one.x)


def _in_row(one: Line, other: Line) -> bool:
    return abs(one.y - other.y) < 0.6 * max(one.high, other.high)


def _number_in(text: str) -> tuple[Nik, bool] | None:
    """The sixteen digits that a line consists of, after its label; and whether some were read as letters."""
    bare = "".join(c for c in _LABEL.sub("", text) if c.isalnum() or c in "|!")
    letters = sum(not (c.isascii() and c.isdigit()) for c in bare)
    if len(bare) != LENGTH or letters > _MOST_LETTERS:
        return None
    try:
        return Nik.parse(bare.translate(_LOOKS_LIKE)), letters > 0
    except NikUnreadable:
        return None


def _name_in(text: str) -> str | None:
    bare = text.strip(" :;.-\t")
    return bare if 3 <= len(bare) <= _LONGEST_NAME and _NAME.fullmatch(bare) else None


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, fold(one), fold(other), autojunk=False).ratio()
