"""`kill -9` at every fail-point of one citizen message and of one notice: nothing lost, nothing doubled.

"Doubled" is judged by the provider's ledger, "lost" by our rows.  The one allowed exception has a name: a
message whose bytes may have left when we died is `unknown`, is shown, and is never sent again by itself.
"""

import asyncio
import hashlib
import signal
from pathlib import Path

from models.database import close_database, open_database
from models.files import StoredFile
from models.inbox import InboxEvent, InboxState
from models.outbox import OutboxMessage, OutboxState
from models.requests import JournalEntry, Request, RequestOutput
from tests.fakes import FakeBotApi, FakeGraph, pictures
from tests.faults.servers import Nursery
from tests.flows.counter import APP_SECRET, MORNING, TELEGRAM_SECRET, TestClock, counter_before
from tests.flows.steps import files_a_lost_card, says
from tests.phones import TelegramPhone, WhatsAppPhone

OF_A_MESSAGE = (
    "door.verified:1",  # genuine, nothing kept
    "inbox.inserted:1",  # in the transaction
    "inbox.committed:1",
    "door.stored:1",  # kept, not acknowledged
    "media.stored:1",  # the photo is ours, its step is not handled
    "handle.started:1",
    "reply.queued:1",  # in the transaction of the step
    "handle.written:1",  # all of it written, not committed
    "handle.committed:1",
    "outbox.claimed:1",
    "outbox.sending:1",  # the intent is committed, no byte has left
    "outbox.posted:1",  # the provider has it, we have not noted it
    "outbox.recorded:1",
)
OF_A_NOTICE = (
    "notice.queued:1",
    "handle.written:1",
    "handle.committed:1",
    "outbox.claimed:1",
    "outbox.sending:1",
    "outbox.sending:2",
    "outbox.posted:1",
    "outbox.posted:2",
    "outbox.recorded:1",
    "outbox.recorded:2",
)
MAY_BE_UNKNOWN = ("outbox.sending", "outbox.posted")
AS_A_NEIGHBOUR = (*MAY_BE_UNKNOWN, "outbox.recorded")  # the answer to Ani was noted, the notice was under way
UNFINISHED = (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.SENDING)


async def quiet(nursery: Nursery, phone: WhatsAppPhone | TelegramPhone) -> None:
    """Start again, let the provider try again, and stop once everything is done."""
    server = await nursery.start()
    phone.door_url = f"{await server.serves()}{phone.door_url[phone.door_url.index('/webhooks') :]}"
    await phone.redelivers()
    await all_is_done()
    assert await server.stop() == 0


async def all_is_done() -> None:
    """Wait for rows of another process: no event of ours tells, so the database is asked."""
    for _ in range(600):
        open_rows = await InboxEvent.filter(state=InboxState.NEW).count()
        open_rows += await OutboxMessage.filter(state__in=UNFINISHED).count()
        if not open_rows:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("rows are still open")


async def test_a_citizens_photo_survives_every_kill(
    nursery: Nursery, graph: FakeGraph, database: str
) -> None:
    for n, failpoint in enumerate(OF_A_MESSAGE):
        server = await nursery.start(failpoint)
        url = await server.serves()
        citizen = WhatsAppPhone(
            graph,
            f"{url}/webhooks/whatsapp",
            APP_SECRET,
            wa_id=f"62812000{n:04}",
            bsuid=None,
            name=f"Warga {n}",
        )
        photo = pictures.jpeg(100 + n)
        await citizen.sends_photo(photo)
        assert await server.dies() == -signal.SIGKILL, failpoint

        await quiet(nursery, citizen)

        event = await InboxEvent.get(contact__addresses__value=citizen.wa_id)
        assert event.state is InboxState.DONE, failpoint
        assert [f.sha256 for f in await StoredFile.filter(event_id=event.id)] == [
            hashlib.sha256(photo).hexdigest()
        ], failpoint
        rows = await OutboxMessage.filter(contact_id=event.contact_id)
        assert len(rows) == 1, failpoint
        shown = [sent for sent in graph.ledger.messages if sent.callback_data == str(rows[0].id)]
        if rows[0].state is OutboxState.UNKNOWN:
            assert failpoint.startswith(MAY_BE_UNKNOWN), failpoint
            assert len(shown) == ("posted" in failpoint), failpoint
        else:
            assert rows[0].state is OutboxState.SENT, failpoint
            assert len(shown) == 1, failpoint


async def test_a_notice_survives_every_kill(
    nursery: Nursery, graph: FakeGraph, telegram: FakeBotApi, database_url: str, tmp_path: Path
) -> None:
    requests = await _complete_requests(len(OF_A_NOTICE), graph, telegram, database_url, tmp_path)
    await open_database(database_url)
    for queue_number, failpoint in zip(requests, OF_A_NOTICE, strict=True):
        server = await nursery.start(failpoint)
        url = await server.serves()
        ani = TelegramPhone(telegram, f"{url}/webhooks/telegram", TELEGRAM_SECRET, user_id=4242, name="Ani")
        await ani.says(f"/siap {queue_number}")
        assert await server.dies() == -signal.SIGKILL, failpoint

        await quiet(nursery, ani)

        request = await Request.get(queue_number=queue_number)
        assert [o.state.value for o in await RequestOutput.filter(request_id=request.id)] == [
            "ready_for_pickup"
        ]
        assert await JournalEntry.filter(request_id=request.id, action="ready").count() == 1, failpoint
        notice = await OutboxMessage.get(subject=f"request:{request.id}", name="ready_for_pickup")
        shown = [sent for sent in graph.ledger.messages if sent.callback_data == str(notice.id)]
        if notice.state is OutboxState.UNKNOWN:
            assert failpoint.startswith(AS_A_NEIGHBOUR), failpoint
            assert len(shown) <= 1, failpoint
        else:
            assert notice.state is OutboxState.SENT, failpoint
            assert len(shown) == 1, failpoint
    await close_database()


async def _complete_requests(
    count: int, graph: FakeGraph, telegram: FakeBotApi, database_url: str, folder: Path
) -> list[int]:
    """So many requests, complete and taken by Ani; their queue numbers."""
    async with counter_before(graph, telegram, TestClock(MORNING), database_url, folder) as counter:
        ani = await counter.operator("Ani", user_id=4242)
        for n in range(count):
            await files_a_lost_card(counter.citizen(name=f"Warga {n}", wa_id=f"62813000{n:04}"))
            await says(ani, "/ambil", f"/lengkap {n + 1}")
        await all_is_done()
    return list(range(1, count + 1))
