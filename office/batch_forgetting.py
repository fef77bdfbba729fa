"""Taking out of lists what names anybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.forgetting import mark_files
from models.batches import Batch, BatchRow, BatchState
from models.contacts import Contact

LIVES: Final = timedelta(days=7)  # so long a list waits to be chosen, and its report to be asked for


async def forget(batch_ids: Sequence[int], now: datetime) -> None:
    """Take out every name and NIK, what was sent and its report; counts stay.  Inside a transaction.

    The lists come first: who reads them, or makes requests of them, has ended by then or does nothing more.
    """
    here = Batch.filter(id__in=batch_ids)
    await here.update(forgotten_at=now)
    await here.filter(state__in=(BatchState.RECEIVED, BatchState.CHECKED)).update(
        state=BatchState.LAPSED, ended_at=now
    )
    await here.filter(state=BatchState.ACCEPTED).update(state=BatchState.CANCELLED, ended_at=now)
    files = [file for pair in await here.values_list("file_id", "report_id") for file in pair if file]
    await mark_files(files)
    await BatchRow.filter(batch_id__in=batch_ids).delete()


async def forget_of(contact: Contact, now: datetime) -> None:
    """Everything of every list from this chat."""
    theirs = await Batch.filter(contact_id=contact.id, forgotten_at=None).values_list("id", flat=True)
    await forget([int(str(one)) for one in theirs], now)
