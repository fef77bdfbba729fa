"""A process that hands a broadcast over, and may be told to die meanwhile."""

import asyncio
import os
from collections.abc import Mapping
from functools import partial

from models.database import close_database, open_database, transaction
from models.outbox import OutboxMessage, OutboxState
from models.sealing import held
from office.broadcasting import go_on
from office.context import at_office, open_office
from tests.office.world import NOW
from tests.sealed import KEYS, RING

AT_ONCE = 3


async def _hand_over(url: str) -> None:
    await open_database(url)
    held.hold(KEYS, RING)
    here = open_office()
    with at_office(here.office_id):
        for _ in range(4):
            await transaction(partial(go_on, NOW, AT_ONCE))
            await OutboxMessage.filter(state=OutboxState.QUEUED).update(state=OutboxState.SENT)
    await close_database()


def hand_over(url: str, environment: Mapping[str, str]) -> None:
    """As a process of its own."""
    os.environ.update(environment)
    asyncio.run(_hand_over(url))
