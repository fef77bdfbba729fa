"""Tables of strangers, through the child: what becomes of them."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from bot import sheets
from bot.reading.table_reader import Row, Table, TableReader
from bot.reading.words import Cell, TableProblem, TableRefused
from tests.reading.bad_tables import REFUSED, with_relation, with_sheet
from tests.reading.test_reader import children

NIK = "5314015506900001"


@pytest.fixture
async def tables() -> AsyncIterator[TableReader]:
    one = TableReader()
    yield one
    await one.close()


def book(write: Callable[[Any, Any], None]) -> bytes:
    """An XLSX by XlsxWriter."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as whole:
        write(whole, whole.add_worksheet("Usulan"))
    return file.getvalue()


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def row(number: int, *cells: str) -> Row:
    return Row(number, tuple(map(Cell, cells)))


async def refusal(tables: TableReader, content: bytes) -> tuple[str, int | None] | str:
    try:
        return f"read: {await tables.read(content)}"
    except TableRefused as refused:
        return refused.reason, refused.count


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
async def test_a_csv_is_read_however_it_was_written(tables: TableReader, encoding: str, sign: str) -> None:
    written = f'nik{sign}nama{sign}alamat\r\n\r\n{NIK}{sign}Seán Ndün{sign}"RT 1{sign} ""X""\nRW 2"\r\n'
    written += f"2{sign}Ani\r\n{sign}{sign}\r\n3{sign}{sign}Jl. Mawar"
    table = await tables.read(written.encode(encoding))
    assert table.header == ("nik", "nama", "alamat")
    assert table.rows == (
        row(3, NIK, "Seán Ndün", f'RT 1{sign.strip()} "X" RW 2'),
        row(4, "2", "Ani", ""),
        row(6, "3", "", "Jl. Mawar"),
    )


async def test_of_an_xlsx_the_first_sheet_that_is_seen_is_read_as_values(tables: TableReader) -> None:
    def write(whole: Any, sheet: Any) -> None:
        sheet.hide()
        sheet.write(0, 0, "tersembunyi")
        chart = whole.add_chart({"type": "line"})
        chart.add_series({"values": "=Usulan!$A$1"})
        whole.add_chartsheet("Grafik").set_chart(chart)
        seen = whole.add_worksheet("Warga")
        whole.add_worksheet("Lain").write(0, 0, "lain")
        seen.activate()
        seen.write_row(2, 1, ["nik", "nama", "lahir"])
        seen.write_row(3, 1, [5314015506900001, "Maria Ndun"])
        seen.write_datetime(3, 3, date(1990, 6, 15), whole.add_format({"num_format": "dd/mm/yyyy"}))
        seen.write_string(5, 1, NIK)
        seen.write_formula(5, 2, '="Ani"&" "&"Ndun"', None, "Ani Ndun")
        seen.write_formula(5, 3, "=1+1", None, 2)
        seen.write_row(6, 1, [1.5, True, 1e300])
        seen.write_url(7, 2, "mailto:a@evil.example", None, "surat")
        seen.write_blank(5_000, 40, None, whole.add_format({"bold": True}))

    table = await tables.read(book(write))
    assert table.header == ("nik", "nama", "lahir")
    assert table.rows == (
        Row(4, (Cell(NIK, is_number=True), Cell("Maria Ndun"), Cell("1990-06-15"))),
        Row(6, (Cell(NIK), Cell("Ani Ndun"), Cell("2", is_number=True))),
        Row(7, (Cell("1.5", is_number=True), Cell("TRUE"), Cell("1e+300", is_number=True))),
        row(8, "", "surat", ""),
    )


async def test_a_number_that_excel_has_cut_is_told_apart_in_a_csv_too(tables: TableReader) -> None:
    table = await tables.read(f"nik;nama\n5,31402E+15;Ani\n{NIK};E+15".encode())
    assert [[cell.is_number for cell in one.cells] for one in table.rows] == [[True, False], [False, False]]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_signs_that_nobody_sees_are_gone(tables: TableReader, kind: str) -> None:
    odd = "Mari\u202ea\u200b \u2066Nd\u00adu\u0308n\u2069 \x0b\x00!", " \n Ani\t Ndun ", "x" * 301
    if kind == "csv":
        content = ("a;b;c\n" + ";".join(f'"{one}"' for one in odd)).encode()
    else:
        content = book(lambda _, sheet: [sheet.write_row(n, 0, one) for n, one in enumerate(("abc", odd))])
    assert texts(await tables.read(content)) == [["Maria Ndün \ufffd\ufffd!", "Ani Ndun", "x" * 300]]


async def test_what_is_no_table_or_harms_is_refused_with_its_reason(tables: TableReader) -> None:
    found = {}
    for name, (make, _) in REFUSED.items():
        content, begun = make(), time.monotonic()
        found[name] = (await refusal(tables, content))[0]
        assert time.monotonic() - begun < 10, name
    assert found == {name: reason for name, (_, reason) in REFUSED.items()}
    assert {reason for _, reason in REFUSED.values()} == set(TableProblem) - {TableProblem.TOO_MANY_ROWS}
    for harmless in (with_relation("hyperlink"), with_sheet("<row><c><v>1</v></c></row>" * 2)):
        assert (await tables.read(harmless)).rows


def many(kind: str, count: int) -> bytes:
    rows: Iterable[Sequence[str]] = (
        [f"{n:016}", "Maria Ndun", "Metina", "KTP", "rusak"] for n in range(count)
    )
    header = "nik", "nama", "desa", "layanan", "alasan"
    if kind == "xlsx":
        return sheets.workbook("Usulan", header, rows)
    return "\r\n".join(";".join(one) for one in (header, *rows)).encode()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_ten_thousand_rows_pass_and_one_more_does_not(tables: TableReader, kind: str) -> None:
    content, begun = many(kind, 10_000), time.monotonic()
    table = await tables.read(content)
    print(f"10,000 rows of a {kind}: {time.monotonic() - begun:.2f} s")  # noqa: T201
    assert table.header == ("nik", "nama", "desa", "layanan", "alasan")
    assert len(table.rows) == 10_000
    assert table.rows[-1].number == 10_001
    assert await refusal(tables, many(kind, 10_001)) == (TableProblem.TOO_MANY_ROWS, 10_001)


async def test_the_loop_goes_on_while_a_table_is_read(tables: TableReader) -> None:
    """Processor time of this thread between two turns of the loop."""
    reading = asyncio.create_task(tables.read(many("csv", 10_000)))
    longest = 0.0
    while not reading.done():
        before = time.thread_time()
        await asyncio.sleep(0.001)
        longest = max(longest, time.thread_time() - before)
    assert (await reading).rows
    assert longest < 0.05


async def test_nothing_runs_before_the_first_table_and_after_the_last(tables: TableReader) -> None:
    others = children()
    with pytest.raises(TableRefused):
        await tables.read(bytes(6 * 1024**2))
    assert children() == others  # by its size alone
    await tables.read(b"a;b\n1;2")
    assert len(children()) == len(others) + 1
    await tables.close()
    assert children() == others
