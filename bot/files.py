"""Files that we hold: under our own ids, kept before any row names them."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

import filetype
from aiogram import Bot
from aiogram.types import InputFile, URLInputFile

from bot.channels.base import HeldFile
from bot.sealed_storage import SealedStorage
from models.files import FileState, StoredFile

UNKNOWN_MIME = "application/octet-stream"


def new_file_id(prefix: str) -> str:
    """Short, and safe as a file name on every system: ``wa-3f9c…``.  ``prefix``: see `Caps.file_prefix`."""
    return f"{prefix}-{secrets.token_hex(12)}"


def mime_of(content: bytes) -> str:
    """What the bytes are, whatever the sender called them."""
    kind = filetype.guess(content[:8192])
    return kind.mime if kind else UNKNOWN_MIME


def draft(office_id: int, prefix: str, content: bytes, name: str | None, now: datetime) -> StoredFile:
    """An unsaved row for bytes that are about to be kept under ``storage_key``."""
    file_id = new_file_id(prefix)
    return StoredFile(
        office_id=office_id,
        file_id=file_id,
        state=FileState.STORED,
        storage_key=f"{now:%Y/%m/%d}/{file_id}",
        mime=mime_of(content),
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        name=(name or "")[:255] or None,
        created_at=now,
    )


class Files:
    """Reading what we hold, and keeping what our own handlers send."""

    def __init__(self, storage: SealedStorage) -> None:
        self._storage = storage

    async def read(self, file_id: str) -> HeldFile:
        """Raises: FileNotFoundError, also for a file that was refused."""
        row = await StoredFile.get_or_none(file_id=file_id)
        if row is None or row.storage_key is None:
            raise FileNotFoundError(file_id)
        content = await self._storage.get(row.storage_key)
        return HeldFile(content=content, mime=row.mime, name=row.name or f"{file_id}{_ending(row.mime)}")

    async def keep_upload(
        self, file: InputFile, bot: Bot, prefix: str, now: datetime, *, office_id: int
    ) -> str:
        """Our file id for bytes that a handler sends.  A URL stays a URL: fetching is delivery's business."""
        if isinstance(file, URLInputFile):
            return file.url
        content = b"".join([chunk async for chunk in file.read(bot)])
        row = draft(office_id, prefix, content, file.filename, now)
        await self._storage.put(str(row.storage_key), content, office_id=office_id)
        await StoredFile.bulk_create([row])
        return row.file_id

    async def of_event(self, event_id: int) -> Sequence[StoredFile]:
        return await StoredFile.filter(event_id=event_id).order_by("position")


def _ending(mime: str) -> str:
    kind = filetype.get_type(mime=mime)
    return f".{kind.extension}" if kind else ""
