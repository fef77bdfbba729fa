"""What is kept for how long: nothing before its time, everything after it, and nothing that is held."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import stray_files
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.contacts import Address, Contact, Conversation, LinkCode
from models.database import rows, sqlite_path
from models.files import FileState, StoredFile
from models.forms import FormToken
from models.fsm import FsmRecord
from models.inbox import InboxEvent, InboxKind, InboxState
from models.outbox import OutboxKind, OutboxMessage, OutboxState
from models.quarantine import Quarantined, Reason
from models.requests import JournalEntry, Note, Paper, Question, Request, RequestState
from models.retention import Purge
from models.sealing.rows import SCRUBBED
from models.staff import Staff
from office import desk, forms, linking, papers, purge, purge_kinds, questions, queue, requests
from office.context import office
from office.identity import Nik
from office.tombstones import Tombstones
from scheduler.housekeeping import Housekeeping
from scheduler.ticks import tick, tick_of_a_host
from tests.office.world import NOW, World, act

NIK = "5314015506900001"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class Chat:
    """A citizen with an address, a conversation, words of both sides, a photo, and a form."""

    def __init__(self, world: World, storage: SealedStorage) -> None:
        self.world = world
        self.storage = storage

    async def begins(self) -> "Chat":
        self.contact = await self.world.citizen("Maria Tungga")
        place = {"channel": "whatsapp", "account": "1234"}
        here = {"office_id": self.world.office_id, "contact_id": self.contact.id, **place}
        await Address.create(**here, kind="wa_id", value="6281234567890", created_at=NOW)
        await Conversation.create(**here, last_heard_at=NOW, choices='[1, [["Maria", "x"]]]')
        self.event = await InboxEvent.create(
            **here,
            external_id="wamid.in",
            kind=InboxKind.MESSAGE,
            body='{"text": "saya Maria"}',
            received_at=NOW,
            state=InboxState.DONE,
        )
        self.said = await OutboxMessage.create(
            **here,
            kind=OutboxKind.REPLY,
            name="sendMessage",
            payload='{"text": "Halo Maria"}',
            state=OutboxState.SENT,
            external_id="wamid.out",
            due_at=NOW,
            created_at=NOW,
            sent_at=NOW,
        )
        self.photo = await self.sends_a_photo("2026/11/24/wa-" + "1" * 24)
        key = f"fsm:1:{2**52 + self.contact.id}:{2**52 + self.contact.id}:default"
        await FsmRecord.create(key=key, office_id=self.world.office_id, state="Form:name", data="{}")
        return self

    async def sends_a_photo(self, key: str) -> StoredFile:
        await self.storage.put(key, b"a card", office_id=self.world.office_id)
        return await StoredFile.create(
            office_id=self.world.office_id,
            file_id=key[-24:],
            event_id=self.event.id,
            storage_key=key,
            mime="image/jpeg",
            size=6,
            sha256="0" * 64,
            name="KTP Maria.jpg",
            created_at=NOW,
        )


@pytest.fixture
def storage(tmp_path: Path) -> SealedStorage:
    return SealedStorage(Storage.open(f"file://{tmp_path}/papers"))


@pytest.fixture
async def chat(world: World, storage: SealedStorage) -> AsyncIterator[Chat]:
    yield await Chat(world, storage).begins()


@pytest.fixture
def night(storage: SealedStorage, tmp_path: Path) -> Callable[[datetime], Awaitable[None]]:
    """What a tick of the running service does."""
    housekeeping = Housekeeping(storage, Tombstones(tmp_path))

    async def pass_(now: datetime) -> None:
        await tick(now)
        await housekeeping(now)

    return pass_


def files_in(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "papers").rglob("*") if path.is_file())


async def in_the_rows(text: str) -> list[str]:
    """Tables of the database in which the text stands."""
    found = []
    for model in (Contact, Address, Conversation, InboxEvent, OutboxMessage, StoredFile, Request, Paper, Note,
                  Question, JournalEntry, FsmRecord, Quarantined):  # fmt: skip
        for row in await model.all():
            if any(text in str(getattr(row, name)) for name in model._meta.db_fields):
                found.append(model._meta.db_table)
    return found


async def test_messages_and_loose_files_go_within_thirty_days_and_the_rows_stay(
    chat: Chat, night: Callable[[datetime], Awaitable[None]], tmp_path: Path
) -> None:
    await chat.world.submitted(citizen=chat.contact)  # under way, so the person stays
    await night(NOW + 28 * DAY)
    assert (await InboxEvent.get(id=chat.event.id)).body != SCRUBBED
    assert files_in(tmp_path) == ["wa-" + "1" * 24]

    await night(NOW + 29 * DAY + HOUR)
    event, said = await InboxEvent.get(id=chat.event.id), await OutboxMessage.get(id=chat.said.id)
    assert (event.body, event.external_id) == (SCRUBBED, f"scrubbed:{event.id}")
    assert (said.payload, said.external_id, said.state) == (SCRUBBED, None, OutboxState.SENT)
    photo = await StoredFile.get(id=chat.photo.id)
    assert (photo.state, photo.storage_key, photo.name) == (FileState.REFUSED, None, None)
    assert files_in(tmp_path) == []
    assert await in_the_rows("6281234567890") == ["addresses"]
    assert await Address.filter(contact_id=chat.contact.id).count() == 1


async def test_a_request_is_forgotten_within_thirty_days_of_its_end_and_the_figures_stay(
    chat: Chat, night: Callable[[datetime], Awaitable[None]], tmp_path: Path
) -> None:
    yanti = await chat.world.operator()
    draft = await chat.world.draft(citizen=chat.contact, name="Maria Tungga")
    await act(lambda: papers.take(draft, [(chat.photo, "kk")], NOW))
    await act(lambda: requests.set_nik(draft, Nik.parse(NIK), "chat"))
    await act(lambda: forms.open_form(draft, NOW))
    request = await act(lambda: _submitted(chat.world, draft))
    n = request.queue_number or 0
    await act(lambda: questions.ask(chat.contact, "whatsapp", "1234", f"NIK {NIK}?", NOW, request))
    await act(lambda: _worked_on(n, yanti))
    closed = (await Request.get(id=request.id)).closed_at
    assert closed is not None
    before = await _figures()

    await night(closed + 28 * DAY)
    assert (await Request.get(id=request.id)).nik == NIK
    await night(closed + 29 * DAY + HOUR)
    gone = await Request.get(id=request.id)
    assert (gone.subject_name, gone.nik, gone.reason) == (None, None, None)
    assert gone.forgotten_at == closed + 29 * DAY + HOUR
    assert await _figures() == before
    for text in (NIK, "Maria", "Tungga", "buram", "rahasia"):
        assert await in_the_rows(text) == [], text
    assert files_in(tmp_path) == []
    assert await Address.all().count() == 0 and await Conversation.all().count() == 0
    assert await FsmRecord.all().count() == 0
    contact = await Contact.get(id=chat.contact.id)
    assert contact.erased_at is not None


async def _submitted(world: World, draft: Request) -> Request:
    for slot in (await papers.checklist(draft)).missing:
        await papers.take(draft, [(await world.scan(), slot.key)], NOW)
    return await requests.submit(draft, NOW)


async def _worked_on(n: int, yanti: Staff) -> None:
    await queue.take(yanti, n, NOW)
    await papers.ask_again(await queue.get(n), "kk", "buram sekali", yanti, NOW)
    await desk.note(n, "Maria rahasia", yanti, NOW)
    await desk.reject(n, "Maria rahasia", yanti, NOW)


async def _figures() -> list[dict[str, object]]:
    """What a report counts by."""
    asked = """
        SELECT r.service, r.state, r.village_code, r.submitted_at, r.closed_at, r.queue_number,
               (SELECT count(*) FROM journal j WHERE j.request_id = r.id) AS steps,
               (SELECT count(*) FROM papers p WHERE p.request_id = r.id) AS papers
        FROM requests r ORDER BY r.id"""
    return [dict(row) for row in await rows(asked)]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_nothing_of_what_was_deleted_is_left_in_sqlites_files_or_log(
    chat: Chat, night: Callable[[datetime], Awaitable[None]], database: str
) -> None:
    path = sqlite_path(database)
    assert path is not None
    await night(NOW + DAY)
    with sqlite3.connect(path) as reader:  # somebody reads: nobody waits, and the next tick tries again
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM inbox").fetchone()
        await night(NOW + 31 * DAY)
    reader.close()
    await night(NOW + 31 * DAY)
    left = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    for text in (b"saya Maria", b"Halo Maria", b"Maria Tungga", b"6281234567890", b"KTP Maria.jpg"):
        assert text not in left, text


async def test_somebody_elses_bot_keeps_its_people_and_its_states_but_no_words(chat: Chat) -> None:
    await tick_of_a_host(NOW + 31 * DAY)
    assert (await InboxEvent.get(id=chat.event.id)).body == SCRUBBED
    assert (await StoredFile.get(id=chat.photo.id)).state is FileState.REFUSED
    assert (await Contact.get(id=chat.contact.id)).name == "Maria Tungga"
    assert (await Address.all().count(), await FsmRecord.all().count()) == (1, 1)


async def test_what_must_not_be_deleted_survives_with_its_papers_and_words(
    chat: Chat, night: Callable[[datetime], Awaitable[None]], tmp_path: Path
) -> None:
    draft = await chat.world.draft(citizen=chat.contact)
    await act(lambda: papers.take(draft, [(chat.photo, "kk")], NOW))
    await Request.filter(id=draft.id).update(state=RequestState.REJECTED, closed_at=NOW, submitted_at=NOW)
    await Request.filter(id=draft.id).update(**draft.sealed(retained_at=NOW, retain_reason="sengketa"))
    await night(NOW + 365 * DAY)
    kept = await Request.get(id=draft.id)
    assert (kept.subject_name, kept.forgotten_at) == ("Maria Tungga", None)
    assert files_in(tmp_path) == ["wa-" + "1" * 24]
    assert (await InboxEvent.get(id=chat.event.id)).body != SCRUBBED
    assert await Address.filter(contact_id=chat.contact.id).exists()

    await Request.filter(id=draft.id).update(retained_at=None)
    await night(NOW + 366 * DAY)
    assert (await Request.get(id=draft.id)).subject_name is None
    assert files_in(tmp_path) == []
    assert await in_the_rows("Maria") == []


async def test_whoever_asked_that_nothing_be_done_keeps_everything(
    chat: Chat, night: Callable[[datetime], Awaitable[None]], tmp_path: Path
) -> None:
    await Contact.filter(id=chat.contact.id).update(restricted_at=NOW)
    await night(NOW + 365 * DAY)
    assert files_in(tmp_path) == ["wa-" + "1" * 24]
    assert (await OutboxMessage.get(id=chat.said.id)).payload != SCRUBBED
    assert await Address.filter(contact_id=chat.contact.id).exists()


async def test_a_form_that_nobody_goes_on_with_goes_within_ninety_days(
    chat: Chat, night: Callable[[datetime], Awaitable[None]], tmp_path: Path
) -> None:
    draft = await chat.world.draft(citizen=chat.contact)
    await act(lambda: papers.take(draft, [(chat.photo, "kk")], NOW))
    await night(NOW + 88 * DAY)
    assert (await Request.get(id=draft.id)).state is RequestState.DRAFT
    assert files_in(tmp_path) == ["wa-" + "1" * 24]
    await night(NOW + 89 * DAY + HOUR)
    gone = await Request.get(id=draft.id)
    assert (gone.state, gone.subject_name) == (RequestState.CANCELLED, None)
    assert files_in(tmp_path) == []
    assert await in_the_rows("Maria") == []


async def test_codes_pages_questions_and_what_was_set_aside_go_too(
    chat: Chat, night: Callable[[datetime], Awaitable[None]]
) -> None:
    draft = await chat.world.draft(citizen=chat.contact)
    await act(lambda: forms.open_form(draft, NOW))
    await act(lambda: linking.new_code(chat.contact, "whatsapp", "1234", NOW))
    yanti = await chat.world.operator()
    await act(lambda: questions.ask(chat.contact, "whatsapp", "1234", "Kapan selesai Maria?", NOW))
    await act(lambda: questions.answer(1, "Besok.", yanti, NOW))
    await Quarantined.create(
        office_id=office().office_id, channel="whatsapp", account="1", reason=Reason.UNREADABLE,
        digest="0", body=b"{}", received_at=NOW, last_at=NOW,
    )  # fmt: skip
    await night(NOW + 2 * DAY)
    assert (await FormToken.all().count(), await LinkCode.all().count()) == (0, 0)
    assert (await Question.get(number=1)).text == "Kapan selesai Maria?"
    await night(NOW + 29 * DAY + HOUR)
    assert (await Question.get(number=1)).text == ""
    assert await Quarantined.all().count() == 0


async def test_an_office_decides_for_itself(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    profile = office().office.model_copy(update={"retention_days": 10, "message_days": 30})
    assert profile.days_of_messages == 10  # nothing said during a request outlives it


async def test_so_much_a_tick_and_once_a_day(
    world: World, chat: Chat, night: Callable[[datetime], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = purge_kinds.Kind("quarantine", *_of("quarantine"), at_once=2)
    for n in range(5):
        await Quarantined.create(
            office_id=office().office_id, channel="whatsapp", account="1", reason=Reason.UNREADABLE,
            digest=str(n), body=b"{}", received_at=NOW, last_at=NOW,
        )  # fmt: skip
    late = NOW + 31 * DAY
    done = [await act(lambda: purge.purge_today(late, (kind,))) for _ in range(5)]
    assert done == [2, 2, 1, 0, 0]
    day = await Purge.get(kind="day")
    assert day.ended_at is not None
    counted = await Purge.get(kind="quarantine")
    assert (counted.count, counted.day) == (5, "2026-12-25")


def _of(name: str) -> tuple[purge_kinds.Find, purge_kinds.Act]:
    kind = next(one for one in purge_kinds.EVERYTHING if one.name == name)
    return kind.find, kind.act


async def test_a_kind_that_fails_keeps_no_other_from_it_and_is_tried_on_the_next_day(chat: Chat) -> None:
    async def fails(*_: object) -> list[int]:
        await rows("SELECT nothing FROM nowhere")
        return []

    kinds = (purge_kinds.Kind("broken", fails, fails), purge_kinds.Kind("outbox", *_of("outbox")))
    late = NOW + 31 * DAY
    assert [await act(lambda: purge.purge_today(late, kinds)) for _ in range(2)] == [1, 0]
    assert (await Purge.get(kind="day")).ended_at == late


async def test_many_contacts_are_looked_through_in_parts(
    chat: Chat, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach = purge_kinds._REACH.replace("5000", "2")
    monkeypatch.setattr(purge_kinds, "_REACH", reach)
    for name in ("Yos", "Ina", "Ani", "Ben"):
        await world.citizen(name)
    assert (await purge.due(NOW + 31 * DAY))["contacts"] == 5
    find, _ = _of("contacts")
    assert len(await find(NOW + 31 * DAY, 3)) == 3


async def test_several_clocks_at_once_count_each_once(chat: Chat) -> None:
    late = NOW + 31 * DAY
    await asyncio.gather(*(tick(late) for _ in range(3)))
    assert (await Purge.get(kind="inbox")).count == 1
    assert (await Purge.get(kind="outbox")).count == 1


async def test_a_count_beforehand_changes_nothing(chat: Chat) -> None:
    found = await purge.due(NOW + 31 * DAY)
    assert (found["inbox"], found["outbox"], found["files"], found["contacts"]) == (1, 1, 1, 1)
    assert (await InboxEvent.get(id=chat.event.id)).body != SCRUBBED
    assert await purge.purge_all(NOW + 31 * DAY) == found


async def test_files_that_no_row_names_go_after_a_day_and_others_files_stay(
    chat: Chat, night: Callable[[datetime], Awaitable[None]], tmp_path: Path, storage: SealedStorage
) -> None:
    stray = "2026/11/24/tg-" + "2" * 24
    await storage.put(stray, b"nobody's", office_id=chat.world.office_id)
    await storage.plain.put("somebody/elses.pdf", b"of another program")
    waits = "webchat/" + "3" * 40
    await storage.put(waits, b"an upload whose message waits", office_id=chat.world.office_id)
    body = chat.event.sealed(state=InboxState.NEW, body=f'{{"held": "{waits}"}}', contact_id=None)
    await InboxEvent.filter(id=chat.event.id).update(**body)
    written = max(path.stat().st_mtime for path in (tmp_path / "papers").rglob("*"))
    at = datetime.fromtimestamp(written, NOW.tzinfo)
    assert sum([count async for count in stray_files.sweep(storage, at - HOUR)]) == 0
    housekeeping = Housekeeping(storage, Tombstones(tmp_path))
    for _ in range(2):
        await housekeeping(at + DAY + HOUR)
    assert files_in(tmp_path) == sorted(["wa-" + "1" * 24, "elses.pdf", "3" * 40])
