"""What providers say afterwards: late, twice, in any order; it only ever raises what we know."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from bot import receipts
from bot.channels.base import DeliveryFailed, Fault, ProviderReceipt
from models.contacts import Contact, Conversation
from models.database import transaction
from models.outbox import OutboxKind, OutboxMessage, OutboxState, Receipt
from tests.core.channel import ACCOUNT, NOW

WORDS = (Receipt.TAKEN, Receipt.FAILED, Receipt.ARRIVED, Receipt.SEEN)


async def someone() -> Contact:
    return await Contact.create(office_id=1, created_at=NOW)


async def a_row(contact: Contact, **changes: Any) -> OutboxMessage:
    fields: dict[str, Any] = {
        "office_id": 1,
        "contact_id": contact.id,
        "channel": "whatsapp",
        "account": ACCOUNT,
        "kind": OutboxKind.REPLY,
        "name": "sendMessage",
        "payload": "{}",
        "state": OutboxState.SENT,
        "external_id": "wamid.1",
        "sent_as": "text",
        "due_at": NOW,
        "created_at": NOW,
    }
    return await OutboxMessage.create(**(fields | changes))


async def heard(
    *said: Receipt, tag: str | None = None, external_id: str | None = "wamid.1", fault: str = "give_up"
) -> None:
    for word in said:
        failed = DeliveryFailed(Fault(fault), "131") if word is Receipt.FAILED else None
        one = ProviderReceipt(external_id=external_id, tag=tag, receipt=word, failure=failed)
        await transaction(lambda one=one: receipts.apply([one], "whatsapp", ACCOUNT, now=NOW))  # type: ignore[misc]


async def test_in_whatever_order_and_however_often_they_come(database: str) -> None:
    """All 24 orders of the four words, each said twice over: the highest wins, and it did arrive."""
    contact = await someone()
    for number, order in enumerate(itertools.permutations(WORDS)):
        ident = f"wamid.{number}"
        row = await a_row(contact, external_id=ident)
        seen = []
        for word in (*order, *order):
            await heard(word, external_id=ident)
            seen.append((await OutboxMessage.get(id=row.id)).receipt)
        assert seen == sorted(seen), order
        after = await OutboxMessage.get(id=row.id)
        assert (after.receipt, after.state) == (Receipt.SEEN, OutboxState.SENT), order
        assert after.failure is None


async def test_failed_is_final_only_while_nothing_arrived(database: str) -> None:
    row = await a_row(await someone())
    await heard(Receipt.TAKEN, Receipt.FAILED, Receipt.TAKEN)
    after = await OutboxMessage.get(id=row.id)
    assert (after.state, after.failure) == (OutboxState.FAILED, "131")
    await heard(Receipt.ARRIVED, Receipt.FAILED)
    after = await OutboxMessage.get(id=row.id)
    assert (after.state, after.failure, after.receipt) == (OutboxState.SENT, None, Receipt.ARRIVED)


@pytest.mark.parametrize("word", [Receipt.TAKEN, Receipt.ARRIVED, Receipt.SEEN])
async def test_a_send_nobody_was_sure_of_is_settled_by_its_tag(database: str, word: Receipt) -> None:
    row = await a_row(await someone(), state=OutboxState.UNKNOWN, external_id=None)
    await heard(word, tag=str(row.id), external_id="wamid.9")
    after = await OutboxMessage.get(id=row.id)
    assert (after.state, after.external_id, after.sent_at) == (OutboxState.SENT, "wamid.9", NOW)


async def test_words_about_strangers_change_nothing(database: str) -> None:
    row = await a_row(await someone())
    for tag, ident in (
        ("9" * 400, None),
        ("-1", None),
        ("١", None),
        (None, None),
        (None, "wamid.2"),
        ("", ""),
    ):
        await heard(Receipt.FAILED, tag=tag, external_id=ident)
    assert (await OutboxMessage.get(id=row.id)).receipt is Receipt.NONE


async def test_an_address_that_takes_nothing_is_marked(database: str) -> None:
    contact = await someone()
    await Conversation.create(office_id=1, contact_id=contact.id, channel="whatsapp", account=ACCOUNT)
    await a_row(contact)
    await heard(Receipt.FAILED, fault="unreachable")
    assert (await Conversation.get()).unreachable_at == NOW


async def test_a_notice_that_met_a_closed_window_goes_again_as_a_template(database: str) -> None:
    contact = await someone()
    await Conversation.create(office_id=1, contact_id=contact.id, channel="whatsapp", account=ACCOUNT)
    notice = await a_row(contact, kind=OutboxKind.NOTICE, key="k", name="ready")
    reply = await a_row(contact, external_id="wamid.2")
    await heard(Receipt.FAILED, fault="template")
    await heard(Receipt.FAILED, fault="template", external_id="wamid.2")
    again = await OutboxMessage.get(id=notice.id)
    assert (again.state, again.receipt, again.external_id) == (OutboxState.QUEUED, Receipt.NONE, None)
    assert (await Conversation.get()).window_expires_at == NOW
    assert (await OutboxMessage.get(id=reply.id)).state is OutboxState.FAILED
    await OutboxMessage.filter(id=notice.id).update(
        state=OutboxState.SENT, sent_as="template:ready", external_id="wamid.3"
    )
    await heard(Receipt.FAILED, fault="template", external_id="wamid.3")
    assert (await OutboxMessage.get(id=notice.id)).state is OutboxState.FAILED  # once, not for ever


async def test_a_refusal_that_may_be_chance_counts_on_another_day(database: str) -> None:
    maria = await someone()
    await Conversation.create(office_id=1, contact_id=maria.id, channel="whatsapp", account=ACCOUNT)

    async def refused(number: int, later: timedelta) -> Conversation:
        await a_row(maria, external_id=f"wamid.{number}")
        failed = DeliveryFailed(Fault.UNREACHABLE, "131026", certain=False)
        word = ProviderReceipt(external_id=f"wamid.{number}", receipt=Receipt.FAILED, failure=failed)
        await transaction(lambda: receipts.apply([word], "whatsapp", ACCOUNT, now=NOW + later))
        return await Conversation.get(contact_id=maria.id)

    assert (await refused(1, timedelta())).unreachable_at is None
    assert (await refused(2, timedelta(hours=2))).unreachable_at is None
    assert (await refused(3, timedelta(hours=21))).unreachable_at == NOW + timedelta(hours=21)


async def test_a_watermark_raises_all_that_was_sent_until_then(database: str) -> None:
    maria, yakob = await someone(), await someone()
    early = await a_row(maria, external_id="m.1", sent_at=NOW - timedelta(minutes=2))
    late = await a_row(maria, external_id="m.2", sent_at=NOW + timedelta(minutes=2))
    waiting = await a_row(maria, external_id=None, state=OutboxState.QUEUED)
    his = await a_row(yakob, external_id="m.3", sent_at=NOW - timedelta(minutes=2))
    for word in (Receipt.SEEN, Receipt.ARRIVED):
        mark = ProviderReceipt(receipt=word, until=NOW)
        await transaction(
            lambda mark=mark: receipts.apply(  # type: ignore[misc]
                [mark], "whatsapp", ACCOUNT, contact_id=maria.id, now=NOW
            )
        )
    found = {row.id: row.receipt for row in await OutboxMessage.all()}
    assert found == {
        early.id: Receipt.SEEN, late.id: Receipt.NONE, waiting.id: Receipt.NONE, his.id: Receipt.NONE
    }  # fmt: skip
