"""A storage in which every file is sealed under a data key of its own, bound to the place where it lies.

The data key, wrapped by the file of keys, stands in a row before the file does: a crash in between leaves a
key that seals nothing, and a second try uses it.  Without its row a file is lost, in every backup too.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.storage import Storage
from models.database import rows
from models.keys import EMPTIED, PaperKey
from models.offices import and_here
from models.sealing.held import keys
from models.sealing.keys import NONCE, SealBroken, Wrapped, opened
from models.sealing.ring import new_key

MARK: Final = b"LKT1"
_LARGE: Final = 512 * 1024  # bytes, from where on sealing would hold up the event loop

_KEEP: Final = """
INSERT INTO paper_keys (storage_key, office_id, kek, wrapped, digest, created_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (storage_key) DO NOTHING RETURNING storage_key
"""
_EMPTY: Final = "UPDATE paper_keys SET wrapped = $2, digest = $3 WHERE storage_key = $1"
_FORGET: Final = "DELETE FROM paper_keys WHERE storage_key = $1"


class SealedStorage:
    """The same as `Storage`, sealed."""

    def __init__(self, storage: Storage) -> None:
        self.plain = storage

    async def put(self, key: str, content: bytes, *, office_id: int) -> None:
        """Keep ``content`` under ``key``.  A second put of the same key changes nothing.

        Raises: StorageAway.
        """
        data_key = new_key()
        held = await _sealed(data_key, content, key)
        wrapped = keys().wrap(data_key, key)
        digest = hashlib.sha256(held).hexdigest()
        fresh = await rows(_KEEP, [key, office_id, wrapped.kek, wrapped.key, digest, datetime.now(UTC)])
        if not fresh:
            known = await PaperKey.get(storage_key=key)
            if known.wrapped == EMPTIED:
                return
            held = await _sealed(_unwrapped(known), content, key)
        await self.plain.put(key, held)

    async def get(self, key: str) -> bytes:
        """Raises: FileNotFoundError, also where its data key was deleted; SealBroken, StorageAway."""
        known = await PaperKey.get_or_none(storage_key=key)
        if known is None:
            raise FileNotFoundError(key)
        held = await self.plain.get(key)
        if not held.startswith(MARK):
            raise SealBroken("paper")
        data_key, sealed = _unwrapped(known), held[len(MARK) :]
        if len(sealed) < _LARGE:
            return opened(data_key, sealed, _about(key))
        return await asyncio.to_thread(opened, data_key, sealed, _about(key))

    async def delete(self, key: str) -> None:
        """Nobody reads this file any more, in no copy.  May be done twice.  Raises: StorageAway."""
        await rows(_FORGET + and_here(), [key])
        await self.plain.delete(key)

    async def empty(self, key: str) -> None:
        """Nothing lies under the key any more, nor in any copy, and another `put` changes nothing.

        Raises: StorageAway.
        """
        await rows(_EMPTY + and_here(), [key, EMPTIED, hashlib.sha256(b"").hexdigest()])
        await self.plain.empty(key)

    def keys(self, before: datetime) -> AsyncIterator[list[str]]:
        """Every key under which a file was written before then, some at a time.  Raises: StorageAway."""
        return self.plain.keys(before)

    async def check(self) -> None:
        """Write, read and delete a small file.  Raises whatever the store raises."""
        await self.plain.check()


def _unwrapped(known: PaperKey) -> bytes:
    return keys().unwrap(Wrapped(known.kek, bytes(known.wrapped)), known.storage_key)


async def _sealed(data_key: bytes, content: bytes, key: str) -> bytes:
    if len(content) < _LARGE:
        return _seal(data_key, content, key)
    return await asyncio.to_thread(_seal, data_key, content, key)


def _seal(data_key: bytes, content: bytes, key: str) -> bytes:
    """The same content under the same key is the same bytes: its nonce follows from both."""
    nonce = hashlib.sha256(data_key + content).digest()[:NONCE]
    return MARK + nonce + AESGCM(data_key).encrypt(nonce, content, _about(key).encode())


def _about(key: str) -> str:
    return f"paper|{key}"
