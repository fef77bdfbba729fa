"""Reading the lists that village heads hand in, when there is time: nobody else who writes waits for it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final, Protocol

import structlog

from bot.files import draft
from bot.reading.forks import ReaderAway
from bot.reading.table_reader import Table
from bot.reading.words import TableProblem, TableRefused
from bot.sealed_storage import SealedStorage
from bot.storage import StorageAway
from models.batches import Batch
from models.database import AWAY, transaction
from models.files import StoredFile
from models.sealing.keys import SealBroken
from office import batch_report, batches
from office.batch_check import Checked, check
from office.batch_columns import Unfit, filled_rows
from office.context import at_office, offices
from office.words import speaking

AT_MOST: Final = 5  # lists of an office before the next one's turn
PREFIX: Final = "ls"  # begins the ids of reports

AWAITED: Final[tuple[type[Exception], ...]] = (*AWAY, StorageAway, ReaderAway)
"""Later may help."""

log = structlog.get_logger(__name__)


class ReadsTables(Protocol):
    """Opens tables of strangers: `bot.reading.table_reader.TableReader`."""

    async def read(self, content: bytes) -> Table:
        """Raises: TableRefused, ReaderAway."""


class Lists:
    """Follows each tick.  What was begun and not ended begins anew; what is away is tried by the next."""

    def __init__(self, storage: SealedStorage, reader: ReadsTables) -> None:
        self._storage = storage
        self._reader = reader

    async def __call__(self, now: datetime) -> None:
        for here in offices():
            with at_office(here.office_id):
                try:
                    await self._check_some(now)
                except AWAITED as error:
                    log.error("lists_failed", error=type(error).__name__)

    async def _check_some(self, now: datetime) -> None:
        for _ in range(AT_MOST):
            batch = await batches.next_to_check()
            if batch is None:
                return
            try:
                with speaking(batch.contact.language):
                    await self._check(batch, now)
            except AWAITED:
                raise
            except Exception as error:  # one that nobody can check stands in no other's way
                log.error("list_failed", batch=batch.id, error=type(error).__name__)
                await transaction(partial(batches.unfit, batch, TableProblem.DAMAGED, {}, now))

    async def _check(self, batch: Batch, now: datetime) -> None:
        """Outside any transaction but for the rows, some at once: to keep them twice changes nothing."""
        try:
            rows = await self._rows_of(batch)
        except Unfit as no:
            await transaction(partial(batches.unfit, batch, no.problem, no.facts, now))
            return
        report = await self._kept_report(batch, rows, now)
        for start in range(0, len(rows), batches.ROWS_AT_ONCE):
            await transaction(partial(batches.keep_rows, batch, rows[start : start + batches.ROWS_AT_ONCE]))
        await transaction(partial(batches.checked, batch, rows, report, now))

    async def _rows_of(self, batch: Batch) -> Sequence[Checked]:
        """Raises: Unfit."""
        try:
            table = await self._reader.read(await self._content(batch.file))
        except TableRefused as refused:
            raise Unfit(refused.reason, count=refused.count) from refused
        filled = await asyncio.to_thread(filled_rows, table)
        under_way = await batches.under_way(batch)
        return await asyncio.to_thread(check, filled, batch.village_code, under_way)

    async def _content(self, file: StoredFile) -> bytes:
        """Raises: Unfit, where it is not here any more: malware was found later, or it was erased."""
        try:
            return await self._storage.get(file.storage_key or "")
        except (FileNotFoundError, SealBroken):
            raise Unfit("gone") from None

    async def _kept_report(self, batch: Batch, rows: Sequence[Checked], now: datetime) -> StoredFile:
        """An unsaved row of what lies in the storage now."""
        content = await asyncio.to_thread(batch_report.report, batch.called, rows)
        row = draft(batch.office_id, PREFIX, content, f"{batch.called}.xlsx", now)
        await self._storage.put(str(row.storage_key), content, office_id=batch.office_id)
        return row
