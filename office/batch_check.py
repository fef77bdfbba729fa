"""A list, checked row by row before anything is made of it.

A NIK is judged as everywhere (`office.identity`) and never held against a birth date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Final

from models.batches import Outcome
from models.requests import nik_index_of
from office.batch_columns import Column, Filled
from office.catalogue import Service
from office.context import office
from office.identity import Nik, NikUnreadable
from office.names import NameUnreadable, read_name
from office.typed import fold
from office.villages import Found, find

Open = frozenset[tuple[str, str]]
"""Service and NIK's index of what is under way already."""


class Why(StrEnum):
    """Why a row is refused, or worth a look."""

    SERVICE = "service"
    NAME = "name"
    NIK = "nik"
    NIK_NUMBER = "nik_number"  # a spreadsheet's number: digits may be lost
    NIK_MISSING = "nik_missing"
    VILLAGE = "village"
    TWICE = "twice"  # ``first`` says which row
    OPEN = "open"
    KECAMATAN = "kecamatan_tidak_dikenal"  # the flags of a NIK have its own words
    DATE = "tanggal_tidak_mungkin"
    SERIAL = "nomor_urut_0000"
    SAME_NAME = "same_name"  # and no NIK to tell two people apart; ``first`` says which row


_REFUSED: Final = frozenset(
    {Why.SERVICE, Why.NAME, Why.NIK, Why.NIK_NUMBER, Why.NIK_MISSING, Why.VILLAGE, Why.TWICE, Why.OPEN}
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be said of a row, and what would become a request."""

    place: int
    why: Why | None = None
    first: int | None = None
    service: Service | None = None
    name: str = ""
    nik: Nik | None = None

    @property
    def outcome(self) -> Outcome:
        if self.why is None:
            return Outcome.GOOD
        return Outcome.REFUSED if self.why in _REFUSED else Outcome.LOOK


def check(rows: Sequence[Filled], village_code: str, open_already: Open) -> list[Checked]:
    """Every row of a list from this village.  Nothing is written; takes a moment for ten thousand rows."""
    is_ours = cache(lambda typed: _is_ours(typed, village_code))
    service_called = cache(_service_called)
    each = [_read(row, service_called(row.text(Column.SERVICE))) for row in rows]
    for at, row in enumerate(rows):
        if each[at].outcome is not Outcome.REFUSED and not is_ours(row.text(Column.VILLAGE)):
            each[at] = replace(each[at], why=Why.VILLAGE)
    return list(_compared(each, open_already))


def _read(row: Filled, service: Service | None) -> Checked:
    """By itself."""
    here = Checked(row.place, service=service)
    try:
        here = replace(here, name=read_name(row.text(Column.NAME)))
    except NameUnreadable:
        return replace(here, why=Why.NAME)
    if service is None:
        return replace(here, why=Why.SERVICE)
    if not (typed := row.text(Column.NIK)):
        return replace(here, why=Why.NIK_MISSING) if service.needs_nik else here
    if row.nik_lost_digits:
        return replace(here, why=Why.NIK_NUMBER)
    try:
        nik = Nik.parse(typed)
    except NikUnreadable:
        return replace(here, why=Why.NIK)
    flags = nik.verdict.flags
    return replace(here, nik=nik, why=Why(flags[0].value) if flags else None)


def _compared(each: Iterable[Checked], open_already: Open) -> Iterable[Checked]:
    """With the rows before it, and with what is under way."""
    seen: dict[tuple[str, str], int] = {}
    for row in each:
        if row.outcome is Outcome.REFUSED or row.service is None:
            yield row
            continue
        who = row.nik.digits if row.nik is not None else fold(row.name)
        first = seen.setdefault((row.service.code, who), row.place)
        if first != row.place:
            yield replace(row, why=Why.TWICE if row.nik is not None else Why.SAME_NAME, first=first)
        elif row.nik is not None and (row.service.code, _index(row.nik)) in open_already:
            yield replace(row, why=Why.OPEN)
        else:
            yield row


def _index(nik: Nik) -> str:
    return nik_index_of(office().office_id, nik.digits)


def _is_ours(typed: str, village_code: str) -> bool:
    """An empty cell says nothing else."""
    if not typed:
        return True
    match = find(typed)
    return isinstance(match, Found) and match.village.code == village_code


def _service_called(typed: str) -> Service | None:
    return office().catalogue.find(typed)
