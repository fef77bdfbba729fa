"""Tables that harm, or that nobody can read: what XlsxWriter does not write is put in by hand."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Mapping

from tests.bad_inputs.bad_archives import link, spreadsheet, zipped

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
_SHEET = (
    '<?xml version="1.0"%s?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" '
    'Target="http://evil.example/" TargetMode=%s/></Relationships>'
)


def with_parts(parts: Mapping[str, bytes]) -> bytes:
    return spreadsheet(tuple(parts.items()))


def with_sheet(rows: str, encoding: str = "") -> bytes:
    """The first sheet's rows as they are written in it."""
    whole = _SHEET % (encoding, f"<sheetData>{rows}</sheetData></worksheet>")
    return with_parts({"xl/worksheets/sheet1.xml": whole.encode("utf-16" if "16" in encoding else "utf-8")})


def with_relation(kind: str, mode: str = '"External"') -> bytes:
    return with_parts({"xl/worksheets/_rels/sheet1.xml.rels": (_RELATIONS % (kind, mode)).encode()})


def swelling() -> bytes:
    """2 MB in 2 kB."""
    return with_parts({"xl/worksheets/sheet1.xml": bytes(2 * 1024**2)})


def vast() -> bytes:
    """21 MB, none of which swells more than others do."""
    chance = random.Random(5)
    piece = b"".join(chance.randbytes(48) + bytes(1_000) for _ in range(1_000))
    return with_parts({f"xl/media/{n}.bin": piece for n in range(21)})


def crowded() -> bytes:
    return with_parts({f"xl/media/{n}.bin": b"x" for n in range(50)})


def linked() -> bytes:
    """A spreadsheet with a symbolic link among its members."""
    file = io.BytesIO(spreadsheet())
    with zipfile.ZipFile(file, "a") as archive, zipfile.ZipFile(io.BytesIO(link())) as other:
        (entry,) = other.infolist()
        archive.writestr(entry, b"/etc/passwd")
    return file.getvalue()


def locked() -> bytes:
    """Whose members are said to be encrypted one by one, as archives are, not as Excel does it."""
    content = bytearray(spreadsheet())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def locked_by_excel() -> bytes:
    return OLE + "EncryptedPackage".encode("utf-16-le")


def lying() -> bytes:
    """It holds more than it says."""
    content = bytearray(spreadsheet())
    place = content.rindex(b"PK\x01\x02") + 24
    content[place : place + 4] = (9).to_bytes(4, "little")
    return bytes(content)


def echoing() -> bytes:
    """20,000 cells that show one text of 60 kB: 1.2 GB in 5 MB unpacked."""
    text = random.Random(5).randbytes(30_000).hex()
    strings = (
        f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>{text}</t></si></sst>'
    )
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_001))
    kinds = zipfile.ZipFile(io.BytesIO(spreadsheet())).read("xl/_rels/workbook.xml.rels")
    relation = kinds.replace(b"</Relationships>", b"") + (
        b'<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    return with_parts(
        {
            "xl/sharedStrings.xml": strings.encode(),
            "xl/_rels/workbook.xml.rels": relation,
            "xl/worksheets/sheet1.xml": (
                _SHEET % ("", f"<sheetData>{rows}</sheetData></worksheet>")
            ).encode(),
        }
    )


def far_apart() -> bytes:
    """Two cells, and 17 billion between them."""
    return with_sheet(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )


REFUSED = {
    # reliability §4, row 35, and what else is no table
    "nothing": (lambda: b"", "empty"),
    "blank lines": (lambda: b"\xef\xbb\xbf\r\n \r\n;;\r\n", "empty"),
    "a header alone": (lambda: b"nik;nama\r\n", "empty"),
    "a picture": (lambda: b"\xff\xd8\xff\xe0" + random.Random(5).randbytes(5_000), "not_a_table"),
    "a PDF": (lambda: b"%PDF-1.7\n1 0 obj", "not_a_table"),
    "a page called .xls": (lambda: b"<html><table><tr><td>nik", "not_a_table"),
    "UTF-16 without a mark": (lambda: "nik;nama\n1;Maria".encode("utf-16-le"), "not_a_table"),
    "an archive": (lambda: zipped({"desa.csv": b"nik;nama\n1;Maria"}), "not_a_table"),
    "an XLS of 2003": (lambda: OLE, "not_a_table"),
    "locked by Excel": (locked_by_excel, "encrypted"),
    "locked": (locked, "encrypted"),
    "swelling": (swelling, "bomb"),
    "vast": (vast, "too_big"),
    "crowded": (crowded, "bomb"),
    "a path up": (lambda: with_parts({"xl/../../lolos.xml": b"<x/>"}), "bomb"),
    "a path from the root": (lambda: with_parts({"/lolos.xml": b"<x/>"}), "bomb"),
    "a path of Windows": (lambda: with_parts({"..\\lolos.xml": b"<x/>"}), "bomb"),
    "a link": (linked, "bomb"),
    "entities": (lambda: with_sheet('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'), "bomb"),
    "entities in UTF-16": (lambda: with_sheet("<!DOCTYPE x>", ' encoding="UTF-16"'), "damaged"),
    "entities in UTF-7": (lambda: with_sheet("+ADw-!DOCTYPE x+AD4-", ' encoding="UTF-7"'), "damaged"),
    "a macro": (lambda: with_parts({"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), "macros"),
    "an XLSM": (lambda: with_parts({"[Content_Types].xml": b"<Types>sheet.macroEnabled.main"}), "macros"),
    "a file inside": (lambda: with_parts({"xl/embeddings/oleObject1.bin": b"x"}), "macros"),
    "another book": (lambda: with_parts({"xl/externalLinks/externalLink1.xml": b"<x/>"}), "external_links"),
    "a connection": (lambda: with_parts({"xl/connections.xml": b"<x/>"}), "external_links"),
    "a picture from elsewhere": (lambda: with_relation("image"), "external_links"),
    "the same, hidden": (lambda: with_relation("image", "'&#x45;xternal'"), "external_links"),
    "cut short": (lambda: spreadsheet()[:-40], "damaged"),
    "lying": (lying, "damaged"),
    "half a tag": (lambda: with_sheet('<row r="1"><c r="A1'), "damaged"),
    "a quote that never ends": (lambda: b'nik;nama\n1;"Maria\n2;Yosef\n', "damaged"),
    "31 columns": (lambda: b";".join([b"x"] * 31) + b"\n1", "too_wide"),
    "a page too big": (lambda: b"nik\n" * (5 * 1024**2 // 4 + 1), "too_big"),
    "one text everywhere": (echoing, "too_long"),
    "far apart": (far_apart, "too_long"),
}  # fmt: skip
