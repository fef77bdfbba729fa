"""Deleting what has been kept long enough: once a day, in the small hours, so much at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from models.database import is_postgres, rows, transaction
from models.failpoint import failpoint
from models.retention import Purge
from models.rights import Breach
from office.context import office
from office.purge_kinds import EVERYTHING, Kind
from office.times import local

BEGINS: Final = timedelta(hours=2)  # after midnight, by the office's clock
MOST_COUNTED: Final = 1_000_000  # of one kind, by `due`

_DAY: Final = "day"
_LOCK: Final = 0x70757267  # "purg": with the office's number, one purge at a time
_COUNT: Final = """
INSERT INTO purges (office_id, kind, day, count, last_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (office_id, kind, day) DO UPDATE
SET count = purges.count + excluded.count, last_at = excluded.last_at, ended_at = excluded.ended_at
"""

log = structlog.get_logger(__name__)


class PurgeFrozen(Exception):
    """A breach is open."""


async def purge_today(now: datetime, kinds: Sequence[Kind] = EVERYTHING) -> int:
    """Take out some of what is due; once nothing is left, nothing more until the next day.  Gives how many.

    A part of the clock's tick: what it does not finish, the next does.  A kind that fails keeps no other from
    it, and is tried again the next day.
    """
    here, day = office().office_id, (local(now) - BEGINS).date().isoformat()
    if await Purge.filter(office_id=here, kind=_DAY, day=day).exclude(ended_at=None).exists():
        return 0
    if await frozen() or not await _alone():
        return 0
    done, left = 0, False
    for kind in kinds:
        count = await _tried(kind, now)
        done, left = done + count, left or count >= kind.at_once
    await rows(_COUNT, [here, _DAY, day, done, now, None if left else now])
    return done


async def _tried(kind: Kind, now: datetime) -> int:
    try:
        return await transaction(lambda: some(kind, now))
    except Exception as error:
        log.error("purge_failed", kind=kind.name, error=type(error).__name__, office=office().office_id)
        return 0


async def purge_all(now: datetime, kinds: Sequence[Kind] = EVERYTHING) -> Mapping[str, int]:
    """Take out everything that is due, each bunch in a transaction of its own.  How many of each kind.

    Raises: PurgeFrozen.
    """
    if await frozen():
        raise PurgeFrozen
    found = {}
    for kind in kinds:
        found[kind.name] = 0
        while count := await transaction(lambda kind=kind: some(kind, now)):  # type: ignore[misc]
            found[kind.name] += count
    return found


async def due(now: datetime, kinds: Sequence[Kind] = EVERYTHING) -> Mapping[str, int]:
    """How many of each kind would go.

    What goes only because something else went first is not counted: a contact after its last request.
    """
    return {kind.name: len(await kind.find(now, MOST_COUNTED)) for kind in kinds}


async def some(kind: Kind, now: datetime) -> int:
    """Take out one bunch, and count it."""
    if is_postgres():
        await rows(f"SELECT pg_advisory_xact_lock({_LOCK}, {office().office_id})")
    ids = await kind.find(now, kind.at_once)
    if not ids:
        return 0
    await kind.act(ids, now)
    failpoint(f"purge.{kind.name}")
    day = (local(now) - BEGINS).date().isoformat()
    await rows(_COUNT, [office().office_id, kind.name, day, len(ids), now, None])
    log.info("purged", kind=kind.name, count=len(ids), office=office().office_id)
    return len(ids)


async def _alone() -> bool:
    """Whether nobody else is at it; then nobody will be until this transaction ends."""
    if not is_postgres():
        return True
    tried = await rows(f"SELECT pg_try_advisory_xact_lock({_LOCK}, {office().office_id}) AS mine")
    return bool(tried[0]["mine"])


async def frozen() -> bool:
    """Whether a breach is open: what may be evidence stays."""
    return await Breach.filter(office_id=office().office_id, closed_at=None).exists()
