"""People a day that may be written to first: the next one waits until somebody drops out of the day."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.metrics import exposition
from bot.tier import COUNT_AGAIN, DAY, SETTLING, Tier
from models.outbox import OutboxMessage, OutboxState
from tests.core.channel import NOW
from tests.core.test_delivery import Post, now_of


@pytest.fixture
async def post(database: str, tmp_path: Path) -> Post:
    return Post(tmp_path)


async def test_who_is_beyond_it_waits_and_nobody_fails(post: Post) -> None:
    delivery = post.delivery()
    delivery.tier.set_limit(("whatsapp", 1), 3)
    first = []
    for _ in range(3):
        first.append(await post.notice(await post.person(heard=False)))
        await post.carries_what_is_due(delivery)
        post.clock.advance(minutes=10)
    beyond = [await post.notice(await post.person(heard=False)) for _ in range(4)]
    await post.carries_what_is_due(delivery)
    after = [await now_of(row) for row in beyond]
    assert {(row.state, row.failure, row.attempts) for row in after} == {(OutboxState.QUEUED, "tier", 0)}
    assert sorted(row.due_at - NOW - DAY for row in after) == [
        timedelta(0),
        timedelta(0),
        timedelta(minutes=10),
        timedelta(minutes=20),
    ]
    assert b'loket_outbox_waiting{channel="whatsapp",why="tier"} 4.0' in await exposition()
    assert b'loket_tier_used{channel="whatsapp",office="1"} 3.0' in await exposition()
    while await OutboxMessage.filter(state=OutboxState.QUEUED).exists():
        soonest = await OutboxMessage.filter(state=OutboxState.QUEUED).order_by("due_at").first()
        assert soonest is not None
        post.clock.now = max(post.clock.now, soonest.due_at)
        await post.carries_what_is_due(delivery)
    sends = sorted(row.sent_at for row in await OutboxMessage.all() if row.sent_at)
    assert len(sends) == 7
    assert all(sends[n + 3] - sends[n] >= DAY for n in range(4))


async def test_people_are_counted_and_not_messages_nor_free_text(post: Post) -> None:
    delivery = post.delivery()
    delivery.tier.set_limit(("whatsapp", 1), 1)
    maria, yakob = await post.person(heard=False), await post.person()
    rows = [await post.notice(maria), await post.notice(maria), await post.notice(yakob)]
    rows.append(await post.notice(await post.person(heard=False), channel="telegram"))
    await post.carries_what_is_due(delivery)
    assert {(await now_of(row)).state for row in rows} == {OutboxState.SENT}


async def test_another_process_has_counted_before_us(post: Post) -> None:
    await post.notice(await post.person(heard=False))
    await post.carries_what_is_due()
    tier = Tier()
    tier.set_limit(("whatsapp", 1), 1)
    assert await tier.wait_until(("whatsapp", 1), 999, NOW + timedelta(hours=1)) == NOW + DAY
    tier.set_limit(("whatsapp", 1), None)
    assert await tier.wait_until(("whatsapp", 1), 999, NOW + timedelta(hours=1)) is None


async def test_who_has_no_share_yet_fails_nothing_and_waits_a_moment(post: Post) -> None:
    """A process that has just begun, among others: what the one before sent counts for a second more."""
    delivery = post.delivery()
    delivery.tier.set_limit(("whatsapp", 1), 250)
    delivery.tier.share = 0.0
    row = await post.notice(await post.person(heard=False))
    await post.carries_what_is_due(delivery)
    waiting = await now_of(row)
    assert (waiting.state, waiting.failure, waiting.attempts) == (OutboxState.QUEUED, "tier", 0)
    assert waiting.due_at == NOW + SETTLING
    delivery.tier.share = 0.5
    post.clock.now = waiting.due_at
    await post.carries_what_is_due(delivery)
    assert (await now_of(row)).state is OutboxState.SENT


async def test_who_is_beyond_our_part_alone_waits_for_the_next_count_and_not_for_a_day(post: Post) -> None:
    tier, portfolio = Tier(), ("whatsapp", 1)
    tier.set_limit(portfolio, 4)
    tier.share = 0.5
    assert [await tier.wait_until(portfolio, person, NOW) for person in (1, 2)] == [None, None]
    soon = NOW + timedelta(minutes=3)
    assert await tier.wait_until(portfolio, 3, soon) == NOW + COUNT_AGAIN
    assert await tier.wait_until(portfolio, 3, NOW + COUNT_AGAIN) is None


async def test_a_limit_of_nobody_keeps_all_waiting(post: Post) -> None:
    tier, portfolio = Tier(), ("whatsapp", 1)
    tier.set_limit(portfolio, 0)
    assert await tier.wait_until(portfolio, 1, NOW) == NOW + COUNT_AGAIN
