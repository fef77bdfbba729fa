"""A notice that one channel cannot bring goes to another chat of the same person, to each once."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot import receipts
from bot.channels.base import DeliveryFailed, Fault, ProviderReceipt
from models.contacts import Contact, Conversation
from models.database import transaction
from models.outbox import OutboxMessage, OutboxState, Receipt
from tests.core.channel import ACCOUNT, NOW, failure
from tests.core.test_delivery import Post, now_of


@pytest.fixture
async def post(database: str, tmp_path: Path) -> Post:
    return Post(tmp_path)


async def linked(post: Post, *, open_window: bool = True) -> Contact:
    """Somebody who has written on both channels."""
    person = await post.person(heard=open_window)
    await Conversation.filter(contact_id=person.id).update(last_heard_at=NOW)
    return person


async def test_the_same_row_goes_to_the_next_channel_under_its_key(post: Post) -> None:
    maria = await linked(post)
    row = await post.notice(maria)
    post.whatsapp.session.fails(failure("unreachable", "131026"))
    await post.carries_what_is_due()
    after = await now_of(row)
    assert (after.channel, after.state, after.key, after.tried) == (
        "telegram",
        OutboxState.SENT,
        row.key,
        "whatsapp",
    )
    assert (post.whatsapp.session.said, post.telegram.session.said) == ([], ["ready 7 id"])
    marks = {talk.channel: talk.unreachable_at for talk in await Conversation.filter(contact_id=maria.id)}
    assert marks == {"whatsapp": NOW, "telegram": None}


async def test_each_channel_is_tried_once(post: Post) -> None:
    row = await post.notice(await linked(post))
    for channel in (post.whatsapp, post.telegram):
        channel.session.fails(*[DeliveryFailed(Fault.UNREACHABLE, channel.channel, certain=False)] * 9)
    await post.carries_what_is_due()
    after = await now_of(row)
    assert (after.state, after.failure) == (OutboxState.FAILED, "telegram")
    assert (post.whatsapp.session.tried, post.telegram.session.tried) == (1, 1)


async def test_a_closed_window_without_a_template(post: Post) -> None:
    row = await post.notice(await linked(post, open_window=False), "courtesy")
    await post.carries_what_is_due()
    after = await now_of(row)
    assert (after.channel, after.state) == ("telegram", OutboxState.SENT)
    assert post.whatsapp.session.tried == 0


async def test_an_address_known_to_take_nothing_is_not_tried_again(post: Post) -> None:
    maria = await linked(post)
    await Conversation.filter(contact_id=maria.id, channel="whatsapp").update(unreachable_at=NOW)
    row = await post.notice(maria)
    await post.carries_what_is_due()
    assert ((await now_of(row)).channel, post.whatsapp.session.tried) == ("telegram", 0)


@pytest.mark.parametrize("mark", ["unreachable_at", "refused_at", "reverify_since"])
async def test_a_chat_in_doubt_is_no_way_out(post: Post, mark: str) -> None:
    maria = await linked(post)
    await Conversation.filter(contact_id=maria.id, channel="telegram").update(**{mark: NOW})
    row = await post.notice(maria)
    post.whatsapp.session.fails(failure("unreachable", "131026"))
    await post.carries_what_is_due()
    after = await now_of(row)
    assert (after.channel, after.state, after.failure) == ("whatsapp", OutboxState.FAILED, "131026")
    assert post.telegram.session.tried == 0


async def test_answers_and_other_faults_stay_where_they_are(post: Post) -> None:
    maria = await linked(post)
    answer = await post.reply(maria, "x")
    post.whatsapp.session.fails(failure("unreachable", "131026"))
    await post.carries_what_is_due()
    await Conversation.all().update(unreachable_at=None)
    broken = await post.notice(maria)
    post.whatsapp.session.fails(failure("give_up", "100"))
    await post.carries_what_is_due()
    for row in (answer, broken):
        assert ((await now_of(row)).channel, (await now_of(row)).state) == ("whatsapp", OutboxState.FAILED)
    assert post.telegram.session.tried == 0


@pytest.mark.parametrize("certain", [True, False])
async def test_a_refusal_that_comes_hours_later_moves_it_too(post: Post, certain: bool) -> None:
    maria = await linked(post)
    row = await post.notice(maria)
    delivery = await post.carries_what_is_due()
    late = ProviderReceipt(
        tag=str(row.id),
        receipt=Receipt.FAILED,
        failure=DeliveryFailed(Fault.UNREACHABLE, "131026", certain=certain),
    )
    post.clock.advance(hours=2)
    for _ in range(2):
        await transaction(lambda: receipts.apply([late], "whatsapp", ACCOUNT, now=post.clock()))
        await post.carries_what_is_due(delivery)
    after = await OutboxMessage.get(id=row.id)
    assert (after.channel, after.state, after.sent_at) == (
        "telegram",
        OutboxState.SENT,
        NOW + timedelta(hours=2),
    )
    assert (post.whatsapp.session.tried, post.telegram.session.tried) == (1, 1)
