"""`kill -9` at every place of an upload: what was told to have arrived is here, once, and nothing besides."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from bot import stray_files
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.database import close_database, open_database
from models.files import StoredFile
from models.forms import Upload
from models.inbox import InboxEvent, InboxKind
from models.requests import Paper
from tests.fakes import pictures
from tests.faults.failpoints import OF_AN_UPLOAD
from tests.faults.servers import Nursery, Server
from tests.flows.steps import NIK, comes_to_the_papers
from tests.uploads.page import Page, link_in
from tests.web_phone import WebPhone

PHOTO = pictures.jpeg(1)
PIECE = len(PHOTO) // 4


async def test_an_upload_survives_a_death_at_each_step(database_url: str, tmp_path: Path) -> None:
    settings = {
        "LOKET_ENV": "test",
        "LOKET_DATA_DIR": str(tmp_path),
        "LOKET_DATABASE_URL": database_url,
        "LOKET_STORAGE_URL": f"file://{tmp_path}/papers",
        "LOKET_PUBLIC_URL": "https://loket.test",
        "LOKET_HTTP__PORT": "0",
        "LOKET_LOG_LEVEL": "ERROR",
        "LOKET_WEBCHAT__PAPERS": "form",
        "LOKET_LEASE_SECONDS": "1",
    }
    async with Nursery(settings) as nursery, aiohttp.ClientSession() as http:
        server = await nursery.start()
        url = await server.serves()
        async with WebPhone(url) as citizen:
            link = link_in(await comes_to_the_papers(citizen, nik=NIK))
        path = link.removeprefix("https://loket.test")
        _, upload = await Page(url + path, http).begins(len(PHOTO))
        await server.is_killed()
        acknowledged = 0
        for failpoint in (*OF_AN_UPLOAD, "none"):
            server = await nursery.start(f"{failpoint}:1")
            page, upload = _at(await server.serves(), path, upload, http)
            status, here = await page.come(upload)
            assert status == 200 and here is not None and here >= acknowledged, failpoint
            acknowledged = here
            while failpoint != "none" and server.lives:
                acknowledged = await _goes_on(page, upload, acknowledged, server)
        assert acknowledged == len(PHOTO)
        while (await page.state())["kk"]["state"] == "reading":
            pass
        await server.stop()
    await _once_and_no_orphan(database_url, tmp_path)


def _at(url: str, path: str, upload: str, http: aiohttp.ClientSession) -> tuple[Page, str]:
    """The same page and upload at another port."""
    return Page(url + path, http), url + upload[upload.index("/f/") :]


async def _goes_on(page: Page, upload: str, offset: int, server: Server) -> int:
    """A further piece; how much was told to be here."""
    try:
        status, told = await page.sends(upload, offset, PHOTO[offset : offset + PIECE])
    except aiohttp.ClientError:
        await server.dies()
        return offset
    assert (status, told) == (204, offset + len(PHOTO[offset : offset + PIECE]))
    return told or 0


async def _once_and_no_orphan(database_url: str, folder: Path) -> None:
    await open_database(database_url)
    try:
        (stored,) = await StoredFile.all()
        assert stored.sent_sha256 == hashlib.sha256(PHOTO).hexdigest()
        assert await Paper.all().count() == await Upload.exclude(done_at=None).count() == 1
        assert await InboxEvent.filter(kind=InboxKind.INTERNAL).count() == 1
        storage = SealedStorage(Storage.open(f"file://{folder}/papers"))
        async for _ in stray_files.sweep(storage, datetime.now(UTC) + timedelta(days=1)):
            pass
        lying = [path for path in (folder / "papers").rglob("*") if path.is_file()]
        assert [str(path.relative_to(folder / "papers")) for path in lying] == [stored.storage_key]
    finally:
        await close_database()
