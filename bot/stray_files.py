"""Files that no row names: written before a crash, or an upload whose message was never kept.

Only keys of our own making are looked at: a bucket may hold more.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Final

from bot.sealed_storage import SealedStorage
from models.database import rows
from models.inbox import InboxEvent, InboxState
from models.sealing.keys import KeyMissing, SealBroken

OURS: Final = re.compile(r"\d{4}/\d{2}/\d{2}/[a-z]+-[0-9a-f]{24}|[a-z]+/[0-9a-f]{40}")

_NAMED: Final = "SELECT storage_key AS key FROM files WHERE storage_key IN ({places})"
_KEYS_ALONE: Final = """
SELECT k.storage_key AS key FROM paper_keys k
WHERE k.created_at < $1 AND NOT EXISTS (SELECT 1 FROM files f WHERE f.storage_key = k.storage_key)
"""


async def sweep(storage: SealedStorage, before: datetime) -> AsyncGenerator[int, None]:
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
    for row in await rows(_KEYS_ALONE, [before]):
        if row["key"] not in held:
            await storage.delete(row["key"])


async def _unnamed(keys: Sequence[str]) -> list[str]:
    if not keys:
        return []
    places = ", ".join(f"${n}" for n in range(1, len(keys) + 1))
    named = {row["key"] for row in await rows(_NAMED.format(places=places), keys)}
    return [key for key in keys if key not in named]


async def _held() -> set[str]:
    """By messages that are not handled yet."""
    waiting = InboxEvent.filter(state__in=(InboxState.NEW, InboxState.PARKED))
    return {key async for event in waiting if isinstance(key := _named_by(event), str)}


def _named_by(event: InboxEvent) -> object:
    try:
        return event.facts.get("held")
    except (SealBroken, KeyMissing):
        return None
