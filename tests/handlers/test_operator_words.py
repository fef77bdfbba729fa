"""Questions, the list of commands, and that every sentence is there in both languages."""

import json
import re
import string
from pathlib import Path

import pytest

from handlers.operator.commands import ALSO, BINDING, COMMANDS, DEEDS
from models.contacts import Contact
from models.database import transaction
from models.outbox import OutboxMessage, OutboxState
from models.requests import JournalEntry
from models.staff import Role
from office import calls, questions, requests
from office.context import office
from office.notices import NOTICES, render
from office.permissions import Deed
from office.words import sentences
from tests.handlers.counter import ACCOUNT, CHANNEL, Counter

NIK = "5314036501900001"
ROOT = Path(__file__).parent.parent.parent


async def test_open_questions_are_listed_oldest_first(counter: Counter) -> None:
    citizen = await counter.person()
    ani = await counter.operator()
    await ani.says("/tanya")
    assert ani.heard == "Tidak ada pertanyaan warga yang menunggu."
    await questions.ask(citizen.contact, CHANNEL, ACCOUNT, "Apakah\nbuka hari Sabtu?", counter.now)
    await questions.ask(citizen.contact, CHANNEL, ACCOUNT, "x" * 500, counter.now)
    await ani.says("/tanya")
    first, second, last = ani.heard.split("\n\n")
    assert first == "<b>T1</b> dari Yuliana N., 24 November 2026 pukul 09.00 WITA: Apakah buka hari Sabtu?"
    assert second.endswith("x" * 199 + "…")
    assert last.startswith("Pertanyaan warga belum dijawab: <b>2</b>.")


async def test_who_asks_is_named_with_their_requests(counter: Counter) -> None:
    ani = await counter.operator()
    citizen = await counter.person("")
    await counter.request(citizen, name="Maria Adoe")
    await counter.request(citizen, service="AKTA_LAHIR", name="Yos Adoe")
    ktp = office().catalogue.service("KTP_RUSAK")
    draft = await requests.start(ktp, citizen.contact, CHANNEL, ACCOUNT, counter.now)
    for words, about in (("Berapa lama?", None), ("Boleh difotokopi?", draft)):
        await questions.ask(citizen.contact, CHANNEL, ACCOUNT, words, counter.now, request=about)

    told = [
        (await render("staff_question", json.loads(row.payload), "id")).text
        for row in await OutboxMessage.filter(name="staff_question").order_by("id")
    ]
    assert told[0].startswith("<b>Pertanyaan T1</b> dari Yos A. (antrean 1, 2):\nBerapa lama?")
    assert told[1].startswith("<b>Pertanyaan T2</b> dari Yos A. (sedang mengisi KTP-el rusak):")
    await ani.says("/tanya")
    first, second, _ = ani.heard.split("\n\n")
    assert first.startswith("<b>T1</b> dari Yos A. (antrean 1, 2), 24 November 2026")
    assert second.startswith("<b>T2</b> dari Yos A. (sedang mengisi KTP-el rusak), 24 November")


async def test_a_nik_in_a_question_is_masked_until_it_is_asked_for(counter: Counter) -> None:
    ani = await counter.operator("Ani")
    request = await counter.request()
    citizen = await Contact.get(id=request.contact_id)
    words = f"NIK saya {NIK}, {NIK[:6]} {NIK[6:12]} {NIK[12:]} tidak terbaca. " + "Mohon bantu. " * 200
    await questions.ask(citizen, CHANNEL, ACCOUNT, words, counter.now, request=request)
    row = await OutboxMessage.get(name="staff_question")
    assert NIK not in row.payload.replace(" ", "")
    await ani.says("/tanya")
    assert f"NIK saya ••••••••••••{NIK[-4:]}, ••••••••••••{NIK[-4:]} tidak" in ani.heard
    await ani.says("/lihat 1")
    assert NIK not in ani.heard.replace(" ", "")

    await ani.says("/tanya T1")
    assert words.strip() in ani.heard
    assert await JournalEntry.filter(request_id=request.id, action="nik_shown").count() == 1
    await ani.says("/tanya T9")
    assert ani.heard == "Pertanyaan T9 tidak ada. Lihat /tanya."


async def test_an_auditor_reads_no_question_whole(counter: Counter) -> None:
    citizen = await counter.person()
    await questions.ask(citizen.contact, CHANNEL, ACCOUNT, f"NIK saya {NIK}", counter.now)
    auditor, _ = await counter.colleague("Rote", role=Role.AUDITOR)
    await auditor.says("/tanya 1")
    assert NIK not in auditor.heard


@pytest.mark.parametrize("typed", ["/jawab T1 Ya, buka.", "/jawab t1: Ya, buka.", "/jawab 1 Ya, buka."])
async def test_an_answer_goes_to_where_it_was_asked_and_only_once(counter: Counter, typed: str) -> None:
    citizen = await counter.person()
    await questions.ask(citizen.contact, CHANNEL, ACCOUNT, "Buka?", counter.now)
    ani, budi = await counter.operator("Ani"), await counter.operator("Budi")
    await ani.says(typed)
    assert ani.heard == "<b>T1</b>: jawaban masuk antrean kirim."
    sent = await OutboxMessage.get(contact_id=citizen.contact.id, kind="notice")
    assert sent.name == "staff_words"
    assert '"Ya, buka."' in sent.payload
    await budi.says("/jawab T1 Tidak.")
    assert budi.heard.startswith("Pertanyaan T1 sudah dijawab <b>Ani</b>.")
    await budi.says("/jawab T9 Tidak.")
    assert budi.heard.startswith("Pertanyaan T9 tidak ada.")


async def test_the_call_list_names_whom_and_what_and_is_ticked_off(counter: Counter) -> None:
    citizen = await counter.person()
    ani = await counter.operator()
    await ani.says("/telepon")
    assert ani.heard == "Tidak ada warga yang harus ditelepon."
    await questions.ask(citizen.contact, CHANNEL, ACCOUNT, "Buka?", counter.now)
    await ani.says("/jawab T1 Ya, buka.")
    await OutboxMessage.filter(name="staff_words").update(state=OutboxState.FAILED)
    await transaction(lambda: calls.list_new(counter.now))
    await ani.says("/telepon")
    line, last = ani.heard.split("\n\n")
    assert line.startswith("<b>1</b>. ") and line.endswith("antrean – · pesan petugas · gagal · 24 Nov 09.00")
    assert last == "Harus ditelepon: <b>1</b>. Setelah ditelepon: /telepon selesai NOMOR"
    await ani.says("/telepon selesai 1 2")
    assert ani.heard.startswith("<b>1</b>: sudah ditelepon") and "daftar telepon" in ani.heard
    await ani.says("/telepon besok")
    assert "/telepon selesai 3" in ani.heard


async def test_help_lists_every_command_with_an_example(counter: Counter) -> None:
    ani = await counter.operator()
    for typed in ("/bantuan", "/help", "/start", "/Bantuan@loket_bot"):
        await ani.says(typed)
        title, *lines = ani.heard.split("\n")
        assert title == "<b>Perintah petugas</b>"
        theirs = [name for name, deed in DEEDS.items() if deed not in (Deed.RETAIN, Deed.SENDERS)]
        assert [line.split()[0] for line in lines] == [f"/{name}" for name in theirs]
        assert len(ani.heard) < 4096


async def test_every_command_has_an_answer_of_its_own(counter: Counter) -> None:
    for language in ("id", "en"):
        for name in (*COMMANDS, *ALSO, BINDING):
            somebody = await counter.operator(f"Ani {language} {name}", language=language)
            hint = sentences(language)["operator-hint"]
            await somebody.says(f"/{name}")
            assert somebody.heard != hint, name


async def test_every_example_in_the_help_can_be_read(counter: Counter) -> None:
    unreadable = sentences("id")["refusal-CommandUnreadable"].split("{")[0]
    ani = await counter.operator()
    for name in COMMANDS:
        if name != "keluar":
            await ani.says(sentences("id")[f"operator-example-{name}"])
            assert not ani.heard.startswith(unreadable), name
            assert "Ketik /bantuan" not in ani.heard, name


def test_both_languages_say_the_same_sentences_with_the_same_facts() -> None:
    indonesian, english = sentences("id"), sentences("en")
    ours = {key for key in indonesian if key.startswith("operator-")}
    assert ours == {key for key in english if key.startswith("operator-")}
    for key in ours:
        assert _facts(indonesian[key]) == _facts(english[key]), key


def test_every_refusal_of_the_desk_has_its_sentence() -> None:
    source = "".join(path.read_text() for path in (ROOT / "handlers" / "operator").glob("*.py"))
    names = re.findall(r"class (\w+)\(Refusal\)", source)
    assert len(names) >= 5
    for language in ("id", "en"):
        assert {f"refusal-{name}" for name in (*names, "NikNotHeld")} <= sentences(language).keys()


def test_whatever_the_journal_tells_has_words() -> None:
    source = "".join(path.read_text() for path in (ROOT / "office").glob("*.py"))
    actions = {*re.findall(r'action="(\w+)"', source), *re.findall(r'^ASKED: Final = "(\w+)"', source, re.M)}
    assert {"take", "ask_again", "nik_shown", "hand_over"} <= actions
    for language in ("id", "en"):
        assert {f"operator-action-{action}" for action in actions} <= sentences(language).keys()


def test_whatever_is_told_has_a_name() -> None:
    for language in ("id", "en"):
        assert {f"operator-notice-{name}" for name in NOTICES} <= sentences(language).keys()


def _facts(sentence: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field}
