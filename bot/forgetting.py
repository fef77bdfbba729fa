"""Taking out of the rows what is anybody's own, and the bytes out of the storage.

Rows stay where others refer to them: what tells that something happened remains, what it said does not.
A file goes in three steps, so that a crash between any two leaves neither a row that promises bytes which
are gone nor bytes that no row knows of: the row says that it is purged (and nobody is shown it any more),
the bytes are deleted, the row forgets where they lay.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from tortoise.expressions import Q

from bot import ids
from bot.sealed_storage import SealedStorage
from models.contacts import Address, Contact, Conversation, LinkCode
from models.database import rows
from models.failpoint import failpoint
from models.files import PURGED, FileState, StoredFile
from models.fsm import FsmRecord
from models.inbox import InboxEvent, InboxState
from models.offices import and_here
from models.outbox import OutboxMessage, OutboxState
from models.sealing.rows import SCRUBBED

IN_HAND: Final = (OutboxState.CLAIMED, OutboxState.SENDING)  # delivery needs their words a moment longer
FILES_AT_ONCE: Final = 100

_NO_CHOICES: Final = "[0, []]"
_SCRUB_HEARD: Final = """
UPDATE inbox SET body = $1, scrubbed_at = $2, external_id = 'scrubbed:' || id WHERE id IN ({ids})
"""
_LEAVING: Final = "SELECT id FROM files WHERE state = 'refused' AND storage_key IS NOT NULL"


async def scrub_heard(event_ids: Sequence[int], now: datetime) -> None:
    """Nothing of the sender is left in these events, not even in the platform's names for them.

    Their platforms have long ceased to bring them again.  Inside a transaction.
    """
    if event_ids:
        listed = ", ".join(str(int(one)) for one in event_ids)
        await rows(_SCRUB_HEARD.format(ids=listed) + and_here(), [SCRUBBED, now])


async def scrub_said(message_ids: Sequence[int], now: datetime) -> None:
    """The same for what we said."""
    here = OutboxMessage.filter(id__in=message_ids)
    await here.update(payload=SCRUBBED, scrubbed_at=now, external_id=None)


async def mark_files(file_ids: Sequence[int], problem: str = PURGED) -> int:
    """From now on these files are nobody's to see; their bytes go with `forget_marked`.  Gives how many."""
    held = StoredFile.filter(id__in=file_ids, state=FileState.STORED)
    return await held.update(
        state=FileState.REFUSED,
        problem=problem,
        name=None,
        suggested=None,
        sha256=None,
        sent_sha256=None,
        looks=None,
    )


async def forget_marked(storage: SealedStorage) -> int:
    """Delete the bytes of files that are marked, so many at once.  Gives how many.

    Outside any transaction: a store may take its time.  Raises: StorageAway.
    """
    leaving = f"{_LEAVING}{and_here()} ORDER BY id LIMIT {FILES_AT_ONCE}"
    found = [int(row["id"]) for row in await rows(leaving)]
    for row in await StoredFile.filter(id__in=found).order_by("id"):
        await forget_file(row, storage)
    return len(found)


async def forget_file(row: StoredFile, storage: SealedStorage) -> None:
    """The one place where bytes of a file end: what else they hang on ends here, too.

    May be done twice.  Raises: StorageAway.
    """
    if row.storage_key is not None:
        await storage.delete(row.storage_key)
    failpoint("file.deleted")
    await StoredFile.filter(id=row.id, office_id=row.office_id).update(storage_key=None)


async def forget_contact(
    contact: Contact, now: datetime, *, waiting: bool = False, afresh: bool = False
) -> int | None:
    """Nobody finds this person by name or address any more; their words and files go.  Inside a transaction.

    ``waiting``: also what of theirs has not been handled yet, which is then never handled.
    ``afresh``: a blank contact takes over the addresses, so that what is said last can still be brought, and
    whatever comes in late; gives its id.
    """
    everybody = [contact.id, *await _joined_to(contact.id)]
    await _forget_words(contact.id, now, waiting=waiting)
    await mark_files(await _files_of(contact.id))
    await _forget_states(contact.id)
    await LinkCode.filter(Q(contact_id=contact.id) | Q(asked_by_id=contact.id)).delete()
    blank = await _begin_afresh(contact, now) if afresh else None
    for model in (Address, Conversation):
        await model.filter(contact_id=contact.id).delete()
    theirs = Contact.filter(id__in=everybody)
    await theirs.update(name="", language="id", erased_at=now, restricted_at=None)
    return blank


async def _begin_afresh(contact: Contact, now: datetime) -> int:
    blank = await Contact.create(
        office_id=contact.office_id, language=contact.language, created_at=now, afresh_at=now
    )
    await Address.filter(contact_id=contact.id).update(contact_id=blank.id)
    here = Conversation.filter(contact_id=contact.id)
    await here.update(contact_id=blank.id, choices=_NO_CHOICES)
    await Contact.filter(merged_into=contact.id).update(merged_into=blank.id)
    await Contact.filter(id=contact.id).update(merged_into=blank.id)
    return int(blank.id)


async def _joined_to(contact_id: int) -> list[int]:
    found = await Contact.filter(merged_into=contact_id).values_list("id", flat=True)
    return [int(str(one)) for one in found]


async def _forget_words(contact_id: int, now: datetime, *, waiting: bool) -> None:
    """The platforms' names for messages stay until the clock scrubs them: a platform may repeat itself."""
    heard = InboxEvent.filter(contact_id=contact_id)
    if waiting:
        await heard.filter(state=InboxState.NEW).update(state=InboxState.DONE, done_at=now)
    await heard.exclude(state=InboxState.NEW).update(body=SCRUBBED)
    said = OutboxMessage.filter(contact_id=contact_id)
    await said.filter(state=OutboxState.QUEUED).update(state=OutboxState.CANCELLED)
    if waiting:
        await said.filter(state__in=IN_HAND).update(state=OutboxState.CANCELLED, token=None, lease_until=None)
    await said.exclude(state__in=IN_HAND).update(payload=SCRUBBED)


async def _files_of(contact_id: int) -> list[int]:
    """What they sent us."""
    theirs = StoredFile.filter(Q(event__contact_id=contact_id) | Q(page_of__event__contact_id=contact_id))
    found = await theirs.values_list("id", flat=True)
    return [int(str(one)) for one in found]


async def _forget_states(contact_id: int) -> None:
    """Where their conversations stood, under our number of the chat or the platform's."""
    addresses = await Address.filter(contact_id=contact_id)
    for chat in {str(ids.chat_id(contact_id)), *(address.value for address in addresses if address.value)}:
        found = await FsmRecord.filter(key__contains=f":{chat}:").values_list("key", flat=True)
        theirs = [str(key) for key in found if chat in str(key).split(":")]
        await FsmRecord.filter(key__in=theirs).delete()
