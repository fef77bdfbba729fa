"""What OCR suggests to the operator: masked in the dossier, whole by ``/nik``, gone with the paper."""

from bot import forgetting
from bot.reading.ocr import Line
from models.files import StoredFile
from models.requests import JournalEntry, Paper, Request
from office import suggesting
from tests.handlers.counter import Counter

NIK = "5314015506900001"
UNUSUAL = "5314019906900001"
MARK = "saran OCR, mohon periksa"


def family(nik: str, name: str = "MARIA ADOE") -> list[Line]:
    return [Line(name, 40, 300, 30), Line(nik, 400, 302, 30)]


async def read(counter: Counter, nik: str = NIK, name: str = "MARIA ADOE") -> int:
    """What waits is read; gives how much."""
    count = 0
    while (paper := await suggesting.next_to_read()) is not None:
        await suggesting.keep(paper, family(nik, name))
        count += 1
    return count


async def test_it_is_masked_until_it_is_asked_for_and_goes_when_the_nik_is_entered(counter: Counter) -> None:
    await counter.request()
    ani = await counter.operator()
    await ani.says("/ambil 1")
    assert MARK not in "".join(ani.texts)
    assert await read(counter) == 1  # the family card, not the loss report
    await ani.says("/lihat 1")
    assert f"({MARK}: NIK ••••••••••••0001, nama MARIA ADOE)" in ani.heard
    assert NIK not in "".join(ani.texts)

    await ani.says("/nik 1")
    assert f"NIK belum diisi. Saran OCR, <b>mohon periksa pada berkas</b>: {NIK}." in ani.heard
    assert (await Request.get()).nik is None  # never filled in by itself
    assert await JournalEntry.filter(action="nik_shown").count() == 1
    await ani.says(f"/nik 1 {NIK}")
    await ani.says("/lihat 1")
    assert MARK not in ani.heard and "NIK: <code>••••••••••••0001" in ani.heard
    assert await suggesting.next_to_read() is None
    assert {scan.suggested for scan in await StoredFile.all()} == {None, ""}


async def test_what_is_doubtful_is_said_and_what_does_not_fit_is_not_offered(counter: Counter) -> None:
    for _ in range(2):
        await counter.request()
    ani, rote = await counter.operator(), await counter.operator("Rote")
    await ani.says("/ambil 1")
    assert await read(counter, UNUSUAL.replace("0", "O", 1)) == 2
    await ani.says("/nik 1")
    assert "tanggal" in ani.heard and "Sebagian angkanya terbaca mesin sebagai huruf." in ani.heard
    await rote.says("/nik 1")
    assert UNUSUAL not in rote.heard  # not the owner
    await StoredFile.all().update(suggested=None)
    assert await read(counter, NIK, "YOSEF ADOE") == 2
    await ani.says("/nik 1")
    assert ani.heard.startswith("NIK untuk antrean 1 belum ada.")


async def test_a_card_of_somebody_else_is_shown_and_its_number_is_not(counter: Counter) -> None:
    request = await counter.request(service="KTP_RUSAK")
    ani = await counter.operator()
    await ani.says("/ambil 1")
    card = await suggesting.next_to_read()
    assert card is not None and card.paper.slot == "ktp_rusak"
    await suggesting.keep(card, [Line(f"NIK : {NIK}", 40, 90, 30), Line("Nama : YOSEF NDUN", 40, 150, 30)])
    await ani.says("/lihat 1")
    assert "nama YOSEF NDUN" in ani.heard
    await ani.says("/nik 1")
    assert ani.heard.startswith("NIK untuk antrean 1 belum ada.")
    assert await suggesting.next_to_read() is not None  # the family card
    await Request.filter(id=request.id).update(**request.sealed(nik=NIK))  # she typed it herself meanwhile
    assert await suggesting.next_to_read() is None
    await ani.says("/lihat 1")
    assert MARK not in ani.heard


async def test_it_goes_with_the_paper_and_is_not_kept_of_one_that_is_gone(counter: Counter) -> None:
    await counter.request()
    paper = await suggesting.next_to_read()
    assert paper is not None
    await suggesting.keep(paper, family(NIK))
    scan = await StoredFile.get(id=paper.paper.scan_id)
    assert NIK in str(scan.suggested)
    await forgetting.mark_files([scan.id])
    await suggesting.keep(paper, family(NIK))  # it was being read meanwhile
    assert (await StoredFile.get(id=scan.id)).suggested is None


async def test_nobody_reads_drafts_or_for_somebody_who_asked_to_stop(counter: Counter) -> None:
    request = await counter.request()
    contact = await request.contact
    await type(contact).filter(id=contact.id).update(restricted_at=counter.now)
    assert await suggesting.next_to_read() is None
    await type(contact).filter(id=contact.id).update(restricted_at=None)
    await Request.filter(id=request.id).update(state="draft")
    assert await suggesting.next_to_read() is None
    await Request.filter(id=request.id).update(state="in_review", nik=None)
    assert await suggesting.next_to_read() is not None
    await Paper.all().update(state="replaced")
    assert await suggesting.next_to_read() is None
