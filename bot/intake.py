"""Fetching what was sent, at once: a media URL lives five minutes, and a paper is ours before we answer."""

import asyncio
from collections.abc import Sequence

import structlog

from bot.channels.base import ChannelAdapter, MediaGone, MediaRef, MediaUnreachable
from bot.clock import Clock
from bot.files import Files, draft, new_file_id
from bot.sealed_storage import SealedStorage
from models.failpoint import failpoint
from models.files import FileState, StoredFile
from models.inbox import InboxEvent

log = structlog.get_logger(__name__)

LARGEST = 15 * 1024 * 1024  # bytes a citizen may send in one file
PATIENCE = (1.0, 2.0, 4.0, 8.0)  # seconds between tries, while the provider does not answer


class Intake:
    """Turns an event's media into `StoredFile` rows.  Repeatable: what is held is not fetched again."""

    def __init__(self, storage: SealedStorage, files: Files, clock: Clock, at_once: int = 8) -> None:
        self._storage = storage
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
            return [
                held.get(position) or await self._one(adapter, event, position, ref)
                for position, ref in enumerate(refs)
            ]

    async def _one(
        self, adapter: ChannelAdapter, event: InboxEvent, position: int, ref: MediaRef
    ) -> StoredFile:
        try:
            row = await self._keep(adapter, event, ref, await self._content(adapter, ref))
        except MediaGone as gone:
            log.info("intake.refused", inbox=event.id, problem=gone.problem)
            row = StoredFile(
                office_id=event.office_id,
                file_id=new_file_id(adapter.caps.file_prefix),
                state=FileState.REFUSED,
                problem=gone.problem,
                name=(ref.name or "")[:255] or None,
                created_at=self._clock(),
            )
        row.event_id = event.id
        row.position = position
        await StoredFile.bulk_create([row])
        failpoint("media.stored")
        return await StoredFile.get(file_id=row.file_id)

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
    ) -> StoredFile:
        if not content:
            raise MediaGone("empty")
        row = draft(event.office_id, adapter.caps.file_prefix, content, ref.name, self._clock())
        if ref.held is not None:
            row.storage_key = ref.held
        else:
            await self._storage.put(str(row.storage_key), content, office_id=event.office_id)
        return row
