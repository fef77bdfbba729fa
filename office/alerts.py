"""What staff have to be told of: gathered, so that ten faults are one message, and each told once."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from models.calls import Alert, AlertKind
from models.database import rows
from models.staff import StaffBinding
from office.alarm import raise_alert
from office.context import office
from office.notices import tell_staff
from office.permissions import Deed, may
from office.staff import bound_chats
from office.tries import MOST_TRIES, hour_of

GATHER: Final = timedelta(minutes=10)  # between two of these messages
PATIENCE: Final = timedelta(minutes=10)  # in which a receipt may still settle what nobody is sure of
LATELY: Final = timedelta(days=7)  # older trouble is no news any more

_PARKED: Final = """
SELECT i.id FROM inbox i WHERE i.office_id = $1 AND i.state = 'parked' AND i.done_at >= $2
AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.office_id = $1 AND a.kind = 'parked'
                AND a.about = 'inbox:' || i.id)
"""
_LOST_REPLIES: Final = """
SELECT o.id FROM outbox o WHERE o.office_id = $1 AND o.state IN ('failed', 'unknown') AND o.kind = 'reply'
AND o.due_at >= $2 AND o.due_at <= $3
AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.office_id = $1 AND a.kind = 'reply'
                AND a.about = 'outbox:' || o.id)
"""
_FOREIGN: Final = """
SELECT DISTINCT channel FROM quarantine
WHERE office_id = $1 AND last_at >= $2 AND reason = 'foreign_account'
"""
_MALWARE: Final = """
SELECT f.id FROM files f WHERE f.office_id = $1 AND f.problem = 'malware' AND f.created_at >= $2
AND f.page_of_id IS NULL
AND NOT EXISTS (SELECT 1 FROM alerts a WHERE a.office_id = $1 AND a.kind IN ('malware', 'infected')
                AND a.about = 'file:' || f.id)
"""
_GUESSED: Final = """
SELECT name FROM counters
WHERE office_id = $1 AND name > 'masuk:' AND name < 'masuk;' AND value >= $2
"""
_TAKE: Final = """
UPDATE alerts SET told_at = $2 WHERE office_id = $1 AND told_at IS NULL AND kind IN ({kinds})
RETURNING id, kind, about
"""
HEARD_BY: Final = {AlertKind.BROKER: Deed.SENDERS}  # all others by whoever may hear of trouble


async def notice_trouble(now: datetime) -> int:
    """Messages not handled, lost answers, what came for somebody else, malware, and guessed codes."""
    here, since = office().office_id, now - LATELY
    found = [(AlertKind.PARKED, f"inbox:{row['id']}") for row in await rows(_PARKED, [here, since])]
    lost = await rows(_LOST_REPLIES, [here, since, now - PATIENCE])
    found += [(AlertKind.REPLY, f"outbox:{row['id']}") for row in lost]
    found += [(AlertKind.MALWARE, f"file:{row['id']}") for row in await rows(_MALWARE, [here, since])]
    today = await rows(_FOREIGN, [here, now - timedelta(days=1)])
    found += [(AlertKind.FOREIGN, f"{row['channel']}:{now.date()}") for row in today]
    guessed = await rows(_GUESSED, [here, MOST_TRIES])
    found += [(AlertKind.GUESSED, str(row["name"])) for row in guessed if hour_of(row["name"]) >= since]
    return sum([await raise_alert(kind, about, now) for kind, about in found])


async def tell(now: datetime) -> int:
    """Tell every chat of the desk what it may hear and was not told yet, at most every `GATHER`.

    What nobody may hear waits for somebody who may.
    """
    here = office().office_id
    if not await Alert.filter(office_id=here, told_at=None).exists():
        return 0
    if await Alert.filter(office_id=here, told_at__gt=now - GATHER).exists():
        return 0
    chats = {chat.id: chat for deed in (Deed.TROUBLE, Deed.SENDERS) for chat in await bound_chats(deed)}
    kinds = {kind for kind in AlertKind if any(_hears(chat, kind) for chat in chats.values())}
    if not kinds:
        return 0
    named = ", ".join(f"'{kind.value}'" for kind in sorted(kinds))
    taken = await rows(_TAKE.format(kinds=named), [here, now])
    counts = Counter(str(row["kind"]) for row in taken)
    channels = {
        kind.value: sorted({str(row["about"]).split(":")[0] for row in taken if row["kind"] == kind.value})
        for kind in (AlertKind.FOREIGN, AlertKind.HELD)
    }
    last = max((int(row["id"]) for row in taken), default=0)
    if last:
        for chat in chats.values():
            heard = {kind: count for kind, count in counts.items() if _hears(chat, AlertKind(kind))}
            if heard:
                await tell_staff(chat, "staff_alerts", f"alerts:{last}", now, counts=heard, channels=channels)
    return len(taken)


def _hears(chat: StaffBinding, kind: AlertKind) -> bool:
    return may(chat.staff, HEARD_BY.get(kind, Deed.TROUBLE))
