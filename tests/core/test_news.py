"""What happens to a person's address: blocked, moved, in other hands."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import Message

from bot.notices import Wording
from models.contacts import Address, Contact, Conversation
from models.inbox import InboxEvent, InboxState
from models.outbox import OutboxMessage, OutboxState
from tests.core.channel import arrival
from tests.core.test_delivery import Post, now_of
from tests.core.test_handling import House
from tests.patience import PATIENCE


@pytest.fixture
def house(database: str, tmp_path: Path) -> House:
    return House(tmp_path)


async def answered(message: Message, in_doubt: bool) -> None:
    await message.answer("in doubt" if in_doubt else "sure")


def told(ident: str, sender: str = "maria", **news: Any) -> Any:
    return arrival(ident, sender, kind="news", **news)


async def test_a_person_who_blocks_us_is_not_reachable_until_they_let_us_in(house: House) -> None:
    await house.hears(told("a", reachable=False))
    talk = await Conversation.get()
    assert talk.unreachable_at == house.clock()
    await Conversation.filter(id=talk.id).update(refused_at=house.clock())
    await house.hears(told("b", reachable=True))
    talk = await Conversation.get()
    assert not talk.unreachable_at and not talk.refused_at
    assert {event.state for event in await InboxEvent.all()} == {InboxState.DONE}


async def test_addresses_come_in_place_of_those_of_their_kind(house: House) -> None:
    house.register(answered)
    await house.hears(arrival("a", text="x"), told("b", addresses=[["wa_id", "62new"], ["bsuid", "ID.1"]]))
    (maria,) = await Contact.all()
    addresses = {(row.kind, row.value): row.contact_id for row in await Address.all()}
    assert addresses == {("wa_id", "62new"): maria.id, ("bsuid", "ID.1"): maria.id}
    await house.hears(arrival("c", "62new", text="x"), arrival("d", "maria", text="x"))
    assert (await InboxEvent.get(external_id="c")).contact_id == maria.id
    assert (await InboxEvent.get(external_id="d")).contact_id != maria.id


async def test_an_address_that_is_lost_is_somebody_elses_from_then_on(house: House) -> None:
    house.register(answered)
    moved = told("b", addresses=[["bsuid", "ID.2"]], lost=["wa_id"])
    await house.hears(arrival("a", text="x"), moved)
    await house.hears(arrival("c", "maria", text="x"))
    maria = (await InboxEvent.get(external_id="a")).contact_id
    assert [row.value for row in await Address.filter(contact_id=maria)] == ["ID.2"]
    assert (await InboxEvent.get(external_id="c")).contact_id not in (None, maria)


async def test_memory_follows_an_address_that_moved(house: House) -> None:
    core = house.build()
    await core.inbox.store("whatsapp", "1", [told("a")])
    await core.inbox.store("whatsapp", "1", [told("b", addresses=[["wa_id", "62new"]])])
    async with asyncio.timeout(PATIENCE):
        await core.lanes.settled()
    await core.inbox.store("whatsapp", "1", [told("c"), told("d", "62new")])
    event = {row.external_id: row.contact_id for row in await InboxEvent.all()}
    assert event["d"] == event["b"] == event["a"] != event["c"]


async def test_handlers_are_told_while_hands_are_in_doubt(house: House) -> None:
    house.register(answered)
    await house.hears(arrival("a", text="x"))
    await house.hears(told("b", new_hands=True), arrival("c", text="x"))
    assert [row.payload.count("in doubt") for row in await OutboxMessage.all().order_by("id")] == [0, 1]
    assert (await Conversation.get()).reverify_since == house.clock()


async def test_an_answer_to_the_old_hands_that_waits_is_never_sent(house: House) -> None:
    house.register(answered)
    await house.hears(arrival("a", text="x"), arrival("y", "yakob", text="x"))
    await house.hears(told("b", new_hands=True))
    maria, yakob = await OutboxMessage.all().order_by("contact_id")  # met in this order, answered in any
    assert (maria.state, maria.failure) == (OutboxState.CANCELLED, "new_hands")
    assert yakob.state is OutboxState.QUEUED


@pytest.mark.parametrize("personal", [True, False])
async def test_a_notice_about_somebody_is_held_back_from_new_hands(
    database: str, tmp_path: Path, personal: bool
) -> None:
    post = Post(tmp_path)
    maria = await post.person()
    await Conversation.filter(contact_id=maria.id, channel="whatsapp").update(reverify_since=post.clock())
    here, elsewhere = await post.notice(maria), await post.notice(maria, channel="telegram")
    delivery = post.delivery()

    async def render(*_: Any) -> Wording:
        return Wording(text="x", personal=personal)

    delivery._render = render
    await post.carries_what_is_due(delivery)
    assert (await now_of(elsewhere)).state is OutboxState.SENT
    after = await now_of(here)
    expected = (OutboxState.FAILED, "new_hands") if personal else (OutboxState.SENT, None)
    assert (after.state, after.failure) == expected
