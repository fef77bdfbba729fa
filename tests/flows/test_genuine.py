"""What leaves the office, on real sockets: nothing that leads elsewhere or asks for a secret."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot, Dispatcher
from aiogram.types import BufferedInputFile
from hypothesis import HealthCheck, example, given
from hypothesis import settings as options
from hypothesis import strategies as st

from bot import ids
from bot.guarding.guard import Guard, Unfit
from bot.guarding.links import Allowed
from models.calls import Call
from models.database import transaction
from models.files import StoredFile
from models.offices import of_office
from models.outbox import OutboxMessage, OutboxState
from models.requests import Paper, Question, Request
from office import questions
from office.context import office
from office.notices import tell
from tests.fakes import FakeBotApi, FakeGraph, pictures
from tests.flows.counter import APP_SECRET, MORNING, Counter, TestClock, settings_for
from tests.flows.steps import files_a_lost_card, said, says
from tests.guarding.sentences import SCAMS
from tests.phone import Phone
from wiring.serve import Served, running

LURES = [scam for some in SCAMS.values() for scam in some]
WORDS = st.lists(
    st.one_of(
        st.sampled_from(LURES),
        st.sampled_from(
            ["Mohon datang besok", "<b>", "bit", ".", "ly/x", "PIN", "kirim", "\u200b", "://", "@"]
        ),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    ),
    min_size=1,
    max_size=4,
).map(" ".join)
GUARD = Guard(Allowed(frozenset({"loket.test"})))


@dataclass
class Desk:
    counter: Counter
    citizen: Phone
    ani: Phone

    @property
    def shown(self) -> list[str]:
        """All that anybody was shown by a provider, and where its buttons lead."""
        sent = [*self.counter.graph.ledger, *self.counter.telegram.ledger]
        return [text for one in sent for text in (one.text, *(b.url or b.title for b in one.buttons))]

    def bot(self) -> Bot:
        """The one that handlers hold for the citizen's channel."""
        place = ("whatsapp", self.counter.graph.phone_number_id)
        return self.counter.core.handling._hosts[place].bot


@pytest.fixture
async def desk(counter: Counter) -> AsyncIterator[Desk]:
    """A request in the hands of its owner."""
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    await files_a_lost_card(citizen)
    await says(ani, "/ambil 1")
    yield Desk(counter, citizen, ani)


@given(words=WORDS)
@example(words="Mohon datang besok")
@options(max_examples=10, suppress_health_check=list(HealthCheck), database=None)
async def test_nothing_that_staff_write_leaves_unless_it_may(desk: Desk, words: str) -> None:
    """Arbitrary words through the real command; whatever reaches a provider is looked at there."""
    answer = await says(desk.ani, f"/kirim 1 {words} ya")
    await said(desk.counter)
    if "Tidak dikirim" in answer:
        assert not any(lure in text for text in desk.shown for lure in LURES if lure in words)
    if words == "Mohon datang besok":
        assert "Mohon datang besok ya" in desk.citizen.last and "cek " in desk.citizen.last
    assert [text for text in desk.shown if not GUARD.lets_pass(text)] == []


async def test_what_gets_past_the_command_fails_at_the_door_and_somebody_telephones(desk: Desk) -> None:
    request = await Request.get()
    now = desk.counter.clock()
    with of_office(office().office_id):
        for text in ("Klik bit.ly/ikd", "Kirim kode OTP Anda", "Transfer Rp5.000"):
            await transaction(partial(tell, request, "staff_words", now, text, text=text))
    desk.counter.core.delivery.wake()
    await said(desk.counter)
    failed = await OutboxMessage.filter(name="staff_words").order_by("id")
    assert [row.state for row in failed] == [OutboxState.FAILED] * 3
    assert [row.failure for row in failed] == ["unfit_link", "unfit_secret", "unfit_money"]
    assert not any("bit.ly" in text or "OTP" in text or "Transfer" in text for text in desk.shown)
    await desk.counter.time_passes(minutes=11)
    assert await Call.all().count() == 3
    assert "/telepon" in await desk.ani.hears(containing="Perlu perhatian")


async def test_what_a_handler_should_not_say_is_no_row(desk: Desk) -> None:
    request = await Request.get()
    chat_id, before = ids.chat_id(request.contact_id), await OutboxMessage.all().count()
    bot: Any = desk.bot()
    program = BufferedInputFile(b"MZ\x90\x00" + bytes(64), "surat.pdf")
    for saying in (
        lambda: bot.send_message(chat_id, "https://evil.example"),
        lambda: bot.send_message(chat_id, "Kirim PIN Anda"),
        lambda: bot.send_document(chat_id, program),
        lambda: bot.send_document(chat_id, "wa-000000000000000000000000"),
    ):
        with pytest.raises(Unfit):
            await saying()
    assert await OutboxMessage.all().count() == before
    await bot.send_document(chat_id, BufferedInputFile(pictures.jpeg(9), "ikd.apk"))
    desk.counter.core.delivery.wake()
    await said(desk.counter)
    assert "ikd.apk.jpg" in str(desk.citizen.last_message)


async def test_a_picture_of_a_suspicious_message_is_for_staff_and_no_paper(desk: Desk) -> None:
    before = await Paper.all().count()
    await says(desk.citizen, "lapor")
    await desk.citizen.sends_photo(pictures.jpeg(5), "dari 0812-9999-0000, buka bit.ly/x")
    assert "T1" in await desk.citizen.hears(containing="hubungi bank")
    asked = await desk.ani.hears(containing="LAPORAN")
    assert "bit[.]ly/x" in asked and "/tanya" in asked
    await desk.ani.says("/tanya T1")
    (shown,) = [one for one in await desk.ani.receives(1) if one.media]
    assert pictures.same(shown.media, pictures.jpeg(5))
    assert await Paper.all().count() == before and await Question.all().count() == 1

    scan = await StoredFile.filter(event__contact_id=(await Question.get()).contact_id).latest("id")
    seen, named = len(desk.ani.received), questions.picture(scan)
    await desk.counter.citizen("Yos", wa_id="6281299990000").says(f"lapor {named} {named}")
    await desk.ani.hears(containing="T2")
    await says(desk.ani, "/tanya T2")
    await said(desk.counter)
    assert len(desk.ani.received) == seen, "nobody has staff open what somebody else has sent"


async def test_a_citizens_own_words_are_shown_harmless(counter: Counter) -> None:
    citizen, ani = counter.citizen(name="bit.ly/x kirim PIN"), await counter.operator("Ani")
    for words in ("petugas", "Kirim kode OTP ke https://evil.example/x"):
        await says(citizen, words)
    assert "evil[.]example" in await ani.hears(containing="Pertanyaan")
    await says(ani, "/tanya", "/tanya T1", "/antrean")
    await said(counter)
    assert [text for text in Desk(counter, citizen, ani).shown if not GUARD.lets_pass(text)] == []


async def test_other_peoples_bots_say_what_they_like(database_url: str, tmp_path: Path) -> None:
    clock = TestClock(MORNING)
    async with FakeGraph(app_secret=APP_SECRET) as graph, FakeBotApi() as telegram:
        settings = settings_for(database_url, tmp_path, graph, telegram, "webhook")
        served = Served(make_dispatcher=lambda storage: Dispatcher(storage=storage), office=False)
        async with running(settings, served, clock) as (core, _):
            assert core.delivery.guards == {}
            bots = [host.bot for host in core.handling._hosts.values()]
            assert bots and [bot.session.guard for bot in bots] == [None] * len(bots)
