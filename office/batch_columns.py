"""The columns of a list: found by their headings, in any order; and columns that a spreadsheet has spoilt."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.reading.table_reader import Row, Table
from bot.reading.words import Cell
from office.typed import fold

ENOUGH: Final = 3  # whole NIKs; fewer may end in 0 by chance

_SCIENTIFIC: Final = re.compile(r"\d[.,]\d+\s*E\+?\d{1,2}", re.IGNORECASE)


class Column(StrEnum):
    """What stands in it, by the heading that we print ourselves."""

    SERVICE = "layanan"
    NAME = "nama"
    NIK = "nik"
    VILLAGE = "desa"


NEEDED: Final = (Column.SERVICE, Column.NAME, Column.NIK)

_CALLED: Final[Mapping[Column, frozenset[str]]] = {
    # letters and digits alone
    Column.SERVICE: frozenset(
        {"layanan", "jenislayanan", "namalayanan", "permohonan", "jenispermohonan", "dokumen", "service"}
    ),
    Column.NAME: frozenset({"nama", "namalengkap", "namawarga", "namapemohon", "namapenduduk", "name"}),
    Column.NIK: frozenset({"nik", "nonik", "nomornik", "nikwarga", "nomorindukkependudukan"}),
    Column.VILLAGE: frozenset({"desa", "kelurahan", "desakelurahan", "desakel", "namadesa", "village"}),
}


class Unfit(Exception):
    """The file as a whole cannot be taken: ``problem`` is a code, the facts are for its sentence."""

    def __init__(self, problem: str, **facts: object) -> None:
        super().__init__(problem)
        self.problem = problem
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Filled:
    """A row by its columns, `NEEDED` and maybe others.  ``place``: its number in the file."""

    place: int
    cells: Mapping[Column, Cell]

    def text(self, column: Column) -> str:
        cell = self.cells.get(column)
        return "" if cell is None else cell.text

    @property
    def nik_lost_digits(self) -> bool:
        """Whether the spreadsheet took the NIK for a number, of which it keeps fifteen digits."""
        return _is_number(self.cells[Column.NIK])


def filled_rows(table: Table) -> list[Filled]:
    """Raises: Unfit: ``columns_missing`` or ``columns_twice`` (with ``columns``), ``nik_damaged``."""
    places = _places_of(table.header)
    found = [_filled(row, places) for row in table.rows]
    if _damaged([row.cells[Column.NIK] for row in found if row.text(Column.NIK)]):
        raise Unfit("nik_damaged")
    return found


def _places_of(header: Sequence[str]) -> Mapping[Column, int]:
    places: dict[Column, int] = {}
    twice: list[str] = []
    for place, heading in enumerate(header):
        letters = "".join(c for c in fold(heading) if c.isalnum())
        column = next((one for one, names in _CALLED.items() if letters in names), None)
        if column is not None and column in places:
            twice.append(column.value)
        elif column is not None:
            places[column] = place
    if twice:
        raise Unfit("columns_twice", columns=list(dict.fromkeys(twice)))
    if missing := [column.value for column in NEEDED if column not in places]:
        raise Unfit("columns_missing", columns=missing)
    return places


def _filled(row: Row, places: Mapping[Column, int]) -> Filled:
    return Filled(row.number, {column: row.cells[place] for column, place in places.items()})


def _damaged(niks: Sequence[Cell]) -> bool:
    """A NIK that was kept as a number has lost its last digit, and a list of such NIKs is nobody's."""
    if niks and all(map(_is_number, niks)):
        return True
    return len(niks) >= ENOUGH and all(_is_number(nik) or nik.text.endswith("0") for nik in niks)


def _is_number(cell: Cell) -> bool:
    return cell.is_number or _SCIENTIFIC.fullmatch(cell.text) is not None
