"""Whoever waits for an answer waits for nobody else: not for a flood, not for a broadcast."""

from pathlib import Path
from typing import Any

import pytest

from bot import ids
from bot.channels.base import Caps, Channel
from models.contacts import Contact
from models.outbox import OutboxKind, OutboxMessage, OutboxState
from tests.core.channel import ACCOUNT, NOW, TestChannel
from tests.core.test_standstill import Street
from tests.faults.short_form import SOAKING

FLOOD, BROADCAST = (2_000, 5_000) if SOAKING else (500, 2_500)
# answers to one person, notices to others: all of them older


@pytest.fixture
async def street(database: str, tmp_path: Path) -> Street:
    street = Street(tmp_path)
    caps = Caps(per_second=30, per_person=1, person_burst=20)
    street.telegram = TestChannel(Channel.TELEGRAM, caps)

    async def note(method: Any) -> None:
        street.taken[method.text] = street.time.passed

    street.telegram.session.before = note
    return street


async def queued(who: list[Contact], **fields: Any) -> None:
    usual = {"office_id": 1, "channel": "telegram", "account": ACCOUNT, "due_at": NOW, "created_at": NOW}
    await OutboxMessage.bulk_create(
        [
            OutboxMessage(contact_id=one.id, **usual, **{name: make(n) for name, make in fields.items()})
            for n, one in enumerate(who)
        ]
    )


async def test_an_answer_overtakes_a_flood_and_a_broadcast(street: Street) -> None:
    flooder, *crowd = [await street.person() for _ in range(51)]
    chat = ids.chat_id(flooder.id)
    await queued(
        [flooder] * FLOOD,
        kind=lambda _: OutboxKind.REPLY,
        name=lambda _: "sendMessage",
        payload=lambda n: f'{{"chat_id": {chat}, "text": "flood {n}"}}',
    )
    await queued(
        [crowd[n % len(crowd)] for n in range(BROADCAST)],
        kind=lambda _: OutboxKind.NOTICE,
        name=lambda _: "ready",
        key=lambda n: f"b{n}",
        payload=lambda n: f'{{"n": {n}}}',
    )
    asked: dict[str, float] = {}
    async with street.works() as delivery:
        for number in range(20):
            await street.until(number * 1.5)
            text = f"answer {number}"
            who = await street.person()
            asked[text] = street.time.passed
            await street.reply(who, text, channel="telegram")
            delivery.wake()
        await street.until(35)
        waits = sorted(street.taken[text] - at for text, at in asked.items())
        left = await OutboxMessage.filter(state=OutboxState.QUEUED).count()
    assert waits[int(len(waits) * 0.95) - 1] <= 2.0
    assert left > BROADCAST / 2  # both still went on
    flooded = [text for text in street.taken if text.startswith("flood")]
    assert flooded == [f"flood {n}" for n in range(len(flooded))]
    assert 20 < len(flooded) <= 20 + 36  # as fast as one person may be written to
