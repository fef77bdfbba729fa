"""``run.py backup``; light, for it may run every few minutes."""

from collections.abc import Iterator
from pathlib import Path

from bot.backup.manifest import PAPERS, Manifest
from bot.backup.taking import take
from bot.storage import Storage
from wiring.clocks import clock_of
from wiring.offices import open_offices
from wiring.settings import Settings


async def take_backup(settings: Settings, folder: Path) -> Manifest:
    """Beside a serving process or alone.  Raises: see `take`."""
    here = open_offices(settings)[0].here
    storage = Storage.open(settings.storage_url)
    now = clock_of(settings)()
    return await take(settings.database_url, storage, folder, office_id=here.office_id, now=now)


def taken_lines(manifest: Manifest, folder: Path) -> Iterator[str]:
    papers = sum(path.startswith(f"{PAPERS}/") for path in manifest.files)
    yield f"backed up: {sum(manifest.rows.values())} rows and {papers} papers in {folder}"
    yield from lacking_lines(manifest)


def lacking_lines(manifest: Manifest) -> Iterator[str]:
    if manifest.lacking:
        key, what = next(iter(manifest.lacking.items()))
        count = len(manifest.lacking)
        yield f"{count} papers that rows name were not whole in the storage; first: {key} ({what})"
