"""Files that come in on a one-time page, piece by piece, over a line that breaks.

A piece lies sealed on the disk and its row is committed before anybody hears that it has arrived.  With the
last one the whole goes the way of a paper from the chat: an event of the inbox names the file and its slot.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

from bot.inbox import Inbox
from bot.sealed_storage import SealedStorage
from bot.storage import StorageAway
from models.database import transaction
from models.failpoint import failpoint
from models.forms import FormToken, Upload
from models.keys import PaperKey
from office import forms
from office.paper_slots import open_slots
from office.papers import LARGEST
from office.refusal import Refusal

MOST_FILES: Final = 40  # of one page, finished or not
MOST_PIECES: Final = 500  # of one file
KEPT_FREE: Final = 128 * 1024 * 1024  # bytes of the disk that no upload takes
WHOLE_AT_ONCE: Final = 2  # files that are put together, each in memory

_KEY: Final = re.compile("[0-9a-f]{32}")


class NoUpload(Exception):
    """It cannot be begun."""


class SlotTakesNone(NoUpload):
    """The request waits for no paper of this name."""


class Empty(NoUpload):
    """A file of no bytes."""


class TooLarge(NoUpload):
    """Over `LARGEST`, or more came than was announced."""


class TooMany(NoUpload):
    """Of one page, or too many pieces of one file."""


class NoRoom(NoUpload):
    """The disk is nearly full."""


class NoSuchUpload(Exception):
    """This page has none of that name, or had one whose place a newer one took."""


class WrongOffset(Exception):
    """What came does not follow on what is here; somebody else's piece may have."""


class Uploads:
    """``storage``: where pieces and files lie; ``inbox``: where a whole file goes on."""

    def __init__(self, storage: SealedStorage, inbox: Inbox) -> None:
        self._storage = storage
        self._inbox = inbox
        self._putting_together = asyncio.Semaphore(WHOLE_AT_ONCE)

    async def begin(self, form: FormToken, slot: str, length: int, now: datetime) -> Upload:
        """An upload of ``length`` bytes; one of the same slot that was not finished gives way.

        Raises: NoUpload; `FormUsed`, `FormExpired`.
        """
        if length < 1:
            raise Empty
        if length > LARGEST:
            raise TooLarge
        if slot not in await open_slots(form.request):
            raise SlotTakesNone
        room = await self._storage.plain.room()
        if room is not None and room < KEPT_FREE + 2 * length:
            raise NoRoom
        return await transaction(lambda: _begun(form, slot, length, now))

    async def keep(self, form: FormToken, upload: Upload, piece: bytes, now: datetime) -> Upload:
        """What follows on `Upload.received`.  Once this returns, nothing loses it.

        Raises: WrongOffset, TooLarge, TooMany; `FormUsed`, `FormExpired`; `StorageAway`.
        """
        so_far = upload.received + len(piece)
        if so_far > upload.length:
            raise TooLarge
        if so_far == upload.length:
            await self._finish(form, upload, piece, now)
        elif piece:
            await self._keep_piece(form, upload, piece, now)
        return await Upload.get(id=upload.id)

    async def drop(self, upload: Upload) -> None:
        """The person has thought better of it; a whole file stays.  Raises: NoSuchUpload."""
        if upload.done_at is not None:
            raise NoSuchUpload
        await transaction(lambda: forget([upload]))
        await self._sweep(upload.keys)

    async def _keep_piece(self, form: FormToken, upload: Upload, piece: bytes, now: datetime) -> None:
        parts: list[list[object]] = json.loads(upload.parts)
        if len(parts) >= MOST_PIECES:
            raise TooMany
        key = await self._stored("part", form, piece)
        failpoint("upload.piece_stored")
        change = {
            "received": upload.received + len(piece),
            "parts": json.dumps([*parts, [key, len(piece)]]),
        }
        await self._written(key, lambda: _change(form, upload, now, **change))
        failpoint("upload.piece_kept")

    async def _finish(self, form: FormToken, upload: Upload, last: bytes, now: datetime) -> None:
        async with self._putting_together:
            pieces = [await self._storage.get(key) for key in upload.keys]
            key = await self._stored("page", form, b"".join((*pieces, last)))
        failpoint("upload.file_stored")

        async def write() -> None:
            await _change(form, upload, now, received=upload.length, parts="[]", done_at=now)
            data = f"paper:{form.request_id}:{upload.slot}"
            await self._inbox.post(form.request.contact, form.place, upload.event, data, held=key)

        await self._written(key, write)
        failpoint("upload.file_kept")
        await self._inbox.take_up(form.place, upload.event)
        await self._sweep(upload.keys)

    async def _stored(self, kind: str, form: FormToken, content: bytes) -> str:
        """Under a name that no other try has: what a lost one left is swept, see `bot.stray_files`."""
        key = f"{kind}/{secrets.token_hex(20)}"
        await self._storage.put(key, content, office_id=form.office_id)
        return key

    async def _written(self, key: str, write: Callable[[], Awaitable[None]]) -> None:
        try:
            await transaction(write)
        except (WrongOffset, Refusal):  # after any other end the row may name it
            await self._sweep([key])
            raise

    async def _sweep(self, keys: Sequence[str]) -> None:
        """Pieces that no row names; what cannot be deleted now is swept within days."""
        try:
            await asyncio.gather(*(self._storage.delete(key) for key in keys))
        except StorageAway:
            return


async def find(form: FormToken, key: str) -> Upload:
    """Raises: NoSuchUpload."""
    known = _KEY.fullmatch(key) is not None
    upload = await Upload.get_or_none(form_id=form.id, key=key) if known else None
    if upload is None:
        raise NoSuchUpload
    return upload


async def forget(uploads: Sequence[Upload]) -> None:
    """Nobody can read their pieces any more: their keys go with the rows.  Inside a transaction."""
    keys = [key for upload in uploads for key in upload.keys]
    await PaperKey.filter(storage_key__in=keys).delete()
    await Upload.filter(id__in=[upload.id for upload in uploads]).delete()


async def _begun(form: FormToken, slot: str, length: int, now: datetime) -> Upload:
    await forms.prolong(form, now)
    if await Upload.filter(form_id=form.id).count() >= MOST_FILES:
        raise TooMany
    await forget(await Upload.filter(form_id=form.id, slot=slot, done_at=None))
    return await Upload.create(
        office_id=form.office_id,
        form_id=form.id,
        key=secrets.token_hex(16),
        slot=slot,
        length=length,
        created_at=now,
    )


async def _change(form: FormToken, upload: Upload, now: datetime, **columns: object) -> None:
    """If it stands where it stood, and the page is alive.  Raises: WrongOffset; `FormUsed`, `FormExpired`."""
    await forms.prolong(form, now)
    here = Upload.filter(id=upload.id, received=upload.received, done_at=None)
    if not await here.update(**columns):
        raise WrongOffset
