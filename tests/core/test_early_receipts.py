"""What became of a message, told before we know the message: kept for a day, and never lost or overdone."""

import asyncio
import itertools
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import early, receipts
from bot.channels.base import DeliveryFailed, Fault, ProviderReceipt
from models.database import amend, transaction
from models.early_receipts import EarlyReceipt
from models.outbox import OutboxMessage, OutboxState, Receipt
from tests.core.channel import ACCOUNT, NOW
from tests.core.test_delivery import Post, now_of
from tests.patience import PATIENCE

FAILED = DeliveryFailed(Fault.GIVE_UP, "131053")
numbers = itertools.count(1)


def word(receipt: Receipt, external_id: str, tag: str | None = None) -> ProviderReceipt:
    failure = FAILED if receipt is Receipt.FAILED else None
    return ProviderReceipt(external_id=external_id, tag=tag, receipt=receipt, failure=failure)


async def hears(*said: ProviderReceipt, at: Any = NOW) -> None:
    await transaction(lambda: receipts.apply(said, "whatsapp", ACCOUNT, office_id=1, now=at))


async def settles(at: Any = NOW) -> None:
    await transaction(lambda: receipts.settle_early(at))


def restarted() -> None:
    """The process forgets what it has kept itself."""
    early._kept_here.clear()


@pytest.fixture
async def post(database: str, tmp_path: Path) -> Post:
    return Post(tmp_path)


@pytest.mark.parametrize("tagged", [True, False])
@pytest.mark.parametrize(
    ("said", "state", "receipt"),
    [
        ([Receipt.TAKEN], OutboxState.SENT, Receipt.TAKEN),
        ([Receipt.SEEN, Receipt.ARRIVED], OutboxState.SENT, Receipt.SEEN),
        ([Receipt.FAILED], OutboxState.FAILED, Receipt.FAILED),
        ([Receipt.FAILED, Receipt.ARRIVED], OutboxState.SENT, Receipt.ARRIVED),
    ],
)
async def test_a_status_comes_before_the_answer_to_the_send(
    post: Post, tagged: bool, said: list[Receipt], state: OutboxState, receipt: Receipt
) -> None:
    row = await post.reply(await post.person(), "x")

    async def status_first(_: Any) -> None:
        tag = str(row.id) if tagged else None
        await hears(*(word(one, f"out-{row.id}", tag) for one in said))

    post.whatsapp.session.before = status_first
    await post.carries_what_is_due()
    after = await now_of(row)
    assert (after.state, after.receipt, after.external_id) == (state, receipt, f"out-{row.id}")
    assert post.whatsapp.session.said == ["x"]
    assert await EarlyReceipt.all().count() == 0


async def test_what_another_process_kept_is_found_by_the_clock(post: Post) -> None:
    row = await post.reply(await post.person(), "x")
    await hears(word(Receipt.ARRIVED, f"out-{row.id}"))
    restarted()
    await post.carries_what_is_due()
    assert (await now_of(row)).receipt is Receipt.NONE
    await settles(NOW + timedelta(hours=23))
    assert (await now_of(row)).receipt is Receipt.ARRIVED
    assert await EarlyReceipt.all().count() == 0


async def test_a_send_without_an_answer_is_known_to_have_failed_by_its_tag(post: Post) -> None:
    row = await post.reply(await post.person(), "x")

    async def fails(_: Any) -> None:
        await hears(word(Receipt.FAILED, "wamid.9", str(row.id)))
        raise DeliveryFailed(Fault.UNKNOWN, "no_answer")

    post.whatsapp.session.before = fails
    await post.carries_what_is_due()
    assert (await now_of(row)).state is OutboxState.UNKNOWN
    await settles()
    assert ((await now_of(row)).state, (await now_of(row)).failure) == (OutboxState.FAILED, "131053")


async def test_a_strangers_message_is_forgotten_after_a_day(post: Post) -> None:
    for _ in range(3):
        await hears(word(Receipt.ARRIVED, "wamid.theirs"))
    assert await EarlyReceipt.all().count() == 1
    await settles(NOW + early.KEPT)
    assert await EarlyReceipt.all().count() == 1
    await settles(NOW + early.KEPT + timedelta(seconds=1))
    assert await EarlyReceipt.all().count() == 0


WORDS = st.lists(
    st.sampled_from([Receipt.TAKEN, Receipt.FAILED, Receipt.ARRIVED, Receipt.SEEN]), min_size=1, max_size=8
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=WORDS, answered_after=st.integers(0, 8), restart=st.booleans(), tagged=st.booleans())
async def test_in_whatever_order_they_come_around_the_answer(
    post: Post, said: list[Receipt], answered_after: int, restart: bool, tagged: bool
) -> None:
    """The highest word is what is known; it failed for good only if nothing says that it arrived."""
    row = await post.reply(await post.person(), "x", state=OutboxState.SENDING)
    ident = f"wamid.{next(numbers)}"
    seen = []
    for number, one in enumerate([*said, None]):
        if number == min(answered_after, len(said)):
            await _answered(row, ident)
        if restart:
            restarted()
        if one is not None:
            await hears(word(one, ident, str(row.id) if tagged else None))
        seen.append((await now_of(row)).receipt)
    await settles()
    after = await now_of(row)
    assert seen == sorted(seen)
    assert after.receipt is max(said)
    assert after.state is (OutboxState.FAILED if max(said) is Receipt.FAILED else OutboxState.SENT)
    assert after.external_id == ident
    assert await EarlyReceipt.all().count() == 0


async def _answered(row: OutboxMessage, ident: str) -> None:
    """The send is written down, as the recorder does."""

    async def record() -> None:
        await amend("outbox", [row.id], {"state": OutboxState.SENT, "external_id": ident, "sent_at": NOW})
        if early.expected(("whatsapp", ACCOUNT, ident)):
            await receipts.apply_early(("whatsapp", ACCOUNT, ident), NOW)

    await asyncio.wait_for(transaction(record), PATIENCE)
