"""The files of the storage: out of it and back into one, sealed.

What lies under a key never changes, but for an upload, of which nothing is left once it has been read.
"""

import asyncio
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from bot.backup.manifest import PAPERS, Listed
from bot.storage import Storage
from models.backup.problems import BackupRefused
from models.backup.snapshot import Kept

T = TypeVar("T")

AT_ONCE: Final = 8
GONE, DAMAGED = "gone", "damaged"


async def copy_out(
    storage: Storage, kept: Sequence[Kept], folder: Path
) -> tuple[dict[str, Listed], dict[str, str]]:
    """Copy what was kept, sealed as it lies there; the files made, and what the storage lacked.

    Damaged bytes are copied as they are.
    """
    files: dict[str, Listed] = {}
    lacking: dict[str, str] = {}

    async def one(file: Kept) -> None:
        key, path = file.storage_key, f"{PAPERS}/{file.storage_key}"
        try:
            content = await storage.get(key)
        except FileNotFoundError:
            if file.named:
                lacking[key] = GONE
            return
        files[path] = Listed(len(content), hashlib.sha256(content).hexdigest())
        if files[path].sha256 != file.digest:
            lacking[key] = DAMAGED if content else GONE  # read meanwhile: `SealedStorage.empty`
        await asyncio.to_thread(_write, folder / path, content)

    for some in _bunches(kept):
        await asyncio.gather(*(one(file) for file in some))
    return files, lacking


async def bring_back(storage: Storage, files: Mapping[str, Listed], folder: Path) -> int:
    """Put the backup's files into the storage; how many.  What is there already has to be the same.

    Raises: BackupRefused.
    """
    keys = [path.removeprefix(f"{PAPERS}/") for path in files if path.startswith(f"{PAPERS}/")]

    async def one(key: str) -> None:
        content = await asyncio.to_thread((folder / PAPERS / key).read_bytes)
        await storage.put(key, content)
        if await storage.get(key) != content:
            raise BackupRefused(f"the storage holds another file under {key}; restore into an empty storage")

    for some in _bunches(keys):
        await asyncio.gather(*(one(key) for key in some))
    return len(keys)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)


def _bunches(items: Sequence[T]) -> Iterator[list[T]]:
    left = iter(items)
    while some := list(islice(left, AT_ONCE)):
        yield some
