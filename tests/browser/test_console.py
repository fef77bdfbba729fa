"""Staff come into the console: on a phone and on a desk, from the link to the list of their chats."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from models.staff import Role
from tests.console.browser import COOKIE, PASSWORD, Authenticator, a_link, secret_in
from tests.flows.counter import Counter, open_counter

DESK = {"width": 1280, "height": 800}
WIDTHS = (360, 1280)
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(database_url, tmp_path) as opened:
        yield opened


async def looked_at(page: Page, name: str) -> None:
    """On a phone, where nothing may stick out, and on a desk."""
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        assert not await page.evaluate(SIDEWAYS), (name, width)
        if folder := os.environ.get("LOKET_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            await page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


async def test_from_the_link_to_ones_own_chats(office: Counter, profile: BrowserContext) -> None:
    page = await profile.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)

    await page.goto(office.url + await a_link("Ani Lay", Role.OPERATOR, office.clock()))
    await looked_at(page, "enrol")
    phone = Authenticator(secret_in(await page.content()), office.clock)
    for label in ("Kata sandi baru", "Kata sandi baru, sekali lagi"):
        await page.get_by_label(label, exact=True).fill(PASSWORD)
    await page.get_by_label("Kode autentikator").fill(phone.shows())
    await page.get_by_role("button", name="Simpan").click()
    await expect(page.locator(".codes li")).to_have_count(8)
    await looked_at(page, "enrolled")

    office.clock.advance(minutes=1)
    await page.goto(f"{office.url}/console/saya")
    await expect(page).to_have_url(f"{office.url}/console/masuk?ke=%2Fconsole%2Fsaya")
    await page.get_by_label("Nama atau nomor petugas").fill("Ani Lay")
    await page.get_by_label("Kata sandi").fill("bukan yang ini")
    await page.get_by_label("Kode autentikator").fill(phone.shows())
    await page.get_by_role("button", name="Masuk").click()
    await expect(page.get_by_role("alert")).to_contain_text("tidak cocok")
    await looked_at(page, "sign-in")
    await page.get_by_label("Kata sandi").fill(PASSWORD)
    await page.get_by_label("Kode autentikator").fill(phone.shows())
    await page.get_by_role("button", name="Masuk").click()
    await expect(page).to_have_url(f"{office.url}/console/saya")
    (cookie,) = await profile.cookies()
    assert cookie["name"] == COOKIE
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")

    await page.get_by_role("button", name="Buat kode percakapan").click()
    await expect(page.locator(".note")).to_contain_text("/masuk ")
    await looked_at(page, "me")
    await page.goto(f"{office.url}/console")
    await looked_at(page, "home")
    await page.get_by_role("button", name="Keluar").click()
    await expect(page).to_have_url(f"{office.url}/console/masuk")
    assert await profile.cookies() == []
    assert [line for line in trouble if "status of 422" not in line] == []
