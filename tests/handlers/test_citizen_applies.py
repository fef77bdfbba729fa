"""A citizen applies: from the greeting to the number."""

import re
from collections.abc import Iterator
from itertools import cycle

import pytest

from bot.channels.base import Channel
from handlers.citizen.steps import may_be_for_oneself
from models.requests import Paper, Question, Request, RequestOutput, RequestState
from office import forms, requests
from office.catalogue import Group, Service, load_catalogue
from office.context import open_office
from office.number import RequestNumber
from tests.conftest import ENGINES
from tests.handlers.citizens import Citizen, a_citizen

pytestmark = pytest.mark.usefixtures("database", "opened")

GENUINE = "5314010101900001"
UNUSUAL = "5314019901900001"  # no such day
SERVICES = load_catalogue().services


@pytest.fixture
def opened() -> None:
    open_office(public_url="https://loket.example")


async def the_request(citizen: Citizen) -> Request:
    return await Request.filter(contact_id=citizen.contact.id).order_by("-id").first() or pytest.fail(
        "no row"
    )


async def reaches_papers(citizen: Citizen, word: str = "ktp hilang", name: str = "Maria Toh") -> str:
    await citizen.says("mulai", word, "lanjut", "Diri sendiri", name, GENUINE, "Metina")
    return await citizen.taps("Ya, benar")


async def hands_in(citizen: Citizen, name: str = "Maria Toh") -> Request:
    await reaches_papers(citizen, name=name)
    await citizen.sends(f"surat {name}", f"kk {name}")
    await citizen.says("selesai", "kirim")
    return await the_request(citizen)


async def test_a_lost_card_from_the_greeting_to_the_number() -> None:
    citizen = await a_citizen()

    assert "Selamat pagi, Bapak/Ibu" in await citizen.says("halo")
    assert "gratis" in citizen.heard
    await citizen.says("1")
    assert "KTP-el" in citizen.buttons
    await citizen.taps("KTP-el")
    await citizen.taps("KTP-el hilang")
    assert "Surat keterangan hilang KTP-el dari kepolisian" in citizen.heard
    assert "gratis" in citizen.heard
    assert "Sidik jari" in citizen.heard
    assert "pesan melewati Telegram" in citizen.heard
    assert "30 hari" in citizen.heard
    await citizen.says("LANJUT")
    await citizen.taps("Diri sendiri")
    assert "nama lengkap" in citizen.heard
    await citizen.says("Maria Toh")
    assert "16 angka" in citizen.heard
    await citizen.says("5314 0101 0190 0001")
    assert "desa/kelurahan" in citizen.heard
    assert "Kelurahan Metina, Kecamatan Lobalain. Benar?" in await citizen.says("metina")
    assert "bukan fotokopi" in await citizen.says("ya")
    assert "1 dari 2 berkas wajib diterima" in await citizen.sends("surat")
    assert "Kartu Keluarga" in citizen.heard
    assert "2 dari 2 berkas wajib diterima" in await citizen.sends("kk")
    await citizen.says("selesai")
    assert "Nama: Maria Toh" in citizen.heard
    assert "••••••••••••0001" in citizen.heard
    assert GENUINE not in citizen.heard
    await citizen.taps("KIRIM")

    request = await the_request(citizen)
    assert request.state is RequestState.SUBMITTED
    assert request.queue_number == 1
    assert f"Nomor: {RequestNumber(request.number)}" in citizen.heard
    assert re.search(r"24 November 2026 pukul 09\.00 WITA", citizen.heard)
    assert "Berkas: 2" in citizen.heard
    assert "tidak perlu mengirim pesan berulang" in citizen.heard


async def test_a_second_tap_on_send_tells_the_number_and_hands_in_nothing() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends("surat", "kk")
    await citizen.says("selesai")
    send = citizen.buttons["KIRIM"]
    await citizen.taps_old(send)
    number = requests.printed(await the_request(citizen))

    assert number in await citizen.taps_old(send)
    assert "sudah kami terima" in citizen.heard
    assert await Request.filter(contact_id=citizen.contact.id).count() == 1


async def test_an_old_button_gets_one_sentence_and_the_question_again() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang")
    accept = citizen.buttons["LANJUT"]
    await citizen.says("lanjut", "Diri sendiri")

    await citizen.taps_old(accept)

    assert citizen.heard.startswith("Tombol itu dari pesan lama")
    assert "nama lengkap" in citizen.heard


async def test_a_button_of_somebody_elses_form_does_nothing() -> None:
    one, other = await a_citizen(), await a_citizen()
    await one.says("mulai", "ktp hilang")

    assert "tidak berlaku lagi" in await other.taps_old(one.buttons["LANJUT"])

    assert (await the_request(one)).privacy_accepted_at is None


async def test_a_button_nobody_made_is_answered_politely() -> None:
    citizen = await a_citizen()

    for data in (
        "f:1:nowhere:x",
        "f:x:whom:self",
        "nothing",
        "d:99:resume",
        "s:apply:NONE",
        "g:apply:no",
        "p:7",
    ):
        assert "tidak berlaku lagi" in await citizen.taps_old(data), data


async def test_without_consent_nothing_stays_open() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "BATAL")

    assert "tetap dapat datang ke loket" in citizen.heard
    assert (await the_request(citizen)).state is RequestState.CANCELLED


@pytest.mark.parametrize(
    ("engine", "service"),
    [pytest.param(engine, service, id=service.code) for engine, service in zip(cycle(ENGINES), SERVICES)],
)
async def test_every_service_can_be_applied_for(service: Service) -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", service.aliases[0], "lanjut")
    if may_be_for_oneself(service):
        await citizen.says("1")
    else:
        await citizen.says("anak")
    await citizen.says("Ana Lusi")
    if service.needs_nik:
        await citizen.says(GENUINE)
    await citizen.says("Oelua", "1")
    await citizen.sends(*(f"berkas {paper.key}" for paper in service.required_papers))
    total = len(service.required_papers)
    assert f"{total} dari {total} berkas wajib diterima" in citizen.heard
    await citizen.says("selesai", "kirim")

    request = await the_request(citizen)
    assert request.state is RequestState.SUBMITTED
    assert request.service == service.code
    assert await Paper.filter(request_id=request.id).count() == total
    assert await RequestOutput.filter(request_id=request.id).count() == len(service.outputs)


@pytest.mark.parametrize("group", load_catalogue().groups, ids=lambda group: group.key)
async def test_every_service_is_reached_by_taps(group: Group) -> None:
    catalogue = load_catalogue()
    citizen = await a_citizen()
    for service in catalogue.in_group(group.key):
        await citizen.says("menu")
        if "Lanjutkan" in citizen.buttons:
            await citizen.taps("Hapus draf")
        await citizen.says("3")
        await citizen.taps(group.name.id)
        await citizen.taps(service.short.id)
        assert service.name.id in citizen.heard
        await citizen.taps("Ajukan layanan ini")
        assert (await the_request(citizen)).service == service.code


# Who it is for, and the name


async def test_a_family_member_is_the_subject_not_the_phones_owner() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "lanjut")
    await citizen.taps("Anggota keluarga")
    await citizen.taps("Orang tua")
    assert "orang yang dokumennya diurus" in citizen.heard
    await citizen.says("Ma'ruf")

    request = await the_request(citizen)
    assert (request.for_self, request.relation, request.subject_name) == (False, "orang tua", "Ma'ruf")


@pytest.mark.parametrize(
    ("typed", "relation"),
    [
        ("anak saya", "anak"),
        ("untuk istri saya", "suami/istri"),
        ("beta pung mama", "orang tua"),
        ("my son", "anak"),
        ("adik", "saudara"),
    ],
)
@pytest.mark.parametrize("before", [(), ("2",)])
async def test_whom_it_is_for_in_peoples_own_words(
    before: tuple[str, ...], typed: str, relation: str
) -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "lanjut", *before, typed)

    request = await the_request(citizen)
    assert (request.for_self, request.relation) == (False, relation)
    assert await Question.all().count() == 0


async def test_another_service_named_before_the_notice_is_agreed_to_takes_its_place() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang")
    await citizen.says("ktp hilang")
    assert "mohon dibaca" in citizen.heard
    await citizen.says("akta lahir")

    assert "Akta kelahiran" in citizen.heard
    drafts = await Request.filter(contact_id=citizen.contact.id, state=RequestState.DRAFT)
    assert [draft.service for draft in drafts] == ["AKTA_LAHIR"]
    assert await Question.all().count() == 0


@pytest.mark.parametrize("typed", ["Budi 2", "", "日本"])
async def test_what_cannot_be_a_name_is_asked_again_with_the_reason(typed: str) -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", typed or "…")

    assert "nama lengkap" in citizen.heard
    assert (await the_request(citizen)).subject_name is None


@pytest.mark.parametrize("typed", ["Yohanes 12", "Maria 2 RT", "Ana 2 Feoh"])
async def test_a_name_with_a_figure_is_no_mistyped_number(typed: str) -> None:
    citizen = await a_citizen()

    assert "tidak memakai angka" in await citizen.says("mulai", "ktp hilang", "lanjut", "1", typed)


async def test_a_name_that_could_be_a_number_is_a_name() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "Margareta")

    assert (await the_request(citizen)).subject_name == "Margareta"


async def test_markup_in_a_name_is_only_letters() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "<b>Ana</b>")

    assert (await the_request(citizen)).subject_name is None


async def test_the_same_request_again_is_noticed() -> None:
    citizen = await a_citizen()
    first = await hands_in(citizen)
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "maria toh")
    assert f"nomor {requests.printed(first)}" in citizen.heard

    await citizen.says("1")

    assert "tetap berjalan" in citizen.heard
    assert (await the_request(citizen)).state is RequestState.CANCELLED


async def test_the_same_service_for_another_person_goes_on() -> None:
    citizen = await a_citizen()
    await hands_in(citizen)
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "Maria Toh")

    await citizen.taps("Ini orang lain")

    assert "16 angka" in citizen.heard


# The NIK


async def test_an_unusual_nik_is_confirmed_once() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "Maria Toh", UNUSUAL)
    assert "berakhiran 0001" in citizen.heard

    await citizen.says("BENAR")

    request = await the_request(citizen)
    assert request.nik == UNUSUAL
    assert "tanggal_tidak_mungkin" in request.nik_flags
    assert "desa/kelurahan" in citizen.heard


async def test_an_unusual_nik_can_be_retyped() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "Maria Toh", UNUSUAL, GENUINE)

    request = await the_request(citizen)
    assert (request.nik, request.nik_flags) == (GENUINE, "")


async def test_fifteen_digits_are_counted_back() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "Maria Toh", GENUINE[:15])

    assert "15 angka" in citizen.heard
    assert GENUINE[:15] not in citizen.heard
    assert (await the_request(citizen)).nik is None


async def test_who_does_not_know_the_nik_is_told_how_to_go_on() -> None:
    citizen = await a_citizen()
    assert "balas LEWATI" in await citizen.says(
        "mulai", "ktp hilang", "lanjut", "1", "Maria Toh", GENUINE[:15]
    )
    assert "desa/kelurahan" in await citizen.says("lewati")

    request = await the_request(citizen)
    assert (request.nik, request.nik_source) == (None, "operator")


async def on_whatsapp_at_the_nik() -> Citizen:
    citizen = await a_citizen(Channel.WHATSAPP, "form")
    await citizen.says("mulai", "ktp hilang")
    assert "WhatsApp, milik Meta" in citizen.heard
    await citizen.says("lanjut", "1", "Maria Toh")
    return citizen


async def test_where_the_platform_forbids_asking_a_page_of_ours_asks() -> None:
    citizen = await on_whatsapp_at_the_nik()
    link = re.search(r"https://loket\.example/f/(\S+)", citizen.heard)
    assert link
    request = await forms.redeem(link[1], GENUINE, citizen.now)

    await citizen.taps_old(f"form:done:{request.id}")

    assert "NIK sudah kami terima" in citizen.heard
    assert "desa/kelurahan" in citizen.heard


async def test_the_page_can_be_skipped_and_is_not_offered_again() -> None:
    citizen = await on_whatsapp_at_the_nik()
    await citizen.says("lewati")
    assert "petugas akan membaca NIK dari berkas" in citizen.heard
    await citizen.says("batal", "mulai")
    await citizen.taps("Lanjutkan")

    assert "desa/kelurahan" in citizen.heard


async def test_a_nik_typed_unasked_reaches_a_person_and_is_not_repeated() -> None:
    citizen = await on_whatsapp_at_the_nik()
    await citizen.says(GENUINE)

    assert GENUINE not in citizen.heard
    assert (await Question.get()).text == GENUINE
    assert (await the_request(citizen)).nik is None


async def test_a_page_done_by_somebody_else_changes_nothing_here() -> None:
    one, other = await on_whatsapp_at_the_nik(), await a_citizen()
    request = await the_request(one)

    assert "tidak berlaku lagi" in await other.taps_old(f"form:done:{request.id}")


async def test_staff_read_the_nik_where_the_office_wants_it_so() -> None:
    citizen = await a_citizen(Channel.WHATSAPP, "operator")
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "Maria Toh")

    assert "desa/kelurahan" in citizen.heard


# The village


@pytest.fixture
async def at_the_village() -> Citizen:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "Maria Toh", GENUINE)
    return citizen


async def test_a_misspelt_village_is_suggested(at_the_village: Citizen) -> None:
    await at_the_village.says("Metinna")
    await at_the_village.says("1")

    assert (await the_request(at_the_village)).village_code
    assert "bukan fotokopi" in at_the_village.heard


async def test_a_single_suggestion_is_named_before_it_is_agreed_to(at_the_village: Citizen) -> None:
    assert "Apakah maksudnya Kelurahan Mokdale, Kecamatan Lobalain?" in await at_the_village.says("Mokdal")
    await at_the_village.says("ya")

    assert (await the_request(at_the_village)).village_code == "53.14.03.1009"


async def test_a_kecamatan_is_explained(at_the_village: Citizen) -> None:
    await at_the_village.says("Lobalain")

    assert "Lobalain adalah nama kecamatan" in at_the_village.heard
    assert (await the_request(at_the_village)).village_code is None


async def test_a_village_that_does_not_exist(at_the_village: Citizen) -> None:
    await at_the_village.says("Xyzzy")

    assert "tidak ada desa atau kelurahan dengan nama itu" in at_the_village.heard
    assert await Question.all().count() == 0


async def test_another_village_after_no(at_the_village: Citizen) -> None:
    await at_the_village.says("Oelua")
    await at_the_village.taps("Bukan itu")
    assert "desa/kelurahan" in at_the_village.heard
    await at_the_village.says("Metina", "ya")

    assert "bukan fotokopi" in at_the_village.heard


# The summary


def changes() -> Iterator[tuple[str, str, str]]:
    yield "Ubah nama", "Mario Toh", "Nama: Mario Toh"
    yield "Ubah NIK", "5314010101900002", "0002"


@pytest.mark.parametrize(("button", "typed", "shown"), list(changes()))
async def test_an_answer_is_changed_from_the_summary(button: str, typed: str, shown: str) -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends("surat", "kk")
    await citizen.says("selesai")

    await citizen.taps(button)
    await citizen.says(typed)

    assert shown in citizen.heard
    assert "KIRIM" in citizen.buttons


async def test_the_village_is_changed_from_the_summary() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends("surat", "kk")
    await citizen.says("selesai", "ubah desa", "Oelua", "ya")

    assert "Desa Oelua" in citizen.heard
    assert "KIRIM" in citizen.buttons


async def test_a_wish_to_change_survives_words_that_answer_nothing() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends("surat", "kk")
    await citizen.says("selesai", "ubah nama", "kak, nama saya di KTP salah, bagaimana?")

    assert "sudah kami teruskan ke petugas" in citizen.heard
    assert "nama lengkap" in citizen.heard


async def test_more_papers_from_the_summary_are_kept_as_extra() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends("surat", "kk")
    await citizen.says("selesai")
    await citizen.taps("Tambah berkas")
    assert "1 berkas tambahan kami simpan" in await citizen.sends("akta")
    await citizen.taps("SELESAI")

    assert "3. berkas tambahan" in citizen.heard


async def test_two_papers_in_each_others_place_are_swapped() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends("kk", "surat")
    await citizen.says("selesai")
    assert "1. Surat hilang polisi\n2. KK" in citizen.heard

    await citizen.says("tukar 1 2")

    assert "1. KK\n2. Surat hilang polisi" in citizen.heard


async def test_in_english_from_end_to_end() -> None:
    citizen = await a_citizen(language="en")
    await citizen.says("menu", "ktp hilang", "continue", "Myself", "Maria Toh", GENUINE, "Metina", "yes")
    await citizen.sends("surat", "kk")
    await citizen.says("done", "send")

    assert "Your request for Lost e-ID card has been received" in citizen.heard
