"""Papers as they come in: a clean picture is kept, a bad one is asked for again, a page is a paper."""

from pathlib import Path

from models.files import FileState, StoredFile
from models.requests import Paper
from tests.fakes import pictures
from tests.flows import doors
from tests.flows.counter import Counter
from tests.flows.steps import NIK, comes_to_the_papers, says, settled
from tests.reading import bad_pdfs, bad_pictures
from tests.web_phone import WebPhone


async def test_a_dark_photo_is_asked_for_twice_and_the_third_is_shown_to_the_operator(
    counter: Counter,
) -> None:
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    await comes_to_the_papers(citizen)
    await citizen.sends_album([bad_pictures.dark(1), pictures.jpeg(2)])
    told = await citizen.hears(containing="1 dari 2")
    assert "Foto *Surat hilang polisi* terlalu gelap. Mohon foto lagi di tempat terang." in told
    assert "Diterima: *KK*." in told
    await citizen.sends_photo(bad_pictures.dark(3))
    assert "terlalu gelap" in await citizen.hears(containing="1 dari 2")
    await citizen.sends_photo(bad_pictures.dark(4))
    assert "*Surat hilang polisi* masih kurang terbaca" in await citizen.hears(containing="2 dari 2")
    await says(citizen, "selesai")
    await citizen.taps("KIRIM")
    await citizen.hears(containing="sudah diterima")

    await ani.says("/ambil")
    dossier = await ani.hears(containing="Nama lengkap")
    assert "(kurang terbaca: gelap; mohon dilihat)" in dossier
    assert dossier.count("foto berkas kurang terbaca, diminta lagi Surat hilang polisi: gelap") == 2


REFUSED = [
    (bad_pdfs.locked, "tidak terkunci"),
    (bad_pdfs.starts_a_program, "kirim fotonya saja"),
    (bad_pdfs.five_hundred_pages, "lebih dari 10 halaman"),
    (bad_pictures.tiny, "terlalu kecil"),
    (pictures.truncated, "rusak atau terpotong"),
    (bad_pictures.svg, "bukan foto atau PDF"),
    (lambda: bad_pictures.png(13_000, 13_000), "dengan kamera biasa"),
]


async def test_what_cannot_be_opened_is_refused_with_what_to_do(counter: Counter) -> None:
    citizen = doors.on_telegram(counter)
    await comes_to_the_papers(citizen, nik=NIK)
    for make, advice in REFUSED:
        assert await citizen.sends_document(make(), "berkas") == 200
        await citizen.hears(containing=advice)
    await settled(counter)
    assert await Paper.all().count() == 0


async def slots() -> dict[str, str]:
    """The file that fills each slot."""
    return {paper.slot: str(paper.scan.name) for paper in await Paper.all().prefetch_related("scan")}


async def test_a_pdf_of_two_papers_is_two_papers(counter: Counter) -> None:
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    await comes_to_the_papers(citizen)
    assert await citizen.sends_document(pictures.pdf(1, pages=2), "semua berkas.pdf") == 200
    await citizen.hears(containing="2 dari 2")
    await citizen.sends_document(pictures.pdf(1, pages=2), "semua berkas.pdf")
    await citizen.hears(containing="1 foto sama dengan yang sudah ada")
    assert await slots() == {"surat_hilang": "semua berkas.jpg", "kk": "semua berkas-2.jpg"}
    assert "tukar 1 2" in await says(citizen, "selesai")  # her first page was the family card
    assert "Sudah ditukar" in await says(citizen, "tukar 1 2")
    await citizen.taps("KIRIM")
    await citizen.hears(containing="sudah diterima")
    assert await slots() == {"surat_hilang": "semua berkas-2.jpg", "kk": "semua berkas.jpg"}
    await ani.says("/ambil")
    assert "malware" not in await ani.hears(containing="Nama lengkap")  # nobody was asked: nothing is claimed
    assert len({paper.media for paper in await ani.receives(2)}) == 2


async def test_nothing_of_what_was_sent_lies_in_the_storage(counter: Counter, tmp_path: Path) -> None:
    async with WebPhone(counter.url) as browser:
        await comes_to_the_papers(browser, nik=NIK)
        await browser.sends_photo(bad_pictures.tells_all())
        await browser.hears(containing="1 dari 2")
        assert await browser.repeats() == [200]  # the page did not hear that it had arrived
        await browser.sends_document(bad_pdfs.locked(), "terkunci.pdf")
        await browser.hears(containing="tidak terkunci")
    await settled(counter)
    stored = await StoredFile.get(state=FileState.STORED)
    storage = tmp_path / "papers"
    files = [path for path in storage.rglob("*") if path.is_file() and path.stat().st_size]
    assert [str(path.relative_to(storage)) for path in files] == [stored.storage_key]
    assert bad_pictures.SERIAL not in files[0].read_bytes()
