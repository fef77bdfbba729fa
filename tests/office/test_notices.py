"""Every notice in words: in both languages, as a template where one may be needed, and never too much."""

import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from models.outbox import OutboxMessage, OutboxState, Receipt
from office import desk, templates
from office.catalogue import Delivery, load_catalogue
from office.check_words import check_word, today
from office.names import LONGEST
from office.notices import NOTICES, WITHOUT_CHECK, mask, render, state_word, tell
from office.number import RequestNumber
from office.quiet_hours import IN_CONVERSATION
from office.spelling import misspellings
from office.staff_words import MESSAGE, REASON
from office.words import LANGUAGES, LOCALES, sentences
from tests.fakes.graph_templates import BLANKS, check_submission
from tests.fakes.graph_templates import Template as Submitted
from tests.office.world import METINA, NOW, World, act, notices_of

NUMBER = "000000000"
PICKED_UP = ("ready_for_pickup", "reminder_uncollected", "collected")
AMID_A_CONVERSATION = {
    "trouble",
    "too-fast",
    "link-asked",
    "linked",
    "link-refused",
    "fresh-start",
    "data-erased",
    "village-checked",
    "village-unfit",
}
RIGHTS = {f"staff-{what}-{when}" for what in ("right", "breach") for when in ("soon", "late")}
RIGHTS |= {"staff-right-asked", "staff-breach-opened"}
TO_STAFF = {"staff-question", "staff-corrected", "staff-alerts", "staff-broadcast"} | RIGHTS
TO_EVERYBODY = {"broadcast"}  # no template: Meta has it approved for one text at a time, as advertising
ANNOUNCEMENT = {"text": "Jumat tutup\npukul 11.00.", "reference": "S3", "check": "KQRT42"}
ABOUT = {"number": NUMBER, "service": "KTP_HILANG", "name": "Maria T.", "check": "KQRT42"}
PLACE = {"channel": "whatsapp", "account": "1", "ending": "890"}
LIST = {"batch": "P12", "village": METINA}
FACTS: Mapping[str, Mapping[str, Any]] = {
    "needs_correction": {
        **ABOUT,
        "paper": "kk",
        "reason": "Cap <buram> & gelap.",
        "correct_by": NOW.isoformat(),
    },
    "complete": ABOUT,
    "ready_for_pickup": {**ABOUT, "outputs": ["ktp"]},
    "issued_digital": {**ABOUT, "service": "KK_HILANG", "outputs": ["kk"], "target": None},
    "issued_with_note": {**ABOUT, "service": "KONSOLIDASI", "outputs": ["nik"]},
    "on_hold": {**ABOUT, "reason": "siak", "detail": None},
    "resumed": {**ABOUT, "state": "in_process"},
    "rejected": {**ABOUT, "reason": "Bukan milik pemohon."},
    "wrong_office": {**ABOUT, "regency": "Kota Kupang"},
    "collected": {**ABOUT, "outputs": ["ktp"], "at": NOW.isoformat()},
    "expired": {**ABOUT, "correct_by": NOW.isoformat()},
    "reminder_uncollected": {**ABOUT, "outputs": ["ktp"]},
    "staff_words": {**ABOUT, "text": "Mohon datang ke loket."},
    "staff_question": {"question": 12, "name": "Maria T.", "text": "Kapan?", "queue": 7},
    "staff_corrected": {"queue": 7, "service": "KTP_HILANG"},
    "staff_alerts": {
        "counts": {"call": 2, "reply": 1, "parked": 3, "foreign": 1, "held": 2},
        "channels": {"foreign": ["whatsapp"], "held": ["whatsapp", "messenger"]},
    },
    "broadcast": ANNOUNCEMENT,
    "broadcast_trial": ANNOUNCEMENT,
    "staff_broadcast": {"number": 3, "sent": 90, "failed": 1, "expected": 91, "out_of_reach": 7},
    "trouble": {},
    "too_fast": {},
    "link_asked": {**PLACE, "choices": [["link-yes", "l:1:confirm"], ["link-no", "l:1:decline"]]},
    "linked": PLACE,
    "link_refused": PLACE,
    "fresh_start": {},
    "staff_breach": {"what": "soon", "number": 1, "due": NOW.isoformat()},
    "data_erased": {"at": NOW.isoformat()},
    "staff_right": {
        "what": "soon",
        "number": 3,
        "right": "erase",
        "name": "Maria T.",
        "due": NOW.isoformat(),
    },
    "village_checked": {
        **LIST,
        "rows": 10_000,
        "good": 9_000,
        "look": 500,
        "refused": 500,
        "refused_rows": [
            [row, why, None] for row, why in ((9_998, "open"), (9_999, "nik_number"), (10_000, "open"))
        ],
        "look_rows": [[row, "same_name", 9_994] for row in (9_995, 9_996, 9_997)],
        "choices": [["village-button-accept", "village:accept:12", {"count": 9_500}]],
    },
    "village_unfit": {**LIST, "problem": "nik_damaged", "facts": {}},
    "village_batch": {
        **LIST,
        "made": 9_500,
        "look": 500,
        "refused": 500,
        "reference": "P12",
        "check": "KQRT42",
    },
}
ANSWER = {
    "number": None,
    "service": None,
    "name": "–",
    "text": "Pukul 08.00 WITA.",
    "reference": "T12",
    "check": "KQRT42",
}
CITIZENS = sorted(NOTICES.keys() - WITHOUT_CHECK)


async def words(name: str, language: str = "id", **more: Any) -> str:
    return (await render(name, {**FACTS[name], **more}, language)).text


def test_every_notice_is_tried_here() -> None:
    assert FACTS.keys() == NOTICES.keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(NOTICES))
async def test_a_notice_reads_whole_in_both_languages(name: str, language: str) -> None:
    wording = await render(name, FACTS[name], language)
    text = wording.text
    assert not re.search(r"[{}]|https?:|www\.|\bNone\b", text)
    assert set(re.findall(r"<[^>]*>", text)) <= {"<b>", "</b>"} and text.count("<b>") == text.count("</b>")
    assert len(html.unescape(text)) <= 1024
    if wording.template is not None:
        assert wording.template.language == language
        assert all(value and not BLANKS.search(value) for value in wording.template.parameters.values())


@pytest.mark.parametrize("name", sorted(NOTICES))
async def test_facts_keep_no_language(name: str) -> None:
    assert json.loads(json.dumps(FACTS[name])) == FACTS[name]
    assert await words(name, "fr") == await words(name, "id")


async def test_a_question_has_its_buttons_and_says_where_it_comes_from() -> None:
    asked = await render("link_asked", FACTS["link_asked"], "id")
    assert "WhatsApp (nomor berakhiran 890)" in asked.text
    assert asked.choices == {"Ya": "l:1:confirm", "Tidak": "l:1:decline"}
    nameless = await words("linked", channel="carrier-pigeon", ending="")
    assert "tergabung dengan carrier-pigeon." in nameless


async def test_new_hands_may_hear_what_is_about_nobody() -> None:
    spoken = [name for name in NOTICES if not (await render(name, FACTS[name], "id")).personal]
    assert spoken == ["data_erased", "trouble", "too_fast", "fresh_start"]
    assert not (await render("staff_words", ANSWER, "id")).personal


async def test_one_paper_and_why_and_until_when() -> None:
    text = await words("needs_correction")
    assert "0000-0000-0" in text and "Kartu Keluarga (KK)" in text and "Surat keterangan hilang" not in text
    assert "Cap &lt;buram&gt; &amp; gelap." in text
    assert "paling lambat 24 November 2026 pukul 10.00 WITA" in text
    assert "Permohonan lama tetap dipakai" in text


async def test_a_card_that_is_ready_says_where_when_and_with_what() -> None:
    text = await words("ready_for_pickup")
    for said in (
        "KTP-el", "Maria T.", "0000-0000-0", "loket pengambilan",
        "Senin–Kamis 09.00–14.00, Jumat 09.00–11.00 WITA",
        "surat keterangan hilang asli dari kepolisian", "pemiliknya sendiri",
    ):  # fmt: skip
        assert said in text
    assert "Monday–Thursday 09:00–14:00, Friday 09:00–11:00 WITA" in await words("ready_for_pickup", "en")


async def test_a_digital_paper_says_where_the_pin_went_and_has_none() -> None:
    text = await words("issued_digital")
    assert "dikirim oleh sistem Dukcapil ke e-mail/nomor yang didaftarkan" in text
    assert "kertas HVS putih A4 80 gram" in text
    assert "ke m•••@example.com," in await words("issued_digital", target=mask("maria@example.com"))
    assert not re.search(r"PIN\D{0,20}\d", text)


async def test_a_hold_blames_no_ones_papers_unless_it_is_so() -> None:
    for reason in ("siak", "network", "blanks", "signature"):
        assert "bukan karena berkas Bapak/Ibu" in await words("on_hold", reason=reason)
    other = await words("on_hold", reason="other", detail="menunggu surat dari desa")
    assert "menunggu surat dari desa" in other and "bukan karena" not in other
    assert "(sejak pagi)" in await words("on_hold", detail="sejak pagi")


async def test_a_rejection_says_what_can_be_done_and_who_to_talk_to() -> None:
    text = await words("rejected")
    assert "Bukan milik pemohon." in text and "Yang dapat dilakukan" in text and "balas <b>0</b>" in text


async def test_an_answer_without_a_request_names_none() -> None:
    text = (await render("staff_words", ANSWER, "id")).text
    assert "Pukul 08.00 WITA." in text and "permohonan" not in text


def test_a_target_is_masked() -> None:
    assert [mask(target) for target in ("maria@example.com", "+62 812-3456-7890")] == [
        "m•••@example.com",
        "••••890",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CITIZENS)
async def test_a_citizen_is_told_the_number_and_the_code_in_every_form(name: str, language: str) -> None:
    about_it = "P12" if name == "village_batch" else "0000-0000-0"
    for facts, about in ((FACTS[name], about_it), (ANSWER, "T12"))[: 2 if name == "staff_words" else 1]:
        wording = await render(name, facts, language)
        assert wording.template is not None
        for text in (wording.text, wording.template.filled or ""):
            plain = re.sub(r"</?b>", "", text)
            assert about in plain.replace(f"{about} KQRT42", ""), "the number stands in what is said, too"
            assert f"cek {about} KQRT42 " in plain
        assert wording.template.parameters["check"] == f"{about} KQRT42"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_everybody_is_told_the_code_and_how_to_stop_and_warned(language: str) -> None:
    for name in ("broadcast", "broadcast_trial"):
        wording = await render(name, ANNOUNCEMENT, language)
        plain = re.sub(r"</?b>", "", wording.text)
        assert all(said in plain for said in ("cek S3 KQRT42", "berhenti", "PIN", ANNOUNCEMENT["text"]))
        assert wording.template is None and wording.personal


def test_only_what_is_answered_or_told_to_staff_goes_without_a_code() -> None:
    assert {name.replace("_", "-") for name in IN_CONVERSATION} == AMID_A_CONVERSATION | {"broadcast-trial"}
    desk = {"staff_question", "staff_corrected", "staff_alerts", "staff_right", "staff_breach"}
    assert desk | {"staff_broadcast", "broadcast"} == WITHOUT_CHECK - IN_CONVERSATION


@pytest.mark.parametrize("name", sorted(NOTICES.keys() - {"village_batch"}))
async def test_what_was_queued_before_there_were_words_goes_out_all_the_same(name: str) -> None:
    facts = {key: fact for key, fact in FACTS[name].items() if key not in ("check", "reference")}
    wording = await render(name, facts, "id")
    if name in CITIZENS:
        assert f"cek 0000-0000-0 {check_word('0000-0000-0', None)}" in wording.text


def notice_sentences() -> set[str]:
    every = {key.removeprefix("notice-") for key in sentences("id") if key.startswith("notice-")}
    return every - {"check"}


def test_every_notice_to_a_citizen_has_a_template_and_none_to_staff() -> None:
    paired = {template.sentence for template in templates.all_templates()}
    open_windows = AMID_A_CONVERSATION
    assert paired == notice_sentences() - TO_STAFF - TO_EVERYBODY - open_windows


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", templates.all_templates(), ids=lambda template: str(template.name))
def test_meta_would_accept_the_template(template: templates.MessageTemplate, language: str) -> None:
    body = template.body.in_language(language)
    check_submission(Submitted(template.name, body, language, template.category))
    assert set(templates.parameters_in(body)) == set(template.parameters) == set(template.samples)
    in_sentence = set(re.findall(r"{(\w+)}", sentences(language)[f"notice-{template.sentence}"]))
    assert set(template.parameters) <= in_sentence | {"check"}
    assert "http" not in body and not BLANKS.search(
        "".join(template.sample(p, language) for p in template.parameters)
    )
    template.filled({name: template.sample(name, language) for name in template.parameters}, language)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_longest_values_fit_a_template(language: str) -> None:
    """Every service, with the longest reason an operator can give."""
    for service in load_catalogue().services:
        about = {**ABOUT, "service": service.code, "name": "M" * LONGEST}
        pickup = [output.key for output in service.outputs if output.delivery is Delivery.PICKUP]
        digital = [o.key for o in service.outputs if o.delivery is Delivery.DIGITAL and o.issued_note is None]
        noted = [output.key for output in service.outputs if output.issued_note is not None]
        reason, at = {"reason": "x" * REASON}, NOW.isoformat()
        cases: list[tuple[str, dict[str, Any]]] = [
            *(("needs_correction", {**reason, "paper": p.key, "correct_by": at}) for p in service.papers),
            ("rejected", reason),
            ("on_hold", {"reason": "signature", "detail": "x" * REASON}),
            ("wrong_office", {"regency": "x" * desk.REGENCY}),
            ("staff_words", {"text": "x" * MESSAGE}),
            ("complete", {}),
            *(("issued_with_note", {"outputs": [key]}) for key in noted),
        ]  # fmt: skip
        if pickup:
            cases += [(name, {"outputs": pickup, "at": at}) for name in PICKED_UP]
        if digital:
            cases.append(("issued_digital", {"outputs": digital, "target": None}))
        for name, facts in cases:
            wording = await render(name, {**about, **facts}, language)
            assert wording.template is not None
            template = next(t for t in templates.all_templates() if t.name == wording.template.name)
            filled = template.filled(wording.template.parameters, language)
            assert len(filled) <= templates.BODY, (service.code, name, len(filled))


def test_values_are_flattened() -> None:
    assert templates.flat(" satu\ndua\t tiga      empat ") == "satu dua tiga empat"


def test_the_list_for_meta_is_up_to_date() -> None:
    assert Path("docs/templates.md").read_text(encoding="utf-8") == templates.to_submit()


@pytest.mark.parametrize("name", ["notices", "office", "refusals"])
def test_both_languages_say_the_same_things_with_the_same_facts(name: str) -> None:
    spoken = {}
    for language in LANGUAGES:
        with (LOCALES / language / f"{name}.po").open("rb") as file:
            spoken[language] = {str(m.id): str(m.string) for m in read_po(file) if m.id}
    assert spoken["id"].keys() == spoken["en"].keys()
    for key, said in spoken["id"].items():
        assert set(re.findall(r"{\w+}", said)) == set(re.findall(r"{\w+}", spoken["en"][key])), key
        assert said and not misspellings(said), (key, misspellings(said))


async def test_the_same_occurrence_is_queued_once(world: World) -> None:
    request = await world.submitted()
    assert await act(lambda: tell(request, "complete", NOW, 1))
    assert not await act(lambda: tell(request, "complete", NOW, 1))
    assert await act(lambda: tell(request, "complete", NOW, 2))
    queued = await notices_of(request)
    assert [message.key for message in queued] == [f"request:{request.id}:complete:{turn}" for turn in (1, 2)]
    facts = json.loads(queued[0].payload)
    word = check_word(str(RequestNumber(request.number)), today(NOW))
    assert facts == {"number": request.number, "service": "KTP_HILANG", "name": "Maria T.", "check": word}
    assert (queued[0].channel, queued[0].account, queued[0].due_at) == ("whatsapp", "1234", NOW)


@pytest.mark.parametrize(
    ("state", "receipt", "word"),
    [
        (OutboxState.QUEUED, Receipt.NONE, "antre"),
        (OutboxState.SENDING, Receipt.NONE, "antre"),
        (OutboxState.SENT, Receipt.NONE, "terkirim"),
        (OutboxState.SENT, Receipt.TAKEN, "terkirim"),
        (OutboxState.SENT, Receipt.ARRIVED, "sampai"),
        (OutboxState.SENT, Receipt.SEEN, "dibaca"),
        (OutboxState.SENT, Receipt.FAILED, "gagal"),
        (OutboxState.FAILED, Receipt.NONE, "gagal"),
        (OutboxState.UNKNOWN, Receipt.NONE, "tidak diketahui"),
        (OutboxState.EXPIRED, Receipt.NONE, "kedaluwarsa"),
        (OutboxState.CANCELLED, Receipt.NONE, "dibatalkan"),
    ],
)
def test_what_became_of_a_message_has_a_word(state: OutboxState, receipt: Receipt, word: str) -> None:
    assert state_word(OutboxMessage(state=state, receipt=receipt)) == word
