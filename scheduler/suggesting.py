"""Reading cards for the operator, when there is time: nobody who writes to us waits for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from bot.reading.ocr import Line, Ocr
from bot.reading.words import JPEG
from bot.sealed_storage import SealedStorage
from models.database import AWAY
from models.files import StoredFile
from models.sealing.keys import SealBroken
from office import suggesting
from office.context import at_office, offices

AT_MOST: Final = 20  # papers of an office before the next one's turn

log = structlog.get_logger(__name__)


class Suggesting:
    """Follows each tick.  What is away is tried again by the next."""

    def __init__(self, storage: SealedStorage, ocr: Ocr) -> None:
        self._storage = storage
        self._ocr = ocr

    async def __call__(self, _: datetime) -> None:
        for here in offices():
            with at_office(here.office_id):
                try:
                    await self._read_some()
                except AWAY as error:
                    log.error("suggesting_failed", error=type(error).__name__)

    async def _read_some(self) -> None:
        for _ in range(AT_MOST):
            read = await suggesting.next_to_read()
            if read is None:
                return
            await suggesting.keep(read, await self._lines_of(read.paper.scan))

    async def _lines_of(self, scan: StoredFile) -> Sequence[Line]:
        if scan.mime != JPEG or scan.storage_key is None:
            return []
        try:
            page = await self._storage.get(scan.storage_key)
        except (FileNotFoundError, SealBroken):
            return []
        return await self._ocr.lines(page)
