"""An office with rows in every table that matters, papers, and a place to bring them back to."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.backup.manifest import Manifest
from bot.backup.restoring import Restored, restore
from bot.backup.taking import take
from bot.files import draft
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.contacts import Contact
from models.database import close_database, open_database
from models.inbox import InboxEvent, InboxKind
from models.outbox import OutboxKind, OutboxMessage, OutboxState
from tests.migrations.office import furnish

OFFICE = 5314
TAKEN = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
BROUGHT = TAKEN + timedelta(hours=3)
PAPER, UPLOAD = b"a photo of a card", b"an upload whose event waits"
AWKWARD = 'a "quoted", comma;\nnew line \\N \\. tab\t \N{SNOWMAN} é'


@dataclass
class Office:
    """``url`` and ``storage`` are the original's, ``empty`` and ``elsewhere`` the copy's."""

    url: str
    empty: str
    folder: Path
    storage_url: str = ""
    elsewhere_url: str = ""

    def __post_init__(self) -> None:
        self.storage_url = self.storage_url or f"file://{self.folder}/papers"
        self.elsewhere_url = self.elsewhere_url or f"file://{self.folder}/elsewhere"

    @property
    def storage(self) -> Storage:
        return Storage.open(self.storage_url)

    @property
    def elsewhere(self) -> Storage:
        return Storage.open(self.elsewhere_url)

    @property
    def backup(self) -> Path:
        return self.folder / "backup"

    async def taken(self) -> Manifest:
        return await take(self.url, self.storage, self.backup, office_id=OFFICE, now=TAKEN)

    async def brought_back(self, *, idempotent: Collection[str] = ()) -> Restored:
        return await restore(
            self.backup, self.empty, self.elsewhere, office_id=OFFICE, idempotent=idempotent, now=BROUGHT
        )


@pytest.fixture
async def office(database_url: str, empty_url: str, tmp_path: Path) -> Office:
    return await furnished(Office(database_url, empty_url, tmp_path))


async def furnished(here: Office) -> Office:
    await furnish(here.url)
    await open_database(here.url)
    try:
        await _fill(SealedStorage(here.storage))
    finally:
        await close_database()
    return here


async def _fill(storage: SealedStorage) -> None:
    maria = await Contact.create(office_id=OFFICE, name=AWKWARD, created_at=TAKEN)
    await Contact.create(office_id=OFFICE, name="", created_at=TAKEN)
    event = await _event(maria, "done", "{}", state="done")
    paper = draft(OFFICE, "wa", PAPER, None, TAKEN)
    paper.event_id = event.id
    await storage.put(str(paper.storage_key), PAPER, office_id=OFFICE)
    await paper.save(force_create=True)
    await storage.put("webchat/upload", UPLOAD, office_id=OFFICE)
    await _event(maria, "waits", '{"kind": "file", "held": "webchat/upload"}')
    for state in OutboxState:
        await said(maria, state)


async def _event(contact: Contact, external_id: str, body: str, **fields: str) -> InboxEvent:
    return await InboxEvent.create(
        office_id=OFFICE,
        channel="webchat",
        account="web",
        external_id=external_id,
        kind=InboxKind.MESSAGE,
        contact_id=contact.id,
        body=body,
        received_at=TAKEN,
        **fields,
    )


async def said(
    contact: Contact, state: OutboxState, channel: str = "whatsapp", **fields: object
) -> OutboxMessage:
    usual = {"created_at": TAKEN, "due_at": TAKEN, "kind": OutboxKind.NOTICE, "name": "ready_for_pickup"}
    return await OutboxMessage.create(
        office_id=OFFICE,
        contact_id=contact.id,
        channel=channel,
        account="1",
        payload="{}",
        state=state,
        **(usual | fields),
    )
