"""A broadcast's rows in the outbox: how far it has come, and what is taken back."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.broadcasts import Broadcast, BroadcastState
from models.database import rows
from models.outbox import OutboxMessage, OutboxState, Receipt
from office.context import office

_COUNT: Final = """
SELECT state, receipt, count(*) AS count FROM outbox
WHERE office_id = $1 AND name = 'broadcast' AND subject = $2 GROUP BY state, receipt
"""
_WAITING: Final = """
SELECT channel, count(*) AS count FROM outbox
WHERE office_id = $1 AND name = 'broadcast' AND subject = $2 AND state IN ('queued', 'claimed', 'sending')
GROUP BY channel
"""
_UNDER_WAY: Final = (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.SENDING)


@dataclass(frozen=True, slots=True)
class Tally:
    """Messages: not gone yet, taken by the platform, not brought for all we know, stopped."""

    waiting: int
    sent: int
    failed: int
    cancelled: int


def subject_of(broadcast: Broadcast) -> str:
    """What the outbox calls it."""
    return f"broadcast:{broadcast.id}"


async def tally(broadcast: Broadcast) -> Tally:
    """What became of its messages so far."""
    counts: Counter[str] = Counter()
    for row in await rows(_COUNT, [office().office_id, subject_of(broadcast)]):
        counts[_group(OutboxState(row["state"]), Receipt(row["receipt"]))] += int(row["count"])
    return Tally(counts["waiting"], counts["sent"], counts["failed"], counts["cancelled"])


async def waiting(broadcast: Broadcast) -> Counter[str]:
    """How many of its messages are not gone yet, by channel."""
    found = await rows(_WAITING, [office().office_id, subject_of(broadcast)])
    return Counter({str(row["channel"]): int(row["count"]) for row in found})


async def stop(broadcast: Broadcast, now: datetime) -> int | None:
    """How many messages of it are not sent now; None: it had ended.  Waits for a piece being handed over."""
    going = Broadcast.filter(id=broadcast.id, state__in=(BroadcastState.DRAFT, BroadcastState.CONFIRMED))
    if not await going.update(state=BroadcastState.CANCELLED, ended_at=now):
        return None
    return await take_back(subject=subject_of(broadcast))


async def take_back(**whose: object) -> int:
    """What is not on the line yet is not sent, of this ``subject`` or to this ``contact_id``; how many."""
    here = OutboxMessage.filter(office_id=office().office_id, name="broadcast", **whose)
    still = here.filter(state__in=(OutboxState.QUEUED, OutboxState.CLAIMED))
    return await still.update(state=OutboxState.CANCELLED, token=None, lease_until=None)


def _group(state: OutboxState, receipt: Receipt) -> str:
    if state in _UNDER_WAY:
        return "waiting"
    if state is OutboxState.SENT and receipt is not Receipt.FAILED:
        return "sent"
    return "cancelled" if state is OutboxState.CANCELLED else "failed"
