"""A table of a stranger, CSV or XLSX → its header and its rows of plain text.

Runs in the child.
"""

import codecs
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bot.channels.shape import shown_name
from bot.reading import delimited, workbooks
from bot.reading.words import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    TABLES,
    Cell,
    TableProblem,
    TableRefused,
)

LIMITS: Final = TABLES
MOST_TEXT: Final = 8_000_000  # characters of all cells: our side has to hold them
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what Excel encrypts, and its files until 2003
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")

_KINDS: Final = "http://schemas.openxmlformats.org"
_OFFICE: Final = f"{_KINDS}/officeDocument/2006/relationships"
_MAIN: Final = f"{_KINDS}/spreadsheetml/2006/main"
_RELATION: Final = (
    f'<Relationships xmlns="{_KINDS}/package/2006/relationships">'
    f'<Relationship Id="r" Type="{_OFFICE}/%s" Target="%s"/></Relationships>'
)
_SMALLEST_XLSX: Final = {
    "_rels/.rels": _RELATION % ("officeDocument", "xl/workbook.xml"),
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="1" sheetId="1" r:id="r"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": _RELATION % ("worksheet", "worksheets/1.xml"),
    "xl/worksheets/1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>nik</t></is></c></row>'
    '<row r="2"><c r="A2"><v>1</v></c></row></sheetData></worksheet>',
}

Rows = list[tuple[int, list[Cell]]]


def answer(asked: bytes) -> bytes:
    """``asked``: the file.  The answer is JSON.

    Shape: ``{"header": [text, …], "rows": [[number, [[text, is_number], …]], …]}``, each row as long as the
    header, or ``{"problem": …, "count": …}``.
    """
    try:
        header, rows = table_of(asked)
    except TableRefused as refused:
        return json.dumps({"problem": refused.reason, "count": refused.count}).encode()
    except MemoryError:
        return json.dumps({"problem": TableProblem.TOO_LONG, "count": None}).encode()
    return json.dumps({"header": header, "rows": rows}).encode()


def table_of(content: bytes) -> tuple[list[str], Rows]:
    """The header, and of each row below it that is not empty its number and its cells.

    Raises: TableRefused; MemoryError.
    """
    header, *rows = _counted(_not_empty(_rows(content))) or [(0, [])]
    if not rows:
        raise TableRefused(TableProblem.EMPTY)
    table = header, *rows
    wide = max(len(cells) for _, cells in table)
    for _, cells in table:
        cells.extend([Cell("")] * (wide - len(cells)))
    return [cell.text for cell in header[1]], rows


def warm() -> None:
    """Read one file of each kind: a child can load nothing."""
    for encoding in delimited.ENCODINGS:
        table_of("nik;nama\n1;Ndün".encode(encoding))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in _SMALLEST_XLSX.items():
            archive.writestr(name, part)
    table_of(file.getvalue())
    codecs.lookup("cp437")  # of names in an archive


def _rows(content: bytes) -> Iterator[list[Cell]]:
    if content.startswith(_ZIP):
        return workbooks.rows(content)
    if content.startswith(_OLE):
        raise TableRefused(TableProblem.ENCRYPTED if _ENCRYPTED in content else TableProblem.NOT_A_TABLE)
    return delimited.rows(content)


def _not_empty(rows: Iterable[Sequence[Cell]]) -> Iterator[tuple[int, list[Cell]]]:
    """With the numbers that Excel shows beside them; no empty cell is their last."""
    for number, row in enumerate(rows, 1):
        cells = [Cell(_clean(cell.text), cell.is_number) for cell in row]
        while cells and not cells[-1].text:
            cells.pop()
        if len(cells) > MOST_COLUMNS:
            raise TableRefused(TableProblem.TOO_WIDE)
        if cells:
            yield number, cells


def _counted(rows: Iterable[tuple[int, list[Cell]]]) -> Rows:
    """Header and all, if they are not too many."""
    kept: Rows = []
    count = written = 0
    for count, row in enumerate(rows):  # of the header 0
        if count <= MOST_ROWS:
            kept.append(row)
            written += sum(len(cell.text) for cell in row[1])
        if written > MOST_TEXT:
            raise TableRefused(TableProblem.TOO_BIG)
    if count > MOST_ROWS:
        raise TableRefused(TableProblem.TOO_MANY_ROWS, count)
    return kept


def _clean(text: str) -> str:
    text = text[:LONGEST_CELL]
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return shown_name(text)[:LONGEST_CELL].rstrip()
