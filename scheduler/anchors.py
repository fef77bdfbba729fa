"""Once an hour: where each office's audit ends is remembered outside the database."""

import asyncio
from datetime import datetime
from typing import Final

import structlog

from office.audit_anchors import anchor_of, keep
from office.context import at_office, offices

HOUR: Final = 3600  # seconds

log = structlog.get_logger(__name__)


async def anchor(now: datetime) -> None:
    """An anchor for every office; one that cannot be kept waits for the next hour, and the log says so."""
    for here in offices():
        with at_office(here.office_id):
            try:
                end = await anchor_of(here.office_id, now)
                if end is not None:
                    await asyncio.to_thread(keep, end, here.audit)
            except Exception as error:
                log.error("audit.not_anchored", office=here.office_id, error=type(error).__name__)
