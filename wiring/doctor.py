"""``run.py doctor``: one line for each thing that has to be right, and what to do where it is not."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from importlib import metadata
from typing import Final

import aiohttp

from bot.channels.base import ChannelAdapter, Finding
from bot.clamd import Clamd, ScannerAway
from bot.freeze import frozen
from bot.quarantine import kept_since
from bot.sealed_storage import SealedStorage
from bot.storage import Storage, StorageAway
from models.database import close_database, open_database, rows
from models.migrate import pending
from models.quarantine import Reason
from office.catalogue_check import check as check_catalogue
from office.context import OfficeContext
from wiring import disks, templates
from wiring.channels import open_channels
from wiring.clocks import clock_of
from wiring.limits import callers
from wiring.offices import Branch, open_offices
from wiring.settings import Settings, unknown_names

LATELY: Final = timedelta(days=7)
_S3_NEEDS: Final = (
    "look at the bucket's name, at AWS_ENDPOINT (with AWS_ALLOW_HTTP=true for http://), AWS_REGION, "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and what that key may do"
)


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Settings, offices, catalogue, disks, database, storage, scanner; then each channel at its provider."""
    branches = open_offices(settings)
    yield _settings(settings, branches)
    yield _catalogue(branches)
    for disk in disks.findings(settings):
        yield disk
    database = await _database(settings)
    yield database
    if database.ok:
        yield await _outbox(settings)
    storage = Storage.open(settings.storage_url)
    yield await _storage(storage, settings.storage_url)
    if settings.ocr == "on":  # it would not have come so far without the libraries
        yield Finding("OCR", True, f"rapidocr {metadata.version('rapidocr')}; suggestions for the operator")
    if settings.clamd:
        yield await _scanner(settings.clamd)
    if database.ok:
        yield await _set_aside(settings, branches)
    async with aiohttp.ClientSession() as http:
        for branch in branches:
            for channel in open_channels(branch, http, SealedStorage(storage)):
                found = list(await channel.check())
                if database.ok:
                    found += await _in_database(settings, channel, branch.here)
                for finding in found:
                    yield templates.told_of(branch, channel, finding)
                await channel.session.close()


def _settings(settings: Settings, branches: Sequence[Branch]) -> Finding:
    told = [f"office {branch.here.office_id} at {branch.settings.public_url}" for branch in branches]
    if unknown := unknown_names():
        told.append(f"without effect: {' '.join(unknown)}")
    if callers(settings) is None:
        told.append("addresses are not told apart: name the proxy in LOKET_HTTP__TRUSTED_PROXIES")
    return Finding("settings", True, ", ".join(told))


async def _in_database(settings: Settings, channel: ChannelAdapter, here: OfficeContext) -> list[Finding]:
    """What the channel says of our templates, written down."""
    await open_database(settings.database_url)
    try:
        return await templates.sync(channel, settings, here)
    finally:
        await close_database()


def _catalogue(branches: Sequence[Branch]) -> Finding:
    files = [None, *(branch.settings.office for branch in branches if branch.settings.office is not None)]
    problems = [problem for file in files for problem in check_catalogue(file)]
    if not problems:
        return Finding("catalogue", True)
    return Finding("catalogue", False, f"{len(problems)} mistakes: run.py catalog check")


async def _database(settings: Settings) -> Finding:
    try:
        waiting = await pending(settings.database_url)
        if waiting:
            return Finding("database", False, f"schema is older by {len(waiting)} files: run.py migrate")
        await open_database(settings.database_url)
        try:
            await rows("SELECT count(*) AS n FROM inbox")
        finally:
            await close_database()
    except Exception as error:
        return Finding("database", False, f"cannot be used ({type(error).__name__})")
    return Finding("database", True)


async def _outbox(settings: Settings) -> Finding:
    await open_database(settings.database_url)
    try:
        freeze = await frozen()
    finally:
        await close_database()
    if freeze is None:
        return Finding("outbox", True)
    return Finding(
        "outbox", False, f"frozen since the restore of {freeze.restored_at:%F %R} UTC: run.py release"
    )


async def _set_aside(settings: Settings, branches: Sequence[Branch]) -> Finding:
    """What nobody could understand.  For a number or a Page that is not ours, the settings are wrong."""
    await open_database(settings.database_url)
    try:
        since = clock_of(settings)() - LATELY
        found = [one for branch in branches for one in await kept_since(branch.here.office_id, since)]
    finally:
        await close_database()
    told = ", ".join(f"{channel} {reason.value} {count}" for channel, reason, count in found)
    fine = all(reason is not Reason.FOREIGN_ACCOUNT for _, reason, _ in found)
    return Finding("set aside in the last 7 days", fine, told or "nothing")


async def _storage(storage: Storage, url: str) -> Finding:
    try:
        await storage.check()
    except Exception as error:
        why = str(error) if isinstance(error, StorageAway) else type(error).__name__
        told = f"cannot be written and read ({why})"
        return Finding("storage", False, f"{told}: {_S3_NEEDS}" if url.startswith("s3://") else told)
    return Finding("storage", True)


async def _scanner(address: str) -> Finding:
    try:
        version = await Clamd(address).version()
    except ScannerAway as away:
        told = f"does not answer ({away}): files are kept unscanned, and staff see it"
        return Finding("malware scanner", False, told)
    if "/" not in version:
        return Finding("malware scanner", False, f"{version} has no signatures of ClamAV: run freshclam")
    return Finding("malware scanner", True, version)
