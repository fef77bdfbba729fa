"""A real Chromium for the pages, in windows the size of a cheap phone."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from tests.patience import PATIENCE
from tests.postgres import run_folder
from tests.webchat_counter import Counter, open_counter

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE: ViewportSize = {"width": 360, "height": 640}

expect.set_options(timeout=1000 * PATIENCE)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's browser, installed where it is missing, by one worker: apt lets nobody in beside it."""
    with (run_folder() / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install_chromium()
    return CHROMIUM


def _install_chromium() -> None:
    if not Path(CHROMIUM).exists():
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        apt = shutil.which("apt-get") or pytest.fail("no Chromium, and no apt-get to install it with")
        subprocess.run([apt, "-qq", "update"], check=True, env=quiet)
        subprocess.run([apt, "-qq", "install", "-y", "chromium"], check=True, env=quiet)


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def profile(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One person's browser."""
    context = await browser.new_context(viewport=PHONE, locale="id-ID", timezone_id="Asia/Makassar")
    context.set_default_timeout(1000 * PATIENCE)
    yield context
    await context.close()


@pytest.fixture
def engine() -> str:
    """What a page shows does not hang on the database's make."""
    return "sqlite"


@pytest.fixture
async def counter(database: str, tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as counter:
        yield counter


@pytest.fixture
async def page(profile: BrowserContext, counter: Counter) -> AsyncIterator[Page]:
    """The chat, open; what the page logs as an error fails the test."""
    page = await profile.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    await page.goto(counter.url)
    yield page
    expected = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED", "status of 503", "net::ERR_CONNECTION")
    assert [line for line in trouble if not any(word in line for word in expected)] == []
