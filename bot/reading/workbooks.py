"""An XLSX → the cells of the first sheet that is seen, as values; no formula is worked out.

Runs in the child.
"""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from bot.reading.archives import judged
from bot.reading.words import Cell, TableProblem, TableRefused

_WHOLE: Final = 1e16  # below, a whole number is written with all its digits

Value = int | float | str | bool | time | date | datetime | timedelta


def rows(content: bytes) -> Iterator[list[Cell]]:
    """From the sheet's first row on.  Raises: TableRefused; MemoryError."""
    for row in _sheet(judged(content)).iter_rows():
        yield [_cell(value) for value in row]


def _sheet(content: bytes) -> CalamineSheet:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for number, sheet in enumerate(book.sheets_metadata):
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
                return book.get_sheet_by_index(number)
    except MemoryError:
        raise
    except BaseException as error:  # a panic of the library is no Exception
        raise TableRefused(TableProblem.DAMAGED) from error
    raise TableRefused(TableProblem.EMPTY)


def _cell(value: Value) -> Cell:
    match value:
        case str():
            return Cell(value)
        case bool():
            return Cell(str(value).upper())
        case int() | float():
            return Cell(_digits(value), is_number=True)
        case date() | time():  # a datetime is a date, too
            return Cell(value.isoformat())
    return Cell(str(value))


def _digits(number: float) -> str:
    return f"{number:.0f}" if abs(number) < _WHOLE and number == int(number) else repr(number)
