"""ZIP files, and what else is one: spreadsheets and texts, with everything in them that harms who opens them.

Written by the standard library alone: nothing in the product knows these formats.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Mapping
from functools import lru_cache

_TYPES = (
    b'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    b'content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
    b'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
    b'PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.'
    b'sheet.main+xml"/></Types>'
)
_ROOT = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    b'officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
_BOOK = (
    b'<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    b'<sheet name="Desa" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_RELATIONS = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    b'worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)
_OUTSIDE = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    b'externalLink" Target="http://169.254.169.254/" TargetMode="External"/></Relationships>'
)
_ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">'
    b'<!ENTITY f SYSTEM "file:///etc/passwd">]><worksheet>&b;&f;</worksheet>'
)
_SHEET = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b'<sheetData><row><c t="inlineStr"><is><t>nama</t></is></c></row>'
    b'<row><c t="inlineStr"><is><t>%b</t></is></c></row></sheetData></worksheet>'
)


def zipped(entries: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


@lru_cache
def spreadsheet(further: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    """A whole XLSX of a header and one cell, and what else is put in."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _ROOT,
        "xl/workbook.xml": _BOOK,
        "xl/_rels/workbook.xml.rels": _RELATIONS,
        "xl/worksheets/sheet1.xml": _SHEET % b"Maria",
    }
    return zipped(parts | dict(further))


def link() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        entry = zipfile.ZipInfo("pintas")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return file.getvalue()


@lru_cache
def bomb() -> bytes:
    """200 MB of nothing in 200 kB, twice packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("nol", "w") as entry:
        for _ in range(200):
            entry.write(bytes(1024**2))
    return zipped({"dalam.zip": file.getvalue()})


def archives() -> dict[str, bytes]:
    """By their names."""
    return {
        "desa.xlsx": spreadsheet(),
        "bom.zip": bomb(),
        "bom.xlsx": spreadsheet((("xl/media/nol.zip", bomb()),)),
        "banyak.zip": zipped({f"banyak/{n}": b"" for n in range(5_000)}),
        "jalan.zip": zipped({"../../lolos.txt": b"x", "/lolos.txt": b"x", "..\\lolos.txt": b"x"}),
        "pintas.zip": link(),
        "makro.docm": zipped(
            {"[Content_Types].xml": _TYPES, "word/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 64}
        ),
        "luar.xlsx": spreadsheet((("xl/_rels/workbook.xml.rels", _OUTSIDE),)),
        "entitas.xlsx": spreadsheet((("xl/worksheets/sheet2.xml", _ENTITIES),)),
        "rumus.xlsx": spreadsheet((("xl/worksheets/sheet3.xml", _SHEET % b"=HYPERLINK(1)"),)),
    }
