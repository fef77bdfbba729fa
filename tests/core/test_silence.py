"""A platform that names every message but one for a day never had that one; and it may still say so."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot import silence
from bot.channels.base import Fault
from models.contacts import Contact
from models.outbox import OutboxMessage, OutboxState, Receipt
from tests.core.channel import failure
from tests.core.test_delivery import Post
from tests.core.test_early_receipts import hears, now_of, word

A_DAY = silence.LASTS + timedelta(minutes=2)


@pytest.fixture
async def post(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Post:
    monkeypatch.setattr(silence, "_looked_at", {})  # another test's process
    return Post(tmp_path)


async def a_send_nobody_is_sure_of(post: Post, person: Contact) -> OutboxMessage:
    row = await post.reply(person, "x")
    post.whatsapp.session.fails(failure(Fault.UNKNOWN, "no_answer"))
    await post.carries_what_is_due()
    assert (await now_of(row)).state is OutboxState.UNKNOWN
    return row


async def later(post: Post, person: Contact, after: timedelta) -> OutboxMessage:
    """Another message, which the platform takes."""
    post.clock.now += after
    row = await post.reply(person, "y")
    await post.carries_what_is_due()
    return row


async def named(post: Post, row: OutboxMessage, said: Receipt = Receipt.ARRIVED) -> None:
    await hears(word(said, f"out-{row.id}", str(row.id)), at=post.clock())


async def test_what_is_not_named_for_a_day_was_never_taken(post: Post) -> None:
    person = await post.person()
    lost = await a_send_nobody_is_sure_of(post, person)
    await named(post, await later(post, person, A_DAY))
    after = await now_of(lost)
    assert (after.state, after.failure) == (OutboxState.FAILED, "never_taken")
    await post.carries_what_is_due()
    assert post.whatsapp.session.said == ["y"], "it was sent again"


async def test_should_the_platform_name_it_after_all_it_was_sent(post: Post) -> None:
    person = await post.person()
    lost = await a_send_nobody_is_sure_of(post, person)
    await named(post, await later(post, person, A_DAY))
    await named(post, lost)
    after = await now_of(lost)
    assert (after.state, after.failure, after.receipt) == (OutboxState.SENT, None, Receipt.ARRIVED)


async def test_within_the_day_nobody_knows(post: Post) -> None:
    person = await post.person()
    lost = await a_send_nobody_is_sure_of(post, person)
    await named(post, await later(post, person, silence.LASTS - timedelta(minutes=1)))
    assert (await now_of(lost)).state is OutboxState.UNKNOWN
    await named(post, await later(post, person, timedelta(minutes=2)))
    assert (await now_of(lost)).state is OutboxState.FAILED


async def test_a_word_on_what_was_sent_before_says_nothing(post: Post) -> None:
    person = await post.person()
    before = await later(post, person, timedelta())
    post.clock.advance(minutes=1)
    lost = await a_send_nobody_is_sure_of(post, person)
    post.clock.now += A_DAY
    await named(post, before, Receipt.SEEN)
    assert (await now_of(lost)).state is OutboxState.UNKNOWN


async def test_a_word_without_our_tag_says_nothing(post: Post) -> None:
    """Who does not send our tags back could not have named the lost one either."""
    person = await post.person()
    lost = await a_send_nobody_is_sure_of(post, person)
    taken = await later(post, person, A_DAY)
    await hears(word(Receipt.ARRIVED, f"out-{taken.id}"), at=post.clock())
    assert (await now_of(lost)).state is OutboxState.UNKNOWN


async def test_each_account_speaks_for_itself(post: Post) -> None:
    person = await post.person()
    lost = await a_send_nobody_is_sure_of(post, person)
    elsewhere = [await a_send_nobody_is_sure_of(post, person) for _ in range(3)]
    for row, place in zip(
        elsewhere, ({"account": "2"}, {"channel": "messenger"}, {"office_id": 2}), strict=True
    ):
        await OutboxMessage.filter(id=row.id).update(**place)
    await named(post, await later(post, person, A_DAY))
    assert (await now_of(lost)).state is OutboxState.FAILED
    assert {(await now_of(row)).state for row in elsewhere} == {OutboxState.UNKNOWN}


async def test_so_does_what_a_dead_process_left_amid_its_send(post: Post) -> None:
    person = await post.person()
    left = await post.reply(person, "x", state=OutboxState.SENDING, lease_until=post.clock())
    await post.delivery().recover(starting=True)
    assert (await now_of(left)).state is OutboxState.UNKNOWN
    await named(post, await later(post, person, A_DAY))
    assert (await now_of(left)).state is OutboxState.FAILED
