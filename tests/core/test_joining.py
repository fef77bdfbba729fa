"""Two contacts become one: every row, every place in a form, every message that is under way."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from aiogram.types import Message

from bot import directory, ids
from bot.channels.base import AddressKey
from bot.directory import Directory
from bot.fsm import DatabaseStorage
from bot.joining import HISTORY, Bound, NotThere, SamePlace, _references, join, part
from bot.notices import Notice, Wording
from bot.outbox import queue_notice
from models.batches import Batch
from models.contacts import Address, Contact, Conversation, LinkCode
from models.database import transaction
from models.files import StoredFile
from models.fsm import FsmRecord
from models.inbox import InboxEvent, InboxKind, InboxState
from models.outbox import OutboxKind, OutboxMessage
from models.requests import Question, Request
from models.rights import Consent, DataRequest, DataRight, ExportToken, Purpose
from models.staff import Role, Staff, StaffBinding
from tests.core.channel import ACCOUNT, NOW, arrival
from tests.core.test_delivery import Post
from tests.core.test_handling import House
from tests.patience import PATIENCE

ON_WHATSAPP, ON_THE_WEB = ("whatsapp", ACCOUNT), ("webchat", "web")


async def someone(place: tuple[str, str] | None = None, value: str = "") -> Contact:
    """A contact, with an address and a conversation where a place is given."""
    contact = await Contact.create(office_id=1, created_at=NOW)
    if place is not None:
        here = {"office_id": 1, "contact_id": contact.id, "channel": place[0], "account": place[1]}
        await Address.create(kind="wa_id", value=value or f"{contact.id}", created_at=NOW, **here)
        await Conversation.create(window_expires_at=NOW + timedelta(hours=24), **here)
    return contact


async def joined(contact: Contact, into: Contact) -> None:
    await transaction(lambda: join(contact.id, into.id))


def usual(contact: Contact) -> dict[str, Any]:
    return {"office_id": 1, "contact_id": contact.id, "channel": "whatsapp", "account": ACCOUNT}


async def an_event(contact: Contact) -> InboxEvent:
    return await InboxEvent.create(
        external_id="e1", kind=InboxKind.MESSAGE, body="{}", received_at=NOW, **usual(contact)
    )


async def a_message(contact: Contact) -> OutboxMessage:
    row = usual(contact) | {"kind": OutboxKind.REPLY, "name": "sendMessage", "payload": "{}"}
    return await OutboxMessage.create(due_at=NOW, created_at=NOW, **row)


async def a_request(contact: Contact) -> Request:
    return await Request.create(
        number="K7Q2M9FDX", service="KTP_HILANG", created_at=NOW, changed_at=NOW, **usual(contact)
    )


async def a_question(contact: Contact) -> Question:
    return await Question.create(number=1, text="-", asked_at=NOW, **usual(contact))


async def a_data_request(contact: Contact) -> DataRequest:
    asked = {"number": 1, "right": DataRight.ERASE, "asked_at": NOW, "due_at": NOW}
    return await DataRequest.create(**asked, **usual(contact))


async def a_consent(contact: Contact) -> Consent:
    said = {"purpose": Purpose.SURVEY, "given": True, "version": 1, "text_hash": "0", "at": NOW}
    return await Consent.create(**said, **usual(contact))


async def an_export(contact: Contact) -> ExportToken:
    page = {"token_hash": "0", "created_at": NOW, "expires_at": NOW}
    return await ExportToken.create(office_id=1, contact_id=contact.id, **page)


async def a_list(contact: Contact) -> Batch:
    head = await Staff.create(office_id=1, name="Yusuf", role=Role.VILLAGE_HEAD, created_at=NOW)
    file = await StoredFile.create(office_id=1, file_id="wa-1", created_at=NOW)
    row = usual(contact) | {"staff_id": head.id, "file_id": file.id, "village_code": "53.14.03.1011"}
    return await Batch.create(number=1, received_at=NOW, **row)


MAKERS: dict[str, Callable[[Contact], Awaitable[Any]]] = {
    # table -> how a row of it comes to belong to a contact; a new table has to be added here
    "addresses": lambda contact: Address.get(contact_id=contact.id),
    "conversations": lambda contact: Conversation.get(contact_id=contact.id),
    "inbox": an_event,
    "outbox": a_message,
    "requests": a_request,
    "questions": a_question,
    "data_requests": a_data_request,
    "consents": a_consent,
    "export_tokens": an_export,
    "batches": a_list,
}


async def test_every_reference_to_a_contact_has_been_thought_of(database: str) -> None:
    assert {model._meta.db_table for model, _ in _references()} == MAKERS.keys()
    assert [model for model, _ in _references(one_to_one=True)] == [StaffBinding]
    assert set(Contact._meta.backward_fk_fields) >= HISTORY


async def test_whoever_asked_to_be_left_alone_is_so_in_every_chat(database: str) -> None:
    yakob, maria = await someone(ON_WHATSAPP), await someone(ON_THE_WEB)
    await Contact.filter(id=yakob.id).update(restricted_at=NOW)
    await joined(yakob, maria)
    assert (await Contact.get(id=maria.id)).restricted_at == NOW


@pytest.mark.parametrize("table", MAKERS)
async def test_every_row_goes_along(database: str, table: str) -> None:
    yakob, maria = await someone(ON_WHATSAPP), await someone(ON_THE_WEB)
    row = await MAKERS[table](yakob)
    await joined(yakob, maria)
    assert (await type(row).get(id=row.id)).contact_id == maria.id
    assert (await Contact.get(id=yakob.id)).merged_into == maria.id
    assert (await directory.person(yakob.id)).id == maria.id


async def test_who_asked_whom_is_history(database: str) -> None:
    yakob, maria = await someone(ON_WHATSAPP), await someone(ON_THE_WEB)
    code = await LinkCode.create(
        office_id=1, code_hash="x", contact_id=maria.id, asked_by_id=yakob.id, channel="w", account="1",
        expires_at=NOW,
    )  # fmt: skip
    await joined(yakob, maria)
    after = await LinkCode.get(id=code.id)
    assert (after.contact_id, after.asked_by_id) == (maria.id, yakob.id)


async def test_three_become_one_and_the_first_still_leads_to_it(database: str) -> None:
    one, two, three = await someone(ON_WHATSAPP), await someone(ON_THE_WEB), await someone(("telegram", "5"))
    await joined(one, two)
    await joined(two, three)
    assert (await directory.person(one.id)).id == three.id
    assert await Address.filter(contact_id=three.id).count() == 3


async def test_nobody_is_joined_twice_to_themselves_or_to_who_is_gone(database: str) -> None:
    yakob, maria = await someone(ON_WHATSAPP), await someone(ON_THE_WEB)
    await joined(yakob, maria)
    for contact, into in ((maria, maria), (yakob, maria), (maria, yakob)):
        with pytest.raises(NotThere):
            await joined(contact, into)


async def test_a_chat_of_staff_is_joined_to_nobody(database: str) -> None:
    yakob, maria = await someone(ON_WHATSAPP), await someone(ON_THE_WEB)
    ani = await Staff.create(office_id=1, name="Ani", role=Role.OPERATOR, created_at=NOW)
    await StaffBinding.create(staff_id=ani.id, bound_at=NOW, **usual(maria))
    for contact, into in ((yakob, maria), (maria, yakob)):
        with pytest.raises(Bound):
            await joined(contact, into)


# ---------------------------------------------------------------------- the same channel twice


async def test_two_numbers_of_one_channel_stay_two(database: str) -> None:
    yakob, maria = await someone(ON_WHATSAPP), await someone(ON_WHATSAPP)
    await a_request(yakob)
    with pytest.raises(SamePlace):
        await joined(yakob, maria)
    assert (await Contact.get(id=yakob.id)).merged_into is None
    assert (await Request.get()).contact_id == yakob.id


@pytest.mark.parametrize("why", ["reverify_since", "unreachable_at", "no address"])
async def test_a_conversation_that_leads_nowhere_gives_way(database: str, why: str) -> None:
    yakob, maria = await someone(ON_WHATSAPP, "62new"), await someone(ON_WHATSAPP, "62old")
    if why == "no address":
        await Address.filter(contact_id=maria.id).delete()
    else:
        await Conversation.filter(contact_id=maria.id).update(**{why: NOW})
    await joined(yakob, maria)
    to = await Directory(1).recipient(maria.id, *ON_WHATSAPP)
    assert [address.value for address in to.addresses] == ["62new"]
    talk = await Conversation.get(contact_id=maria.id)
    assert not talk.reverify_since and not talk.unreachable_at


# ---------------------------------------------------------------------- where forms stand


def place(contact: Contact, bot_id: int = 77) -> StorageKey:
    chat = ids.chat_id(contact.id)
    return StorageKey(bot_id=bot_id, chat_id=chat, user_id=chat)


async def test_a_form_stays_where_it_is(database: str) -> None:
    states = DatabaseStorage(1)
    yakob, maria = await someone(ON_WHATSAPP), await someone(ON_THE_WEB)
    data = {"request": 7, "held": [[1, None]]}
    await states.set_state(place(yakob), "Form:name")
    await states.set_data(place(yakob), data)
    await states.set_state(place(maria, bot_id=1), "Form:village")
    await joined(yakob, maria)
    assert (await states.get_state(place(maria)), await states.get_data(place(maria))) == ("Form:name", data)
    assert await states.get_state(place(maria, bot_id=1)) == "Form:village"
    assert await FsmRecord.all().count() == 2


async def test_papers_that_waited_on_both_sides_wait_together(database: str) -> None:
    yakob, maria = await someone(ON_WHATSAPP), await someone(ON_WHATSAPP)
    await Conversation.filter(contact_id=maria.id).update(unreachable_at=NOW)
    states = DatabaseStorage(1)
    await states.set_data(place(yakob), {"held": [[2, "KK"]], "wish": None})
    await states.set_data(place(maria), {"held": [[1, None]]})
    await joined(yakob, maria)
    assert await states.get_data(place(maria)) == {"held": [[1, None], [2, "KK"]]}
    assert await FsmRecord.all().count() == 1


# ---------------------------------------------------------------------- what is under way


@pytest.fixture
def house(database: str, tmp_path: Path) -> House:
    return House(tmp_path)


async def test_what_came_in_before_and_after_is_handled_as_the_others(house: House) -> None:
    """The lane and this process's memory still know the old contact; nothing is lost, and memory heals."""
    seen: list[tuple[str, int]] = []

    async def handle(message: Message, contact: Contact, state: FSMContext) -> None:
        await state.set_state("here")
        seen.append((message.text or "", contact.id))
        await message.answer(f"to {message.text}")

    house.register(handle)
    core = house.build()
    push, core.inbox.on_new = core.inbox.on_new, lambda _: None
    await core.inbox.store(*ON_WHATSAPP, [arrival("a", text="before")])
    yakob, maria = await Contact.get(), await someone(ON_THE_WEB)
    waiting = await InboxEvent.get()
    await joined(yakob, maria)
    core.inbox.on_new = push
    await core.inbox.store(*ON_WHATSAPP, [arrival("b", text="after")])  # memory says yakob
    waiting.contact_id = yakob.id  # as its lane has it
    core.lanes.push(waiting)
    async with asyncio.timeout(PATIENCE):
        await core.lanes.settled()
    await core.inbox.store(*ON_WHATSAPP, [arrival("c", text="healed")])
    assert (await InboxEvent.get(external_id="c")).contact_id == maria.id
    async with asyncio.timeout(PATIENCE):
        await core.lanes.settled()

    assert sorted(seen) == [(text, maria.id) for text in ("after", "before", "healed")]
    assert {row.contact_id for row in await InboxEvent.all()} == {maria.id}
    assert {row.contact_id for row in await OutboxMessage.all()} == {maria.id}
    assert {row.state for row in await InboxEvent.all()} == {InboxState.DONE}
    assert str(ids.chat_id(maria.id)) in (await FsmRecord.get()).key


async def test_a_join_inside_a_step_is_known_to_this_process_when_the_step_has_ended(house: House) -> None:
    maria = await someone(ON_THE_WEB)

    async def handle(message: Message, contact: Contact) -> None:
        if message.text == "join":
            await join(contact.id, maria.id)

    house.register(handle)
    core = await house.hears(arrival("a", text="join"))
    core.inbox.on_new = lambda _: None
    await core.inbox.store(*ON_WHATSAPP, [arrival("b", text="x")])
    assert (await InboxEvent.get(external_id="b")).contact_id == maria.id


async def test_a_notice_that_is_being_worded_reaches_the_other_contact(database: str, tmp_path: Path) -> None:
    post = Post(tmp_path)
    yakob, maria = await someone(ON_WHATSAPP, "62yakob"), await someone(ON_THE_WEB)
    await post.notice(yakob)
    delivery = post.delivery()

    async def render(*_: Any) -> Wording:
        await joined(yakob, maria)
        return Wording(text="worded")

    delivery._render = render
    await post.carries_what_is_due(delivery)
    ((_, to, _),) = post.whatsapp.session.taken
    assert [address.value for address in to.addresses] == ["62yakob"]
    assert post.whatsapp.session.said == ["worded"]  # its window is still open


async def test_a_notice_queued_for_who_was_joined_is_the_others(database: str) -> None:
    yakob, maria = await someone(ON_WHATSAPP), await someone(ON_THE_WEB)
    await joined(yakob, maria)
    channel, account = ON_WHATSAPP
    notice = Notice(
        key="k", name="n", contact_id=yakob.id, channel=channel, account=account, facts={}, due_at=NOW
    )
    await transaction(lambda: queue_notice(notice))
    assert (await OutboxMessage.get()).contact_id == maria.id


async def test_a_join_waits_for_whoever_is_writing_for_the_contact(database: str) -> None:
    yakob, maria = await someone(ON_WHATSAPP), await someone(ON_THE_WEB)
    reading, joining = asyncio.Event(), asyncio.Event()

    async def a_step() -> None:
        contact = await directory.person(yakob.id)
        reading.set()
        await joining.wait()
        await asyncio.sleep(0)  # let the other transaction begin
        await a_question(contact)

    async def the_join() -> None:
        await reading.wait()
        joining.set()
        await joined(yakob, maria)

    await asyncio.gather(transaction(a_step), the_join())
    assert (await Question.get()).contact_id == maria.id


# ---------------------------------------------------------------------- parting


async def test_new_hands_get_a_contact_of_their_own(database: str) -> None:
    maria = await someone(ON_WHATSAPP, "62maria")
    await Address.create(kind="session", value="s", created_at=NOW, **{**usual(maria), "channel": "webchat"})
    await Conversation.filter(contact_id=maria.id).update(reverify_since=NOW)
    request = await a_request(maria)
    people = Directory(1)
    people.remember(*ON_WHATSAPP, [AddressKey("wa_id", "62maria")], maria.id)

    fresh = await transaction(lambda: part(maria.id, *ON_WHATSAPP, now=NOW))
    people.forget()
    key = [AddressKey("wa_id", "62maria")]
    assert await transaction(lambda: people.resolve(*ON_WHATSAPP, key, "", now=NOW)) == fresh
    assert (await people.recipient(maria.id, *ON_WHATSAPP)).addresses == ()
    assert (await people.recipient(maria.id, "webchat", ACCOUNT)).value("session") == "s"
    assert (await Request.get(id=request.id)).contact_id == maria.id
    talk = await Conversation.get(contact_id=fresh)
    assert talk.reverify_since is None and talk.window_expires_at == NOW + timedelta(hours=24)
    assert (await Conversation.get(contact_id=maria.id)).reverify_since == NOW
