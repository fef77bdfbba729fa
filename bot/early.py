"""Receipts that come before the send's own answer is written down: kept for a day, and applied when it is.

This process remembers which ones it has kept, so that an ordinary send asks nothing; whatever another process
kept, or this one before a restart, is found by the clock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.channels.base import DeliveryFailed, Fault, ProviderReceipt
from models.database import rows
from models.early_receipts import EarlyReceipt
from models.outbox import Receipt

KEPT: Final = timedelta(hours=24)
MOST_REMEMBERED: Final = 10_000

_KEEP: Final = """
INSERT INTO early_receipts (office_id, channel, account, external_id, outbox_id, receipt, fault, code,
                            certain, heard_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (channel, account, external_id, receipt) DO NOTHING
"""
_ANSWERED: Final = """
SELECT e.id FROM early_receipts e JOIN outbox o ON o.external_id = e.external_id
WHERE o.channel = e.channel AND o.account = e.account AND o.state IN ('sent', 'unknown', 'failed', 'expired')
UNION
SELECT e.id FROM early_receipts e JOIN outbox o ON o.id = e.outbox_id
WHERE o.channel = e.channel AND o.account = e.account AND o.state IN ('sent', 'unknown', 'failed', 'expired')
"""

Name = tuple[str, str, str]  # channel, account, the provider's id
_kept_here: dict[Name, None] = {}


async def keep(
    receipt: ProviderReceipt, name: Name, outbox_id: int | None, *, office_id: int, now: datetime
) -> None:
    """Keep it; inside a transaction.  The same word again changes nothing."""
    failure = receipt.failure
    told = (failure.fault.value, failure.code[:64], failure.certain) if failure else (None, None, True)
    await rows(_KEEP, [office_id, *name, outbox_id, receipt.receipt.value, *told, now])
    _kept_here[name] = None
    if len(_kept_here) > MOST_REMEMBERED:
        del _kept_here[next(iter(_kept_here))]


def expected(name: Name) -> bool:
    """Whether this process has kept words on that message."""
    return name in _kept_here


async def take(name: Name) -> list[ProviderReceipt]:
    """The words on that message, which are kept no longer."""
    _kept_here.pop(name, None)
    channel, account, external_id = name
    kept = EarlyReceipt.filter(channel=channel, account=account, external_id=external_id)
    return await _taken(await kept)


async def take_answered() -> list[tuple[Name, ProviderReceipt]]:
    """Those whose message is known by now."""
    ids = [row["id"] for row in await rows(_ANSWERED)]
    kept = await EarlyReceipt.filter(id__in=ids) if ids else []
    names = [(one.channel, one.account, one.external_id) for one in kept]
    return list(zip(names, await _taken(kept), strict=True))


async def forget(now: datetime) -> int:
    """Nobody's message after a day: of another system on the same account."""
    return await EarlyReceipt.filter(heard_at__lt=now - KEPT).delete()


async def _taken(kept: Sequence[EarlyReceipt]) -> list[ProviderReceipt]:
    if kept:
        await EarlyReceipt.filter(id__in=[one.id for one in kept]).delete()
    return [
        ProviderReceipt(
            external_id=one.external_id,
            tag=None if one.outbox_id is None else str(one.outbox_id),
            receipt=Receipt(one.receipt),
            failure=DeliveryFailed(Fault(one.fault), one.code or "", certain=one.certain)
            if one.fault
            else None,
        )
        for one in kept
    ]
