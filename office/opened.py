"""Who at the desk had to do with a request, by its journal and by the audit of what was opened."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.audit import AuditRow
from models.requests import JournalEntry
from office.context import office

STAFF: Final = "staff:"
LOOKED: Final = "dossier_opened"  # a NIK that was shown is in the journal, too


@dataclass(frozen=True, slots=True)
class Opened:
    """``actor``: ``staff:3``; ``action``: the journal's or the audit's word."""

    request_id: int
    actor: str
    at: datetime
    action: str


async def of_requests(ids: Collection[int], since: datetime | None = None) -> list[Opened]:
    """Oldest first, of these requests; from ``since`` on, where it is given."""
    here = office().office_id
    journal = JournalEntry.filter(office_id=here, request_id__in=ids, actor__startswith=STAFF)
    about = {f"request:{one}": one for one in ids}
    looks = AuditRow.filter(
        office_id=here, object__in=list(about), actor__startswith=STAFF, action__in=LOOKED
    )
    if since is not None:
        journal, looks = journal.filter(at__gte=since), looks.filter(at__gte=since)
    found = [Opened(one.request_id, one.actor, one.at, one.action) for one in await journal]
    found += [Opened(about[one.object], one.actor, one.at, one.action) for one in await looks]
    return sorted(found, key=lambda one: one.at)
