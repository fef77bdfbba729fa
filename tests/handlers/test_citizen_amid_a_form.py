"""What comes in the middle of a form and is no answer to it: nothing is lost, and the form goes on."""

from typing import Any

import pytest

from models.requests import Paper, PaperState, Question, Request, RequestState
from models.staff import Role
from office import desk, papers, requests, staff
from office.context import open_office
from tests.handlers.citizens import TUESDAY_MORNING, Citizen, a_citizen
from tests.handlers.test_citizen_applies import GENUINE, UNUSUAL, hands_in, reaches_papers, the_request
from tests.handlers.test_citizen_comes_back import asked_again

pytestmark = pytest.mark.usefixtures("database", "opened")


@pytest.fixture
def opened() -> None:
    open_office(public_url="https://loket.example")


# Checks of an answer


@pytest.fixture
async def at_the_check() -> Citizen:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "Maria Toh", UNUSUAL)
    assert "berakhiran 0001" in citizen.heard
    return citizen


async def test_an_unusual_nik_stays_unconfirmed_whatever_comes_between(at_the_check: Citizen) -> None:
    for typed in ("status", "bahasa", "bahasa", "/antrean", "7", "kk mau tanya dulu"):
        assert "0001" in await at_the_check.says(typed), typed
    await at_the_check.says("benar")

    assert (await the_request(at_the_check)).nik == UNUSUAL
    assert "Busalangga" in at_the_check.heard


async def test_a_photo_does_not_confirm_a_nik(at_the_check: Citizen) -> None:
    await at_the_check.sends("surat")
    assert "Diterima: Surat hilang polisi" in at_the_check.heard
    assert "berakhiran 0001" in at_the_check.heard
    await at_the_check.says(GENUINE)

    assert (await the_request(at_the_check)).nik == GENUINE
    assert "desa/kelurahan" in at_the_check.heard


async def test_a_request_like_another_stays_in_question_whatever_comes_between() -> None:
    citizen = await a_citizen()
    first = await hands_in(citizen)
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "Maria Toh")
    for step in (citizen.says("status"), citizen.says("ini untuk adik saya yang namanya sama")):
        await step
        assert f"nomor {requests.printed(first)}" in citizen.heard
    await citizen.sends("surat lain")
    assert "Ini orang lain" in citizen.buttons
    await citizen.taps("Ini orang lain")

    assert "16 angka" in citizen.heard
    assert (await Question.get()).text == "ini untuk adik saya yang namanya sama"


async def test_a_request_that_ended_meanwhile_is_no_twin_any_more() -> None:
    citizen = await a_citizen()
    first = await hands_in(citizen)
    await asked_again(first, "kk")
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "Maria Toh")
    operator = (await staff.listing())[0]
    await desk.reject(first.queue_number or 0, "palsu", operator, TUESDAY_MORNING)

    assert "16 angka" in await citizen.says("hm")


# Words that answer another step


@pytest.mark.parametrize("before", [("lanjut",), ("lanjut", "1", "Ana"), ("lanjut", "1", "Ana", GENUINE)])
async def test_an_answer_to_another_step_troubles_nobody(before: tuple[str, ...]) -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", *before)
    asked = citizen.heard

    for typed in ("lanjut", "selesai", "ya", "kirim"):
        assert await citizen.says(typed) == asked, typed
    assert await Question.all().count() == 0


async def test_an_answer_to_another_step_is_no_name() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", "lanjut", "1")

    for typed in ("lanjut", "Ya", "selesai", "ok"):
        assert "nama lengkap" in await citizen.says(typed), typed
    assert (await the_request(citizen)).subject_name is None


async def test_done_is_no_command_and_a_second_done_changes_nothing() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends("surat", "kk")
    summary = await citizen.says("selesai")

    assert await citizen.says("selesai") == summary


async def test_go_on_typed_days_later_offers_the_draft() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.says("batal")
    await citizen.later(days=3)

    assert "Lanjutkan permohonan KTP-el hilang" in await citizen.says("lanjut")


async def test_done_after_everything_tells_where_it_is() -> None:
    citizen = await a_citizen()
    number = requests.printed(await hands_in(citizen))

    assert number in await citizen.says("Selesai")
    assert await Question.all().count() == 0


async def test_a_second_send_tells_where_it_is_and_troubles_nobody() -> None:
    citizen = await a_citizen()
    await hands_in(citizen)

    assert "Status: diterima" in await citizen.says("kirim")
    assert await Question.all().count() == 0


@pytest.mark.parametrize("label", ["KTP-el", "KTP-el hilang"])
async def test_an_old_list_of_services_does_not_leave_the_form(label: str) -> None:
    citizen = await a_citizen()
    await citizen.says("menu", "1")
    tap = citizen.buttons["KTP-el"]
    await citizen.taps("KTP-el")
    tap = citizen.buttons.get(label, tap)
    await citizen.says("KTP-el rusak", "lanjut")

    assert "untuk siapa" in await citizen.taps_old(tap)
    assert citizen.heard.startswith("Tombol itu dari pesan lama")


async def test_a_photo_instead_of_the_words_for_a_person_finds_its_way_into_the_form() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.says("0")
    await citizen.sends("surat")
    assert "Lanjutkan permohonan KTP-el hilang" in citizen.heard
    await citizen.taps("Lanjutkan")

    assert "1 dari 2 berkas wajib diterima" in citizen.heard


# Words on pictures


async def test_a_question_on_a_picture_before_the_notice_is_agreed_to_reaches_a_person() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang")
    await citizen.sends("surat", captions=["apakah yang ini boleh?"])

    assert (await Question.get()).text == "apakah yang ini boleh?"
    assert "LANJUT" in citizen.buttons


async def test_a_caption_that_turns_out_to_name_no_paper_reaches_a_person_once() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang")
    await citizen.sends("kk", "surat", captions=["Kartu keluarga", "punya mama saya"])
    assert await Question.all().count() == 0
    await citizen.says("lanjut")

    assert "Diterima: KK, Surat hilang polisi" in citizen.heard
    assert (await Question.get()).text == "punya mama saya"


async def test_words_on_a_picture_that_cannot_be_used_reach_a_person() -> None:
    citizen = await a_citizen()
    await citizen.sends(await citizen.file("x", size=0), captions=["ini KTP mama saya"])

    assert "berkas kosong" in citizen.heard
    assert (await Question.get()).text == "ini KTP mama saya"


@pytest.mark.parametrize("in_a_form", [True, False])
async def test_words_on_a_video_reach_a_person(in_a_form: bool) -> None:
    citizen = await a_citizen()
    if in_a_form:
        await reaches_papers(citizen)
    video: dict[str, Any] = {"file_id": "v", "file_unique_id": "v", "width": 1, "height": 1, "duration": 1}
    await citizen.sends_kind(video=video, caption="rumah saya terbakar")

    assert "Video" in citizen.heard
    assert (await Question.get()).text == "rumah saya terbakar"


# A correction while a form is being filled in


@pytest.fixture
async def between() -> tuple[Citizen, Request]:
    """In the middle of a second form when a paper of the first request is asked for again."""
    citizen = await a_citizen()
    first = await hands_in(citizen)
    await citizen.says("mulai", "akta lahir", "lanjut", "anak")
    await citizen.later(hours=1)
    await asked_again_at(first, citizen)
    await citizen.later(hours=1)
    return citizen, first


async def asked_again_at(request: Request, citizen: Citizen) -> None:
    member, _ = await staff.add("Budi", Role.OPERATOR, citizen.now)
    await Request.filter(id=request.id).update(state=RequestState.IN_REVIEW, owner_id=member.id)
    await papers.ask_again(await Request.get(id=request.id), "kk", "buram", member, citizen.now)


async def test_a_photo_after_a_correction_was_asked_for_is_put_where_the_citizen_says(
    between: tuple[Citizen, Request],
) -> None:
    citizen, first = between
    await citizen.sends("kk baru")
    assert "permohonan yang mana" in citizen.heard
    assert "Lanjutkan permohonan" in citizen.heard
    await citizen.taps(requests.printed(first))

    assert "pengganti" in citizen.heard
    assert "nama lengkap" in citizen.heard  # and the form goes on, in the same message
    assert (await Request.get(id=first.id)).state is RequestState.IN_REVIEW
    draft = await the_request(citizen)
    assert await Paper.filter(request_id=draft.id).count() == 0


async def test_it_may_be_for_the_form_and_then_the_form_is_not_asked_about_again(
    between: tuple[Citizen, Request],
) -> None:
    citizen, first = between
    await citizen.sends("surat lahir")
    await citizen.taps("Lanjutkan")
    assert "Berkas yang sudah dikirim tadi kami pakai" in citizen.heard
    await citizen.sends("buku nikah")

    assert "Diterima" in citizen.heard
    draft = await the_request(citizen)
    assert await Paper.filter(request_id=draft.id).count() == 2
    assert (await Request.get(id=first.id)).state is RequestState.NEEDS_CORRECTION


async def test_held_photos_wait_until_it_is_said_where_they_belong(between: tuple[Citizen, Request]) -> None:
    citizen, first = between
    await citizen.sends("kk baru")
    await citizen.says("status")
    await citizen.sends("kk baru, sisi lain")
    assert "permohonan yang mana" in citizen.heard
    await citizen.taps(requests.printed(first))

    taken = await Paper.filter(request_id=first.id, state=PaperState.RECEIVED, slot="kk").count()
    assert (taken, await Paper.filter(request_id=first.id, slot="extra").count()) == (1, 1)


async def test_a_request_that_ended_before_the_choice_keeps_the_photos(
    between: tuple[Citizen, Request],
) -> None:
    citizen, first = between
    await citizen.sends("kk baru")
    tap = citizen.buttons[requests.printed(first)]
    budi = next(member for member in await staff.listing() if member.name == "Budi")
    await desk.reject(first.queue_number or 0, "palsu", budi, citizen.now)
    await citizen.taps_old(tap)
    assert "permohonan yang mana" in citizen.heard
    await citizen.taps("Lanjutkan")

    assert await Paper.filter(request_id=(await the_request(citizen)).id).count() == 1


async def test_outside_any_form_a_lone_correction_takes_the_photo_at_once() -> None:
    citizen = await a_citizen()
    first = await hands_in(citizen)
    await citizen.says("mulai", "akta lahir", "lanjut", "batal")
    await asked_again(first, "kk")
    await citizen.sends("kk baru")

    assert "pengganti" in citizen.heard
