"""Somebody at the desk sees to what a person asked of their own data, on a phone and on a desk."""

import hashlib
import json
import zipfile
from pathlib import Path

from playwright.async_api import BrowserContext, Page, expect

from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.database import transaction
from models.files import StoredFile
from models.requests import Request
from models.staff import Role
from office import breaches
from tests.browser.test_console import looked_at, office
from tests.console.browser import COOKIE, signed_in
from tests.flows.counter import Counter
from tests.flows.steps import files_a_lost_card, says

__all__ = ["office"]  # the fixture


async def signed_in_page(office: Counter, profile: BrowserContext, name: str, role: Role) -> Page:
    staff, _ = await signed_in(office.url, name, role, office.clock())
    secure = office.url.replace("http:", "https:")  # whence alone such a cookie can be put in
    await profile.add_cookies(
        [{"name": COOKIE, "value": str(staff.token), "url": secure, "secure": True, "httpOnly": True}]
    )
    return await profile.new_page()


async def test_a_persons_rights_from_the_first_page_to_the_erasure(
    office: Counter, profile: BrowserContext, tmp_path: Path
) -> None:
    maria = office.citizen()
    number = await files_a_lost_card(maria)
    await says(maria, "data saya")
    await maria.taps("Perbaiki data")
    await maria.hears(containing="Data mana yang salah")
    await says(maria, "Nama saya kurang huruf h <b>tolong</b>")
    await transaction(lambda: breaches.open_("Telepon petugas hilang.", office.clock(), office.clock()))

    page = await signed_in_page(office, profile, "Kepala Dinas", Role.HEAD)
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
    await page.goto(f"{office.url}/console")
    await expect(page.get_by_text("Hak atas data: 1 menunggu")).to_be_visible()
    await looked_at(page, "desk-home")
    await page.get_by_role("link", name="Hak atas data: 1 menunggu").click()
    await looked_at(page, "desk-rights")
    await page.get_by_role("link", name="D1", exact=True).click()
    await expect(page.get_by_text("Nama saya kurang huruf h <b>tolong</b>")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("Kepala Dinas: halaman data dibuka 1 kali")).to_be_visible()
    await page.get_by_text("Satu per satu").click()
    await looked_at(page, "desk-person")

    await page.get_by_label("Nama lengkap", exact=True).fill("Mariah Ndun")
    await page.get_by_label("Desa/kelurahan", exact=True).select_option(label="Desa Oelua")
    await page.get_by_role("button", name="Perbaiki").click()
    await expect(page.get_by_role("status")).to_have_text("Diperbaiki; pemohon diberi tahu.")
    await maria.hears(containing="sudah diperbaiki: nama, desa/kelurahan")
    await looked_at(page, "desk-corrected")

    await page.get_by_role("link", name="Ambilkan salinan").click()
    await page.get_by_label("Identitasnya sudah saya periksa").check()
    await looked_at(page, "desk-copy")
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="Unduh sekali").click()
    archive = tmp_path / "copy.zip"
    await (await coming.value).save_as(archive)
    await holds_everything(archive, number, tmp_path)

    await erases(office, page)
    await maria.hears(containing="D2: penghapusan data")
    assert (await Request.get(queue_number=1)).subject_name is None
    await maria.hears(containing="sudah dihapus pada")

    await page.get_by_role("link", name="Jejak audit").click()
    await page.get_by_role("button", name="Periksa keutuhan").click()
    await expect(page.get_by_role("status")).to_contain_text("Utuh")
    await expect(page.get_by_text("data_exported")).to_be_visible()
    await looked_at(page, "desk-audit")
    assert trouble == []


async def erases(office: Counter, page: Page) -> None:
    """Asked for at the counter; hindered by the request under way, then by the breach."""
    await page.goto(f"{office.url}/console/hak/1")
    await page.get_by_label("Hak", exact=True).select_option(label="penghapusan data")
    await page.get_by_role("button", name="Catat permintaan").click()
    await expect(page).to_have_url(f"{office.url}/console/hak/d2?selesai=catat")
    await page.get_by_role("link", name="Lanjut ke penghapusan").click()
    await expect(page.get_by_text("masih berjalan")).to_be_visible()
    await Request.filter(queue_number=1).update(state="closed", closed_at=office.clock())
    await page.reload()
    await expect(page.get_by_text("keamanan data")).to_be_visible()  # the breach is open
    await page.goto(f"{office.url}/console/pelanggaran")
    await expect(page.get_by_text("nama, desa/kelurahan, foto berkas, isi percakapan")).to_be_visible()
    await looked_at(page, "desk-breaches")
    await transaction(lambda: breaches.close(1, office.clock()))
    await page.goto(f"{office.url}/console/hak/d2/hapus")
    await page.get_by_label("Ya, hapus semuanya").check()
    await looked_at(page, "desk-erase")
    await page.get_by_role("button", name="Hapus data").click()
    await expect(page.get_by_text("Data orang ini sudah dihapus")).to_be_visible()
    await looked_at(page, "desk-erased")


async def holds_everything(archive: Path, number: str, folder: Path) -> None:
    """The rows as they are now, and each paper as it lies in the storage."""
    storage = SealedStorage(Storage.open(f"file://{folder}/papers"))
    kept = [await storage.get(str(one.storage_key)) for one in await StoredFile.all().order_by("id")]
    with zipfile.ZipFile(archive) as pack:
        data = json.loads(pack.read("data.json"))
        papers = [pack.read(name) for name in pack.namelist() if name.startswith("berkas/")]
    (request,) = data["requests"]
    assert (request["number"], request["subject_name"]) == (number, "Mariah Ndun")
    assert [one["action"] for one in data["opened_by"]].count("data_opened") >= 3
    assert sorted(map(digest, papers)) == sorted(map(digest, kept)) and len(papers) == 2
    archive.unlink()  # it holds her name in clear, which is what it is for


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
