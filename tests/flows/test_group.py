"""A group that has the bot in it: it is told once, politely, that the office serves in private."""

import pytest

from bot.channels.base import AddressKey
from models.contacts import Address, Conversation
from tests.flows.counter import TELEGRAM_SECRET, Counter
from tests.flows.steps import said, settled
from tests.telegram_group import TelegramGroup
from tests.telegram_phone import TelegramPhone

NIK = "5314034101900001"


@pytest.fixture
def founder(counter: Counter) -> TelegramPhone:
    return TelegramPhone(counter.telegram, f"{counter.url}/webhooks/telegram", TELEGRAM_SECRET)


async def test_a_group_is_told_once_and_then_left_alone(counter: Counter, founder: TelegramPhone) -> None:
    group = TelegramGroup(founder)
    assert set(await group.adds_bot()) == {200}
    for words in ("/start", "/status@loket_bot", f"NIK saya {NIK}", "1", "/mulai"):
        assert await group.says(words) == 200
    await said(counter)
    (told,) = group.heard
    assert "chat pribadi" in told.text and "Disdukcapil" in told.text
    assert NIK not in told.text and "Maria" not in told.text
    assert founder.messages == []  # nobody is written to in private because of a group


@pytest.mark.parametrize(
    "words", ["/status@another_bot", "/status@loket_bot2 1", "halo @loket_bot", "/", "menu"]
)
async def test_what_is_not_meant_for_us_is_not_answered(
    counter: Counter, founder: TelegramPhone, words: str
) -> None:
    group = TelegramGroup(founder)
    counter.telegram.meet(group.chat)  # nobody told us when we came
    await group.says(words)
    await said(counter)
    assert group.heard == []


async def test_a_command_that_calls_us_is_answered_where_we_were_before(
    counter: Counter, founder: TelegramPhone
) -> None:
    group = TelegramGroup(founder)
    counter.telegram.meet(group.chat)
    await group.says("/status@Loket_Bot 1")
    await said(counter)
    assert ["chat pribadi" in sent.text for sent in group.heard] == [True]


async def test_a_group_that_moves_or_throws_us_out_is_noted(counter: Counter, founder: TelegramPhone) -> None:
    group = TelegramGroup(founder)
    await group.adds_bot()
    await said(counter)
    old = group.group_id
    assert set(await group.becomes_supergroup()) == {200}
    await said(counter)
    numbers = {address.value for address in await Address.filter(channel="telegram")}
    assert str(group.group_id) in numbers and str(old) not in numbers
    await group.removes_bot()
    await settled(counter)
    address = await Address.get(index=AddressKey("telegram", str(group.group_id)).index)
    talk = await Conversation.get(contact_id=address.contact_id)
    assert talk.unreachable_at is not None
    assert len(group.heard) <= 1


async def test_a_person_who_blocks_us_and_comes_back(counter: Counter, founder: TelegramPhone) -> None:
    await founder.starts()
    await founder.hears(containing="Selamat")
    await founder.blocks()
    await counter.core.lanes.settled()
    assert (await Conversation.get(channel="telegram")).unreachable_at is not None
    await founder.unblocks()
    await counter.core.lanes.settled()
    assert (await Conversation.get(channel="telegram")).unreachable_at is None
    await founder.says("menu")
    await founder.hears(containing="Selamat")
