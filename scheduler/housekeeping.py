"""What the clock does outside the rows: bytes of files that are purged, stray files, and the tombstones."""

from collections.abc import AsyncGenerator
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from bot import forgetting, stray_files
from bot.sealed_storage import SealedStorage
from models.database import AWAY, leave_no_trace
from models.retention import Purge
from office.context import at_office, offices
from office.purge import frozen
from office.tombstones import Tombstones

STRAY_AFTER: Final = timedelta(days=1)
BUNCHES: Final = 10  # of `bot.storage.KEYS_AT_ONCE`, with each tick

log = structlog.get_logger(__name__)


class Housekeeping:
    """Follows each tick.  A store or database that is away is tried again by the next."""

    def __init__(self, storage: SealedStorage, tombstones: Tombstones) -> None:
        self._storage = storage
        self._tombstones = tombstones
        self._traces = False  # of what was deleted, in SQLite's log
        self._latest: datetime | None = None
        self._swept: date | None = None
        self._sweeping: AsyncGenerator[int, None] | None = None  # where it stands; anew after a failure

    async def __call__(self, now: datetime) -> None:
        try:
            buried = await self._tombstones.keep()
            await self.delete_marked()
            await self._sweep_daily(now)
            self._traces |= bool(buried) or await self._purged()
            if self._traces:
                self._traces = not await leave_no_trace()
        except AWAY as error:
            log.error("housekeeping_failed", error=type(error).__name__)

    async def _purged(self) -> bool:
        """Whether rows were purged since the last time."""
        latest = await Purge.all().order_by("-last_at").first()
        before, self._latest = self._latest, latest.last_at if latest is not None else None
        return before != self._latest

    async def delete_marked(self) -> int:
        """Bytes of files that are nobody's to see any more."""
        gone = 0
        for here in offices():
            with at_office(here.office_id):
                if not await frozen():
                    gone += await forgetting.forget_marked(self._storage)
        return gone

    async def _sweep_daily(self, now: datetime) -> None:
        """Some of the store with each tick, which has more to do, until all of it was looked at."""
        if self._swept == now.date():
            return
        if self._sweeping is None:
            self._sweeping = stray_files.sweep(self._storage, now - STRAY_AFTER)
        sweeping, self._sweeping, found = self._sweeping, None, 0
        for _ in range(BUNCHES):
            count = await anext(sweeping, None)
            if count is None:
                self._swept = now.date()
                break
            found += count
        else:
            self._sweeping = sweeping
        if found:
            log.info("stray_files", count=found)
