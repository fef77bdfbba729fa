"""``run.py purge``."""

from collections.abc import AsyncIterator, Sequence

from bot import stray_files
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.database import leave_no_trace
from office.context import at_office
from office.purge import due, purge_all
from office.tombstones import Tombstones
from scheduler.housekeeping import STRAY_AFTER, Housekeeping
from wiring.clocks import clock_of
from wiring.desk import for_all_offices
from wiring.offices import Branch, meant
from wiring.settings import Settings


async def purge_now(settings: Settings, office_id: int | None, *, dry_run: bool) -> AsyncIterator[str]:
    """At one office or, without ``office_id``, at all; what to print.  Also beside a serving process.

    Raises: `PurgeFrozen`, SettingWrong where the office is not here, StorageAway.
    """
    now = clock_of(settings)()
    async with for_all_offices(settings) as (branches, _):
        for branch in _meant(branches, office_id):
            with at_office(branch.here.office_id):
                found = await (due(now) if dry_run else purge_all(now))
            for kind, count in found.items():
                yield f"{branch.here.office_id}  {kind}  {count}"
        if not dry_run:
            storage = SealedStorage(Storage.open(settings.storage_url))
            tombstones = Tombstones(settings.data_dir)
            housekeeping, bytes_of = Housekeeping(storage, tombstones), 0
            while count := await housekeeping.delete_marked():
                bytes_of += count
            stray = sum([count async for count in stray_files.sweep(storage, now - STRAY_AFTER)])
            await leave_no_trace()
            yield f"deleted from the storage: {bytes_of} files, and {stray} that no row named"


def _meant(branches: Sequence[Branch], office_id: int | None) -> Sequence[Branch]:
    if office_id is None:
        return branches
    with meant(branches, office_id) as one:
        return [one]
