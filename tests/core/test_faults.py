"""What each fault asks for, by the clock: one test for every row of the table of consequences."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import AddressKey, DeliveryFailed, Fault, Throttled
from bot.channels.whatsapp.errors import by_code
from bot.pacing import Pacing
from models.contacts import Address, Conversation
from models.outbox import OutboxState
from tests.core.channel import ACCOUNT, NOW
from tests.core.fake_time import FakeTime
from tests.core.test_delivery import Post, now_of


@pytest.fixture
async def post(database: str, tmp_path: Path) -> Post:
    return Post(tmp_path)


def seconds(moment: datetime) -> float:
    return (moment - NOW).total_seconds()


async def test_131056_waits_four_to_the_n_and_holds_up_only_this_person(post: Post) -> None:
    maria, yakob = await post.person(), await post.person()
    row = await post.reply(maria, "x")
    delivery = post.delivery()
    waits = []
    for _ in range(6):
        post.whatsapp.session.fails(by_code(131056))
        await post.carries_what_is_due(delivery)
        after = await now_of(row)
        waits.append((after.due_at - post.clock()).total_seconds())
        await post.reply(yakob, "y")
        await post.carries_what_is_due(delivery)
        post.clock.now = after.due_at
    assert waits == [4, 16, 64, 256, 900, 900]
    assert post.whatsapp.session.said == ["y"] * 6


@pytest.mark.parametrize(("told", "wait"), [(9.0, 9.0), (None, 1.0)])
async def test_a_throttled_account_waits_whole(post: Post, told: float | None, wait: float) -> None:
    time = FakeTime(NOW)
    post.pacing = Pacing(monotonic=time.monotonic, sleep=time.pause)
    row, other = await post.reply(await post.person(), "x"), await post.reply(await post.person(), "y")
    notice = await post.notice(await post.person())
    after = None if told is None else timedelta(seconds=told)
    failed = DeliveryFailed(Fault.RETRY, "429", retry_after=after, throttled=Throttled.ACCOUNT)
    delivery = post.delivery()
    [(first, token)] = [one for one in await delivery._claim() if one[0].id == row.id]
    post.whatsapp.session.fails(failed)
    await delivery._carry(first, token)
    assert ((await now_of(row)).state, (await now_of(row)).failure) == (OutboxState.QUEUED, "429")
    for at, free in ((0.0, False), (wait - 0.6, False), (wait, True)):
        time.passed = at
        assert bool(post.pacing.room(("whatsapp", ACCOUNT), post.whatsapp.caps)) is free, at
    assert post.whatsapp.session.tried == 1
    assert {(await now_of(one)).state for one in (other, notice)} == {OutboxState.CLAIMED}


async def test_what_has_moved_is_written_down_and_sent_there_once(post: Post) -> None:
    maria = await post.person()
    row = await post.reply(maria, "x")
    post.whatsapp.session.fails(
        DeliveryFailed(Fault.MOVED, "migrated", moved_to=AddressKey("wa_id", "628999"))
    )
    await post.carries_what_is_due()
    [(_, to, _)] = post.whatsapp.session.taken
    assert [address.value for address in to.addresses] == ["628999"]
    assert ((await now_of(row)).state, (await now_of(row)).attempts) == (OutboxState.SENT, 1)
    assert await Address.filter(contact_id=maria.id, channel="whatsapp").count() == 1


async def test_a_closed_window_is_written_down_and_the_notice_goes_as_its_template(post: Post) -> None:
    maria = await post.person()
    row = await post.notice(maria)
    post.whatsapp.session.fails(DeliveryFailed(Fault.TEMPLATE, "131047"))
    await post.carries_what_is_due()
    assert ((await now_of(row)).state, (await now_of(row)).sent_as) == (
        OutboxState.SENT,
        "template:loket_ready",
    )
    talk = await Conversation.get(contact_id=maria.id, channel="whatsapp")
    assert talk.window_expires_at == NOW


async def test_an_uncertain_refusal_counts_when_it_comes_again_another_day(post: Post) -> None:
    maria = await post.person()
    delivery = post.delivery()
    marks: list[Any] = []
    for hours in (0, 2, 24):
        post.clock.now = NOW + timedelta(hours=hours)
        row = await post.reply(maria, "x")
        post.whatsapp.session.fails(by_code(131026))
        await post.carries_what_is_due(delivery)
        assert (await now_of(row)).state is OutboxState.FAILED
        talk = await Conversation.get(contact_id=maria.id, channel="whatsapp")
        marks.append((talk.refused_at, talk.unreachable_at))
    assert marks == [(NOW, None), (NOW, None), (NOW, NOW + timedelta(hours=24))]


@pytest.mark.parametrize(
    ("code", "state", "due"),
    [
        (2, OutboxState.QUEUED, 300.0),
        (131049, OutboxState.QUEUED, 86_400.0),
        (130472, OutboxState.QUEUED, 86_400.0),
        (190, OutboxState.QUEUED, 5.0),
        (132015, OutboxState.FAILED, 0.0),  # an answer is not held back for a template's sake
        (131047, OutboxState.FAILED, 0.0),
        (100, OutboxState.FAILED, 0.0),
    ],
)
async def test_a_code_of_metas_and_an_answer(post: Post, code: int, state: OutboxState, due: float) -> None:
    row = await post.reply(await post.person(), "x")
    post.whatsapp.session.fails(by_code(code))
    delivery = post.delivery()
    [(claimed, token)] = await delivery._claim()
    await delivery._carry(claimed, token)
    after = await now_of(row)
    assert (after.state, seconds(after.due_at), after.failure) == (state, due, str(code))
