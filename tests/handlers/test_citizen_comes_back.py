"""Papers, coming back, corrections, a person, and everything that fits nowhere."""

import pytest

from bot.channels.base import Channel
from models.contacts import Contact
from models.files import FileState
from models.requests import Paper, PaperState, Question, Request, RequestState
from models.staff import Role
from office import desk, papers, queue, requests, staff
from office.context import open_office
from office.number import RequestNumber
from office.words import LANGUAGES
from tests.handlers.citizens import TUESDAY_MORNING, a_citizen
from tests.handlers.test_citizen_applies import GENUINE, hands_in, reaches_papers, the_request
from wiring.channels import LANGUAGE_WORDS

pytestmark = pytest.mark.usefixtures("database", "opened")


@pytest.fixture
def opened() -> None:
    open_office(public_url="https://loket.example")


async def asked_again(request: Request, slot: str) -> None:
    """An operator takes the request, if nobody has, and asks for a paper again."""
    people = await staff.listing()
    operator = people[0] if people else (await staff.add("Ani", Role.OPERATOR, TUESDAY_MORNING))[0]
    if request.state is RequestState.SUBMITTED:
        request = await queue.take(operator, request.queue_number, TUESDAY_MORNING)
    await papers.ask_again(request, slot, "buram", operator, TUESDAY_MORNING)


# Papers


async def test_a_burst_with_doubles_is_one_step_and_one_answer() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen, "akta perkawinan")
    await citizen.sends("a", "b", "c", "b", "d", "e", "f", "a")

    assert len(citizen.answers) == 1
    assert "2 foto sama dengan yang sudah ada" in citizen.heard
    assert await Paper.filter(request_id=(await the_request(citizen)).id).count() == 6


async def test_a_caption_says_which_paper_it_is() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends("x", captions=["Kartu keluarga"])

    assert "Diterima: KK." in citizen.heard
    assert "Surat keterangan hilang" in citizen.heard
    assert await Question.all().count() == 0


async def test_a_caption_that_asks_something_reaches_a_person() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends("x", captions=["kak ini sudah benar? kapan jadinya"])

    assert "sudah kami teruskan ke petugas" in citizen.heard
    assert (await Question.get()).request_id == (await the_request(citizen)).id


@pytest.mark.parametrize(
    ("mime", "size", "state", "problem", "sentence"),
    [
        ("image/jpeg", 0, FileState.STORED, None, "berkas kosong"),
        ("image/jpeg", 30_000_000, FileState.REFUSED, "too_big", "terlalu besar"),
        ("application/vnd.openxmlformats", 900, FileState.STORED, None, "bukan foto atau PDF"),
        ("image/jpeg", 0, FileState.REFUSED, "gone", "tidak sampai"),
        ("image/jpeg", 0, FileState.REFUSED, "some_new_problem", "tidak sampai"),
    ],
)
async def test_a_file_that_is_no_paper_gets_one_sentence(
    mime: str, size: int, state: FileState, problem: str | None, sentence: str
) -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends(await citizen.file("x", mime=mime, size=size, state=state, problem=problem))

    assert sentence in citizen.heard
    assert "Surat keterangan hilang" in citizen.heard
    assert await Paper.all().count() == 0


async def test_a_photo_without_its_file_is_asked_for_again() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    photo = {"file_id": "lost", "file_unique_id": "lost", "width": 0, "height": 0}

    assert "tidak sampai" in await citizen.sends_kind(photo=[photo])


OTHER_KINDS: tuple[tuple[dict[str, object], str], ...] = (
    (
        {
            "sticker": {
                "file_id": "s",
                "file_unique_id": "s",
                "type": "regular",
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
            }
        },
        "Stiker",
    ),
    ({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 1}}, "pesan suara"),
    (
        {"video": {"file_id": "v", "file_unique_id": "v", "width": 1, "height": 1, "duration": 1}},
        "Video",
    ),
    ({"contact": {"phone_number": "1", "first_name": "A"}}, "Kartu kontak"),
    ({"location": {"latitude": 1.0, "longitude": 1.0}}, "Lokasi"),
    ({}, "jenis pesan ini"),
    ({"dice": {"emoji": "x", "value": 1}}, "jenis pesan ini"),
)


async def test_other_kinds_get_one_sentence_in_a_form_and_outside() -> None:
    citizen = await a_citizen()
    for content, sentence in OTHER_KINDS:
        assert sentence in await citizen.sends_kind(**content)
        assert "menu" in citizen.heard
    await reaches_papers(citizen)
    for content, sentence in OTHER_KINDS:
        assert sentence in await citizen.sends_kind(**content)
        assert "Surat keterangan hilang" in citizen.heard


async def test_done_too_early_names_what_is_missing() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends("surat")
    await citizen.says("SELESAI")

    assert "Masih kurang: KK" in citizen.heard


async def test_papers_may_come_before_the_questions_are_answered() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang")
    assert "kami simpan" in await citizen.sends("surat")
    await citizen.says("lanjut")
    assert "Diterima: Surat hilang polisi" in citizen.heard
    assert "Diterima: KK" in await citizen.sends("kk")
    assert "untuk siapa" in citizen.heard
    await citizen.says("1", "Maria Toh", GENUINE, "Metina", "ya")

    assert "KIRIM" in citizen.buttons


# Leaving and coming back


async def test_a_draft_goes_on_days_later_where_it_was_left() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.sends("surat")
    await citizen.says("batal")
    assert "simpan sebagai draf" in citizen.heard
    await citizen.later(days=5)

    await citizen.says("mulai")
    assert "Lanjutkan permohonan KTP-el hilang (berkas 2 dari 2)?" in citizen.heard
    await citizen.taps("Lanjutkan")

    assert "1 dari 2 berkas wajib diterima" in citizen.heard
    await citizen.sends("kk")
    await citizen.says("selesai", "kirim")
    assert (await the_request(citizen)).state is RequestState.SUBMITTED


async def test_a_draft_can_be_thrown_away() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.says("menu")
    drop = citizen.buttons["Hapus draf"]
    await citizen.taps("Hapus draf")
    assert "Draf sudah dihapus" in citizen.heard
    assert "tidak berlaku lagi" in await citizen.taps_old(drop)

    assert "Selamat pagi" in await citizen.says("mulai")


async def test_nothing_to_leave_is_said() -> None:
    citizen = await a_citizen()

    assert "Tidak ada formulir" in await citizen.says("batal")


async def test_an_old_menu_in_the_middle_of_a_form_tells_and_goes_on() -> None:
    citizen = await a_citizen()
    await citizen.says("menu")
    hours = citizen.buttons["Jam buka dan alamat"]
    await reaches_papers(citizen)
    await citizen.taps_old(hours)

    assert "Senin–Kamis 08.00–15.00" in citizen.heard
    assert "bukan fotokopi" in citizen.heard


async def test_a_paper_out_of_the_blue_is_the_first_of_the_next_request() -> None:
    citizen = await a_citizen()
    await citizen.sends("surat")
    assert "sudah kami simpan" in citizen.heard
    await citizen.taps("Permohonan baru")
    await citizen.says("ktp hilang", "lanjut")

    assert "Diterima: Surat hilang polisi" in citizen.heard
    await citizen.says("1", "Maria Toh", GENUINE, "Metina", "ya")
    assert "1 dari 2 berkas wajib diterima" in citizen.heard


async def test_a_paper_out_of_the_blue_joins_the_draft_that_waits() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.says("batal")
    await citizen.sends("surat")
    assert "Lanjutkan permohonan KTP-el hilang" in citizen.heard
    await citizen.taps("Lanjutkan")

    assert "1 dari 2 berkas wajib diterima" in citizen.heard


async def test_a_paper_is_added_to_a_request_that_was_handed_in() -> None:
    citizen = await a_citizen()
    request = await hands_in(citizen)
    await citizen.sends("surat tambahan")
    label = next(label for label in citizen.buttons if label.startswith(requests.printed(request)))
    tap = citizen.buttons[label]
    await citizen.taps(label)

    assert "Berkas ditambahkan" in citizen.heard
    assert await Paper.filter(request_id=request.id, slot="extra").count() == 1
    assert "sudah kami terima" in await citizen.taps_old(tap)
    assert await Paper.filter(request_id=request.id).count() == 3


# Status


async def test_status_by_word_and_by_number() -> None:
    citizen = await a_citizen()
    assert "Belum ada permohonan" in await citizen.says("status")
    request = await hands_in(citizen)
    number = requests.printed(request)

    assert f"{number}: KTP-el hilang, Maria T.\nStatus: diterima" in await citizen.says("status")
    assert number in await citizen.says(number.lower().replace("-", " "))


async def test_status_in_the_middle_of_a_form_does_not_lose_it() -> None:
    citizen = await a_citizen()
    number = requests.printed(await hands_in(citizen))
    await citizen.says("mulai", "akta lahir", "lanjut", "status")
    assert number in citizen.heard
    assert "untuk siapa" in citizen.heard
    await citizen.says(number)

    assert "Status: diterima" in citizen.heard
    assert "untuk siapa" in citizen.heard


async def test_a_number_of_letters_only_is_known_without_its_hyphens() -> None:
    citizen, other = await a_citizen(), await a_citizen()
    request = await hands_in(citizen)
    written = {"subject_name": request.subject_name, "nik": request.nik}
    request.number = str(RequestNumber.parse("SNHZ-FEBF-Q")).replace("-", "")
    await Request.filter(id=request.id).update(number=request.number, **request.sealed(**written))

    assert "SNHZ-FEBF-Q: KTP-el hilang" in await citizen.says("snhz febf q")
    assert "Status" not in await other.says("snhz febf q")


async def test_somebody_elses_number_and_no_number_sound_alike() -> None:
    one, other = await a_citizen(), await a_citizen()
    number = requests.printed(await hands_in(one))
    nobodys = "0000-0000-0"

    theirs = await other.says(number)

    assert theirs.replace(number, "") == (await other.says(nobodys)).replace(nobodys, "")
    assert "Maria" not in theirs


async def test_a_mistyped_number_is_told_apart() -> None:
    citizen = await a_citizen()
    number = requests.printed(await hands_in(citizen))
    wrong = ("1" if number[0] != "1" else "2") + number[1:]

    assert "nomor" in (await citizen.says(wrong)).lower()
    assert await Question.all().count() == 0
    assert "Status:" not in citizen.heard


# Corrections


async def test_one_photo_answers_the_one_correction() -> None:
    citizen = await a_citizen()
    request = await hands_in(citizen)
    await asked_again(request, "kk")
    await citizen.later(days=2)

    await citizen.sends("kk lagi")

    assert "Diterima: KK" in citizen.heard
    assert "petugas memeriksanya lagi" in citizen.heard
    again = await Request.get(id=request.id)
    assert again.state is RequestState.IN_REVIEW
    assert again.queue_number == request.queue_number
    assert await Paper.filter(request_id=request.id, slot="kk", state=PaperState.RECEIVED).count() == 1


async def test_a_wrong_file_does_not_answer_a_correction() -> None:
    citizen = await a_citizen()
    request = await hands_in(citizen)
    await asked_again(request, "kk")

    await citizen.sends(await citizen.file("x", size=0))

    assert "berkas kosong" in citizen.heard
    assert "masih menunggu: KK" in citizen.heard
    assert (await Request.get(id=request.id)).state is RequestState.NEEDS_CORRECTION


async def test_status_names_the_paper_that_is_waited_for() -> None:
    citizen = await a_citizen()
    await asked_again(await hands_in(citizen), "kk")

    assert "Mohon kirim ulang: KK" in await citizen.says("status")


async def test_status_says_why_a_request_waits_or_was_refused() -> None:
    citizen = await a_citizen()
    request = await hands_in(citizen)
    ani, _ = await staff.add("Ani", Role.OPERATOR, TUESDAY_MORNING)
    await queue.take(ani, request.queue_number, TUESDAY_MORNING)
    number = request.queue_number or 0
    await desk.hold(number, "blangko", ani, TUESDAY_MORNING)
    assert "Sebabnya: blangko kartu sedang habis (bukan karena berkas" in await citizen.says("status")
    await desk.resume(number, ani, TUESDAY_MORNING)
    assert "Sebabnya" not in await citizen.says("status")
    await desk.reject(number, "surat hilang palsu", ani, TUESDAY_MORNING)

    assert "Status: ditolak" in await citizen.says("status")
    assert "Sebabnya: surat hilang palsu" in citizen.heard


async def test_status_tells_each_output_of_a_package() -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "akta lahir", "lanjut", "anak saya", "Bayi Toh", "Metina", "ya")
    await citizen.sends("lahir", "nikah", "kk")
    await citizen.says("selesai", "kirim")
    request = await Request.get(contact_id=citizen.contact.id)
    ani, _ = await staff.add("Ani", Role.OPERATOR, TUESDAY_MORNING)
    await queue.take(ani, request.queue_number, TUESDAY_MORNING)
    number = request.queue_number or 0
    await desk.complete(number, ani, TUESDAY_MORNING)
    await desk.issued(number, ani, TUESDAY_MORNING)
    assert "Kutipan akta kelahiran: terkirim digital" in await citizen.says("status")
    assert "KIA" not in citizen.heard
    await desk.ready(number, ani, TUESDAY_MORNING, only=["kia"])

    assert "Status: siap diambil" in await citizen.says("status")
    assert "Kartu Identitas Anak (KIA): siap diambil" in citizen.heard


async def test_among_several_corrections_the_citizen_says_which() -> None:
    citizen = await a_citizen()
    first, second = await hands_in(citizen), await hands_in(citizen, "Yosef Toh")
    await asked_again(first, "kk")
    await asked_again(second, "kk")
    await citizen.sends("kk baru")
    assert "permohonan yang mana" in citizen.heard
    await citizen.taps(next(b for b in citizen.buttons if b.startswith(requests.printed(second))))

    assert requests.printed(second) in citizen.heard
    assert (await Request.get(id=second.id)).state is RequestState.IN_REVIEW
    assert (await Request.get(id=first.id)).state is RequestState.NEEDS_CORRECTION


# A person


async def test_words_in_the_middle_of_a_form_reach_a_person_and_the_form_goes_on() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.says("kak KK saya dibawa suami ke Kupang, boleh menyusul?")

    question = await Question.get()
    assert question.text == "kak KK saya dibawa suami ke Kupang, boleh menyusul?"
    assert question.request_id == (await the_request(citizen)).id
    assert f"T{question.number}" in citizen.heard
    assert "bukan fotokopi" in citizen.heard


@pytest.mark.parametrize("step", [(), ("lanjut",), ("lanjut", "1"), ("lanjut", "1", "Ana", GENUINE)])
async def test_at_every_step_words_are_kept(step: tuple[str, ...]) -> None:
    citizen = await a_citizen()
    await citizen.says("mulai", "ktp hilang", *step)
    await citizen.says("kk mau tanya dulu")

    assert (await Question.get()).text == "kk mau tanya dulu"
    assert "sudah kami teruskan ke petugas" in citizen.heard


async def test_a_lone_digit_troubles_nobody() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.says("7")

    assert "pilihan itu tidak ada" in citizen.heard
    assert await Question.all().count() == 0


async def test_a_person_is_asked_for_in_the_middle_of_a_form() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.says("0")
    assert "Urutan ke-1" in citizen.heard
    assert "Senin–Kamis 08.00–15.00" in citizen.heard
    await citizen.says("Apakah bisa diwakilkan")

    assert (await Question.get()).text == "Apakah bisa diwakilkan"
    assert "bukan fotokopi" in citizen.heard


async def test_at_night_it_is_said_when_staff_read() -> None:
    citizen = await a_citizen()
    await citizen.later(hours=12)
    await citizen.says("petugas")

    assert "mulai 25 November 2026 pukul 08.00 WITA" in citizen.heard


async def test_on_friday_evening_the_next_day_is_monday() -> None:
    citizen = await a_citizen()
    await citizen.later(days=3, hours=5)

    assert "30 November 2026 pukul 08.00 WITA" in await citizen.says("petugas")


async def test_a_complaint_is_marked_as_one() -> None:
    citizen = await a_citizen()
    await citizen.says("menu", "5", "Antreannya lama sekali")

    assert (await Question.get()).text == "Pengaduan: Antreannya lama sekali"


async def test_kakak_may_i_ask_opens_no_family_card() -> None:
    citizen = await a_citizen()
    await citizen.says("kk mau tanya")

    assert await Request.all().count() == 0
    assert (await Question.get()).text == "kk mau tanya"


@pytest.mark.parametrize("typed", ["kk", "p", "hm"])
async def test_a_few_letters_out_of_the_blue_bring_the_menu(typed: str) -> None:
    citizen = await a_citizen()

    assert "1 Ajukan dokumen" in await citizen.says(typed)
    assert await Request.all().count() == 0


async def test_kk_means_the_card_where_a_document_is_asked_for() -> None:
    citizen = await a_citizen()
    await citizen.says("menu", "1", "kk")

    assert "KK hilang/rusak" in citizen.buttons


async def test_a_typed_format_of_another_office_reaches_a_person() -> None:
    citizen = await a_citizen()
    await citizen.says(f"#KTP#{GENUINE}#Maria Toh#Metina#Hilang")

    assert GENUINE not in citizen.heard
    assert GENUINE in (await Question.get()).text
    assert "1 Ajukan dokumen" in citizen.heard


# The rest


async def test_the_numbers_of_the_menu_work_without_its_buttons() -> None:
    citizen = await a_citizen()

    assert "Jam layanan" in await citizen.says("4")


async def test_requirements_can_be_read_without_applying() -> None:
    citizen = await a_citizen()
    await citizen.says("menu", "3", "akta lahir")

    assert "Berkas yang diperlukan" in citizen.heard
    assert await Request.all().count() == 0


async def test_a_staff_command_is_an_unknown_command() -> None:
    citizen = await a_citizen()
    assert "Perintah itu tidak dikenal" in await citizen.says("/antrean")
    await reaches_papers(citizen)

    assert "Perintah itu tidak dikenal" in await citizen.says("/ambil 3")
    assert await Question.all().count() == 0


async def test_the_language_is_switched_and_stays() -> None:
    citizen = await a_citizen()
    await reaches_papers(citizen)
    await citizen.says("Bahasa")
    assert "we speak English from now on" in citizen.heard
    assert "no photocopies" in citizen.heard
    assert "required papers received" in await citizen.sends("surat")
    assert (await Contact.get(id=citizen.contact.id)).language == "en"

    assert "bahasa Indonesia" in await citizen.says("language")


async def test_a_language_is_asked_for_by_its_name() -> None:
    citizen = await a_citizen()
    for word in (*LANGUAGE_WORDS.values(), "english", "ENGLISH", "Bahasa Inggris"):
        told = await citizen.says(word)
        assert told.startswith("Baik, mulai" if word == LANGUAGE_WORDS["id"] else "All right, we"), word
    assert (await Contact.get(id=citizen.contact.id)).language == "en"
    assert set(LANGUAGE_WORDS) == set(LANGUAGES)


async def test_thanks_are_answered_and_trouble_nobody() -> None:
    citizen = await a_citizen()

    assert "Sama-sama" in await citizen.says("Terima kasih!")
    assert await Question.all().count() == 0


async def test_an_edited_message_is_not_ignored() -> None:
    citizen = await a_citizen()

    assert "tidak kami baca ulang" in await citizen.edits("Maria Toha")


async def test_without_an_address_of_ours_staff_read_the_nik() -> None:
    open_office()
    citizen = await a_citizen(Channel.WHATSAPP, "form")
    await citizen.says("mulai", "ktp hilang", "lanjut", "1", "Maria Toh")

    assert "desa/kelurahan" in citizen.heard


async def test_group_chats_are_none_of_ours() -> None:
    citizen = await a_citizen()

    assert await citizen.says_in_a_group("menu") == []
