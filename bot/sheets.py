"""Writing spreadsheets of which no cell is anything but text."""

import io
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

_RUNS: Final = tuple("=+-@\t\r\n＝＋－＠")  # with which a formula may begin, in one program or another
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_WIDEST: Final = 60  # characters of a column as it is shown
_LONGEST: Final = 32_767  # characters that a cell of Excel takes


def workbook(sheet_name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """An XLSX of one sheet.  ``sheet_name``: 31 characters at most, none of ``[]:*?/\\``; ``rows``: none
    longer than the header.

    What would be run is written with an apostrophe before it, control characters as U+FFFD.  Ten thousand
    rows take a second: call it in a thread.
    """
    import xlsxwriter  # noqa: PLC0415 - most processes never write one

    file = io.BytesIO()
    told = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, told) as book:
        sheet, bold = book.add_worksheet(sheet_name), book.add_format({"bold": True})
        text_only = book.add_format({"num_format": "@"})  # also of what somebody fills in below
        sheet.freeze_panes(1, 0)
        widths = [0] * len(header)
        for number, row in enumerate(chain((header,), rows)):
            for column, text in enumerate(row):
                written = harmless(text)
                sheet.write_string(number, column, written, None if number else bold)
                widths[column] = max(widths[column], len(written))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, min(width, _WIDEST) + 2, text_only)
    return file.getvalue()


def harmless(text: str) -> str:
    """As it may stand in a cell, also after somebody has saved the file as another kind."""
    shown = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    return ("'" + shown if shown.startswith(_RUNS) else shown)[:_LONGEST]
