"""A request on its way over the desk, one command at a time."""

import json
from typing import cast

import pytest

from models.outbox import OutboxMessage
from models.requests import JournalEntry, OutputState, Paper, PaperState, Request, RequestOutput, RequestState
from models.staff import Role
from office import desk, notices, papers, questions, requests
from office.lifecycle import OutputsOpen
from office.number import RequestNumber
from tests.handlers.counter import ACCOUNT, BEYOND_THE_ROLE, CHANNEL, Counter, Person

NIK = "5314035708900003"


async def state_of(number: int) -> RequestState:
    return (await Request.get(queue_number=number)).state


async def at_work(counter: Counter, how_many: int = 1, **facts: str) -> tuple[Person, Person]:
    """A citizen with that many requests, and the operator who has taken them all."""
    citizen = await counter.person()
    for _ in range(how_many):
        await counter.request(citizen, **facts)  # type: ignore[arg-type]
    ani = await counter.operator("Ani")
    for number in range(1, how_many + 1):
        await ani.says(f"/ambil {number}")
    return citizen, ani


async def test_from_the_queue_to_the_persons_hands(counter: Counter) -> None:
    citizen, ani = await at_work(counter)
    number = requests.printed(await Request.get(queue_number=1))
    for typed, heard, state in [
        ("/lengkap 1", "<b>1</b>: berkas lengkap. Pemohon diberi tahu.", RequestState.COMPLETE),
        ("/proses 1", "<b>1</b>: diproses.", RequestState.IN_PROCESS),
        ("/tte 1", "<b>1</b>: menunggu TTE.", RequestState.AWAITING_SIGNATURE),
        ("/siap 1", "<b>1</b>: siap diambil. Pemohon diberi tahu.", RequestState.AWAITING_SIGNATURE),
        (f"/serah {number.lower()}", "<b>1</b>: diserahkan. Pemohon diberi tahu.", RequestState.CLOSED),
    ]:
        await ani.says(typed)
        assert (ani.heard, await state_of(1)) == (heard, state)
    assert await citizen.notices() == ["complete", "ready_for_pickup", "collected"]


async def test_many_numbers_are_answered_in_one_message(counter: Counter) -> None:
    _, ani = await at_work(counter, 5)
    budi = await counter.operator("Budi")
    await ani.says("/lepas 4, 5")
    await budi.says("/ambil 4")
    await ani.says("/lengkap 1 2 3")
    await ani.says("/tolak 3 surat polisi palsu")
    before = len(ani.texts)
    await ani.says("/siap 1-3, 4 dan 5; 8-9 1")
    assert len(ani.texts) == before + 1
    assert ani.heard.split("\n") == [
        "<b>1, 2</b>: siap diambil. Pemohon diberi tahu.",
        "<b>Tidak berubah:</b>",
        "Antrean 3 sekarang <b>ditolak</b>, jadi belum atau tidak lagi dapat menjadi diproses."
        " Lihat /lihat 3.",
        "Antrean 4 dikerjakan <b>Budi</b>. Minta Budi melepasnya dahulu dengan /lepas.",
        "Antrean 5 belum diambil siapa pun. Ambil dahulu: /ambil 5",
        "Nomor antrean 8, 9 tidak ada. Lihat /antrean.",
    ]
    ready = await RequestOutput.filter(state=OutputState.READY_FOR_PICKUP).count()
    assert ready == 2


async def test_a_refused_number_leaves_nothing_half_done(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`/siap` moves, journals and tells; a no at its very end takes all that back, for that number only."""
    citizen, ani = await at_work(counter, 3)
    await ani.says("/lengkap 1-3")
    real = notices.tell

    async def tell(request: Request, *args: object, **facts: object) -> bool:
        told = await real(request, *args, **facts)  # type: ignore[arg-type]
        if request.queue_number == 2:
            raise OutputsOpen(number="2")
        return told

    monkeypatch.setattr(desk, "tell", tell)
    await ani.says("/siap 1-3")
    assert ani.heard.startswith("<b>1, 3</b>: siap diambil.")
    assert [await state_of(number) for number in (1, 2, 3)] == [
        RequestState.IN_PROCESS,
        RequestState.COMPLETE,
        RequestState.IN_PROCESS,
    ]
    assert (await citizen.notices()).count("ready_for_pickup") == 2
    untouched = await Request.get(queue_number=2)
    assert await JournalEntry.filter(request_id=untouched.id, action__in=("process", "ready")).count() == 0


BAD_USAGE = (
    "/lengkap",
    "/lengkap satu",
    "/lengkap 1 abc",
    "/siap",
    "/siap 1 2 ktp",
    "/siap 1 ???",
    "/terbit",
    "/terbit 1 2 a@b.id",
    "/terbit 1 a@@b",
    "/serah",
    "/tunda 1",
    "/tunda siak",
    "/lanjut",
    "/lanjut hujan",
    "/lanjut 1 siak",
    "/tolak 1",
    "/tolak palsu",
    "/tolak 1 2 palsu",
    "/salah 1",
    "/kirim 1",
    "/kirim halo",
    "/kirim 1-2 halo",
    "/catat 1",
    "/minta 1",
    "/minta 1 KK",
    "/minta KK buram",
    "/label 1",
    "/label 1 KK",
    "/label 1 2",
    "/lihat",
    "/lihat 1 2",
    "/nik",
    "/nik 1-2",
    "/selesai",
    "/jawab",
    "/jawab T1",
    "/jawab halo",
)


async def test_bad_usage_gets_one_example_and_changes_nothing(counter: Counter) -> None:
    citizen, ani = await at_work(counter)
    before = await JournalEntry.all().count()
    for typed in BAD_USAGE:
        await ani.says(typed)
        assert ani.heard.startswith("Perintah ini belum terbaca, jadi tidak ada yang berubah. Contoh: "), (
            typed
        )
        assert f"Contoh: {typed.split(maxsplit=1)[0]} " in ani.heard, typed
    assert await JournalEntry.all().count() == before
    assert await citizen.notices() == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("/siap 1-500", "Satu perintah paling banyak 100 nomor. Tidak ada yang berubah; mohon dibagi."),
        ("/siap 3-1", "3-1 terbalik. Tidak ada yang berubah. Contoh: 1-3"),
    ],
)
async def test_an_impossible_range_is_refused_whole(counter: Counter, typed: str, sentence: str) -> None:
    ani = await counter.operator()
    await ani.says(typed)
    assert ani.heard == sentence


async def test_one_output_of_several_is_issued_by_its_key(counter: Counter) -> None:
    citizen, ani = await at_work(counter, service="AKTA_LAHIR")
    await ani.says("/lengkap 1")
    await ani.says("/terbit 1 paspor")
    assert ani.heard.startswith("Antrean 1 tidak punya dokumen itu: paspor.")
    await ani.says("/terbit 1 akta maria@contoh.id")
    assert ani.heard.split("\n") == [
        "<b>1</b>: terbit digital. Pemohon diberi tahu.",
        "<b>1</b> belum selesai: Kartu Keluarga (KK), Kartu Identitas Anak (KIA)."
        " Bila memang tidak perlu terbit: /selesai 1",
    ]
    await ani.says("/siap 1 kia")
    assert ani.heard.startswith("<b>1</b>: siap diambil.")
    assert await citizen.notices() == ["complete", "issued_digital", "ready_for_pickup"]


@pytest.mark.parametrize("address", ["maria@contoh.id", "081234567890", "+62 812 3456 7890", "6281234567890"])
async def test_where_siak_sent_it_is_told_masked(counter: Counter, address: str) -> None:
    citizen, ani = await at_work(counter, service="KK_HILANG")
    await ani.says("/lengkap 1")
    await ani.says(f"/terbit 1 {address}")
    assert ani.heard.startswith("<b>1</b>: terbit digital.")
    facts = await _facts_of_last_notice(citizen)
    assert facts["target"] == notices.mask(address)
    assert address not in str(facts)


async def test_the_wrong_way_out_is_named(counter: Counter) -> None:
    _, ani = await at_work(counter)
    await ani.says("/lengkap 1")
    await ani.says("/terbit 1")
    assert ani.heard == "Layanan antrean 1 tidak menghasilkan dokumen digital. Pakai /siap."


async def test_what_is_still_to_come_is_said_and_can_be_struck_off(counter: Counter) -> None:
    _, ani = await at_work(counter, service="UBAH_DATA")
    await ani.says("/lengkap 1")
    await ani.says("/terbit 1")
    assert "<b>1</b> belum selesai: KTP-el baru." in ani.heard
    await ani.says("/selesai 1")
    assert ani.heard == "<b>1</b>: selesai."
    assert await state_of(1) is RequestState.CLOSED


async def test_nothing_is_closed_while_a_card_is_due(counter: Counter) -> None:
    _, ani = await at_work(counter)
    await ani.says("/lengkap 1")
    await ani.says("/selesai 1")
    assert ani.heard.startswith("Antrean 1 belum dapat ditutup")


async def test_handing_over(counter: Counter) -> None:
    _, ani = await at_work(counter)
    budi = await counter.operator("Budi")
    await budi.says("/serah 1")
    assert budi.heard.startswith("Belum ada yang siap diambil untuk 1; statusnya diperiksa.")
    await ani.says("/lengkap 1")
    await ani.says("/siap 1")
    await budi.says("/serah 1")  # anybody at the desk may
    assert budi.heard == "<b>1</b>: diserahkan. Pemohon diberi tahu."
    await budi.says("/serah 1")
    assert budi.heard.startswith("Antrean 1 sudah diserahkan pada 24 November 2026 pukul")
    await budi.says("/serah K7Q2")
    assert budi.heard.startswith("Nomor itu belum terbaca.")
    nobodys = str(RequestNumber.new())
    await budi.says(f"/serah {nobodys}")
    assert budi.heard.startswith(f"Tidak ada permohonan dengan nomor {nobodys}.")


async def test_one_paper_is_asked_for_again(counter: Counter) -> None:
    citizen, ani = await at_work(counter)
    await ani.says("/minta 1 kartu  keluarga fotonya buram, mohon ulang")
    assert ani.heard == "<b>1</b>: Kartu Keluarga (KK) diminta lagi. Pemohon diberi tahu."
    assert await state_of(1) is RequestState.NEEDS_CORRECTION
    facts = await _facts_of_last_notice(citizen)
    assert (facts["paper"], facts["reason"]) == ("kk", "fotonya buram, mohon ulang")
    await ani.says("/lihat 1")
    assert "2. Kartu Keluarga (KK) – diminta lagi: fotonya buram, mohon ulang" in ani.heard
    assert "Belum ada: KK" in ani.heard


async def test_a_paper_the_service_does_not_ask_for_is_named_with_those_it_does(counter: Counter) -> None:
    _, ani = await at_work(counter)
    await ani.says("/minta 1 ijazah tidak ada")
    assert ani.heard == "Berkas itu tidak ada pada layanan ini. Pilih salah satu: Surat hilang polisi, KK."


async def test_a_paper_gets_its_right_name(counter: Counter) -> None:
    _, ani = await at_work(counter)
    await ani.says("/label 1 1 KK")
    assert ani.heard == "<b>1</b>: berkas 1 sekarang Kartu Keluarga (KK)."
    held = await papers.papers_of(await Request.get(queue_number=1))
    assert [paper.slot for paper in held] == ["kk", papers.EXTRA]
    await ani.says("/label 1 1 lain")
    assert ani.heard == "<b>1</b>: berkas 1 sekarang berkas tambahan."
    await ani.says("/label 1 7 KK")
    assert ani.heard == "Berkas nomor 7 tidak ada; ada 2 berkas. Pilih nomor dari daftar."
    assert await Paper.filter(state=PaperState.RECEIVED).count() == 2


async def test_on_hold_and_on_again(counter: Counter) -> None:
    citizen, ani = await at_work(counter, 3)
    await ani.says("/lengkap 1-3")
    await ani.says("/tunda 1 2 siak")
    assert ani.heard == "<b>1, 2</b>: tertunda, sistem SIAK pusat sedang terganggu. Pemohon diberi tahu."
    await ani.says("/tunda 3 lain mesin cetak rusak")
    assert ani.heard == "<b>3</b>: tertunda, mesin cetak rusak. Pemohon diberi tahu."
    await ani.says("/lanjut 3")
    assert ani.heard == "<b>3</b>: dilanjutkan. Pemohon diberi tahu."
    await ani.says("/lanjut SIAK")
    assert ani.heard == "<b>1, 2</b>: dilanjutkan. Pemohon diberi tahu."
    assert {await state_of(number) for number in (1, 2, 3)} == {RequestState.COMPLETE}
    told = await citizen.notices()
    assert (told.count("on_hold"), told.count("resumed")) == (3, 3)
    await ani.says("/lanjut siak")
    assert ani.heard == "Tidak ada permohonan yang tertunda karena <b>siak</b>. Lihat /antrean."
    await ani.says("/lanjut 1")
    assert ani.heard == "Antrean 1 tidak sedang tertunda; statusnya lengkap."


async def test_a_hold_without_a_reason_of_ours_is_told_which_there_are(counter: Counter) -> None:
    citizen, ani = await at_work(counter)
    await ani.says("/tunda 1 hujan <deras>")
    assert ani.heard.startswith("Alasan <b>hujan &lt;deras&gt;</b> tidak dikenal. Pakai: siak, jaringan,")
    await ani.says("/tunda 1 lain")
    assert ani.heard == "Mohon tulis juga kata-katanya, karena warga perlu tahu sebabnya."
    assert await citizen.notices() == []
    assert await state_of(1) is RequestState.IN_REVIEW


@pytest.mark.parametrize(
    ("word", "code"), [("jaringan", "network"), ("blanko", "blanks"), ("TTE", "signature"), ("siak,", "siak")]
)
async def test_holds_have_the_offices_words(counter: Counter, word: str, code: str) -> None:
    _, ani = await at_work(counter)
    await ani.says(f"/tunda 1 {word} sejak pagi")
    request = await Request.get(queue_number=1)
    assert (request.hold_reason, request.reason) == (code, "sejak pagi")


async def test_a_rejection_carries_its_reason(counter: Counter) -> None:
    citizen, ani = await at_work(counter)
    await ani.says("/tolak 1 surat hilang <palsu>")
    assert ani.heard == "<b>1</b>: ditolak, surat hilang &lt;palsu&gt;. Pemohon diberi tahu."
    assert (await _facts_of_last_notice(citizen))["reason"] == "surat hilang <palsu>"


async def test_another_regencys_person_is_sent_there(counter: Counter) -> None:
    citizen, ani = await at_work(counter)
    await ani.says("/salah 1 Kabupaten Kupang")
    assert ani.heard.startswith("<b>1</b>: bukan wilayah kita, tercatat di Kabupaten Kupang.")
    assert await state_of(1) is RequestState.WRONG_OFFICE
    assert await citizen.notices() == ["wrong_office"]


async def test_words_to_the_citizen_and_to_colleagues(counter: Counter) -> None:
    citizen, ani = await at_work(counter)
    await ani.says("/kirim 1 2 foto lagi ya,\nterima kasih")
    assert ani.heard.startswith("<b>1</b>: pesan masuk antrean kirim.")
    assert (await _facts_of_last_notice(citizen))["text"] == "2 foto lagi ya, terima kasih"
    await ani.says("/catat 1 datang Senin")
    assert ani.heard == "<b>1</b>: dicatat."
    assert await citizen.notices() == ["staff_words"]
    await ani.says("/lihat 1")
    assert "pesan petugas: <b>antre</b>" in ani.heard
    assert "Ani: datang Senin" in ani.heard


async def test_a_text_too_long_for_one_message_is_sent_back(counter: Counter) -> None:
    citizen, ani = await at_work(counter)
    await ani.says("/kirim 1 " + "a" * 701)
    assert ani.heard == "<b>1</b>: Tulisan itu 701 huruf, paling banyak 700. Mohon disingkat."
    assert await citizen.notices() == []


async def test_only_the_owner_acts(counter: Counter) -> None:
    await at_work(counter)
    budi = await counter.operator("Budi")
    for typed in (
        "/lengkap 1",
        "/proses 1",
        "/tte 1",
        "/siap 1",
        "/terbit 1",
        "/selesai 1",
        "/tunda 1 siak",
        "/lanjut 1",
        "/tolak 1 palsu",
        "/salah 1 Kupang",
        "/kirim 1 halo",
        "/catat 1 halo",
        "/minta 1 KK buram",
        "/label 1 1 KK",
        "/nik 1",
        f"/nik 1 {NIK}",
        "/lepas 1",
    ):
        await budi.says(typed)
        assert budi.heard.startswith("Antrean 1 dikerjakan <b>Ani</b>."), typed
    assert await state_of(1) is RequestState.IN_REVIEW


async def test_an_auditor_changes_nothing(counter: Counter) -> None:
    citizen, _ = await at_work(counter)
    await questions.ask(citizen.contact, CHANNEL, ACCOUNT, "Kapan?", counter.now)
    eva, _ = await counter.colleague("Eva", Role.AUDITOR)
    before = await JournalEntry.all().count()
    for typed in (
        "/lengkap 1",
        "/siap 1",
        "/terbit 1",
        "/serah 1",
        "/tunda 1 siak",
        "/lanjut siak",
        "/tolak 1 palsu",
        "/salah 1 Kupang",
        "/kirim 1 halo",
        "/catat 1 halo",
        "/minta 1 KK buram",
        "/label 1 1 KK",
        "/nik 1",
        "/lepas 1",
        "/lihat 1",
        "/jawab T1 besok",
    ):
        await eva.says(typed)
        assert eva.heard == BEYOND_THE_ROLE, typed
    assert await JournalEntry.all().count() == before


async def _facts_of_last_notice(person: Person) -> dict[str, str]:
    row = await OutboxMessage.filter(contact_id=person.contact.id, kind="notice").order_by("-id").first()
    assert row is not None
    return cast(dict[str, str], json.loads(row.payload))
