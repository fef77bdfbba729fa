"""``cek CODE`` and ``lapor``: what is ours is said to be, what is not is warned of."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from models.contacts import Contact
from models.database import transaction
from models.outbox import OutboxMessage
from models.requests import Question, Request
from models.sealing import held
from models.sealing.keys import Keys
from models.staff import Role
from office import genuine, questions, staff
from office.check_words import check_word, today
from office.context import open_office
from office.misses import MOST
from office.notices import render
from office.number import RequestNumber
from tests.handlers.citizens import Citizen, a_citizen
from tests.handlers.test_citizen_applies import hands_in
from tests.handlers.test_citizen_comes_back import asked_again
from tests.offices.statements import watched
from tests.sealed import RING

pytestmark = pytest.mark.usefixtures("database", "opened")

WRONG = "K7Q2-M9FD-X KQRT42"
AWAS = "Awas, kode itu bukan dari kami."
GENUINE = "Ya, kode itu asli, dari Dinas Kependudukan dan Pencatatan Sipil Kabupaten Rote Ndao."


@pytest.fixture
def opened() -> None:
    open_office(public_url="https://loket.example")


async def code_of_the_last_notice(contact: Contact) -> str:
    """As it stands in the message itself."""
    row = await OutboxMessage.filter(contact_id=contact.id, kind="notice").order_by("-id").first()
    assert row is not None
    text = (await render(row.name, json.loads(row.payload), "id")).text
    return text.rpartition("<b>cek ")[2].partition("</b>")[0]


async def told_of_a_correction(citizen: Citizen) -> tuple[Request, str]:
    """A request, and the code of the notice about it."""
    request = await hands_in(citizen)
    await asked_again(request, "kk")
    return request, await code_of_the_last_notice(citizen.contact)


@pytest.mark.parametrize("typed", ["cek {}", "CEK  {}", "Cek kode: {}", "/cek {}"])
async def test_a_genuine_code_says_office_request_and_date(typed: str) -> None:
    maria = await a_citizen()
    request, code = await told_of_a_correction(maria)
    for form in (code, code.lower(), code.replace("-", " "), code.replace(" ", "")):
        told = await maria.says(typed.format(form))
        assert GENUINE in told
        assert f"permohonan nomor {RequestNumber(request.number)} dan dibuat pada 24 November 2026" in told
        assert "Nomor itu ada di percakapan ini" in told


async def test_anybody_may_ask_and_learns_no_more_than_the_message_said() -> None:
    maria, stranger = await a_citizen(), await a_citizen()
    request, code = await told_of_a_correction(maria)
    told = await stranger.says(f"cek {code}")
    assert GENUINE in told and str(RequestNumber(request.number)) in told
    assert "tidak ada di percakapan ini" in told
    assert not {"Maria", "KTP", "Toh", "KK"} & set(told.replace(".", " ").split())


async def test_the_word_alone_is_enough_where_the_request_is_their_own() -> None:
    maria, stranger = await a_citizen(), await a_citizen()
    _, code = await told_of_a_correction(maria)
    word = code.split()[-1]
    assert GENUINE in await maria.says(f"cek {word}")
    assert AWAS in await stranger.says(f"cek {word}")


@pytest.mark.parametrize(
    "typed",
    [
        WRONG,
        "ABC-12345",
        "99999",
        "K7Q2-M9FD-X",
        "T12 KQRT42",
        "D1KQRT42",
        "KQRT42",
        "ikd2026 otp88",
        "é٣é٣é٣1",
    ],
)
async def test_any_other_code_is_warned_of(typed: str) -> None:
    maria = await a_citizen()
    await hands_in(maria)
    told = await maria.says(f"cek {typed}")
    assert AWAS in told and "Jangan buka tautannya" in told and "lapor" in told
    assert not await Question.exists()


async def test_a_code_is_for_one_number_one_day_and_one_office() -> None:
    maria = await a_citizen()
    request, code = await told_of_a_correction(maria)
    number, on = str(RequestNumber(request.number)), today(maria.now)
    assert code == f"{number} {check_word(number, on)}"
    for other in (check_word("T1", on), check_word(number, on + timedelta(days=1))):
        assert AWAS in await maria.says(f"cek {number} {other}")
    await maria.later(days=genuine.REMEMBERED - 1)
    assert GENUINE in await maria.says(f"cek {code}")
    await maria.later(days=1)
    assert AWAS in await maria.says(f"cek {code}")


async def test_an_answer_to_a_question_has_a_code_too() -> None:
    maria = await a_citizen()
    await maria.says("petugas", "Apakah buka hari Sabtu?")
    ani, _ = await staff.add("Ani", Role.OPERATOR, maria.now)
    await transaction(lambda: questions.answer(1, "Tidak, Senin.", ani, maria.now))
    code = await code_of_the_last_notice(maria.contact)
    assert code.startswith("T1 ")
    assert "pertanyaan T1 dan" in await maria.says(f"cek {code}")
    assert "Nomor itu ada" in maria.heard


async def test_a_code_lives_on_when_the_keys_are_rotated(tmp_path: Path) -> None:
    keys = Keys.open(tmp_path / "keys.json")
    held.hold(keys, RING)
    maria = await a_citizen()
    _, code = await told_of_a_correction(maria)
    keys.rotate(tmp_path / "keys.json")
    held.hold(Keys.read(tmp_path / "keys.json"), RING)
    assert GENUINE in await maria.says(f"cek {code}")
    held.hold(Keys.new(), RING)
    assert AWAS in await maria.says(f"cek {code}")


async def test_guesses_end_in_waiting_and_so_does_the_right_one_then() -> None:
    maria, stranger = await a_citizen(), await a_citizen()
    request, code = await told_of_a_correction(maria)
    number, told = str(RequestNumber(request.number)), []
    for guess in range(MOST + 3):
        told.append(await stranger.says(f"cek {number} AAAA{guess:02}"))
    assert [AWAS in one for one in told] == [True] * (MOST - 1) + [False] * 4
    assert "Mohon tunggu satu jam" in await stranger.says(f"cek {code}")
    await stranger.later(hours=1, seconds=1)
    assert GENUINE in await stranger.says(f"cek {code}")


async def test_a_wrong_word_costs_the_same_whether_there_is_such_a_request_or_not() -> None:
    maria, stranger = await a_citizen(), await a_citizen()
    request, _ = await told_of_a_correction(maria)
    asked, heard = [], []
    for number in (RequestNumber(request.number), RequestNumber.new()):
        with watched() as told:
            heard.append(await stranger.says(f"cek {number} KQRT42"))
        asked.append(told)
    assert heard[0] == heard[1] and asked[0] == asked[1]


@pytest.mark.parametrize("typed", ["cek", "cek status", "cek ktp saya", "cek berkas", "cek permohonan 12"])
async def test_what_is_no_code_goes_where_it_always_went(typed: str) -> None:
    maria = await a_citizen()
    await hands_in(maria)
    told = await maria.says(typed)
    assert "Awas" not in told and "asli" not in told.partition("Selamat")[0]


async def test_amid_a_form_it_is_answered_and_the_form_goes_on() -> None:
    maria = await a_citizen()
    await maria.says("mulai", "ktp hilang", "lanjut", "1")
    assert "nama lengkap" in maria.heard.lower()
    for typed, answer in ((f"cek {WRONG}", AWAS), ("lapor", "tempel isi pesan")):
        assert answer in await maria.says(typed)
    told = await maria.says("Kirim kode OTP ke bit.ly/x")
    assert "T1" in told and "nama lengkap" in told.lower()
    assert (await Question.get()).request_id == (await Request.get()).id
    await maria.says("Maria Toh")
    assert (await Request.get()).subject_name == "Maria Toh"


@pytest.mark.parametrize(
    "steps",
    [("lapor", "Bapak, kirim OTP ke bit.ly/ikd"), ("LAPOR Bapak, kirim OTP ke bit.ly/ikd",)],
    ids=["in two", "at once"],
)
async def test_a_suspicious_message_goes_to_the_desk_marked_and_harmless(steps: tuple[str, ...]) -> None:
    desk_chat = await a_citizen()
    _, code = await staff.add("Ani", Role.OPERATOR, desk_chat.now)
    await transaction(lambda: staff.bind(code, desk_chat.contact, "telegram", "42", desk_chat.now))
    maria = await a_citizen()
    told = await maria.says(*steps)
    assert "T1" in told and "jangan buka tautannya" in told and "hubungi bank" in told
    assert (await Question.get()).text == "[LAPORAN pesan mencurigakan] Bapak, kirim OTP ke bit.ly/ikd"
    row = await OutboxMessage.get(name="staff_question")
    shown = (await render(row.name, json.loads(row.payload), "id")).text
    assert "[LAPORAN pesan mencurigakan] Bapak, kirim O·TP ke bit[.]ly/ikd" in shown


@pytest.mark.parametrize("typed", ["lapor kematian", "lapor diri"])
async def test_reporting_a_death_is_no_report_of_a_message(typed: str) -> None:
    maria = await a_citizen()
    await maria.says(typed)
    assert not await Question.filter(text__startswith="[LAPORAN").exists()
    assert all("LAPORAN" not in one.text for one in await Question.all())


async def test_whoever_may_be_new_at_a_number_may_ask_and_is_told_nothing_else() -> None:
    maria = await a_citizen()
    request, code = await told_of_a_correction(maria)
    maria.in_doubt = True
    assert GENUINE in await maria.says(f"cek {code}")
    assert AWAS in await maria.says(f"cek {WRONG}")
    told = await maria.says(f"cek {RequestNumber(request.number)}")
    assert "asli" not in told and "KTP" not in told and "Maria" not in told
