"""One person on WhatsApp and on the web page; strangers with codes; a number that has another owner."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from models.contacts import Contact, Conversation
from models.database import transaction
from models.outbox import OutboxMessage, OutboxState
from models.requests import Paper, Question, Request, RequestState
from models.staff import Role, StaffBinding
from office import staff
from tests.fakes import pictures
from tests.flows import doors
from tests.flows.counter import APP_SECRET, Counter
from tests.flows.steps import comes_to_the_papers, files_a_lost_card, number_in, said, says, settled
from tests.patience import PATIENCE
from tests.phone import Phone
from tests.phones import WhatsAppPhone
from tests.web_phone import WebPhone

NUMBER = "6281234567890"
CODE = re.compile(r"tautkan (\w{4}-\w{4})")
CLOSED = "mungkin sudah berganti pemilik"


@pytest.fixture
async def browser(counter: Counter) -> AsyncIterator[WebPhone]:
    async with WebPhone(counter.url) as web:
        yield web


async def code_for(person: Phone) -> str:
    found = CODE.search(await says(person, "tautkan"))
    assert found, person.last
    return found.group(1)


async def link(asks: Phone, types: Phone) -> None:
    """The whole way: a code here, typed there, and a yes in both."""
    await types.says(f"tautkan {await code_for(asks)}")
    await types.hears(containing="Apakah Bapak/Ibu sendiri yang meminta kode itu?")
    await types.taps("Ya")
    await types.hears(containing="pilih Ya di sana")
    await asks.hears(containing="Apakah itu Bapak/Ibu sendiri?")
    await asks.taps("Ya")
    await asks.hears(containing="sudah tergabung")
    await types.hears(containing="sudah tergabung")


def somebody(counter: Counter, wa_id: str, bsuid: str, name: str = "Yakob Fanggi") -> WhatsAppPhone:
    door = f"{counter.url}/webhooks/whatsapp"
    return WhatsAppPhone(counter.graph, door, APP_SECRET, wa_id=wa_id, bsuid=bsuid, name=name)


async def moves(counter: Counter, person: WhatsAppPhone) -> None:
    """Another number, and the office has heard of it."""
    assert await person.changes_number("6281399990000", "ID.2") == 200
    await settled(counter)


async def changes_phone(counter: Counter, person: WhatsAppPhone) -> None:
    assert await person.changes_phone() == 200
    await settled(counter)


async def what_became_of(name: str) -> tuple[OutboxState, str | None]:
    """Of the only notice of this name, once delivery has tried it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            notice = await OutboxMessage.get(name=name)  # each look lets delivery go on
            if notice.state not in (OutboxState.QUEUED, OutboxState.CLAIMED):
                return notice.state, notice.failure


# ---------------------------------------------------------------------- one person, two chats


async def test_requests_are_seen_in_both_and_news_comes_where_they_were_filed(
    counter: Counter, browser: WebPhone
) -> None:
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    number = await files_a_lost_card(citizen)
    assert number not in await says(browser, "halo", "status")
    assert "tidak ditemukan" in await says(browser, number)

    await link(citizen, browser)
    assert number in await says(browser, "status")
    assert number in await says(citizen, "status")
    assert number in await says(browser, number)
    assert "WhatsApp (nomor berakhiran 890)" in "".join(browser.everything)
    assert "halaman web dinas" in "".join(citizen.everything)

    await says(ani, "/ambil", "/lengkap 1")
    assert number in await citizen.hears(containing="lengkap")
    assert not [text for text in browser.everything if "sudah lengkap" in text]
    await settled(counter)


async def test_a_form_and_its_papers_on_the_page_go_on_after_linking(
    counter: Counter, browser: WebPhone
) -> None:
    citizen = counter.citizen()
    await comes_to_the_papers(browser, nik="5314015506900001")
    first = pictures.jpeg(1)
    await browser.sends_photo(first)
    await browser.hears(containing="1 dari 2")
    history = await browser.history()

    await link(citizen, browser)
    assert "1 dari 2" in await says(browser, "menu", "1")  # the draft is offered and taken up again
    await browser.sends_photo(pictures.jpeg(2))
    await browser.hears(containing="2 dari 2")
    await says(browser, "selesai")
    await browser.taps("KIRIM")
    number = number_in(await browser.hears(containing="sudah diterima"))
    assert number in await says(citizen, "status")
    assert await Paper.all().count() == 2

    after = {line["id"] for line in (await browser.history())["lines"]}
    assert {line["id"] for line in history["lines"]} <= after
    (file,) = [file for line in history["lines"] for file in line["files"]]
    async with browser.http.get(f"{browser.url}/chat/files/{file['id']}") as answer:
        assert answer.status == 200
        assert pictures.same(await answer.read(), first)


async def test_a_form_that_stands_open_asks_again_after_each_step(
    counter: Counter, browser: WebPhone
) -> None:
    citizen = counter.citizen()
    await comes_to_the_papers(citizen)
    await link(citizen, browser)
    assert "mohon kirim foto" in citizen.last
    await citizen.sends_photo(pictures.jpeg(1))
    await citizen.hears(containing="1 dari 2")


async def test_three_channels_of_one_person(counter: Counter, browser: WebPhone) -> None:
    citizen, telegram = counter.citizen(), doors.on_telegram(counter)
    number = await files_a_lost_card(citizen)
    await says(telegram, "halo")
    await link(citizen, browser)
    await link(browser, telegram)
    for person in (citizen, browser, telegram):
        assert number in await says(person, "status")
    assert await Contact.filter(merged_into=None).count() == 1


# ---------------------------------------------------------------------- nobody else


async def test_a_stranger_with_a_wrong_code_learns_nothing(counter: Counter, browser: WebPhone) -> None:
    citizen = counter.citizen()
    number = await files_a_lost_card(citizen)
    code = await code_for(citizen)
    heard = len(citizen.everything)
    for guess in range(5):
        assert "belum bisa dipakai" in await says(browser, f"tautkan K7Q2-M9F{guess}")
    assert "belum bisa dipakai" in await says(browser, f"tautkan {code}")  # too late: an hour's wait
    assert number not in await says(browser, "status")
    assert len(citizen.everything) == heard


async def test_no_means_no_on_either_side(counter: Counter, browser: WebPhone) -> None:
    citizen = counter.citizen()
    number = await files_a_lost_card(citizen)
    await says(browser, f"tautkan {await code_for(citizen)}")
    await browser.taps("Tidak")
    await browser.hears(containing="tidak ada yang digabungkan")

    await says(browser, f"tautkan {await code_for(citizen)}")
    await browser.taps("Ya")
    await citizen.hears(containing="Apakah itu Bapak/Ibu sendiri?")
    await said(counter)  # what may be typed is noted when the question has gone out
    await citizen.says("tidak")  # typed: as good as tapped
    await citizen.hears(containing="tidak ada yang digabungkan")
    await browser.hears(containing="tidak disetujui")
    assert number not in await says(browser, "status")
    await browser.taps("Ya", older=True)
    await browser.hears(containing="sudah dijawab atau sudah lewat waktunya")


async def test_a_code_that_is_too_old(counter: Counter, browser: WebPhone) -> None:
    citizen = counter.citizen()
    await says(citizen, "halo")
    code = await code_for(citizen)
    counter.clock.advance(minutes=15)
    assert "belum bisa dipakai" in await says(browser, f"tautkan {code}")


async def test_words_that_only_begin_like_it_go_to_a_person(counter: Counter) -> None:
    citizen = counter.citizen()
    await says(citizen, "halo")
    assert "kami teruskan" in (await says(citizen, "hubungkan saya dengan petugas")).lower()


# ---------------------------------------------------------------------- a number with new hands


async def test_a_changed_number_shows_nothing_until_a_request_number_proves_it(counter: Counter) -> None:
    citizen, ani = somebody(counter, NUMBER, "ID.1", "Maria Ndun"), await counter.operator("Ani")
    number = await files_a_lost_card(citizen)
    await says(ani, "/ambil", "/lengkap 1")
    await citizen.hears(containing="lengkap")
    await moves(counter, citizen)

    for typed in ("status", "menu", "halo", "ktp hilang", "bahasa", "batal"):
        answer = await says(citizen, typed)
        assert CLOSED in answer and number not in answer and "Maria" not in answer, typed
    await says(ani, "/siap 1")
    await says(ani, "/lihat 1")
    assert await what_became_of("ready_for_pickup") == (OutboxState.FAILED, "new_hands")

    assert "tidak ditemukan" in await says(citizen, "K7Q2-M9FD-X")
    assert "sudah cocok" in await says(citizen, number.lower())
    assert number in await says(citizen, "status")
    await says(ani, f"/serah {number}")
    assert number in await citizen.hears(containing="sudah diserahkan")


async def test_wrong_numbers_are_counted(counter: Counter) -> None:
    citizen = somebody(counter, NUMBER, "ID.1")
    number = await files_a_lost_card(citizen)
    await changes_phone(counter, citizen)
    for _ in range(5):
        assert "tidak ditemukan" in await says(citizen, "K7Q2-M9FD-X")
    assert "lima nomor yang keliru" in await says(citizen, number)
    counter.clock.advance(hours=1)
    assert "sudah cocok" in await says(citizen, number)


async def test_another_chat_of_the_same_person_proves_it(counter: Counter, browser: WebPhone) -> None:
    citizen = somebody(counter, NUMBER, "ID.1")
    number = await files_a_lost_card(citizen)
    await says(browser, "halo")
    await link(citizen, browser)
    await moves(counter, citizen)
    assert CLOSED in await says(citizen, "status")
    assert CLOSED in await says(citizen, "tautkan")  # no code is given here
    assert "sudah cocok" in await says(citizen, f"tautkan {await code_for(browser)}")
    assert number in await says(citizen, "status")


async def test_a_strangers_code_proves_nothing_and_opens_nothing(counter: Counter, browser: WebPhone) -> None:
    """Who has the number now has a page of their own: its code may neither prove nor join anything."""
    citizen = somebody(counter, NUMBER, "ID.1")
    number = await files_a_lost_card(citizen)
    waiting = await code_for(citizen)
    await changes_phone(counter, citizen)
    await says(browser, "halo")
    assert "belum bisa dipakai" in await says(citizen, f"tautkan {await code_for(browser)}")
    assert "belum bisa dipakai" in await says(browser, f"tautkan {waiting}")
    assert number not in await says(browser, "status")
    assert await Contact.exclude(merged_into=None).count() == 0


async def test_a_question_that_was_asked_before_is_not_answered_by_new_hands(
    counter: Counter, browser: WebPhone
) -> None:
    citizen = somebody(counter, NUMBER, "ID.1")
    await files_a_lost_card(citizen)
    await says(browser, f"tautkan {await code_for(citizen)}")
    await browser.taps("Ya")
    await citizen.hears(containing="Apakah itu Bapak/Ibu sendiri?")
    await changes_phone(counter, citizen)
    await citizen.taps("Ya")
    assert CLOSED in await citizen.hears()
    assert await Contact.exclude(merged_into=None).count() == 0


async def test_staff_answer_a_number_in_doubt_and_can_say_how_to_prove_it(counter: Counter) -> None:
    citizen, ani = somebody(counter, NUMBER, "ID.1"), await counter.operator("Ani")
    number = await files_a_lost_card(citizen)
    await changes_phone(counter, citizen)
    await says(citizen, "0", "saya ganti ponsel, nomor permohonan hilang")
    question = await ani.hears(containing="saya ganti ponsel")
    assert "nomor mungkin berganti pemilik" in question
    await says(ani, f"/jawab T{(await Question.get()).number} nomornya {number}")
    await citizen.hears(containing=number)
    assert "sudah cocok" in await says(citizen, number)


async def test_papers_sent_in_doubt_are_not_lost(counter: Counter) -> None:
    citizen, ani = somebody(counter, NUMBER, "ID.1"), await counter.operator("Ani")
    number = await files_a_lost_card(citizen)
    await says(ani, "/ambil", "/minta 1 KK fotonya buram")
    await citizen.hears(containing="perlu perbaikan")
    await changes_phone(counter, citizen)
    await citizen.sends_photo(pictures.jpeg(9))
    kept = await citizen.hears(containing="kami simpan dulu")
    assert CLOSED in kept and number not in kept
    await citizen.says(number)
    await citizen.hears(containing="sudah cocok")
    await citizen.taps(number)
    await citizen.hears(containing="pengganti")
    assert (await Request.get()).state is RequestState.IN_REVIEW


async def test_the_new_owner_begins_as_somebody_else(counter: Counter) -> None:
    citizen, ani = somebody(counter, NUMBER, "ID.1"), await counter.operator("Ani")
    old = await files_a_lost_card(citizen)
    await changes_phone(counter, citizen)
    await says(citizen, "halo")
    await citizen.taps("Saya pemilik baru")
    await citizen.hears(containing="Benarkah Bapak/Ibu pemilik baru")
    await citizen.taps("Tidak")
    assert CLOSED in await citizen.hears()
    await citizen.taps("Saya pemilik baru")
    await citizen.hears()
    await citizen.taps("Ya")
    await citizen.hears(containing="mulai dari awal")

    assert old not in await says(citizen, "status")
    assert "tidak ditemukan" in await says(citizen, old)
    new = await files_a_lost_card(citizen)
    assert old != new and new in await says(citizen, "status")
    await says(ani, "/ambil 1")
    await ani.says("/lengkap 1")
    await ani.hears(containing="lengkap")
    assert await what_became_of("complete") == (OutboxState.FAILED, "new_hands")
    await settled(counter)


async def test_a_known_number_that_comes_with_another_id_is_somebody_else(counter: Counter) -> None:
    """The old owner's news go to the old owner's id, never to the number."""
    maria, ani = somebody(counter, NUMBER, "ID.1", "Maria Ndun"), await counter.operator("Ani")
    number = await files_a_lost_card(maria)
    counter.graph.people.move(maria.person, wa_id="", bsuid="ID.1")
    yakob = somebody(counter, NUMBER, "ID.2")
    assert number not in await says(yakob, "halo", "status")
    assert "tidak ditemukan" in await says(yakob, number)

    await says(ani, "/ambil", "/lengkap 1")
    assert number in await maria.hears(containing="lengkap")
    assert not [text for text in yakob.everything if "sudah lengkap" in text]
    maria_id = (await Request.get()).contact_id
    assert await Conversation.filter(contact_id=maria_id).count() == 1


async def test_a_person_of_whom_nothing_is_known_proves_nothing(counter: Counter) -> None:
    citizen = somebody(counter, NUMBER, "ID.1")
    await says(citizen, "halo")
    await changes_phone(counter, citizen)
    assert "Selamat" in await says(citizen, "halo")
    assert (await Conversation.get()).reverify_since is None


async def test_a_staff_chat_with_new_hands_is_no_staff_chat(counter: Counter) -> None:
    """Its commands come back with a new code; until then it hears nothing of anybody."""
    citizen, ani = counter.citizen(), somebody(counter, "6281300001111", "ID.7", "Ani")
    now = counter.clock()
    member, code = await transaction(lambda: staff.add("Ani", Role.OPERATOR, now))
    await says(ani, f"/masuk {code}")
    await files_a_lost_card(citizen)
    await changes_phone(counter, ani)
    assert CLOSED in await says(ani, "/antrean")
    await says(citizen, "0", "kapan KTP saya selesai?")
    await says(ani, f"/masuk {await transaction(lambda: staff.new_binding_code(member, now))}")
    assert await what_became_of("staff_question") == (OutboxState.FAILED, "new_hands")
    assert "KTP-el hilang" in await says(ani, "/antrean")
    assert await StaffBinding.all().count() == 1
