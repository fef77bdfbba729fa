"""A village head at the web chat: a list goes in as a file, what became of its rows comes back."""

import asyncio
import re
import sys
from pathlib import Path

from playwright.async_api import Browser

from bot.sheets import workbook
from tests.browser.test_the_counter_opens import ROOT, environment, served, somebody

HEADER = ("Nama lengkap", "NIK", "Jenis layanan", "Desa")
ROWS = (
    ("Maria Ndun", "5314035708900001", "KTP hilang", "Oelua"),
    ("Petrus Ndun", "5314010506870003", "KTP hilang", "Metina"),
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def code_of_a_head(folder: Path) -> str:
    told = await asyncio.create_subprocess_exec(
        *(sys.executable, "run.py", "village", "add", "Oelua", "--head", "Yonas Ndun"),
        cwd=ROOT,
        env=environment(folder),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await told.communicate()
    code = re.search(r"/masuk (\S+)", said.decode())
    assert told.returncode == 0 and code is not None
    return code[1]


async def test_a_list_is_chosen_sent_and_answered_row_by_row(browser: Browser, tmp_path: Path) -> None:
    async with served(tmp_path) as loket:
        head = await somebody(browser, loket.url, 360)
        await head.says(f"/masuk {await code_of_a_head(tmp_path)}")
        assert "Kepala Desa" in await head.reads("Selamat datang")
        await head.page.locator("input[type=file]").set_input_files(
            [{"name": "warga.xlsx", "mimeType": XLSX, "buffer": workbook("Warga", HEADER, ROWS)}]
        )
        await head.reads("kami terima sebagai P1")
        assert "baris 3: bukan desa/kelurahan Bapak/Ibu" in await head.reads("Belum ada yang dibuat")
        await head.page.get_by_role("button", name="RINCIAN").click()
        await head.reads("Rincian P1")
        await head.page.get_by_role("button", name="MASUKKAN 1").click()
        await head.reads("1 warga diterima")
        await head.says("/usul")
        assert "Maria N." in await head.reads("Menunggu berkas: 1")
        assert await head.page.evaluate("document.documentElement.scrollWidth") <= 360
