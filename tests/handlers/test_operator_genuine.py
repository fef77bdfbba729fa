"""What staff write reaches citizens only if it leads nowhere and asks for nothing: refused at the command."""

import pytest

from models.database import transaction
from models.requests import JournalEntry, Note, Question, Request, RequestState
from office import questions
from tests.guarding.sentences import HONEST, SCAMS
from tests.handlers.counter import ACCOUNT, CHANNEL, Counter, Person

COMMANDS = {
    "kirim": "/kirim 1 {}",
    "minta": "/minta 1 kk {}",
    "tolak": "/tolak 1 {}",
    "tunda": "/tunda 1 lain {}",
    "salah": "/salah 1 {}",
    "jawab": "/jawab T1 {}",
}
WHY = {"link": "adalah tautan", "secret": "hal rahasia", "money": "semua layanan gratis"}


async def at_the_desk(counter: Counter) -> tuple[Person, Person]:
    """A citizen who has asked something, and the owner of their request."""
    citizen, ani = await counter.person(), await counter.operator()
    await counter.request(citizen)
    await transaction(lambda: questions.ask(citizen.contact, CHANNEL, ACCOUNT, "Kapan?", counter.now))
    await ani.says("/ambil 1")
    return citizen, ani


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_scam_is_refused_in_one_sentence_and_nothing_comes_of_it(
    counter: Counter, command: str
) -> None:
    citizen, ani = await at_the_desk(counter)
    before = await JournalEntry.all().count()
    for what, some in SCAMS.items():
        await ani.says(COMMANDS[command].format(some[0]))
        assert WHY[what] in ani.heard and "Tidak dikirim" in ani.heard
    assert await citizen.notices() == [] and await JournalEntry.all().count() == before
    assert (await Request.get()).state is RequestState.IN_REVIEW
    assert (await Question.get()).answered_at is None


async def test_every_scam_is_refused_and_every_honest_sentence_is_sent(counter: Counter) -> None:
    citizen, ani = await at_the_desk(counter)
    for what, some in SCAMS.items():
        for scam in some:
            await ani.says(f"/kirim 1 {scam}")
            assert WHY[what] in ani.heard, scam
    assert await citizen.notices() == []
    ours = [one for one in HONEST if "wa.me" not in one and "api.whatsapp" not in one and "://" not in one]
    sent = [one for one in ours if one != "loket.example"]
    for honest in sent:
        await ani.says(f"/kirim 1 {honest}")
    assert await citizen.notices() == ["staff_words"] * len(sent)


async def test_colleagues_may_be_told_of_a_scam(counter: Counter) -> None:
    _, ani = await at_the_desk(counter)
    await ani.says("/catat 1 Warga menerima bit.ly/ikd: kirim OTP")
    assert (await Note.get()).text == "Warga menerima bit.ly/ikd: kirim OTP"
    await ani.says("/lihat 1")
    page = "\n".join(ani.texts)
    assert "bit[.]ly/ikd" in page and "bit.ly" not in page
