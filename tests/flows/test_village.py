"""A village head, from the terminal's code to the desk: a list, the choice, a draft with its papers."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.audit import AuditRow
from models.batches import Batch, BatchRow, BatchState
from models.database import transaction
from models.files import StoredFile
from models.outbox import OutboxMessage
from models.requests import Request, RequestState
from office import staff
from office.permissions import AWAKE
from tests.fakes import pictures
from tests.flows.counter import Counter, open_counter
from tests.flows.steps import files_a_lost_card, says, settled
from tests.flows.villages import BIRTH, CSV, HEADINGS, LOST, a_head, a_list, awakes, hands_in, nik_of, read
from tests.phone import Phone

ROWS = (
    (LOST, "Maria Ndun", nik_of(1), ""),
    (LOST, "Yohana Adoe", nik_of(2), "Oelua"),
    (LOST, "M. Ndun", nik_of(1), "Oelua"),
    (LOST, "Petrus Nggi", nik_of(3), "Metina"),
    (BIRTH, "Anak Maria Ndun", "", ""),
    (LOST, "Marten Henuk", "9999995506900007", "Desa Oelua"),
)


@pytest.fixture
async def counter(database_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    """Whose clock beats fast: lists are read, and drafts made, between the beats."""
    async with open_counter(database_url, tmp_path, tick_seconds=0.3) as opened:
        yield opened
    assert opened.graph.ledger.refused == []
    assert opened.telegram.ledger.refused == []


async def all_taken(head: Phone, rows: int) -> str:
    await head.taps(f"MASUKKAN {rows}")
    return await head.hears(containing="surat kuasa".capitalize())


async def waiting(head: Phone) -> list[str]:
    """Numbers of the drafts that are listed."""
    return re.findall(r"– (\S{11}) ", await says(head, "/usul"))


async def test_from_the_list_to_the_desk(counter: Counter) -> None:
    head = await a_head(counter)
    assert "menunggu berkas: 0" in await says(head, "/desa")
    told = await hands_in(head, ROWS)
    assert "daftar P1 (Desa Oelua) sudah diperiksa: 6 baris." in told
    assert "Baik: 3 · Perlu dilihat: 1 · Ditolak: 2" in told
    assert "– baris 4: NIK dan layanan sama dengan baris 2\n– baris 5: bukan desa/kelurahan" in told
    assert "– baris 7: kode kecamatan pada NIK tidak dikenal" in told
    assert "setiap warga itu setuju datanya disampaikan" in told
    assert head.buttons == ["MASUKKAN 4", "RINCIAN", "BATAL"]
    assert await Request.all().count() == 0
    assert "Paket P1: 4 warga diterima, 1 di antaranya perlu dilihat, 2 ditolak." in await all_taken(head, 4)
    assert "menunggu berkas: 4" in await says(head, "/desa")
    numbers = await waiting(head)
    assert len(numbers) == 4
    assert "– " + numbers[0] + " Maria N., KTP-el hilang. Kurang: Surat hilang polisi, KK" in head.last

    assert "Maria N." in await says(head, f"/usul {numbers[0]}")
    await head.sends_album([pictures.jpeg(1), pictures.jpeg(2)])
    await head.hears(containing="2 dari 2")
    assert "Alamat: Desa Oelua" in await says(head, "selesai")
    assert "Ubah desa" not in head.buttons
    assert "Untuk: warga desa" in await says(head, "ubah desa")
    await head.taps("KIRIM")
    assert "Untuk usulan berikutnya, ketik /usul." in await head.hears(containing=numbers[0])
    ani = await counter.operator()
    opened = await says(ani, "/ambil 1")
    assert "Maria Ndun" in opened and "Desa Oelua" in opened and "warga desa" in opened
    assert await waiting(head) == numbers[1:]
    assert "sudah di dinas: 1" in await says(head, "/desa")


async def test_the_report_says_of_every_row_what_becomes_of_it_and_no_nik(counter: Counter) -> None:
    head = await a_head(counter)
    await hands_in(head, ROWS)
    await head.taps("RINCIAN")
    (report,) = await head.receives()
    rows = read(report.media)
    assert rows[0] == ["Baris", "Nama", "Layanan", "Hasil", "Keterangan"]
    assert [row[:4] for row in rows[1:]] == [
        ["2", "Maria N.", "KTP-el hilang", "baik"],
        ["3", "Yohana A.", "KTP-el hilang", "baik"],
        ["4", "M. N.", "KTP-el hilang", "ditolak"],
        ["5", "Petrus N.", "KTP-el hilang", "ditolak"],
        ["6", "Anak M.", "Akta kelahiran", "baik"],
        ["7", "Marten H.", "KTP-el hilang", "perlu dilihat"],
    ]
    assert rows[3][4] == "NIK dan layanan sama dengan baris 2"
    assert not [cell for row in rows for cell in row if re.search(r"\d{5}", cell)]
    await head.taps("BATAL", older=True)
    assert "Tidak ada yang dibuat" in await head.hears()
    await head.taps("MASUKKAN 4", older=True)
    assert "tidak ada yang berubah" in await head.hears()
    assert await Request.all().count() == 0 and await BatchRow.all().count() == 0


async def test_the_empty_list_comes_back_filled_in(counter: Counter) -> None:
    head = await a_head(counter)
    await says(head, "/desa")
    await head.taps("Daftar kosong")
    (empty,) = await head.receives()
    assert read(empty.media) == [list(HEADINGS)]
    assert "Baik: 1 " in await hands_in(
        head, [(LOST, "Maria Ndun", nik_of(1), "")], headings=read(empty.media)[0]
    )


async def test_on_whatsapp_a_double_tap_takes_once(counter: Counter) -> None:
    _, code = await transaction(
        lambda: staff.add("Bapak Nggi", staff.Role.VILLAGE_HEAD, counter.clock(), "53.14.03.1011")
    )
    head = counter.citizen("Bapak Nggi")
    assert "Bapak/Ibu Lurah. Percakapan ini sekarang percakapan Kelurahan Metina" in await says(
        head, f"/masuk {code}"
    )
    table = f"NIK;Nama;Jenis Layanan\n{nik_of(1)};Maria Ndun;KTP hilang\n{nik_of(2)};Yohana Adoe;KK hilang\n"
    await head.sends_document(table.encode(), "warga.csv", CSV)
    await head.hears(2)
    await head.taps("MASUKKAN 2")
    await head.taps("MASUKKAN 2", older=True)
    await head.hears(containing="tidak ada yang berubah")
    await counter.time_passes(seconds=15)
    assert sorted(one.service for one in await Request.all()) == ["KK_HILANG", "KTP_HILANG"]
    await head.taps("RINCIAN", older=True)
    (report,) = await head.receives()
    assert [row[1] for row in read(report.media)] == ["Nama", "Maria N.", "Yohana A."]
    assert await AuditRow.filter(action="batch_accepted").count() == 1


BAD = (
    (b"nama;nik\nMaria;1\n", "warga.csv", "Kolom ini tidak ada: layanan."),
    (b"nama;nik;layanan;Nomor NIK\nM;1;x;1\n", "warga.csv", "Kolom ini ada dua kali: nik."),
    (b"layanan,nama,nik\nKTP hilang,Maria,5.31401E+15\n", "warga.csv", "Kolom NIK rusak"),
    (b"layanan,nama,nik\n", "warga.csv", "belum ada baris"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "warga.xls", "bukan daftar XLSX atau CSV"),
    (a_list(ROWS)[:900], "warga.xlsx", "belum dapat diterima"),
)


async def test_a_file_that_is_no_list_gets_one_clear_sentence(counter: Counter) -> None:
    head = await a_head(counter)
    for content, name, said in BAD:
        await head.sends_document(content, name, CSV)
        assert said in await head.hears(containing="belum dapat diterima"), name
    assert {batch.state for batch in await Batch.all()} == {BatchState.UNFIT}
    assert await StoredFile.filter(problem=None).count() == 0  # nothing of them is kept
    assert await OutboxMessage.filter(name="village_unfit").count() == len(BAD)


async def test_others_get_what_they_get_of_any_file(counter: Counter) -> None:
    citizen = counter.citizen()
    await citizen.sends_document(a_list(ROWS), "warga.xlsx", CSV)
    assert "jenisnya" in await citizen.hears() or "foto" in citizen.last
    ani = await counter.operator()
    await ani.sends_document(a_list(ROWS), "warga.xlsx", CSV)
    assert "/bantuan" in await ani.hears()
    for command in ("/desa", "/usul"):
        assert "Perintah itu tidak dikenal" in await says(citizen, command)
    await settled(counter)
    assert await Batch.all().count() == 0
    told = await AuditRow.filter(action="refused").order_by("seq").values_list("role", "object", "reason")
    assert [tuple(one) for one in told] == [
        ("citizen", f"command:{one}", "not_staff") for one in ("desa", "usul")
    ]


async def test_photos_that_come_with_a_list_wait_for_their_draft(counter: Counter) -> None:
    head = await a_head(counter)
    await hands_in(head, ROWS[:1])
    await all_taken(head, 1)
    (number,) = await waiting(head)
    await head.sends_document(a_list(ROWS[1:2]), "warga.xlsx", CSV)
    await head.sends_photo(pictures.jpeg(1))
    await head.sends_photo(pictures.jpeg(2))
    await head.hears(containing="Berkas lain yang dikirim bersamanya kami simpan")
    await head.says(f"/usul {number}")  # what became of the list may be told before it
    assert "balas KIRIM" in await head.hears(containing="Diterima: Surat hilang polisi, KK.")


async def test_a_head_of_another_village_neither_sees_nor_goes_on(counter: Counter) -> None:
    head, other = await a_head(counter), await a_head(counter, "Metina", "Ibu Lurah", 6_000)
    await hands_in(head, ROWS[:2])
    await all_taken(head, 2)
    number, _ = await waiting(head)
    assert await waiting(other) == [] and "menunggu berkas: 0" in await says(other, "/desa")
    unknown = await says(other, "/usul K7Q2-M9FD-X")
    assert "tidak ditemukan di percakapan ini" in unknown
    assert await says(other, f"/usul {number}") == unknown
    filed = await files_a_lost_card(counter.citizen())
    assert await says(head, f"/usul {filed}") == unknown  # a citizen's, of no list


async def test_handing_in_asks_for_a_chat_that_is_awake(counter: Counter) -> None:
    head = await a_head(counter)
    await hands_in(head, ROWS[:1])
    await all_taken(head, 1)
    (number,) = await waiting(head)
    await says(head, f"/usul {number}")
    await head.sends_album([pictures.jpeg(1), pictures.jpeg(2)])
    await head.hears(containing="2 dari 2")
    await says(head, "selesai")
    counter.clock.now += AWAKE
    await head.taps("KIRIM")
    assert "minta kode baru" in await head.hears()
    await head.sends_document(a_list(ROWS), "warga.xlsx", CSV)
    assert "minta kode baru" in await head.hears()
    assert (await Request.get()).state is RequestState.DRAFT and await Batch.all().count() == 1
    reasons = await AuditRow.filter(action="refused").order_by("seq").values_list("reason", flat=True)
    assert list(reasons) == ["head_asleep", "head_asleep"]
    await awakes(counter, head)
    assert "2 dari 2 berkas wajib" in await says(head, f"/usul {number}") or "KIRIM" in head.last
