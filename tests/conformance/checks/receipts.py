"""What a provider says afterwards: late, twice, in any order, and of messages that are not ours."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from models.outbox import OutboxState, Receipt
from tests.conformance.bench import Bench
from tests.conformance.checks.behaviour import Needs, behaviour, one

HIGHEST = {"taken": Receipt.TAKEN, "arrived": Receipt.ARRIVED, "seen": Receipt.SEEN}


def tells(*words: str) -> Needs:
    """Of channels whose provider says these of a message."""
    return lambda subject: subject.caps.receipts and subject.tells.issuperset(words)


@behaviour(tells("arrived"))
async def receipts_only_ever_rise_in_whatever_order_they_come(here: Bench) -> None:
    words = [word for word in HIGHEST if word in here.subject.tells]
    for number, order in enumerate(permutations(words)):
        here.clock.advance(seconds=1)  # a watermark is a moment
        await here.says(f"halo {number}")
        for word in (*order, *order):
            assert await here.subject.receipt(here.screen[-1], word) == 200
            await here.settles()
        row = (await here.rows())[-1]
        assert (row.state, row.receipt) == (OutboxState.SENT, max(HIGHEST[word] for word in words)), order


@behaviour(tells("arrived", "failed"))
async def what_has_arrived_does_not_fail_afterwards(here: Bench) -> None:
    await here.says("halo")
    for word in ("arrived", "failed"):
        assert await here.subject.receipt(here.screen[-1], word) == 200
        await here.settles()
    row = one(await here.rows())
    assert (row.state, row.receipt) == (OutboxState.SENT, Receipt.ARRIVED)


@behaviour(tells("failed"))
async def what_failed_later_is_known_to_have_failed(here: Bench) -> None:
    await here.says("halo")
    assert await here.subject.receipt(here.screen[-1], "failed") == 200
    await here.settles()
    row = one(await here.rows())
    assert row.state is OutboxState.FAILED and row.failure


@behaviour(lambda subject: tells("arrived")(subject) and subject.names_messages)
async def a_word_on_a_message_that_is_not_ours_changes_nothing(here: Bench) -> None:
    await here.says("halo")
    strange = replace(here.screen[-1], id="1099-1.1-0123456789ab", callback_data="4711")
    assert await here.subject.receipt(strange, "arrived") == 200
    await here.settles()
    row = one(await here.rows())
    assert (row.state, row.receipt) == (OutboxState.SENT, Receipt.NONE)
    assert here.texts == ["halo"]
