"""Files that no row names: written before a crash, or an upload whose message was never kept.

Only keys of our own making are looked at: a bucket may hold more.
"""

import json
import re
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import datetime
from typing import Final

from bot.storage import Storage
from models.database import rows

OURS: Final = re.compile(r"\d{4}/\d{2}/\d{2}/[a-z]+-[0-9a-f]{24}|[a-z]+/[0-9a-f]{40}")

_NAMED: Final = "SELECT storage_key AS key FROM files WHERE storage_key IN ({places})"
_HELD: Final = """
SELECT body FROM inbox WHERE state = 'new' AND body LIKE '%"held"%'
UNION ALL SELECT body FROM inbox WHERE state = 'parked' AND body LIKE '%"held"%'
"""


async def sweep(storage: Storage, before: datetime) -> AsyncGenerator[int, None]:
    """Delete what was written before then and is named by no row; how many of each bunch of keys.

    A row that names a file is written within seconds after it, so ``before`` lies well in the past.
    Raises: StorageAway.
    """
    held = await _held()
    async for keys in storage.keys(before):
        stray = await _unnamed([key for key in keys if OURS.fullmatch(key) and key not in held])
        for key in stray:
            await storage.delete(key)
        yield len(stray)


async def _unnamed(keys: Sequence[str]) -> list[str]:
    if not keys:
        return []
    places = ", ".join(f"${n}" for n in range(1, len(keys) + 1))
    named = {row["key"] for row in await rows(_NAMED.format(places=places), keys)}
    return [key for key in keys if key not in named]


async def _held() -> set[str]:
    """By messages that are not handled yet."""
    return set(_keys_in(str(row["body"]) for row in await rows(_HELD)))


def _keys_in(bodies: Iterable[str]) -> Iterable[str]:
    for body in bodies:
        match json.loads(body):
            case {"held": str(key)}:
                yield key
