"""WhatsApp through the whole core, over sockets: what a person does, what handlers hear, what arrives."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram.methods import SendContact
from aiogram.types import KeyboardButton, Message, ReactionTypeEmoji, ReplyKeyboardMarkup

from bot import ids
from bot.methods import SendFlow
from models.contacts import Address, Conversation
from models.outbox import OutboxMessage, OutboxState, Receipt
from tests.channels.whatsapp.subject import WhatsAppSubject
from tests.conformance.bench import THANKS, Bench, open_bench
from tests.fakes import bodies
from tests.fakes.ledger import Sent
from tests.whatsapp_phone import WhatsAppPhone


@pytest.fixture
async def bench(database: str, tmp_path: Path) -> AsyncIterator[Bench]:
    async with open_bench(WhatsAppSubject, tmp_path) as opened:
        yield opened
        assert len(opened.subject.refused) == opened.forgiven


@pytest.fixture
def citizen(bench: Bench) -> WhatsAppPhone:
    assert isinstance(bench.phone, WhatsAppPhone)
    return bench.phone


async def addresses(contact_id: int) -> dict[str, str]:
    return {row.kind: row.value for row in await Address.filter(contact_id=contact_id)}


def contact_of(bench: Bench) -> int:
    return int(bench.heard[-1].told["contact"].id)


async def test_an_answer_quotes_reacts_and_types(bench: Bench, citizen: WhatsAppPhone) -> None:
    async def answers(message: Message) -> None:
        assert message.bot is not None
        await message.bot.send_chat_action(message.chat.id, "typing")
        await message.react([ReactionTypeEmoji(emoji="👍")])
        await message.reply("Dicatat.")

    await bench.answers(answers)
    assert [line.type for line in citizen.graph.ledger] == ["read+typing", "reaction", "text"]
    assert citizen.reactions == {citizen.written[-1]: "👍"}
    assert (citizen.last_message.text, citizen.last_message.reply_to) == ("Dicatat.", citizen.written[-1])
    assert {row.state for row in await bench.rows()} == {OutboxState.SENT}


async def test_quotes_go_by_our_ids_whoever_said_it(bench: Bench, citizen: WhatsAppPhone) -> None:
    await bench.says("halo")
    await citizen.quotes(citizen.last_message, "yang ini")
    await citizen.quotes(Sent(at=bench.clock(), channel="", to="", type="", id=citizen.written[0]), "dan ini")
    await bench.settles()
    first = bench.messages[0].message_id
    thanks = ids.message_id((await bench.rows())[0].id)
    quoted = [message.reply_to_message for message in bench.messages]
    assert [one and one.message_id for one in quoted] == [None, thanks, first]


async def test_an_edit_comes_under_the_id_of_what_it_changes(bench: Bench, citizen: WhatsAppPhone) -> None:
    await bench.says("KTP hilank")
    await citizen.edits("KTP hilang")
    await citizen.revokes()
    await citizen.reacts("❤️")
    await bench.settles()
    assert [heard.kind for heard in bench.heard] == ["message", "edited_message"]
    message, edit = (heard.event for heard in bench.heard)
    assert (edit.text, edit.message_id) == ("KTP hilang", message.message_id)
    assert citizen.everything == [THANKS]


async def test_a_place_a_number_and_a_form_are_asked_for_and_given(
    bench: Bench, citizen: WhatsAppPhone
) -> None:
    place = KeyboardButton(text="Lokasi", request_location=True)
    number = KeyboardButton(text="Nomor", request_contact=True)

    async def asks_place(message: Message) -> None:
        await message.answer("Di mana?", reply_markup=ReplyKeyboardMarkup(keyboard=[[place]]))

    async def asks_number(message: Message) -> None:
        await message.answer("Nomor?", reply_markup=ReplyKeyboardMarkup(keyboard=[[number]]))

    async def asks_form(message: Message) -> None:
        assert message.bot is not None
        form = {"flow_id": "77", "token": "t-1", "text": "Mohon diisi", "button": "Isi"}
        await message.bot(SendFlow(chat_id=message.chat.id, **form))

    await bench.answers(asks_place)
    assert citizen.last_message.type == "interactive.location_request_message"
    await citizen.sends_location(-10.7, 123.0)
    await bench.answers(asks_number)
    assert citizen.last_message.type == "interactive.request_contact_info"
    await citizen.sends_contact("+6281234567890", "Yohana", own=True)
    await bench.answers(asks_form)
    await citizen.fills_in({"nama": "Yohana"})
    await bench.settles()
    heard = [message for message in bench.messages if message.text != "halo"]
    assert heard[0].location is not None
    assert heard[1].contact is not None
    assert heard[1].contact.user_id == heard[1].chat.id
    assert heard[2].web_app_data is not None
    assert heard[2].web_app_data.data == '{"nama": "Yohana", "flow_token": "t-1"}'


async def test_words_beside_a_card_arrive_and_are_recorded_as_another_form(
    bench: Bench, citizen: WhatsAppPhone
) -> None:
    async def answers(message: Message) -> None:
        assert message.bot is not None
        keys = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Simpan")]])
        card = SendContact(
            chat_id=message.chat.id, phone_number="+62380", first_name="Loket", reply_markup=keys
        )
        await message.bot(card)

    await bench.answers(answers)
    (row,) = await bench.rows()
    assert row.degree == "degraded"
    assert [line.type for line in citizen.messages] == ["contacts", "interactive.button"]
    await bench.taps_on("Simpan")
    assert bench.texts[-1] == "Simpan"


async def test_who_changes_the_number_stays_the_same_person_in_doubt(
    bench: Bench, citizen: WhatsAppPhone
) -> None:
    await bench.says("halo")
    contact, old_number = contact_of(bench), citizen.wa_id
    await citizen.changes_number("6281299990000", "ID.777")
    await bench.settles()
    await bench.says("saya, dari nomor baru")
    assert contact_of(bench) == contact
    assert await addresses(contact) == {"wa_id": "6281299990000", "bsuid": "ID.777"}
    assert (await Conversation.get(contact_id=contact)).reverify_since is not None
    assert citizen.last == THANKS
    stranger = WhatsAppPhone(citizen.graph, citizen.door_url, wa_id=old_number, bsuid="ID.888", name="Lain")
    await stranger.says("halo, saya punya nomor lama itu")
    await bench.settles()
    assert contact_of(bench) != contact
    assert (await Conversation.get(contact_id=contact_of(bench))).reverify_since is None


async def test_who_hides_the_new_number_is_answered_by_id_and_not_at_the_old_one(
    bench: Bench, citizen: WhatsAppPhone
) -> None:
    await bench.says("halo")
    contact = contact_of(bench)
    await citizen.changes_number(None, "ID.777")
    await bench.settles()
    await bench.says("saya masih di sini")
    assert contact_of(bench) == contact
    assert await addresses(contact) == {"bsuid": "ID.777"}
    line = citizen.last_message
    assert (line.text, line.request.get("to"), line.request["recipient"]) == (THANKS, None, "ID.777")


async def test_another_device_puts_the_person_in_doubt(bench: Bench, citizen: WhatsAppPhone) -> None:
    await bench.says("halo")
    await citizen.changes_phone()
    await bench.settles()
    assert (await Conversation.get()).reverify_since is not None
    assert len(await Address.all()) == 2


async def test_news_told_twice_and_late_changes_nothing(bench: Bench, citizen: WhatsAppPhone) -> None:
    await bench.says("halo")
    contact = contact_of(bench)
    await citizen.changes_number("6281299990000", "ID.777")
    await bench.settles()  # nobody writes from the new number within the same blink
    await bench.says("halo lagi")
    told = citizen.posted[-2]
    await bench.knock(told, bodies.signed(told, citizen.app_secret))
    await bench.settles()
    assert await addresses(contact) == {"wa_id": "6281299990000", "bsuid": "ID.777"}
    assert contact_of(bench) == contact


async def test_a_person_behind_an_id_in_the_numbers_place(bench: Bench, citizen: WhatsAppPhone) -> None:
    hidden = WhatsAppPhone(
        citizen.graph, citizen.door_url, wa_id=None, bsuid="ID.555", name="Yakob", id_as_number=True
    )
    await hidden.says("halo")
    await bench.settles()
    assert await addresses(contact_of(bench)) == {"bsuid": "ID.555"}
    assert hidden.heard == [THANKS]


async def test_what_nobody_answers(bench: Bench, citizen: WhatsAppPhone) -> None:
    await citizen.says_in_group("halo semua")
    await citizen.opens_chat()
    await bench.settles()
    assert (bench.heard, citizen.everything) == ([], [])


async def test_what_we_cannot_read_is_answered_politely(bench: Bench, citizen: WhatsAppPhone) -> None:
    await citizen.sends_unknown()
    await citizen.orders()
    await bench.settles()
    assert [message.content_type for message in bench.messages] == ["unknown", "unknown"]
    assert citizen.everything == [THANKS, THANKS]


async def test_statuses_in_any_order_twice_and_of_nothing(bench: Bench, citizen: WhatsAppPhone) -> None:
    await bench.says("halo")
    sent = citizen.last_message
    for word in ("read", "sent", "delivered", "read", "sent"):
        assert await citizen.graph.emit_status(sent, word) == 200
    orphan = Sent(at=bench.clock(), channel="whatsapp", to=sent.to, type="text", id="wamid.never-sent")
    assert await citizen.graph.emit_status(orphan, "delivered") == 200
    await bench.settles()
    (row,) = await bench.rows()
    assert (row.state, row.receipt) == (OutboxState.SENT, Receipt.SEEN)


async def test_a_status_before_the_answer_settles_the_row(bench: Bench, citizen: WhatsAppPhone) -> None:
    citizen.graph.auto_statuses, citizen.graph.statuses_first = ("sent", "delivered"), True
    await bench.says("halo")
    (row,) = await bench.rows()
    assert (row.state, row.receipt) == (OutboxState.SENT, Receipt.ARRIVED)


async def test_a_thousand_messages_of_a_hundred_people_in_one_body(
    bench: Bench, citizen: WhatsAppPhone
) -> None:
    graph = citizen.graph
    people = [
        WhatsAppPhone(graph, citizen.door_url, wa_id=f"62813{n:07}", name=f"Warga {n}") for n in range(100)
    ]

    def body(person: WhatsAppPhone, text: str) -> Any:
        return person._body(person._message("text", {"body": text}))

    async def listens(_: Message) -> None:
        """Says nothing: hearing a thousand is enough for one test."""

    bench.then = listens
    batch = bodies.one_batch([body(person, f"pesan {n}") for n in range(10) for person in people])
    raw = bodies.as_meta_writes(batch)
    for _ in range(2):
        assert await bench.knock(raw, bodies.signed(raw, graph.app_secret)) == 200
    await bench.settles()
    assert len(bench.heard) == 1000
    said = {(heard.told["contact"].name, heard.event.text) for heard in bench.heard}
    assert said == {(person.name, f"pesan {n}") for n in range(10) for person in people}


async def test_a_template_goes_out_where_the_window_is_closed(bench: Bench, citizen: WhatsAppPhone) -> None:
    await bench.says("halo")
    citizen.graph.register_template("loket_ready", "Permohonan {{number}} sudah siap diambil.")
    bench.clock.advance(hours=25)
    row = await bench.notice("ready")
    assert (row.state, row.sent_as) == (OutboxState.SENT, "template:loket_ready")
    assert citizen.last == "Permohonan K7Q2-M9FD-X sudah siap diambil."


async def test_too_much_to_one_person_waits_and_then_goes(bench: Bench, citizen: WhatsAppPhone) -> None:
    citizen.graph.next_send("131056", "131056")
    await bench.says("halo")
    for wait in (4, 16):
        (row,) = await OutboxMessage.all()
        assert (row.state, row.failure) == (OutboxState.QUEUED, "131056")
        assert row.due_at - bench.clock() == timedelta(seconds=wait)
        bench.clock.advance(seconds=wait)
        await bench.settles()
    assert citizen.everything == [THANKS]
