"""Fetching what was sent, at once: a media URL lives five minutes, and a paper is ours before we answer."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import Protocol

import structlog

from bot.channels.base import ChannelAdapter, MediaGone, MediaRef, MediaUnreachable
from bot.clamd import ScannerAway
from bot.clock import Clock
from bot.files import Files, draft, mime_of, new_file_id
from bot.reading.reader import CannotRead, ReadPage
from bot.sealed_storage import SealedStorage
from models.database import transaction
from models.failpoint import failpoint
from models.files import MALWARE, FileState, Scanned, StoredFile
from models.inbox import InboxEvent

log = structlog.get_logger(__name__)

LARGEST = 15 * 1024 * 1024  # bytes a citizen may send in one file
PATIENCE = (1.0, 2.0, 4.0, 8.0)  # seconds between tries, while the provider does not answer


class Reads(Protocol):
    """Opens files of strangers: `bot.reading.reader.Reader`."""

    async def read(self, content: bytes, mime: str) -> Sequence[ReadPage] | None:
        """Clean pages; None: no kind that is read.  Raises: CannotRead; OSError, where later may help."""


class Scans(Protocol):
    """Looks for malware: `bot.clamd.Clamd`."""

    async def found_in(self, content: bytes) -> str | None:
        """What is in it; None: nothing known.  Raises: ScannerAway."""


class Infected(Exception):
    """There is malware in the file: nobody opens it, and it is not kept."""

    problem = MALWARE


class Quota(Protocol):
    """How many bytes of files one person may send."""

    async def left(self, event: InboxEvent) -> int:
        """So many still."""

    async def used_up(self, event: InboxEvent) -> None:
        """A file of theirs was refused for it."""


class Intake:
    """Turns an event's media into `StoredFile` rows.  Repeatable: what is held is not fetched again.

    With a ``reader``, what is kept are the clean pages that it gives, and nothing of what was sent; without,
    the bytes as they came.  What it does not read is kept as it came in either case.  With a ``scanner``,
    nothing is opened or kept before that was asked; where it gives no answer, the row says so.  Beyond the
    ``quota`` a file is refused, before it is fetched where its size is known.
    """

    def __init__(
        self,
        storage: SealedStorage,
        files: Files,
        clock: Clock,
        reader: Reads | None = None,
        scanner: Scans | None = None,
        quota: Quota | None = None,
        at_once: int = 8,
    ) -> None:
        self._storage = storage
        self._quota = quota
        self._under_way: Counter[int | None] = Counter()  # bytes of files that no row tells of yet
        self._reader = reader
        self._scanner = scanner
        self._files = files
        self._clock = clock
        self._slots = asyncio.Semaphore(at_once)

    async def take(
        self, adapter: ChannelAdapter, event: InboxEvent, refs: Sequence[MediaRef]
    ) -> list[StoredFile]:
        """The files of ``event`` in order.  One that cannot be had is there as refused, with its problem."""
        if not refs:
            return []
        held = {row.position: row for row in await self._files.of_event(event.id)}
        async with self._slots:
            rows = [
                held.get(position) or await self._one(adapter, event, position, ref)
                for position, ref in enumerate(refs)
            ]
            for row, ref in zip(rows, refs, strict=True):
                if (
                    ref.held is not None and row.storage_key != ref.held
                ):  # it was read, and this is the original
                    await self._storage.empty(ref.held)  # and who posts it again brings nothing back
        return rows

    async def _one(
        self, adapter: ChannelAdapter, event: InboxEvent, position: int, ref: MediaRef
    ) -> StoredFile:
        size = 0
        try:
            try:
                content = await self._fitting(adapter, event, ref)
                size = len(content)
                self._under_way[event.contact_id] += size
                row, *further = await self._keep(adapter, event, ref, content)
            except (MediaGone, CannotRead, Infected) as gone:
                row, further = self._refused(adapter, event, ref, str(gone.problem)), []
            row.event_id, row.position, row.sent_size = event.id, position, size
            failpoint("media.kept")
            kept = await transaction(lambda: _written(row, further)) if further else await _written(row)
        finally:
            self._under_way[event.contact_id] -= size
        failpoint("media.stored")
        return kept

    def _refused(self, adapter: ChannelAdapter, event: InboxEvent, ref: MediaRef, problem: str) -> StoredFile:
        log.info("intake.refused", inbox=event.id, problem=problem)
        return StoredFile(
            office_id=event.office_id,
            file_id=new_file_id(adapter.caps.file_prefix),
            state=FileState.REFUSED,
            problem=problem,
            name=(ref.name or "")[:255] or None,
            created_at=self._clock(),
        )

    async def _fitting(self, adapter: ChannelAdapter, event: InboxEvent, ref: MediaRef) -> bytes:
        """The content, where its sender may send as much today.  Raises: MediaGone."""
        await self._must_fit(event, ref.size or 1)
        content = await self._content(adapter, ref)
        await self._must_fit(event, len(content))
        return content

    async def _must_fit(self, event: InboxEvent, size: int) -> None:
        """Raises: MediaGone."""
        if self._quota is None:
            return
        if size > await self._quota.left(event) - self._under_way[event.contact_id]:
            await self._quota.used_up(event)
            raise MediaGone("quota")

    async def _content(self, adapter: ChannelAdapter, ref: MediaRef) -> bytes:
        if ref.held is not None:
            return await self._storage.get(ref.held)
        if ref.size is not None and ref.size > LARGEST:
            raise MediaGone("too_big")
        for pause in (*PATIENCE, None):
            try:
                return await adapter.fetch(ref, LARGEST)
            except MediaUnreachable:
                if pause is None:
                    break
                await asyncio.sleep(pause)
        raise MediaGone("unreachable")

    async def _keep(
        self, adapter: ChannelAdapter, event: InboxEvent, ref: MediaRef, content: bytes
    ) -> list[StoredFile]:
        """Unsaved rows of what lies in the storage now, one a page.

        Raises: MediaGone, CannotRead, Infected.
        """
        if not content:
            raise MediaGone("empty")
        scanned = await self._scanned(event, content)
        kept = await self._stored(adapter.caps.file_prefix, event, ref, content)
        if scanned is not None:
            for row in kept:
                row.scanned = scanned
        return kept

    async def _stored(
        self, prefix: str, event: InboxEvent, ref: MediaRef, content: bytes
    ) -> list[StoredFile]:
        pages = None if self._reader is None else await self._reader.read(content, mime_of(content))
        if pages is not None:
            return [
                await self._keep_page(event, prefix, page, _page_name(ref.name, number), content)
                for number, page in enumerate(pages)
            ]
        row = draft(event.office_id, prefix, content, ref.name, self._clock())
        if ref.held is not None:
            row.storage_key = ref.held
        else:
            await self._storage.put(str(row.storage_key), content, office_id=event.office_id)
        return [row]

    async def _scanned(self, event: InboxEvent, content: bytes) -> Scanned | None:
        """None: nobody was to be asked.  Raises: Infected."""
        if self._scanner is None:
            return None
        try:
            found = await self._scanner.found_in(content)
        except ScannerAway as away:
            log.warning("intake.not_scanned", inbox=event.id, reason=str(away)[:80])
            return Scanned.NOT
        if found is not None:
            log.warning("intake.malware", inbox=event.id, found=found[:80])
            raise Infected
        return Scanned.NOTHING_FOUND

    async def _keep_page(
        self, event: InboxEvent, prefix: str, page: ReadPage, name: str | None, sent: bytes
    ) -> StoredFile:
        row = draft(event.office_id, prefix, page.jpeg, name, self._clock())
        row.sent_sha256 = await asyncio.to_thread(lambda: hashlib.sha256(sent).hexdigest())
        row.verdict, row.looks = str(page.verdict), page.looks
        await self._storage.put(str(row.storage_key), page.jpeg, office_id=event.office_id)
        return row


async def _written(row: StoredFile, further: Sequence[StoredFile] = ()) -> StoredFile:
    await StoredFile.bulk_create([row])
    kept = await StoredFile.get(file_id=row.file_id)
    for number, page in enumerate(further, start=1):
        page.page_of_id, page.position = kept.id, number
    if further:
        await StoredFile.bulk_create(further)
    return kept


def _page_name(name: str | None, number: int) -> str | None:
    """What the page of a file is called now that it is a JPEG."""
    if not name:
        return None
    stem = PurePath(name).stem[:240]
    return f"{stem}-{number + 1}.jpg" if number else f"{stem}.jpg"
