"""A person's copy as one file: what the rows say, and every paper."""

from __future__ import annotations

import asyncio
import json
import zipfile
from typing import IO, Final

from bot.sealed_storage import SealedStorage
from office.exports import Export

NAME: Final = "data-saya.zip"


async def fill(archive: IO[bytes], export: Export, storage: SealedStorage) -> None:
    """Write the ZIP, a paper at a time.  Raises: `StorageAway`."""
    data = json.dumps(export.data, ensure_ascii=False, indent=1)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as pack:  # photos do not grow smaller
        await asyncio.to_thread(pack.writestr, "data.json", data)
        for name, key in export.files.items():
            try:
                content = await storage.get(key)
            except FileNotFoundError:  # purged meanwhile
                continue
            await asyncio.to_thread(pack.writestr, name, content)
