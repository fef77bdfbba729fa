"""The first start of a restored copy, and its release."""

import asyncio
from typing import Final

import structlog

from bot import freeze
from bot.clock import Clock
from bot.service import Core
from models.database import transaction
from scheduler.ticks import tick

PATIENCE: Final = 120.0  # seconds for what the original had not finished

log = structlog.get_logger(__name__)


async def settle(core: Core, clock: Clock, *, office: bool) -> None:
    """Before the doors open: handle what the original had acknowledged and not finished, and what came due.

    All of it happens in the rows; what it says is marked as doubtful, for the original went on after the
    backup and may have said the same.
    """
    copy = await freeze.frozen()
    if copy is None:
        return
    log.warning("outbox.frozen", taken_at=copy.taken_at, restored_at=copy.restored_at)
    if copy.settled_at is not None:
        return
    try:
        await asyncio.wait_for(core.lanes.settled(), PATIENCE)
    except TimeoutError:
        log.error("restored.not_settled", waiting=len(core.lanes))
    if office:
        await _come_due(clock)
    await transaction(lambda: freeze.settle(clock()))


async def _come_due(clock: Clock) -> None:
    """A tick does so much at once; until one brings nothing new."""
    before, now = -1, (await freeze.waiting()).queued
    while now != before:
        await tick(clock())
        before, now = now, (await freeze.waiting()).queued


async def warning() -> list[str]:
    """For the person at the terminal."""
    if await freeze.frozen() is None:
        return []
    return [
        "",
        "  Salinan dari cadangan: tidak ada pesan yang dikirim sampai `python run.py release`. (Frozen.)",
    ]
