"""How much one person may send: more is kept, and has its turn later.

Days are the office's, from midnight.  What is counted are rows: a restart and a second process count alike.
A village head sends for many and is held to none of this but the bytes.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from models.calls import AlertKind
from models.database import rows
from models.inbox import InboxEvent, InboxKind
from models.requests import Request
from models.staff import Role, StaffBinding
from office.alarm import raise_alert
from office.context import office
from office.refusal import Refusal
from office.trouble import tell_writer

MINUTE: Final = timedelta(minutes=1)
TOLD_AGAIN: Final = 600  # seconds in which somebody is told once that they write too fast
DRAFTS: Final = 10  # begun in a day for each request that may be handed in; a slip begins one, too

_PAPERS: Final = """
SELECT count(*) AS count FROM papers p
JOIN requests r ON r.id = p.request_id AND r.office_id = p.office_id
JOIN files f ON f.id = p.scan_id AND f.office_id = p.office_id
WHERE p.office_id = $1 AND r.contact_id = $2 AND p.received_at >= $3
AND f.page_of_id IS NULL
"""
_BYTES: Final = """
SELECT COALESCE(sum(f.sent_size), 0) AS bytes FROM files f
JOIN inbox i ON i.id = f.event_id AND i.office_id = f.office_id
WHERE f.office_id = $1 AND i.contact_id = $2 AND f.created_at >= $3
"""


class TooManyRequests(Refusal):
    """So many were handed in or begun today.  Facts: ``most``; ``again``: from when on more may be."""


async def may_begin(contact_id: int, now: datetime) -> None:
    """Raises: TooManyRequests, where what is begun now could not be handed in today."""
    await may_hand_in(contact_id, now)
    most = office().limits.requests_per_day * DRAFTS
    if await _theirs_since(contact_id, now, "created_at") >= most:
        await _refuse(contact_id, now)


async def may_hand_in(contact_id: int, now: datetime) -> None:
    """Raises: TooManyRequests."""
    if await _theirs_since(contact_id, now, "submitted_at") >= office().limits.requests_per_day:
        await _refuse(contact_id, now)


async def papers_room(contact_id: int, wanted: int, now: datetime) -> int:
    """How many of so many papers may be put into requests of theirs today; the pages of a PDF are one."""
    counted = await rows(_PAPERS, [office().office_id, contact_id, day_began(now)])
    left = max(0, office().limits.papers_per_day - int(counted[0]["count"]))
    return wanted if wanted <= left or await is_village_head(contact_id) else left


async def note_papers(contact_id: int, now: datetime) -> None:
    """Staff are told that somebody sends more papers than a day takes."""
    await _note("papers", contact_id, now)


async def bytes_left(event: InboxEvent, now: datetime) -> int:
    """How many bytes of files whoever sent this may send today still."""
    if event.contact_id is None:
        return 0
    counted = await rows(_BYTES, [event.office_id, event.contact_id, day_began(now)])
    return max(0, office().limits.megabytes_per_day * 1_000_000 - int(counted[0]["bytes"]))


async def note_bytes(contact_id: int, now: datetime) -> None:
    await _note("bytes", contact_id, now)


async def said_lately(event: InboxEvent, now: datetime) -> int:
    """How many messages of this person were handled in the last minute, by whichever process."""
    theirs = InboxEvent.filter(
        office_id=event.office_id,
        contact_id=event.contact_id,
        kind=InboxKind.MESSAGE,
        done_at__gt=now - MINUTE,
    )
    return await theirs.count()


async def too_fast(event: InboxEvent, now: datetime) -> bool:
    """Tell them, once, that what they wrote is kept and answered one by one.

    False: they need not wait, for they work at the desk or speak for a village.
    """
    here = StaffBinding.filter(office_id=event.office_id, contact_id=event.contact_id)
    if event.contact_id is None or await here.exists():
        return False
    slot = int(now.timestamp()) // TOLD_AGAIN
    await tell_writer(event, "too_fast", f"too_fast:{event.contact_id}:{slot}", now)
    return True


async def is_village_head(contact_id: int) -> bool:
    bound = StaffBinding.filter(office_id=office().office_id, contact_id=contact_id)
    return await bound.filter(staff__role=Role.VILLAGE_HEAD, staff__removed_at=None).exists()


def day_began(now: datetime) -> datetime:
    """The last midnight here."""
    here = now.astimezone(office().office.zone)
    return datetime.combine(here.date(), time(), here.tzinfo).astimezone(now.tzinfo)


async def _theirs_since(contact_id: int, now: datetime, moment: str) -> int:
    mine = Request.filter(office_id=office().office_id, contact_id=contact_id)
    return await mine.filter(**{f"{moment}__gte": day_began(now)}).count()


async def _refuse(contact_id: int, now: datetime) -> None:
    """Raises: TooManyRequests."""
    if await is_village_head(contact_id):
        return
    await _note("requests", contact_id, now)
    again = day_began(day_began(now) + timedelta(hours=36))  # however long the night was
    raise TooManyRequests(most=office().limits.requests_per_day, again=again)


async def _note(what: str, contact_id: int, now: datetime) -> None:
    """Once a day for each person."""
    day = now.astimezone(office().office.zone).date()
    await raise_alert(AlertKind.LIMIT, f"{what}:{contact_id}:{day}", now)
