"""The product as a new user meets it: one process, no account, a citizen and an operator in two browsers.

``make pictures`` (``LOKET_SCREENSHOTS=1``) also takes the README's pictures.
"""

import asyncio
import contextlib
import io
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.async_api import Browser, Page, expect

from tests.flows.steps import number_in
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "images"


@dataclass(frozen=True)
class Served:
    url: str
    code: str  # for the first operator


def environment(folder: Path) -> dict[str, str]:
    return os.environ | {
        "LOKET_DATA_DIR": str(folder),
        "LOKET_HTTP__PORT": "0",
        "LOKET_LOG_LEVEL": "ERROR",
        "LOKET_GATHER_SECONDS": "0.5",
        "LOKET_TICK_SECONDS": "1",
    }


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Served]:
    """``run.py serve`` in a process of its own; the address and the code as it prints them."""
    env = environment(folder)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "run.py", "serve", cwd=ROOT, env=env, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        said = ""
        while "/masuk" not in said:
            line = await asyncio.wait_for(process.stdout.readline(), PATIENCE)
            assert line, f"the server ended after saying: {said}"
            said += line.decode()
        url, code = re.search(r"http://127\.0\.0\.1:\d+/", said), re.search(r"/masuk (\S+)", said)
        assert url, said
        assert code, said
        yield Served(url.group(), code.group(1))
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


def sheet(title: str) -> bytes:
    """A photo of something that looks like an official paper, on a table."""
    photo = Image.new("RGB", (900, 1200), "#8a6f52")
    draw = ImageDraw.Draw(photo)
    draw.rectangle((90, 80, 810, 1120), fill="#fbf8ee")
    draw.rectangle((90, 80, 810, 190), fill="#e7e1cd")
    draw.text((130, 105), title, fill="#222", font_size=34)
    for n in range(16):
        draw.rectangle((130, 250 + n * 50, 130 + 280 + (n * 173) % 360, 258 + n * 50), fill="#8d8a80")
    draw.ellipse((590, 900, 740, 1050), outline="#5a4fa8", width=10)
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


class Person:
    """Somebody at a browser."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def says(self, words: str) -> None:
        box = self.page.get_by_label(re.compile("Tulis pesan|Write a message"))
        await box.fill(words)
        await box.press("Enter")

    async def reads(self, words: str) -> str:
        """Wait for an answer that has these words; all of it."""
        answer = self.page.locator("article.office", has_text=words).last
        await expect(answer).to_be_visible()
        return await answer.inner_text()

    async def picture(self, name: str) -> None:
        if os.environ.get("LOKET_SCREENSHOTS"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            await self.page.screenshot(path=PICTURES / name)


async def somebody(browser: Browser, url: str, width: int) -> Person:
    context = await browser.new_context(
        viewport={"width": width, "height": 760}, locale="id-ID", timezone_id="Asia/Makassar"
    )
    page = await context.new_page()
    await page.goto(url)
    return Person(page)


async def test_a_lost_card_is_filed_and_fetched_in_two_browsers(browser: Browser, tmp_path: Path) -> None:
    async with served(tmp_path) as office:
        citizen = await somebody(browser, office.url, 360)
        operator = await somebody(browser, f"{office.url}?new", 720)
        number = await files_a_lost_card(citizen)

        await operator.says(f"/masuk {office.code}")
        await operator.reads("Operator pertama")
        await operator.says("/antrean")
        await operator.reads("KTP-el hilang · Maria N.")
        await operator.says("/ambil")
        await operator.reads("Nama lengkap: Maria Ndun")
        papers = operator.page.locator("article.office img")
        await expect(papers).to_have_count(2)
        for paper in await papers.all():
            await expect(paper).to_have_js_property("naturalWidth", 900)
        await operator.picture("operator.png")

        for command, done, notice in (
            ("/lengkap 1", "1: berkas lengkap", "sudah lengkap"),
            ("/siap 1", "1: siap diambil", "sudah siap diambil"),
            (f"/serah {number}", "1: diserahkan", "sudah diserahkan"),
        ):
            await operator.says(command)
            await operator.reads(done)
            await citizen.reads(notice)
        await operator.says("/lihat 1")
        await operator.reads("selesai")

        await citizen.page.reload()
        await citizen.reads("sudah diserahkan")


async def test_the_switch_changes_the_language_of_the_conversation(browser: Browser, tmp_path: Path) -> None:
    async with served(tmp_path) as office:
        citizen = await somebody(browser, office.url, 360)
        await citizen.page.get_by_role("button", name="Switch to English").click()
        await citizen.reads("we speak English from now on")
        assert await citizen.page.evaluate("document.documentElement.lang") == "en"
        await citizen.says("hello")
        await citizen.reads("All services are free")
        await citizen.page.goto(f"{office.url}?new")
        await citizen.page.get_by_role("button", name="Start").click()
        await citizen.reads("All services are free")
        await citizen.page.get_by_role("button", name="Ganti ke bahasa Indonesia").click()
        await citizen.reads("kami memakai bahasa Indonesia")
        assert await citizen.page.evaluate("document.documentElement.lang") == "id"


async def files_a_lost_card(citizen: Person) -> str:
    """By typing, tapping and choosing two photos; the request's number."""
    page = citizen.page
    await citizen.says("halo")
    await citizen.reads("Semua layanan gratis")
    await citizen.says("ktp hilang")
    await citizen.reads("mohon dibaca")
    await page.get_by_role("button", name="LANJUT").click()
    await citizen.reads("untuk siapa")
    await page.get_by_role("button", name="Diri sendiri").click()
    await citizen.reads("nama lengkap")
    await citizen.says("Maria Ndun")
    await citizen.reads("16 angka")
    await citizen.says("5314035708900001")
    await citizen.reads("desa/kelurahan")
    await citizen.says("metina")
    await citizen.reads("Kecamatan Lobalain")
    await page.get_by_role("button", name="Ya, benar").click()
    await citizen.reads("mohon kirim foto")
    papers = (("surat.jpg", "SURAT KETERANGAN HILANG"), ("kk.jpg", "KARTU KELUARGA"))
    await page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "image/jpeg", "buffer": sheet(title)} for name, title in papers]
    )
    await citizen.reads("2 dari 2")
    await page.get_by_role("button", name="SELESAI").last.click()
    await citizen.reads("Mohon diperiksa")
    await citizen.picture("citizen.png")
    await page.get_by_role("button", name="KIRIM", exact=True).click()
    return number_in(await citizen.reads("sudah diterima"))
