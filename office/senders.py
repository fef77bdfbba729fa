"""Who sends for many people: shown to those who lead the desk, and nothing is kept from anybody for it.

Whoever sends for many may be a broker (calo), a neighbour who has a phone, or a family.  What a request tells
of that is its NIK, its village and whose it is said to be; so those who are said to be family and live in one
village count as one household, as long as they are no more than a household is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tortoise.queryset import QuerySet

from models.calls import Alert, AlertKind
from models.database import rows
from models.requests import Request
from models.staff import Staff
from office.alarm import raise_alert
from office.context import office
from office.limits import is_village_head
from office.permissions import Deed, must
from office.village_rights import of_no_list

LATELY: Final = timedelta(days=30)
LARGEST_HOUSEHOLD: Final = 10  # people; the register knows larger ones, and they are worth a look
FAMILY: Final = frozenset({"suami/istri", "anak", "orang tua", "saudara"})
MOST_SHOWN: Final = 20  # senders, and requests of each
LIMIT_DAYS: Final = timedelta(days=7)

_MANY: Final = """
SELECT contact_id FROM requests
WHERE office_id = $1 AND submitted_at >= $2 AND nik_index IS NOT NULL
GROUP BY contact_id HAVING count(DISTINCT nik_index) >= $3 ORDER BY count(DISTINCT nik_index) DESC, contact_id
"""


@dataclass(frozen=True, slots=True)
class Sender:
    """``strangers``: people who seem no family; ``reached``: limits of a day, by name; ``numbers``: the queue
    numbers of what they handed in lately, newest first."""

    contact_id: int
    strangers: int
    reached: tuple[str, ...]
    channels: tuple[str, ...]
    numbers: tuple[int, ...]


async def strangers_of(contact_id: int, now: datetime) -> int:
    """For how many people outside one household this person sends; 0 where that is no matter."""
    lately = _lately(contact_id, now).exclude(nik_index=None)
    count = _outside_the_household(await lately)
    if count < office().limits.strangers or await is_village_head(contact_id):
        return 0
    return count


async def note_sender(contact_id: int, now: datetime) -> None:
    """Who leads the desk is told once a month of each."""
    if await strangers_of(contact_id, now):
        month = now.astimezone(office().office.zone).strftime("%Y-%m")
        await raise_alert(AlertKind.BROKER, f"contact:{contact_id}:{month}", now)


async def notable(staff: Staff, now: datetime) -> list[Sender]:
    """Who sends for many, and who sent more than a day takes.  Raises: `NotAllowed`."""
    must(staff, Deed.SENDERS)
    most = office().limits.strangers
    many = await rows(_MANY, [office().office_id, now - LATELY, most])
    counted = {row["contact_id"]: await strangers_of(row["contact_id"], now) for row in many}
    reached = await _reached(now)
    people = [one for one, count in counted.items() if count or one in reached]
    people += [one for one in reached if one not in counted]
    return [
        await _described(one, counted.get(one, 0), reached.get(one, ()), now) for one in people[:MOST_SHOWN]
    ]


async def _reached(now: datetime) -> dict[int, tuple[str, ...]]:
    """Who came to a limit in the last days: which."""
    found: dict[int, tuple[str, ...]] = {}
    told = Alert.filter(office_id=office().office_id, kind=AlertKind.LIMIT, raised_at__gte=now - LIMIT_DAYS)
    for alert in await told.order_by("-id"):
        what, contact_id, _ = alert.about.split(":")
        before = found.get(int(contact_id), ())
        found[int(contact_id)] = (*before, what) if what not in before else before
    return found


async def _described(contact_id: int, strangers: int, reached: Sequence[str], now: datetime) -> Sender:
    theirs = await _lately(contact_id, now).order_by("-submitted_at", "-id")
    return Sender(
        contact_id=contact_id,
        strangers=strangers,
        reached=tuple(reached),
        channels=tuple(dict.fromkeys(one.channel for one in theirs)),
        numbers=tuple(one.queue_number or 0 for one in theirs[:MOST_SHOWN]),
    )


def _lately(contact_id: int, now: datetime) -> QuerySet[Request]:
    mine = Request.filter(of_no_list(), office_id=office().office_id, contact_id=contact_id)
    return mine.filter(submitted_at__gte=now - LATELY)


def _outside_the_household(requests: Iterable[Request]) -> int:
    """People without those of the largest household."""
    home = {one.nik_index: one.village_code if _family(one) else None for one in requests}
    households = Counter(village for village in home.values() if village is not None)
    largest = max(households.values(), default=0)
    return len(home) - min(largest, LARGEST_HOUSEHOLD)


def _family(request: Request) -> bool:
    return bool(request.for_self) or request.relation in FAMILY
