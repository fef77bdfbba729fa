"""What Meta says of our messages afterwards, and what staff see of it."""

from models.outbox import OutboxMessage, OutboxState, Receipt
from tests.flows.counter import Counter
from tests.flows.steps import files_a_lost_card, says
from tests.phones import WhatsAppPhone


async def complete(counter: Counter) -> WhatsAppPhone:
    """A citizen who was told that the papers are complete."""
    citizen, ani = counter.citizen(), await counter.operator("Ani")
    await files_a_lost_card(citizen)
    await says(ani, "/ambil", "/lengkap 1")
    await citizen.hears(containing="lengkap")
    return citizen


async def test_receipts_in_any_order_only_raise_what_we_know(counter: Counter) -> None:
    citizen = await complete(counter)
    notice = citizen.last_message
    for status in ("read", "sent", "delivered", "sent"):
        await counter.graph.emit_status(notice, status)
    await counter.core.lanes.settled()

    row = await OutboxMessage.get(id=int(notice.callback_data))
    assert (row.state, row.receipt) == (OutboxState.SENT, Receipt.SEEN)


async def test_a_window_that_was_closed_after_all_sends_the_notice_again_as_its_template(
    counter: Counter,
) -> None:
    citizen = await complete(counter)
    notice = citizen.last_message
    assert notice.type != "template"

    await counter.graph.emit_status(notice, "failed", code=131047)
    await counter.core.lanes.settled()
    counter.core.delivery.wake()
    await citizen.hears(2, containing="lengkap")

    assert citizen.last_message.template == "loket_complete"
    assert citizen.last_message.callback_data == notice.callback_data
