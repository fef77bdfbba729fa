"""Sheets that we write, read back as a stranger's would be."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from bot import sheets
from tests.bad_inputs.of_words import FORMULAS, rows_of

ROOT = Path(__file__).parents[2]


WRITTEN = {formula: " ".join(f"'{formula}".split()) for formula in FORMULAS} | {
    "\n=1": "' =1",
    "＝1": "'＝1",
    "0812": "0812",
    "https://evil.example": "https://evil.example",
    "1e5": "1e5",
    "_x0041_": "_x0041_",
    "a\x00\x0b\ud800\x9b": "a\ufffd\ufffd\ufffd\ufffd",
}


async def test_what_we_write_is_read_back_as_text_that_nothing_runs() -> None:
    content = sheets.workbook("Hasil", ["no.", "isi"], ([str(n), one] for n, one in enumerate(WRITTEN)))
    assert await rows_of(content) == [[str(n), one] for n, one in enumerate(WRITTEN.values())]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in whole and b"hyperlink" not in whole and b"External" not in whole
    assert sheet.count(b"<c ") == sheet.count(b't="s"') == 2 * (len(WRITTEN) + 1)
    assert b'state="frozen"' in sheet and b"<cols>" in sheet


def test_who_serves_holds_neither_library() -> None:
    script = "import sys, tests.lightly, wiring.serve, bot.reading.table_reader, bot.sheets\n"
    script += "print({'xlsxwriter', 'python_calamine'} & set(sys.modules))"
    said = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "set()"
