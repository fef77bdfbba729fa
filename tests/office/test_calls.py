"""Whom no message reached is telephoned; what has become too old is said no more; nothing is sent twice."""

from datetime import timedelta

import pytest

from bot import receipts
from bot.channels.base import ProviderReceipt
from bot.notices import Notice
from bot.outbox import queue_notice
from bot.quarantine import Aside, Quarantine
from models.calls import AlertKind, Call, CallEnd
from models.contacts import Address
from models.database import transaction
from models.inbox import InboxEvent, InboxKind, InboxState
from models.outbox import OutboxMessage, OutboxState, Receipt
from models.quarantine import Reason
from models.requests import Request
from office import alarm, calls, desk
from office.calls import CallOver, CallUnknown
from office.notice_classes import CLASSES, COURTESY_LIVES
from office.notices import NOTICES
from scheduler.ticks import tick
from tests.office.world import NOW, World, act, journal, notices_of

LATER = NOW + timedelta(minutes=11)


async def becomes(request: Request, state: OutboxState, **more: object) -> OutboxMessage:
    """The last notice of the request ends so."""
    row = (await notices_of(request))[-1]
    await OutboxMessage.filter(id=row.id).update(state=state, **more)
    return row


async def rejected(world: World) -> Request:
    yanti = await world.operator()
    request = await world.taken(yanti)
    return await act(lambda: desk.reject(request.queue_number or 0, "Bukan milik pemohon.", yanti, NOW))


async def told_staff() -> list[OutboxMessage]:
    return await OutboxMessage.filter(name="staff_alerts").order_by("id")


def test_every_notice_has_its_class() -> None:
    assert CLASSES.keys() == NOTICES.keys()


async def test_what_failed_is_on_the_list_at_once_and_only_once(world: World) -> None:
    request = await rejected(world)
    row = await becomes(request, OutboxState.FAILED, failure="131026")
    for _ in range(3):
        await tick(NOW)
    (call,) = await calls.open_ones()
    assert (call.number, call.outbox_id, call.request_id) == (1, row.id, request.id)
    assert (await OutboxMessage.get(id=row.id)).state is OutboxState.FAILED  # nothing sends it again


async def test_what_nobody_is_sure_of_waits_for_its_receipt(world: World) -> None:
    row = await becomes(await rejected(world), OutboxState.UNKNOWN)
    await tick(NOW + timedelta(minutes=9))
    assert await calls.open_ones() == []
    await tick(LATER)
    assert len(await calls.open_ones()) == 1
    taken = ProviderReceipt(tag=str(row.id), external_id="wamid.1", receipt=Receipt.TAKEN)
    await transaction(lambda: receipts.apply([taken], "whatsapp", "1234", now=LATER))
    await tick(LATER)
    assert await calls.open_ones() == []
    assert (await Call.get()).ended_as is CallEnd.ARRIVED


async def test_who_was_called_is_off_the_list_and_it_is_in_the_journal(world: World) -> None:
    request = await rejected(world)
    await becomes(request, OutboxState.FAILED)
    await tick(NOW)
    yanti, budi = await world.operator(), await world.operator("Budi")
    await act(lambda: calls.called(1, yanti, LATER))
    assert await calls.open_ones() == []
    assert (await journal(request))[-1] == ("telephoned", "rejected", "rejected")
    with pytest.raises(CallOver):
        await act(lambda: calls.called(1, budi, LATER))
    with pytest.raises(CallUnknown):
        await act(lambda: calls.called(2, budi, LATER))
    await tick(LATER)
    assert await calls.open_ones() == []


async def test_what_is_no_longer_so_needs_no_call(world: World) -> None:
    yanti = await world.operator()
    request = await world.taken(yanti)
    number = request.queue_number or 0
    await act(lambda: desk.hold(number, "siak", yanti, NOW))
    await becomes(request, OutboxState.FAILED)
    await tick(NOW)
    assert len(await calls.open_ones()) == 1
    await act(lambda: desk.resume(number, yanti, NOW))
    await tick(NOW)
    assert await calls.open_ones() == []
    assert (await Call.get()).ended_as is CallEnd.MOOT


async def test_a_courtesy_is_dropped_when_its_time_is_over_and_said_to_be(world: World) -> None:
    yanti = await world.operator()
    request = await world.taken(yanti)
    number = request.queue_number or 0
    await act(lambda: desk.hold(number, "siak", yanti, NOW))
    await act(lambda: desk.resume(number, yanti, NOW))
    row = await becomes(request, OutboxState.UNKNOWN)
    assert row.name == "resumed" and row.expires_at == NOW + COURTESY_LIVES
    await tick(NOW + COURTESY_LIVES - timedelta(seconds=1))
    assert (await OutboxMessage.get(id=row.id)).state is OutboxState.UNKNOWN
    await tick(NOW + COURTESY_LIVES)
    assert (await OutboxMessage.get(id=row.id)).state is OutboxState.EXPIRED
    assert await calls.open_ones() == []


async def test_what_expired_and_arrived_after_all_is_said_to_have(world: World) -> None:
    row = await becomes(await rejected(world), OutboxState.EXPIRED)
    seen = ProviderReceipt(tag=str(row.id), external_id="wamid.1", receipt=Receipt.SEEN)
    await transaction(lambda: receipts.apply([seen], "whatsapp", "1234", now=LATER))
    assert (await OutboxMessage.get(id=row.id)).state is OutboxState.SENT


async def test_a_telephone_number_is_an_address_that_is_one(world: World) -> None:
    contact = await world.citizen()
    place = {"office_id": world.office_id, "contact_id": contact.id, "account": "1", "created_at": NOW}
    await Address.create(channel="telegram", kind="telegram", value="4242", **place)
    assert await calls.telephone(contact.id) is None
    await Address.create(channel="whatsapp", kind="wa_id", value="6281234567890", **place)
    assert await calls.telephone(contact.id) == "+6281234567890"


# ---------------------------------------------------------------------- telling staff


async def test_staff_are_told_together_and_of_each_thing_once(world: World) -> None:
    yanti = await world.operator()
    await world.bound(yanti)
    for _ in range(3):
        await becomes(await rejected(world), OutboxState.FAILED)
    await tick(NOW)
    await becomes(await rejected(world), OutboxState.FAILED)
    await tick(NOW + timedelta(minutes=1))
    (first,) = await told_staff()
    assert '"call":3' in first.payload
    for minutes in range(10, 60, 5):
        await tick(NOW + timedelta(minutes=minutes))
    _, second = await told_staff()
    assert '"call":1' in second.payload


async def test_a_lost_answer_is_told(world: World) -> None:
    yanti = await world.operator()
    await world.bound(yanti)
    row = await act(lambda: _a_reply(world))
    await OutboxMessage.filter(id=row.id).update(state=OutboxState.FAILED)
    await tick(LATER)
    assert '"reply":1' in (await told_staff())[0].payload
    assert await calls.open_ones() == []


async def test_what_could_not_be_handled_or_was_not_for_us_is_told(world: World) -> None:
    await world.bound(await world.operator())
    parked = {"kind": InboxKind.MESSAGE, "state": InboxState.PARKED, "received_at": NOW, "done_at": NOW}
    for ident in ("a", "b"):
        await InboxEvent.create(
            office_id=world.office_id, channel="telegram", account="1", external_id=ident, body="{}", **parked
        )
    aside = [Aside(Reason.FOREIGN_ACCOUNT, b"{}"), Aside(Reason.NOT_JSON, b"")]
    await Quarantine(lambda *_: world.office_id, lambda: NOW).keep("whatsapp", "1", aside)
    for minutes in (0, 20, 40):
        await tick(NOW + timedelta(minutes=minutes))
    (told,) = await told_staff()
    assert '"parked":2' in told.payload and '"foreign":["whatsapp"]' in told.payload


async def test_without_a_chat_of_staff_it_waits_for_one(world: World) -> None:
    await act(lambda: alarm.raise_alert(AlertKind.HELD, "whatsapp:1:x", NOW))
    await tick(NOW)
    await world.bound(await world.operator())
    await tick(NOW)
    assert '"held":["whatsapp"]' in (await told_staff())[0].payload


async def _a_reply(world: World) -> OutboxMessage:
    who = await world.citizen()
    await queue_notice(
        Notice(
            key="k",
            name="staff_words",
            contact_id=who.id,
            channel="whatsapp",
            account="1",
            due_at=NOW,
            facts={},
        )
    )
    row = await OutboxMessage.get(key="k")
    await OutboxMessage.filter(id=row.id).update(kind="reply")
    return row
