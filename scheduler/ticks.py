"""What one tick of the clock does: rows, and nothing that a second tick would do again."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Final

import structlog

from bot import receipts
from models.database import transaction
from office import (
    alerts,
    batch_drafts,
    breaches,
    broadcasting,
    calls,
    data_rights,
    erasure,
    papers,
    purge,
    reminders,
)
from office.context import at_office, offices
from office.purge_kinds import MESSAGES

Work = Callable[[datetime], Awaitable[int]]

ONCE: Final[tuple[tuple[str, Work], ...]] = (("early_receipts", receipts.settle_early),)
FOR_EACH_OFFICE: Final[tuple[tuple[str, Work], ...]] = (
    ("reminders", reminders.due),
    ("expired_corrections", reminders.expire_corrections),
    ("expired_notices", calls.let_expire),
    ("calls_made_needless", calls.take_off),
    ("calls_to_make", calls.list_new),
    ("trouble", alerts.notice_trouble),
    ("alerts", alerts.tell),
    ("data_rights", data_rights.remind),
    ("breaches", breaches.remind),
    ("waiting_papers", papers.take_waiting),
    ("village_lists", batch_drafts.make_some),
    ("late_for_erasure", erasure.scrub_late),
    ("purge", purge.purge_today),
)

log = structlog.get_logger(__name__)


async def tick(now: datetime, paces: broadcasting.Paces = MappingProxyType({})) -> None:
    """Everything that is due, each kind in a transaction of its own: one that fails keeps no other from it.

    What failed is due again at the next tick.  ``paces``: how fast the channels are.
    """
    go_on: Work = partial(broadcasting.go_on, paces=paces)
    await _do(ONCE, now)
    for here in offices():
        with at_office(here.office_id):
            await _do((*FOR_EACH_OFFICE, ("broadcasts", go_on)), now, office=here.office_id)


async def tick_of_a_host(now: datetime) -> None:
    """The same for somebody else's bot: what people and it said is not kept longer than elsewhere."""
    for here in offices():
        with at_office(here.office_id):
            await _do((("purge", partial(purge.purge_today, kinds=MESSAGES)),), now, office=here.office_id)


async def _do(works: Iterable[tuple[str, Work]], now: datetime, **where: int) -> None:
    for name, work in works:
        try:
            done = await transaction(partial(work, now))
        except Exception as error:
            log.error("tick_failed", work=name, error=type(error).__name__, **where)
        else:
            if done:
                log.info("tick", work=name, done=done, **where)
