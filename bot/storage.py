"""Where files lie: a folder (``file://data/papers``) or any S3-compatible store (``s3://bucket/prefix``)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

from bot.disk import Room
from models.backup.disk import to_disk

if TYPE_CHECKING:
    from obstore.store import RetryConfig

KEYS_AT_ONCE: Final = 500

_AGAIN: "Final[RetryConfig]" = {"max_retries": 3, "retry_timeout": timedelta(seconds=10)}  # then we wait
_NO_BUCKET: Final = "NoSuchBucket"  # as S3 says it, under the same 404 as a key under which nothing lies
_PROBE: Final = "doctor/probe"


class StorageAway(OSError):
    """The store did not do it; later may help.  Said in a word that tells nothing of what lies there."""


class Storage:
    """Bytes by key.  Written whole before any row names them, so that no row points at nothing."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def open(cls, url: str) -> "Storage":
        """``file://PATH`` (relative paths allowed) or ``s3://BUCKET/PREFIX`` (credentials from AWS_*)."""
        if url.startswith("file://"):
            folder = Path(url.removeprefix("file://"))
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return cls(LocalStore(folder.resolve(), mkdir=True), folder)
        return cls(S3Store.from_url(url, retry_config=_AGAIN))

    async def put(self, key: str, content: bytes) -> None:
        """Keep ``content`` under ``key``.  A second put of the same key changes nothing.

        Raises: StorageAway.
        """
        try:
            with _asking():
                await obstore.put_async(self._store, key, content, mode="create")
        except AlreadyExistsError:
            return
        except FileNotFoundError as error:
            raise StorageAway("no such place") from error
        if self._folder is not None:
            await asyncio.to_thread(_to_disk, self._folder / key)

    async def get(self, key: str) -> bytes:
        """Raises: FileNotFoundError, StorageAway."""
        try:
            with _asking():
                result = await obstore.get_async(self._store, key)
                return bytes(await result.bytes_async())
        except FileNotFoundError:
            raise FileNotFoundError(key) from None

    async def delete(self, key: str) -> None:
        """What lay under ``key`` is no more; if nothing did, nothing happens.  Raises: StorageAway."""
        try:
            with _asking():
                await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return
        if self._folder is not None:
            await asyncio.to_thread(_entry_to_disk, (self._folder / key).parent)

    async def keys(self, before: datetime) -> AsyncIterator[list[str]]:
        """Every key that was written before then, some at a time.  Raises: StorageAway."""
        with _asking():
            async for some in obstore.list(self._store, chunk_size=KEYS_AT_ONCE):
                yield [one["path"] for one in some if one["last_modified"] < before]

    async def empty(self, key: str) -> None:
        """Nothing lies under the key any more, and another `put` changes nothing.  Raises: StorageAway."""
        await self._overwrite(key, b"")

    async def room(self) -> int | None:
        """Bytes that are left where a folder lies; None: nobody knows.  Raises: OSError."""
        return None if self._folder is None else (await asyncio.to_thread(Room.of, self._folder)).left

    async def check(self) -> None:
        """Write, write again, read, list and delete a small file.  Raises: StorageAway."""
        await self._overwrite(_PROBE, b"first")
        await self.put(_PROBE, b"second")
        if await self.get(_PROBE) != b"first":
            raise StorageAway("writes over what lies there")
        await anext(self.keys(datetime.now(UTC)), None)
        await self.delete(_PROBE)

    async def _overwrite(self, key: str, content: bytes) -> None:
        try:
            with _asking():
                await obstore.put_async(self._store, key, content)
        except FileNotFoundError as error:
            raise StorageAway("no such place") from error


@contextmanager
def _asking() -> Iterator[None]:
    """Raises: StorageAway for what the store did not do; FileNotFoundError, AlreadyExistsError."""
    try:
        yield
    except AlreadyExistsError:
        raise
    except (BaseError, FileNotFoundError) as error:
        if _NO_BUCKET in str(error):
            raise StorageAway("no such bucket") from error
        if isinstance(error, NotFoundError | FileNotFoundError):
            raise FileNotFoundError from error
        raise StorageAway(type(error).__name__) from error


def _to_disk(path: Path) -> None:
    """A row will name this file: it has to survive a power cut before the row does."""
    for place in (path, path.parent):
        to_disk(place)


def _entry_to_disk(folder: Path) -> None:
    """A file that came back with a power cut would be one that nobody knows of."""
    if folder.is_dir():
        to_disk(folder)
