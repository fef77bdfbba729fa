"""Asking about files again of which the scanner for malware gave no answer when they came, one at a time."""

from collections import defaultdict
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from bot.clamd import ScannerAway
from bot.intake import Scans
from bot.sealed_storage import SealedStorage
from models.database import AWAY, transaction
from models.files import StoredFile
from models.sealing.keys import SealBroken
from office import unscanned
from office.context import at_office, offices

AT_MOST: Final = 20  # files of an office with each tick

log = structlog.get_logger(__name__)


class Scanning:
    """Follows each tick.  What is away is tried again by the next, with the file behind: one that the scanner
    never answers about stands in nobody's way.
    """

    def __init__(self, storage: SealedStorage, scanner: Scans) -> None:
        self._storage = storage
        self._scanner = scanner
        self._looked_at: defaultdict[int, int] = defaultdict(int)  # office → the last file; 0: from the first

    async def __call__(self, now: datetime) -> None:
        for here in offices():
            with at_office(here.office_id):
                try:
                    await self._ask_about_some(here.office_id, now)
                except ScannerAway as away:
                    log.info("scanning.not_yet", reason=str(away)[:80])
                except AWAY as error:
                    log.error("scanning_failed", error=type(error).__name__)

    async def _ask_about_some(self, office_id: int, now: datetime) -> None:
        files = await unscanned.waiting(self._looked_at[office_id], AT_MOST)
        if not files:
            self._looked_at[office_id] = 0
        for file in files:
            self._looked_at[office_id] = file.id
            await self._ask_about(file, now)

    async def _ask_about(self, file: StoredFile, now: datetime) -> None:
        """Raises: ScannerAway, StorageAway."""
        try:
            content = await self._storage.get(str(file.storage_key))
        except (FileNotFoundError, SealBroken):
            return  # nobody can open it, either
        found = await self._scanner.found_in(content)
        if found is None:
            await unscanned.nothing_found(file)
        elif await transaction(partial(unscanned.take_back, file, now)):
            log.warning("scanning.malware", file=file.id, found=found[:80])
