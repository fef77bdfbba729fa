"""Forged, broken, repeated and foreign webhooks: the right status, never a 5xx, and nobody else suffers."""

import aiohttp

from models.inbox import InboxEvent, InboxState
from models.outbox import OutboxMessage
from tests.fakes import bodies
from tests.flows import doors
from tests.flows.counter import Counter
from tests.flows.steps import says


async def test_what_waits_aside_is_counted(counter: Counter) -> None:
    await doors.telegram(counter, b"[NaN]")
    async with aiohttp.ClientSession() as http, http.get(f"{counter.url}/metrics") as answer:
        assert 'loket_quarantine_rows{channel="telegram",reason="not_json"} 1.0' in await answer.text()


async def test_what_cannot_be_handled_for_good_is_set_aside_and_its_sender_is_told_once(
    counter: Counter,
) -> None:
    citizen = doors.on_telegram(counter)
    await says(citizen, "halo")
    at = int(counter.clock().timestamp())
    broken = {"message_id": "seven", "date": at, "from": citizen.user, "chat": citizen.chat, "text": "halo"}
    citizen._new_turn()
    for _ in range(2):
        assert await doors.telegram(counter, {"update_id": 8, "message": broken}) == 200
    told = await citizen.hears()
    await counter.core.lanes.settled()

    parked = await InboxEvent.get(state=InboxState.PARKED)
    assert (parked.error, parked.facts["message"]["message_id"]) == ("ValidationError", "seven")
    assert "petugas" in told
    assert "layanan resmi" in await says(citizen, "halo")  # the lane goes on
    assert citizen.everything.count(told) == 1


async def test_a_status_for_a_message_that_is_not_ours_changes_nothing(counter: Counter) -> None:
    citizen = counter.citizen()
    await says(citizen, "halo")
    ours = citizen.last_message
    for status in (
        bodies.whatsapp_status("failed", id="wamid.stranger", at=counter.clock(), wa_id=citizen.wa_id),
        bodies.whatsapp_status("dreamt", id=ours.id, at=counter.clock(), wa_id=citizen.wa_id),
        bodies.whatsapp_status(
            "failed", id="wamid.x", at=counter.clock(), wa_id="1", callback_data="9" * 400
        ),
    ):
        assert await doors.whatsapp(counter, counter.graph.webhook_body(statuses=[status])) == 200
    await counter.core.lanes.settled()

    assert (await OutboxMessage.get()).failure is None
    assert await InboxEvent.exclude(state=InboxState.DONE).count() == 0
