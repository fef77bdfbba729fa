"""What one tick of the clock does: rows, and nothing that a second tick would do again."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Final

import structlog

from bot import receipts
from models.database import transaction
from office import alerts, calls, reminders

Work = Callable[[datetime], Awaitable[int]]

EACH_TICK: Final[tuple[tuple[str, Work], ...]] = (
    ("reminders", reminders.due),
    ("expired_corrections", reminders.expire_corrections),
    ("early_receipts", receipts.settle_early),
    ("expired_notices", calls.let_expire),
    ("calls_made_needless", calls.take_off),
    ("calls_to_make", calls.list_new),
    ("trouble", alerts.notice_trouble),
    ("alerts", alerts.tell),
)

log = structlog.get_logger(__name__)


async def tick(now: datetime) -> None:
    """Everything that is due, each kind in a transaction of its own: one that fails keeps no other from it.

    What failed is due again at the next tick.
    """
    for name, work in EACH_TICK:
        try:
            done = await transaction(partial(work, now))
        except Exception as error:
            log.error("tick_failed", work=name, error=type(error).__name__)
        else:
            if done:
                log.info("tick", work=name, done=done)
