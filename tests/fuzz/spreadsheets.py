"""Whole spreadsheets to begin from: of kinds that villages send."""

from __future__ import annotations

import io
from datetime import date

import xlsxwriter

from bot import sheets
from tests.bad_inputs.bad_archives import spreadsheet


def _of_everything() -> bytes:
    """Numbers, dates, formulas, a hidden sheet, a link, merged cells and a note."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        hidden, sheet = book.add_worksheet("Lama"), book.add_worksheet("Usulan")
        sheet.activate()
        hidden.hide()
        hidden.write_row(0, 0, ["nik", "nama"])
        as_day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.merge_range(0, 0, 0, 3, "Usulan Desa Metina")
        sheet.write_row(1, 0, ["nik", "nama", "lahir", "jumlah"])
        for row in range(2, 12):
            sheet.write_row(row, 0, [5314015506900001 + row, "Maria Nd\u00fcn"])
            sheet.write_datetime(row, 2, date(1990, 6, row), as_day)
            sheet.write_formula(row, 3, f"=A{row}+1", None, row)
        sheet.write_url(12, 0, "mailto:a@evil.example", None, "surat")
        sheet.write_comment(1, 0, "16 angka")
    return file.getvalue()


BOOKS = (
    spreadsheet(),
    sheets.workbook("Usulan", ["nik", "nama"], [[f"53140155069{n:05}", "Maria Ndun"] for n in range(20)]),
    _of_everything(),
)
