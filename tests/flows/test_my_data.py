"""``data saya``: a person sees what we hold, and has it corrected, left alone, or erased, also in a copy."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.backup.taking import take
from bot.channels.base import AddressKey
from bot.reading.ocr import Line
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.contacts import Address, Contact
from models.database import close_database, open_database, transaction
from models.files import StoredFile
from models.fsm import FsmRecord
from models.inbox import InboxEvent
from models.outbox import OutboxMessage
from models.requests import JournalEntry, Note, Paper, Question, Request, RequestState
from models.retention import Tombstone
from models.rights import DataRequest
from models.sealing.rows import SealedRow, sealed_columns
from models.staff import Role, Staff
from office import consents, data_rights, suggesting
from office.context import open_office
from office.tombstones import NAME, Tombstones
from scheduler.housekeeping import Housekeeping
from tests.fakes import pictures
from tests.flows.counter import TELEGRAM_SECRET, Counter, TestClock, open_counter
from tests.flows.steps import (
    NIK,
    comes_to_the_papers,
    files_a_lost_card,
    has_everything_erased,
    said,
    says,
    settled,
)
from tests.migrations.outside import everything
from tests.phone import Phone
from tests.phones import TelegramPhone
from tests.web_phone import WebPhone
from wiring.restore import bring_back
from wiring.settings import Settings

WA_ID = "6281234567890"
TRACES = (NIK, "Maria", "Ndun", WA_ID, "Lewati", "metina")


@pytest.fixture
def housekeeping(tmp_path: Path) -> Housekeeping:
    return Housekeeping(SealedStorage(Storage.open(f"file://{tmp_path}/papers")), Tombstones(tmp_path))


async def takes(counter: Counter, user_id: int = 4242) -> Phone:
    """Ani takes the request and enters the NIK that she read."""
    ani = await counter.operator("Ani", user_id)
    await ani.says("/ambil 1")
    await ani.hears(containing="Maria")
    await ani.says(f"/nik 1 {NIK}")
    await ani.hears(containing="NIK")
    return ani


def papers_in(folder: Path) -> list[Path]:
    return [path for path in (folder / "papers").rglob("*") if path.is_file()]


async def named(name: str) -> Contact:
    [contact] = [one for one in await Contact.all() if one.name == name]
    return contact


async def traces(url: str) -> list[str]:
    """Where anything of hers stands, ``table: text``; platforms' names of messages stay up to thirty days."""
    found = []
    for table, lines in [*(await everything(url)).items(), *(await opened_rows()).items()]:
        for line in lines:
            words = [str(value) for value in line if not str(value).startswith("wamid.")]
            found += [f"{table}: {text}" for text in TRACES if any(text in value for value in words)]
    return sorted(set(found))


SEALED: tuple[type[SealedRow], ...] = (
    Address, Contact, FsmRecord, InboxEvent, JournalEntry, Note, OutboxMessage, Paper, Question, Request,
    StoredFile,
)  # fmt: skip


async def opened_rows() -> dict[str, list[list[Any]]]:
    """What lies sealed, by its table; of the database that is open."""
    found: dict[str, list[list[Any]]] = {}
    for model in SEALED:
        names = [name for name, _ in sealed_columns(model)]
        found[model._meta.db_table] = [[getattr(row, name) for name in names] for row in await model.all()]
    return found


async def test_she_sees_what_we_hold_and_who_opened_it(counter: Counter) -> None:
    maria = counter.citizen()
    number = await files_a_lost_card(maria)
    ani = await takes(counter)
    await ani.says("/nik 1")
    await ani.hears(containing=NIK)
    await says(ani, "/lihat 1")
    told = await says(maria, "data saya")
    opened = ("NIK dilihat lengkap 1 kali", "permohonan dibuka 2 kali", "foto berkas dibuka 4 kali")
    for text in (number, "Maria Ndun", "0001", "2 berkas", "Ani", "WhatsApp", *opened):
        assert text in told, text
    assert NIK not in told


async def test_a_copy_of_everything_is_fetched_once_and_a_preview_spends_nothing(counter: Counter) -> None:
    maria = counter.citizen()
    await files_a_lost_card(maria)
    waits = await suggesting.next_to_read()
    assert waits is not None
    await suggesting.keep(waits, [Line("MARIA NDUN", 10, 90, 30), Line(NIK, 400, 90, 30)])
    await says(maria, "data saya")
    await maria.taps("Salinan data")
    told = await maria.hears(containing="/d/")
    page = counter.url + urlsplit(next(word for word in told.split() if "/d/" in word)).path
    async with aiohttp.ClientSession() as http:
        for _ in range(2):
            async with http.get(page) as shown:
                assert (shown.status, "Unduh" in await shown.text()) == (200, True)
        async with http.post(page, headers={"Sec-Fetch-Site": "cross-site"}) as refused:
            assert refused.status == 403
        async with http.post(page, headers={"Sec-Fetch-Site": "same-origin"}) as answer:
            assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
            archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
        async with http.post(page) as again:
            assert again.status == 410
        async with http.get(f"{counter.url}/d/nobody") as unknown:
            assert unknown.status == 410
    data = json.loads(archive.read("data.json"))
    assert data["read_by_ocr"] == [{"nik": NIK, "name": "MARIA NDUN"}]
    (request,) = data["requests"]
    assert (request["subject_name"], request["service"]) == ("Maria Ndun", "KTP_HILANG")
    assert {"me", "office"} == {one["from"] for one in data["messages"]}
    photos = [name for name in archive.namelist() if name.startswith(f"berkas/{request['number']}/")]
    assert [archive.read(name)[:3] for name in photos] == [b"\xff\xd8\xff"] * 2
    assert data["person"]["addresses"][0]["value"] == WA_ID


async def test_what_is_under_way_is_not_erased_but_has_a_clock_and_an_owner(
    counter: Counter, tmp_path: Path, database_url: str, housekeeping: Housekeeping
) -> None:
    maria = counter.citizen()
    number = await files_a_lost_card(maria)
    await says(maria, "data saya")
    await maria.taps("Hapus data")
    told = await maria.hears()
    assert f"permohonan {number} masih berjalan" in told and "D1" in told
    assert "27 November 2026 pukul 09.00 WITA" in told

    ani = await takes(counter)
    await ani.says("/hak selesai D1")
    await ani.hears(containing="masih berjalan")
    await says(ani, "/tolak 1 bukan milik pemohon")
    await maria.hears(containing="bukan milik pemohon")
    assert "D1" in await says(ani, "/hak")
    assert "diambil" in await says(ani, "/hak ambil D1")
    assert "selesai" in await says(ani, "/hak selesai D1")
    await maria.hears(containing="sudah dihapus pada")
    await said(counter)
    await counter.time_passes(minutes=1)
    await housekeeping(counter.clock())
    request = await Request.get(queue_number=1)
    assert (request.state, request.subject_name, request.nik) == (RequestState.REJECTED, None, None)
    assert papers_in(tmp_path) == []
    assert await traces(database_url) == [f"addresses: {WA_ID}"]
    assert (await DataRequest.get(number=1)).ended_at is not None


async def test_whom_nothing_hinders_is_erased_at_once_and_begins_anew(
    counter: Counter, tmp_path: Path, database_url: str, housekeeping: Housekeeping
) -> None:
    maria = counter.citizen()
    await comes_to_the_papers(maria)
    await maria.sends_album([pictures.jpeg(1)])
    await maria.hears(containing="1 dari 2")
    await has_everything_erased(maria)
    await said(counter)
    await counter.time_passes(minutes=1)
    await housekeeping(counter.clock())
    assert papers_in(tmp_path) == []
    assert await traces(database_url) == [f"addresses: {WA_ID}"]
    assert (tmp_path / NAME).read_text().count("\n") == 1

    await counter.time_passes(days=1, hours=18)  # the next night, and nothing was heard
    assert await Address.filter(index=AddressKey("wa_id", WA_ID).index).count() == 0
    assert await traces(database_url) == []
    assert "Tidak ada permohonan" in await says(maria, "data saya")
    assert await Address.filter(index=AddressKey("wa_id", WA_ID).index).count() == 1


async def test_on_telegram_and_in_a_browser_it_is_the_same(counter: Counter) -> None:
    """Telegram has chat numbers of its own, which handlers know; a browser has a session."""
    door = f"{counter.url}/webhooks/telegram"
    on_telegram = TelegramPhone(counter.telegram, door, TELEGRAM_SECRET, user_id=77, name="Maria")
    async with WebPhone(counter.url) as in_a_browser:
        for maria in (on_telegram, in_a_browser):
            await says(maria, "halo", "ktp hilang")
            await maria.hears(containing="LANJUT")
            await says(maria, "lanjut", "1", "Maria Ndun", "data saya")
            await maria.taps("Hapus data")
            await maria.hears(containing="tidak dapat dibatalkan")
            await maria.taps("Ya, hapus semua")
            await maria.hears(containing="sudah dihapus pada")
            assert "LANJUT" not in await says(maria, "status")  # no form is left to go on with
        await settled(counter)
        assert await Request.exclude(subject_name=None).count() == 0
        assert await Tombstone.all().count() == 2


async def test_whoever_writes_again_after_an_erasure_keeps_the_chat(counter: Counter) -> None:
    maria = counter.citizen()
    await says(maria, "halo", "data saya")
    await maria.taps("Hapus data")
    await maria.hears()
    await maria.taps("Ya, hapus semua")
    await maria.hears(containing="sudah dihapus")
    counter.clock.advance(hours=1)
    await says(maria, "halo")
    await counter.time_passes(days=2)
    assert await Address.filter(index=AddressKey("wa_id", WA_ID).index).count() == 1
    contact = await Contact.get(erased_at=None, name="")
    assert contact.afresh_at is not None


async def test_a_clock_that_runs_out_is_told_of_a_day_before_and_when_it_has(counter: Counter) -> None:
    ani = await counter.operator("Ani")
    maria = counter.citizen()
    await says(maria, "halo", "data saya")
    await maria.taps("Perbaiki data")
    await maria.hears(containing="Data mana yang salah")
    told = await says(maria, "Nama saya kurang huruf h")
    assert "D1" in told and "27 November 2026" in told
    await ani.hears(containing="perbaikan data")
    await settled(counter)
    await counter.time_passes(hours=47)
    assert await OutboxMessage.filter(name="staff_right").count() == 1
    await counter.time_passes(hours=2)
    await ani.hears(containing="harus dijawab")
    await counter.time_passes(hours=24)
    await ani.hears(containing="sudah lewat batas")
    await counter.time_passes(hours=24)
    assert await OutboxMessage.filter(name="staff_right").count() == 3
    await counter.wakes(ani)
    assert "LEWAT BATAS" in await says(ani, "/hak")
    assert "selesai" in await says(ani, "/hak selesai D1 Sudah kami perbaiki.")
    await maria.hears(containing="Sudah kami perbaiki.")
    assert "Tidak ada permintaan" in await says(ani, "/hak")


async def test_whoever_wants_it_is_left_alone_until_staff_go_on(counter: Counter) -> None:
    ani = await counter.operator("Ani")
    maria = counter.citizen()
    await files_a_lost_card(maria)
    await ani.says("/ambil 1")
    await ani.hears(containing="Maria")
    await says(maria, "mulai lagi")
    contact = await named("Maria")
    assert await consents.may_be_told(contact.id)
    await says(maria, "data saya")
    await maria.taps("Hentikan pengolahan")
    await maria.hears(containing="hanya disimpan")
    assert not await consents.may_be_told(contact.id)
    await ani.hears(containing="penghentian pengolahan data")
    assert "dihentikan dulu" in await says(ani, "/lengkap 1")
    assert "dilanjutkan" in await says(ani, "/hak buka D1 Kami lanjutkan.")
    await maria.hears(containing="Kami lanjutkan.")
    assert "lengkap" in await says(ani, "/lengkap 1")
    assert await consents.may_be_told(contact.id)


async def test_stop_counts_at_once_and_is_written_down_with_its_words(counter: Counter) -> None:
    maria = counter.citizen()
    await says(maria, "halo")
    contact = await named("Maria")
    assert not await consents.may_be_told(contact.id)  # nobody has agreed unasked
    assert "setuju" in await says(maria, "mulai lagi")
    assert await consents.may_be_told(contact.id)
    assert "dihentikan" in await says(maria, "Berhenti")
    assert not await consents.may_be_told(contact.id)
    last = await consents.latest(contact.id)
    assert last is not None
    assert (last.given, last.version, last.channel) == (False, consents.VERSION, "whatsapp")
    assert len(last.text_hash) == 64


async def test_only_a_supervisor_or_the_head_holds_a_request_back_from_deletion(counter: Counter) -> None:
    ani = await counter.operator("Ani")
    maria = counter.citizen()
    await files_a_lost_card(maria)
    await ani.says("/ambil 1")
    await ani.hears(containing="Maria")
    await ani.says(f"/nik 1 {NIK}")
    await ani.hears(containing="NIK")
    await ani.says("/tahanhapus 1 sengketa waris")
    await ani.hears(containing="Peran akun ini tidak mencakup")
    await Staff.filter(name="Ani").update(role=Role.SUPERVISOR)
    await ani.says("/tahanhapus 1 sengketa waris")
    await ani.hears(containing="tidak dihapus")
    await says(ani, "/tolak 1 bukan milik pemohon")
    await maria.hears(containing="bukan milik pemohon")
    await says(maria, "data saya")
    await maria.taps("Hapus data")
    assert "masih harus disimpan" in await maria.hears()
    await settled(counter)
    await counter.time_passes(days=200)
    assert (await Request.get(queue_number=1)).nik == NIK
    await counter.wakes(ani)
    await says(ani, "/bolehhapus 1")
    await counter.time_passes(days=1)
    assert (await Request.get(queue_number=1)).nik is None


async def test_a_copy_from_before_the_erasure_erases_again(
    database_url: str, empty_url: str, tmp_path: Path
) -> None:
    """The backup still has her under way, an event of hers unhandled, and her papers."""
    storage = Storage.open(f"file://{tmp_path}/papers")
    async with open_counter(database_url, tmp_path) as counter:
        maria = counter.citizen()
        await files_a_lost_card(maria)
        ani = await takes(counter)
        await said(counter)
        backup = await _backed_up(database_url, storage, tmp_path, counter.clock)
        await says(ani, "/tolak 1 bukan milik pemohon")
        await maria.hears(containing="bukan milik pemohon")
        contact = await named("Maria")
        await transaction(
            lambda: data_rights.erase_and_say(
                contact, "whatsapp", counter.graph.phone_number_id, counter.clock()
            )
        )
        await Housekeeping(SealedStorage(storage), Tombstones(tmp_path))(counter.clock())
    copy = Settings(
        _env_file=None, env="test", data_dir=tmp_path, database_url=empty_url,
        storage_url=f"file://{tmp_path}/elsewhere", clock=counter.clock() + timedelta(hours=1),
    )  # fmt: skip
    restored, erased = await bring_back(copy, backup)
    assert (restored.papers, erased.people, erased.known) == (2, 1, True)
    assert [path for path in (tmp_path / "elsewhere").rglob("*") if path.is_file()] == []
    await open_database(empty_url)
    try:
        assert await traces(empty_url) == []
        request = await Request.get(queue_number=1)
        assert (request.state, request.village_code) == (RequestState.CLOSED, "53.14.03.1011")
        assert await Tombstones(tmp_path).heed(counter.clock()) == 0
        assert await Tombstone.all().count() == 1
    finally:
        await close_database()


async def _backed_up(url: str, storage: Storage, folder: Path, clock: TestClock) -> Path:
    await take(url, storage, folder / "backup", office_id=open_office().office_id, now=clock())
    return folder / "backup"
