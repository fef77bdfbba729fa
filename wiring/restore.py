"""``run.py restore``, ``freeze`` and ``release``."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp

from bot import freeze
from bot.backup.restoring import Restored, freeze_what_came_back, restore
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.database import close_database, leave_no_trace, open_database
from office import doubtful
from office.context import OfficeContext, at_office
from office.tombstones import NAME, Tombstones
from scheduler.housekeeping import Housekeeping
from wiring import lock
from wiring.backup import lacking_lines
from wiring.channels import open_channels
from wiring.clocks import clock_of
from wiring.database import take_keys
from wiring.desk import for_all_offices
from wiring.offices import open_offices
from wiring.settings import Settings


@dataclass(frozen=True, slots=True)
class Erased:
    """``people`` who were erased after the backup was taken; ``known``: there is a list of them."""

    people: int
    known: bool


async def bring_back(settings: Settings, folder: Path) -> tuple[Restored, Erased]:
    """Into what the settings name.

    Raises: AlreadyServed, and see `restore`; SettingWrong: all is back, and the keys that open it are not.
    """
    async with _alone(settings) as (here, storage, idempotent):
        now = clock_of(settings)()
        restored = await restore(
            folder,
            settings.database_url,
            storage,
            office_id=here.office_id,
            idempotent=idempotent,
            now=now,
        )
        return restored, await _erase_again(settings, storage, now)


async def _erase_again(settings: Settings, storage: Storage, now: datetime) -> Erased:
    """If we are killed before it, the first start does it: see `wiring.serve.running`."""
    tombstones = Tombstones(settings.data_dir)
    await open_database(settings.database_url)
    try:
        await take_keys(settings)  # they are in no backup: better told now than at the first start
        people = await tombstones.heed(now)
        await Housekeeping(SealedStorage(storage), tombstones).delete_marked()
        await leave_no_trace()
    finally:
        await close_database()
    return Erased(people, tombstones.there)


async def freeze_it(settings: Settings, taken_at: datetime) -> None:
    """The settings name what came back by other means.  Raises: AlreadyServed, and what the other does."""
    async with _alone(settings) as (_, _, idempotent):
        await freeze_what_came_back(
            settings.database_url, taken_at=taken_at, idempotent=idempotent, now=clock_of(settings)()
        )


@asynccontextmanager
async def _alone(settings: Settings) -> AsyncIterator[tuple[OfficeContext, Storage, set[str]]]:
    """The first office, the storage, and the channels that show a row once, while nobody serves."""
    branches = open_offices(settings)
    storage = Storage.open(settings.storage_url)
    held = lock.hold(settings.database_url)
    try:
        async with aiohttp.ClientSession() as http:
            papers = SealedStorage(storage)
            channels = [one for branch in branches for one in open_channels(branch, http, papers)]
            idempotent = {str(channel.channel) for channel in channels if channel.caps.idempotent}
            for channel in channels:
                await channel.session.close()
        yield branches[0].here, storage, idempotent
    finally:
        if held is not None:
            lock.release(held)


async def release(settings: Settings, *, also_doubtful: bool) -> list[str]:
    """Let a restored copy speak; what to print.  Raises: NotFrozen, NotSettled."""
    async with for_all_offices(settings) as (branches, desk):
        left = await desk(lambda now: freeze.release(now, also_doubtful=also_doubtful))
        about = []
        for branch in branches:
            with at_office(branch.here.office_id):
                about += await desk(lambda _: doubtful.notices())
    lines = [f"released: {left.queued} messages go out now, {left.doubtful} stay in doubt and are not sent"]
    if about:
        lines.append("Whether these notices came, nobody knows; ask the citizen (queue number, notice):")
    return [*lines, *(f"  {notice.queue_number}  {notice.name}" for notice in about)]


def restored_lines(restored: Restored, erased: Erased) -> Iterator[str]:
    manifest = restored.manifest
    yield (
        f"restored: {sum(manifest.rows.values())} rows and {restored.papers} papers, "
        f"as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    )
    yield from lacking_lines(manifest)
    if erased.known:
        yield f"erased again: {erased.people} people who had been erased since"
    else:
        yield (
            f"There is no {NAME} in LOKET_DATA_DIR: whoever was erased since is back. Bring the original's "
            "there before run.py serve, which erases them again"
        )
    yield "Nothing is sent until: run.py serve, a look at everything, run.py release"
