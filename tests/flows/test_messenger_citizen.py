"""A citizen on Messenger: from the first word to the notice in the hand; and one who asks under a post."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from models.contacts import Address, Contact
from models.inbox import InboxEvent
from models.outbox import OutboxMessage, OutboxState, Receipt
from models.requests import Request, RequestState
from office import templates
from office.words import LANGUAGES
from tests.fakes import pictures
from tests.fakes.messenger import FakeMessenger
from tests.flows.counter import Counter, counter_before, providers
from tests.flows.steps import comes_to_the_papers, files_a_lost_card, number_in, says, settled


@pytest.fixture
async def counter(database_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    """The office with a Page; nothing that it says may be refused."""
    async with providers() as (clock, graph, telegram, page):
        submit_templates(page)
        async with counter_before(graph, telegram, clock, database_url, tmp_path, page=page) as opened:
            yield opened
        for provider in (graph, telegram, page):
            assert provider.ledger.refused == []


def submit_templates(page: FakeMessenger) -> None:
    """Those of the catalogue, whose variables a Page numbers in our order."""
    for template in templates.all_templates():
        for language in LANGUAGES:
            body = template.body.in_language(language)
            for number, name in enumerate(template.parameters, start=1):
                body = body.replace(f"{{{{{name}}}}}", f"{{{{{number}}}}}")
            samples = [template.sample(name, language) for name in template.parameters]
            page.register_template(template.name, body, language=language, samples=samples)


async def sent(counter: Counter) -> None:
    """Everything that came in was handled, and what came of each answer is written down."""
    await settled(counter)
    while carrying := list(counter.core.delivery._carrying):
        await asyncio.wait(carrying)


async def test_a_lost_card_and_its_pickup_notice_after_25_hours(counter: Counter) -> None:
    citizen, ani = counter.on_messenger(), await counter.operator("Ani")
    number = await files_a_lost_card(citizen)  # both photos in one message
    assert number in await says(citizen, "status")

    await says(ani, "/ambil")
    papers = await ani.receives(2)
    for seed in (1, 2):
        assert any(pictures.same(paper.media, pictures.jpeg(seed)) for paper in papers)
    await says(ani, "/lengkap 1")
    await citizen.hears(containing="lengkap")

    counter.clock.advance(hours=25)
    await counter.wakes(ani)
    await says(ani, "/siap 1")
    text = await citizen.hears(containing="siap diambil")
    assert citizen.last_message.type == "utility"
    assert citizen.last_message.template == "loket_ready_for_pickup"
    assert citizen.last_message.request["messaging_type"] == "UTILITY"
    assert number in text
    await says(ani, f"/serah {number}")
    await citizen.hears(containing="sudah diserahkan")
    assert (await Request.get()).state is RequestState.CLOSED


async def test_each_photo_by_itself_with_words_between_them(counter: Counter) -> None:
    citizen = counter.on_messenger()
    await comes_to_the_papers(citizen)
    await citizen.sends_photo(pictures.jpeg(1))
    assert "1 dari 2" in await citizen.hears()
    await citizen.likes()  # a thumb is no yes, and no paper
    await citizen.hears()
    await citizen.sends_document(pictures.pdf(2), "KK.pdf")
    assert "2 dari 2" in await citizen.hears()
    await says(citizen, "selesai")
    await citizen.likes()
    await citizen.hears()
    assert (await Request.get()).state is RequestState.DRAFT
    await citizen.taps("KIRIM", older=True)
    number_in(await citizen.hears(containing="sudah diterima"))


async def test_what_the_phone_tells_afterwards_raises_every_answer(counter: Counter) -> None:
    citizen = counter.on_messenger()
    await says(citizen, "halo", "ktp hilang")
    await sent(counter)
    assert await citizen.has_got_it(mids=False) == 200
    await settled(counter)
    assert {row.receipt for row in await OutboxMessage.all()} == {Receipt.ARRIVED}
    assert await citizen.reads() == 200
    await settled(counter)
    assert {row.receipt for row in await OutboxMessage.all()} == {Receipt.SEEN}


async def test_an_answer_that_may_not_have_arrived_is_settled_by_its_echo(counter: Counter) -> None:
    citizen = counter.on_messenger()
    assert counter.page is not None
    counter.page.echoes = True
    counter.page.next_send("hang")
    counter.page.statuses_first = True  # the echo is here before the answer, which never comes
    await citizen.starts()
    await citizen.hears()
    await settled(counter)
    (row,) = await OutboxMessage.all()
    assert row.receipt is Receipt.TAKEN
    assert len(citizen.everything) == 1
    counter.page.release()  # cut off: nobody will ever answer that send
    await sent(counter)
    (row,) = await OutboxMessage.all()
    assert (row.state, row.external_id) == (OutboxState.SENT, citizen.last_message.id)


async def test_while_a_human_answers_in_the_pages_inbox_the_bot_is_silent(counter: Counter) -> None:
    citizen = counter.on_messenger()
    assert counter.page is not None
    await says(citizen, "halo")
    assert await counter.page.staff_takes(citizen.psid) == 200
    assert await counter.page.staff_answers(citizen.psid, "Selamat pagi, dengan Ani.") == 200
    assert await citizen.says("Saya mau tanya") == 200
    await settled(counter)
    assert citizen.heard == []
    assert await counter.page.staff_hands_back(citizen.psid) == 200
    await says(citizen, "menu")
    assert len(citizen.heard) == 1


async def test_a_comment_is_greeted_in_private_and_goes_on_there(counter: Counter) -> None:
    citizen = counter.on_messenger()
    assert counter.page is not None
    assert await citizen.comments("Bagaimana caranya membuat KTP baru?") == 200
    greeting = await citizen.hears(containing="silakan tulis")
    await sent(counter)
    assert "KTP" not in greeting
    assert len(citizen.everything) == 1
    assert citizen.last_message.request["recipient"] == {"comment_id": citizen.written[0].id}
    (kept,) = await Contact.all()
    addresses = {address.kind: address.value for address in await Address.all()}
    assert addresses["psid"] == citizen.psid

    number = await files_a_lost_card(citizen)
    assert (await Contact.all()) == [kept]
    request = await Request.get()
    assert request.contact_id == kept.id

    assert await citizen.comments(f"Sampai di mana {number}?") == 200
    answer = await citizen.hears()
    await sent(counter)
    assert "silakan tulis" in answer
    assert number not in answer  # whoever can read the comment could have written it
    assert len(citizen.heard) == 1
    assert await OutboxMessage.filter(state=OutboxState.FAILED).count() == 0
    assert citizen.last_message.request["recipient"] == {"comment_id": citizen.written[1].id}
    assert number in await says(citizen, "status")


async def test_what_happens_under_posts_besides_is_nobodys_question(counter: Counter) -> None:
    citizen = counter.on_messenger()
    await citizen.comments("Bagaimana membuat KTP?", anonymous=True)
    await citizen.hears()
    await citizen.edits_comment("Bagaimana membuat KIA?")
    await citizen.page_comments("Silakan kirim pesan kepada kami.")
    await citizen.likes_post()
    await citizen.removes_comment()
    assert await citizen.repeats(2) == [200, 200]
    await settled(counter)
    assert len(citizen.everything) == 1
    assert await InboxEvent.exclude(contact_id=None).count() == 1
