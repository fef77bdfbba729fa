"""The page for papers on a cheap phone: photos made smaller, and a line that breaks again and again."""

import hashlib
import io
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.async_api import BrowserContext, Page, Route, expect
from yarl import URL

from models.files import StoredFile
from models.forms import Upload
from models.requests import Paper
from tests.fakes import pictures
from tests.flows.counter import Counter, open_counter
from tests.flows.steps import comes_to_the_papers, settled
from tests.reading import bad_pictures
from tests.uploads.bad_line import BadLine
from tests.uploads.page import link_in

PIECE = 256 * 1024  # bytes that the script sends at once
NOTES_WHAT_IT_MAKES = """
const made = HTMLCanvasElement.prototype.toBlob;
window.made = [];
HTMLCanvasElement.prototype.toBlob = function (done, ...how) {
  return made.call(this, async (blob) => {
    const sum = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    const hex = [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    window.made.push([hex, this.width, this.height, blob.size]);
    done(blob);
  }, ...how);
};
"""


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(database_url, tmp_path, papers="form") as opened:
        yield opened


@pytest.fixture
async def phone(profile: BrowserContext) -> Page:
    page = await profile.new_page()
    await page.add_init_script(NOTES_WHAT_IT_MAKES)
    return page


def sideways(seed: int = 1) -> bytes:
    """A photo of a paper of some megabytes, as a phone held upright takes it: turned by its EXIF."""
    chance = random.Random(seed)
    photo = Image.new("RGB", (3200, 2400), "#8a6f52")
    pen = ImageDraw.Draw(photo)
    pen.rectangle((200, 150, 3000, 2250), fill="#fbf8ee")
    for n in range(24):
        pen.text((300, 220 + n * 80), f"Kartu Keluarga {chance.random()}", fill="#222", font_size=52)
    grain = Image.effect_noise(photo.size, 60).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.blend(photo, grain, 0.12).save(file, "JPEG", quality=92, exif=exif)
    return file.getvalue()


def scanned(seed: int = 1) -> bytes:
    """A PDF of a page, of more than a megabyte."""
    file = io.BytesIO()
    Image.open(io.BytesIO(pictures.grainy(seed, width=1400, height=1000))).save(file, "PDF", quality=90)
    return file.getvalue()


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("LOKET_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=Path(folder) / name, full_page=True)


async def chooses(page: Page, slot: str, name: str, mime: str, content: bytes) -> None:
    file = {"name": name, "mimeType": mime, "buffer": content}
    await page.locator(f"#file-{slot}").set_input_files([file])  # type: ignore[list-item]


async def test_papers_arrive_whole_and_once_over_a_line_that_breaks(office: Counter, phone: Page) -> None:
    citizen = office.citizen()
    link = link_in(await comes_to_the_papers(citizen))
    photo, pdf = sideways(), scanned()
    door = URL(office.url).port
    assert door is not None and len(photo) > 2_000_000 and len(pdf) > 500_000
    async with BadLine(door, 2026, cuts=7, least=40_000, most=240_000) as line:
        await phone.goto(f"http://127.0.0.1:{line.port}{URL(link).path}")
        assert await phone.evaluate("document.documentElement.scrollWidth") <= 360
        await picture(phone, "papers-1.png")
        line.breaks()
        await chooses(phone, "surat_hilang", "surat.pdf", "application/pdf", pdf)
        await chooses(phone, "kk", "kk.jpg", "image/jpeg", photo)
        await expect(phone.locator("li[data-state=sending] progress:visible")).to_have_count(1)
        await expect(phone.get_by_role("button", name="Selesai")).to_be_disabled()
        await picture(phone, "papers-2.png")
        await expect(phone.locator("li[data-slot=surat_hilang][data-state=received]")).to_be_visible()
        await picture(phone, "papers-3.png")
        over = phone.get_by_role("status").filter(has_text="kembali ke percakapan")
        await expect(over).to_be_visible()
        await expect(phone.locator("main")).to_be_focused()
        await picture(phone, "papers-4.png")
        ((made, width, height, size),) = await phone.evaluate("window.made")
    await citizen.hears(containing="Mohon diperiksa")
    await settled(office)

    assert (width, height) == (1800, 2400)  # upright, as the photo is looked at
    assert size < len(photo)
    assert len(line.broke_at) == 7, line.broke_at
    assert line.sent_again() == []
    assert any(offset % PIECE for _, what, offset in line.events if what == "sent from")  # amid a piece
    sent = {file.sent_sha256 for file in await StoredFile.all()}
    assert sent == {hashlib.sha256(pdf).hexdigest(), made}
    assert await Paper.all().count() == await Upload.exclude(done_at=None).count() == 2
    stored = await StoredFile.filter(sent_sha256=made).get()
    assert stored.verdict == "readable"


async def test_a_page_closed_amid_a_paper_goes_on_once_the_same_file_is_chosen_again(
    office: Counter, phone: Page, tmp_path: Path
) -> None:
    citizen = office.citizen()
    link = link_in(await comes_to_the_papers(citizen))
    file = tmp_path / "surat.pdf"
    file.write_bytes(scanned())
    asked: list[tuple[str, str]] = []
    phone.on("request", lambda one: asked.append((one.method, one.headers.get("upload-offset", ""))))
    phone.on("dialog", lambda leave: leave.accept())

    async def only_the_first_piece(route: Route) -> None:
        later = route.request.method == "PATCH" and route.request.headers["upload-offset"] != "0"
        await (route.abort() if later else route.continue_())

    await phone.route("**/uploads/*", only_the_first_piece)
    await phone.goto(office.url + URL(link).path)
    await phone.locator("#file-surat_hilang").set_input_files(file)
    await expect(phone.locator("#state-surat_hilang")).to_contain_text("terputus")
    await phone.reload()
    await phone.unroute("**/uploads/*")
    asked.clear()
    await phone.locator("#file-surat_hilang").set_input_files(file)
    await expect(phone.locator("li[data-slot=surat_hilang][data-state=received]")).to_be_visible()
    offsets = [int(offset) for method, offset in asked if method == "PATCH"]
    assert offsets and min(offsets) == PIECE
    assert await Upload.all().count() == 1
    kept = await StoredFile.get()
    assert kept.sent_sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


async def test_whoever_shares_a_crowded_address_waits_and_loses_nothing(office: Counter, phone: Page) -> None:
    citizen = office.citizen()
    link = link_in(await comes_to_the_papers(citizen))
    told = 0

    async def too_many_at_first(route: Route) -> None:
        nonlocal told
        if route.request.method in ("POST", "PATCH") and told < 3:
            told += 1
            await route.fulfill(status=429, headers={"Retry-After": "1"})
        else:
            await route.continue_()

    await phone.route("**/uploads**", too_many_at_first)
    await phone.goto(office.url + URL(link).path)
    await chooses(phone, "surat_hilang", "surat.pdf", "application/pdf", scanned())
    await expect(phone.locator("li[data-slot=surat_hilang][data-state=received]")).to_be_visible()
    assert told == 3


async def test_a_dark_photo_and_a_dead_page_are_said_where_they_are_seen(
    office: Counter, phone: Page
) -> None:
    citizen = office.citizen()
    link = link_in(await comes_to_the_papers(citizen))
    await phone.goto(office.url + URL(link).path)
    await chooses(phone, "kk", "kk.jpg", "image/jpeg", bad_pictures.dark(1))
    alert = phone.locator("#state-kk[role=alert]")
    await expect(alert).to_contain_text("terlalu gelap")
    await citizen.hears(containing="terlalu gelap")
    await picture(phone, "papers-5.png")
    office.clock.advance(minutes=31)
    await chooses(phone, "kk", "kk.jpg", "image/jpeg", pictures.jpeg(1))
    over = phone.get_by_role("status").filter(has_text="sudah tidak berlaku")
    await expect(over).to_be_visible()
    assert await phone.locator("form").count() == 0
    assert await Paper.all().count() == 0
