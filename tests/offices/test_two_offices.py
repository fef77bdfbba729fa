"""Two offices in one process: each person, paper, number, hour and word belongs to one of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from models.contacts import Contact
from models.database import rows
from models.quarantine import Quarantined, Reason
from models.requests import Request
from tests.fakes import bodies
from tests.fakes.door import knock
from tests.fakes.here import Here
from tests.flows.counter import MORNING
from tests.flows.steps import files_a_lost_card, says
from tests.offices.town_hall import MERAUKE, OTHER_SECRET, ROTE, TownHall, open_both

OF_AN_OFFICE = ("contacts", "addresses", "conversations", "inbox", "outbox", "files", "requests", "papers")


MARIA = "6281234567890"
NIK = "5314015506900001"
WITH_A_NUMBER = (
    "/ambil 1", "/lihat 1", "/nik 1", "/minta 1 KK fotonya buram", "/label 1 1 lain", "/lengkap 1",
    "/proses 1", "/tte 1", "/siap 1", "/terbit 1", "/selesai 1", "/tunda 1 jaringan", "/lanjut 1",
    "/tolak 1 palsu", "/salah 1 Kupang", "/kirim 1 halo", "/catat 1 halo", "/lepas 1",
)  # fmt: skip


@pytest.fixture
async def hall(database_url: str, tmp_path: Path) -> AsyncIterator[TownHall]:
    async with open_both(database_url, tmp_path) as opened:
        yield opened


async def test_the_same_person_at_two_counters_is_served_by_each_as_its_own(hall: TownHall) -> None:
    at_rote, at_merauke = hall.citizen(ROTE), hall.citizen(MERAUKE)
    ani, budi = await hall.operator(ROTE, "Ani"), await hall.operator(MERAUKE, "Budi")
    assert "Disdukcapil Rote Ndao" in await says(at_rote, "halo")
    assert "Disdukcapil Merauke" in await says(at_merauke, "halo")

    first, second = await files_a_lost_card(at_rote), await files_a_lost_card(at_merauke, village="samkai")

    here, there = await says(ani, "/antrean"), await says(budi, "/antrean")
    assert "KTP-el hilang · Maria N. · Metina" in here
    assert "KTP-el raib · Maria N. · Samkai" in there
    assert [request.queue_number for request in await Request.all()] == [1, 1]
    assert second not in await says(at_rote, second)
    await ani.says("/ambil")
    assert first in await ani.hears(containing="Nama lengkap: Maria Ndun")
    await budi.says("/ambil")
    assert second in await budi.hears(containing="Nama lengkap: Maria Ndun")
    await says(budi, "/lengkap 1", "/proses 1", "/tte 1", "/siap 1")
    assert second in await at_merauke.hears(containing="siap diambil")

    assert [one.name for one in await Contact.all()].count("Maria") == 2
    assert {request.office_id: request.number.replace("-", "") for request in await Request.all()} == {
        ROTE: first.replace("-", ""),
        MERAUKE: second.replace("-", ""),
    }
    for table in OF_AN_OFFICE:
        found = {row["office_id"] for row in await rows(f"SELECT DISTINCT office_id FROM {table}")}  # noqa: S608
        assert found == {ROTE, MERAUKE}, table
    strangers = """
        SELECT count(*) AS n FROM {table} JOIN contacts ON contacts.id = {table}.contact_id
        WHERE contacts.office_id <> {table}.office_id
    """
    for table in ("addresses", "conversations", "inbox", "outbox", "requests"):
        assert (await rows(strangers.format(table=table)))[0]["n"] == 0, table


async def test_a_code_of_one_desk_opens_no_other(hall: TownHall) -> None:
    code = await hall.code(MERAUKE, "Budi")
    at_rote, at_merauke = hall.on_telegram(ROTE, "Budi"), hall.on_telegram(MERAUKE, "Budi")
    await at_rote.says(f"/masuk {code}")
    refused = await at_rote.hears()
    assert "Budi" not in refused
    await at_merauke.says(f"/masuk {code}")
    await at_merauke.hears(containing="Budi")


async def test_no_desk_reaches_what_was_handed_in_at_another(hall: TownHall) -> None:
    """By its queue number, by the number on the citizen's receipt, by the person's NIK."""
    number = await files_a_lost_card(hall.citizen(ROTE))
    ani, budi = await hall.operator(ROTE, "Ani"), await hall.operator(MERAUKE, "Budi")
    await ani.says("/ambil 1")
    await ani.hears(containing="Maria Ndun")
    await ani.says(f"/nik 1 {NIK}")
    await ani.says(f"/cari {NIK}")
    await ani.hears(containing="Ditemukan: 1")
    before = await rows("SELECT * FROM requests")

    for command in WITH_A_NUMBER:
        assert "Nomor antrean 1 tidak ada" in await says(budi, command), command
    for asked in (f"/serah {number}", f"/cari {NIK}", "/antrean", "/pengirim"):
        told = await says(budi, asked)
        assert "Maria" not in told and "Ditemukan" not in told, asked

    assert await rows("SELECT * FROM requests") == before
    assert await rows(f"SELECT * FROM audit WHERE office_id = {MERAUKE} AND object LIKE 'request:%'") == []  # noqa: S608


async def test_each_speaks_of_its_own_services_and_villages(hall: TownHall) -> None:
    at_rote, at_merauke = hall.citizen(ROTE), hall.citizen(MERAUKE)
    await at_merauke.says("surat adat")
    await at_merauke.hears(containing="Surat adat")
    await at_rote.says("surat adat")
    assert "Surat adat" not in await at_rote.hears()

    await says(at_merauke, "lanjut", "1", "Yohana Gebze")
    await at_merauke.taps("Lewati")
    await at_merauke.hears(containing="desa/kelurahan")
    await at_merauke.says("metina")
    await at_merauke.hears(containing="tidak ada desa atau kelurahan dengan nama itu di Kabupaten Merauke")
    await at_merauke.says("sanggase")  # there are two
    await at_merauke.hears(containing="Apakah salah satu dari ini")
    shown = [button.title for button in at_merauke.last_message.buttons]
    assert shown[:2] == ["Sanggase, Merauke", "Sanggase, Okaba"]


async def test_the_night_ends_by_each_offices_own_clock(hall: TownHall) -> None:
    at_rote, at_merauke = hall.citizen(ROTE), hall.citizen(MERAUKE)
    ani, budi = await hall.operator(ROTE, "Ani"), await hall.operator(MERAUKE, "Budi")
    await files_a_lost_card(at_rote)
    await files_a_lost_card(at_merauke, village="samkai")
    await says(ani, "/ambil")
    await says(budi, "/ambil")
    for _ in range(2):  # to 07.20 in Rote, 08.20 in Merauke; a staff chat falls asleep after twelve hours
        await hall.time_passes(hours=11, minutes=10)
        await says(ani, "/antrean")
        await says(budi, "/antrean")
    await says(ani, "/lengkap 1")
    await says(budi, "/lengkap 1")
    await at_merauke.hears(containing="lengkap")
    heard = len(at_rote.everything)
    await hall.time_passes(minutes=45)
    await at_rote.hears(containing="lengkap")
    assert len(at_rote.everything) == heard + 1


async def test_a_browser_finds_the_office_by_its_address(hall: TownHall) -> None:
    async with hall.browser(ROTE) as here, hall.browser(MERAUKE) as there:
        assert here.office == "Dinas Kependudukan dan Pencatatan Sipil Kabupaten Rote Ndao"
        assert there.office == "Dinas Kependudukan dan Pencatatan Sipil Kabupaten Merauke"
        await here.says("halo")
        await there.says("halo")
        assert "Rote Ndao" in await here.hears()
        assert "Merauke" in await there.hears()
        assert {row["account"] for row in await rows("SELECT DISTINCT account FROM conversations")} == {
            "web",
            f"web-{MERAUKE}",
        }


async def test_the_page_for_the_nik_opens_at_its_own_office_only(hall: TownHall) -> None:
    citizen = hall.citizen(MERAUKE)
    await says(citizen, "halo")
    await citizen.says("ktp hilang")
    await citizen.hears(containing="LANJUT")
    text = await says(citizen, "lanjut", "1", "Maria Ndun")
    link = next(word for word in text.split() if word.startswith(hall.urls[MERAUKE]))
    path = link.removeprefix(hall.urls[MERAUKE])
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=Here())) as http:
        async with http.get(link) as answer:
            assert (answer.status, "Merauke" in await answer.text()) == (200, True)
        async with http.get(f"{hall.urls[ROTE]}{path}") as answer:
            assert answer.status == 410


def for_both(hall: TownHall, *unreadable: object) -> bytes:
    """One body of one app, with a word for each office's number, and more for that of Merauke."""
    for office in (ROTE, MERAUKE):
        hall.graph[office].heard_from(wa_id=MARIA, bsuid="", message_id=f"wamid.{office}", at=MORNING)
    return bodies.as_meta_writes(
        bodies.one_batch(
            [
                bodies.whatsapp_body(
                    phone_number_id=hall.graph[office].phone_number_id,
                    waba_id=hall.graph[office].waba_id,
                    contacts=[bodies.whatsapp_contact(name="Maria", wa_id=MARIA)],
                    messages=[
                        bodies.whatsapp_message(
                            "text", {"body": "halo"}, id=f"wamid.{office}", at=MORNING, wa_id=MARIA
                        ),
                        *(unreadable if office == MERAUKE else ()),
                    ],
                )
                for office in (ROTE, MERAUKE)
            ]
        )
    )


@pytest.mark.parametrize("door", [ROTE, MERAUKE])
async def test_a_body_of_one_app_is_shared_out_among_its_offices(hall: TownHall, door: int) -> None:
    at_rote, at_merauke = hall.citizen(ROTE), hall.citizen(MERAUKE)
    raw = for_both(hall)
    signed = bodies.signed(raw, hall.graph[ROTE].app_secret)
    for _ in range(2):  # Meta brings it again, and nothing happens twice
        assert await knock(hall.graph[door].webhook_url, raw, signed) == 200
    assert "Rote Ndao" in await at_rote.hears()
    assert "Merauke" in await at_merauke.hears()
    inbox = await rows("SELECT office_id, account FROM inbox")
    assert sorted((row["office_id"], row["account"]) for row in inbox) == sorted(
        (office, hall.graph[office].phone_number_id) for office in (ROTE, MERAUKE)
    )
    assert await Quarantined.all() == []


async def test_what_cannot_be_read_is_set_aside_where_it_belongs(hall: TownHall) -> None:
    raw = for_both(hall, "no message at all")
    signed = bodies.signed(raw, hall.graph[ROTE].app_secret)
    assert await knock(hall.graph[ROTE].webhook_url, raw, signed) == 200
    assert "Merauke" in await hall.citizen(MERAUKE).hears()
    (kept,) = await Quarantined.all()
    assert (kept.office_id, kept.account, kept.reason) == (
        MERAUKE,
        hall.graph[MERAUKE].phone_number_id,
        Reason.UNREADABLE,
    )


async def test_an_app_speaks_for_no_number_of_another(database_url: str, tmp_path: Path) -> None:
    async with open_both(database_url, tmp_path, secret=OTHER_SECRET) as hall:
        raw = for_both(hall)
        signed = bodies.signed(raw, hall.graph[ROTE].app_secret)
        assert await knock(hall.graph[MERAUKE].webhook_url, raw, signed) == 401
        assert await knock(hall.graph[ROTE].webhook_url, raw, signed) == 200
        assert "Rote Ndao" in await hall.citizen(ROTE).hears()
        assert {row["office_id"] for row in await rows("SELECT office_id FROM inbox")} == {ROTE}
        (kept,) = await Quarantined.all()
        assert (kept.office_id, kept.reason) == (ROTE, Reason.FOREIGN_ACCOUNT)
