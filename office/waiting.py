"""What waits for a person at the desk, by what they may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.rights import Breach
from models.staff import Staff
from office import data_rights, questions, queue
from office.context import office
from office.permissions import Deed, may
from office.words import plain


@dataclass(frozen=True, slots=True)
class Waiting:
    """``page``: of the console, behind `/console/`; None: it is worked on in the staff's chats."""

    words: str
    page: str | None = None


async def waiting_for(staff: Staff, now: datetime) -> Sequence[Waiting]:
    """Counts, no names; what there is none of is not there.  What has a legal clock comes first."""
    found = []
    if may(staff, Deed.BREACHES) and (
        count := await Breach.filter(office_id=office().office_id, closed_at=None).count()
    ):
        found.append(Waiting(plain("console-waiting-breaches", count=count), "pelanggaran"))
    if may(staff, Deed.RIGHTS) and (asked := await data_rights.waiting(staff)):
        late = sum(one.due_at <= now for one in asked)
        found.append(Waiting(plain("console-waiting-rights", count=len(asked), late=late), "hak"))
    if may(staff, Deed.QUESTIONS) and (count := len(await questions.waiting(staff))):
        found.append(Waiting(plain("console-waiting-questions", count=count)))
    if may(staff, Deed.QUEUE) and (count := sum((await queue.summary()).values())):
        found.append(Waiting(plain("console-waiting-queue", count=count)))
    return found
