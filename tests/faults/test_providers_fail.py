"""Faults 12 to 16, 27 and 28: what providers do, and that one of them in trouble is nobody else's."""

import asyncio
import time

import pytest

from tests.faults.desk import Desk
from tests.faults.rows import Said, waiting
from tests.faults.town import Town
from tests.flows.steps import files_a_lost_card
from tests.migrations.outside import query
from tests.patience import PATIENCE
from tests.phones import TelegramPhone, WhatsAppPhone


async def two(town: Town) -> tuple[WhatsAppPhone, TelegramPhone]:
    """Who have been here before, on two channels."""
    maria, yakob = town.on_whatsapp(1), town.on_telegram(2)
    await asyncio.gather(maria.says("halo"), yakob.says("halo"))
    await asyncio.gather(maria.hears(), yakob.hears())
    await town.comes_to_rest()
    return maria, yakob


async def last_of(town: Town, channel: str) -> Said:
    rows = (await town.comes_to_rest()).outbox
    return [row for row in rows if row.channel == channel][-1]


async def until_nothing_moves(town: Town, states: set[str]) -> None:
    """What waits to be sent is in these states only."""
    async with asyncio.timeout(PATIENCE):
        while True:
            left = await waiting(town.database_url, town.clock())
            if not left or set(left) <= {f"outbox {state}" for state in states}:
                return
            await asyncio.sleep(0.05)


async def test_a_burst_of_500_is_outlasted_with_patience_and_troubles_no_other_channel(town: Town) -> None:
    """Fault 12."""
    await town.serves()
    maria, yakob = await two(town)
    town.graph.every_send_fails("http500")
    before = len(town.graph.ledger)
    await maria.says("status")
    await until_nothing_moves(town, {"queued"})
    await asyncio.sleep(1.0)  # in which somebody without patience would have tried many times
    assert len(town.graph.ledger) - before == 1
    await yakob.says("status")
    await yakob.hears(within=10)  # the other channel is still in trouble, for longer than that
    town.graph.every_send_fails(None)
    await maria.hears()
    assert await town.holds() == []


async def test_429_is_waited_for_as_long_as_it_says(town: Town) -> None:
    """Fault 13."""
    await town.serves(LOKET_PACING="on")
    maria, _ = await two(town)
    town.graph.next_send("http429", retry_after=3)
    await maria.says("status")
    await maria.hears()
    refused, taken = [line for line in town.graph.ledger if line.shown][-2:]
    assert (refused.outcome, taken.outcome) == ("ordered", "accepted")
    assert (taken.at - refused.at).total_seconds() >= 3
    assert await town.holds() == []


async def no_connection_is_busy(town: Town) -> dict[str, int]:
    """The outbox's unfinished messages by their state, at a moment at which nobody uses the database."""
    looked_at = """
    SELECT state, count(*), (
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
    ) FROM outbox WHERE state NOT IN ('sent', 'unknown') GROUP BY state
    """
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await query(town.database_url, looked_at)
            if not any(busy for *_, busy in found):
                return {state: count for state, count, _ in found}
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
async def test_a_silent_provider_holds_no_connection_and_is_believed_to_have_it_or_not(town: Town) -> None:
    """Fault 14: everybody else goes on; the message is `unknown`, until the provider's word on it."""
    await town.serves()
    maria, yakob = await two(town)
    told = town.graph.auto_statuses
    town.graph.auto_statuses = ()
    town.graph.next_send("hang")
    await maria.says("status")
    await maria.hears()  # it has arrived; we are not told
    assert await no_connection_is_busy(town) == {"sending": 1}
    await yakob.says("status")
    await yakob.hears()
    assert (await last_of(town, "whatsapp")).state == "unknown"
    await town.graph.emit_status(town.graph.ledger.messages[-1], "delivered")
    assert (await last_of(town, "whatsapp")).state == "sent"
    town.graph.auto_statuses = told
    assert await town.holds() == []


async def test_cut_off_after_acceptance_it_is_not_sent_again_and_a_status_settles_it(town: Town) -> None:
    """Fault 15."""
    await town.serves()
    maria, yakob = await two(town)
    told, town.graph.auto_statuses = town.graph.auto_statuses, ()
    town.graph.next_send("drop_after")
    town.telegram.next_send("drop_after")
    await asyncio.gather(maria.says("status"), yakob.says("status"))
    await asyncio.gather(maria.hears(), yakob.hears())
    assert (await last_of(town, "whatsapp")).state == "unknown"
    began = time.monotonic()
    await town.graph.emit_status(town.graph.ledger.messages[-1], "sent")
    assert (await last_of(town, "whatsapp")).state == "sent"
    assert time.monotonic() - began < 10
    assert (await last_of(town, "telegram")).state == "unknown"  # whose provider has no such word
    town.graph.auto_statuses = told
    assert await town.holds() == []


async def test_receipts_before_the_answer_and_in_any_order_only_raise_what_is_known(town: Town) -> None:
    """Fault 16."""
    await town.serves()
    maria, _ = await two(town)
    town.graph.statuses_first, town.graph.auto_statuses = True, ("read", "delivered", "sent", "read")
    await maria.says("status")
    await maria.hears()
    row = await last_of(town, "whatsapp")
    await town.graph.emit_status(town.graph.ledger.messages[-1], "failed", code=131000)
    await town.comes_to_rest()
    receipt = await query(town.database_url, "SELECT state, receipt FROM outbox ORDER BY id DESC LIMIT 1")
    assert (row.state, receipt) == ("sent", [("sent", 4)])  # seen; a late failure does not unsee it
    assert await town.holds() == []


async def test_who_cannot_be_reached_is_not_tried_again_and_staff_read_why(town: Town) -> None:
    """Fault 27: on WhatsApp no more, and the bot blocked on Telegram."""
    await town.serves()
    desk, maria = await Desk.opens(town), town.on_whatsapp(1)
    await files_a_lost_card(maria)
    await desk.takes(1)
    town.graph.every_send_fails("131026", to=maria.person.key)
    await desk.tells("1")
    await desk.waits()
    await town.comes_to_rest()
    tried = len([line for line in town.graph.ledger if line.outcome == "ordered"])
    await desk.tells("1")
    await desk.waits()
    await town.comes_to_rest()
    again = len([line for line in town.graph.ledger if line.outcome == "ordered"])
    states = await query(town.database_url, "SELECT state FROM outbox WHERE kind = 'notice'")
    assert {state for (state,) in states} == {"failed"}
    assert (tried, again <= 2) == (1, True)
    await desk.phone.says("/lihat 1")
    assert "gagal" in await desk.phone.hears(containing="Kabar kepada pemohon")
    assert await town.holds() == []


async def test_a_dead_token_holds_the_queue_and_a_new_one_empties_it(town: Town) -> None:
    """Fault 28, the token: held, not failed."""
    server = await town.serves()
    maria, yakob = await two(town)
    town.graph.access_token = "EAAGtheNewTokenOfTheOffice"
    await maria.says("status")
    await maria.says("menu")
    await yakob.says("status")
    await yakob.hears()
    await until_nothing_moves(town, {"queued"})
    held = await query(town.database_url, "SELECT state FROM outbox WHERE channel = 'whatsapp'")
    assert sorted(state for (state,) in held) == ["queued", "queued", "sent"]
    assert server.log.read_text().count('"channel.held"') == 1
    await server.stop()
    town.nursery.settings["LOKET_WHATSAPP__ACCESS_TOKEN"] = town.graph.access_token
    await town.serves()
    await maria.hears(2, within=20)
    assert await town.holds() == []


async def test_while_a_secret_is_changed_both_open_the_door(town: Town) -> None:
    """Fault 28, the secret: nothing is lost during the overlap."""
    old = town.nursery.settings["LOKET_WHATSAPP__APP_SECRET"]
    await town.serves(LOKET_WHATSAPP__APP_SECRET=f"the-new-secret,{old}")
    maria = town.on_whatsapp(1)
    assert await maria.says("halo") == 200
    maria.app_secret = town.graph.app_secret = "the-new-secret"
    assert await maria.says("status") == 200
    maria.app_secret = "nobodys"
    assert await maria.says("menu") == 401
    maria.not_taken.clear()
    await town.comes_to_rest()
