"""Whom a broadcast reaches: who agreed, in the chat where they spoke last and something may be said now.

Who took it back, is erased, asked that nothing be done with their data, or has no chat that is surely theirs
is not among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from models.database import is_postgres, rows
from office.context import office

MARGIN: Final = timedelta(minutes=5)  # a window that closes so soon is closed when the message is at its turn

_AGREED: Final = """
SELECT s.contact_id FROM consents s
JOIN contacts c ON c.id = s.contact_id AND c.office_id = s.office_id
WHERE s.office_id = $1 AND s.purpose = 'broadcast' AND s.given{which}
AND c.erased_at IS NULL AND c.restricted_at IS NULL AND c.merged_into IS NULL
AND NOT EXISTS (SELECT 1 FROM consents l WHERE l.office_id = $1 AND l.purpose = 'broadcast'
                AND l.contact_id = s.contact_id AND l.id > s.id)
"""
_OPEN: Final = (
    "({t}.unreachable_at IS NULL AND ({t}.window_expires_at IS NULL OR {t}.window_expires_at > $2))"
)
_CHATS: Final = f"""
SELECT a.contact_id, v.channel, v.account, {_OPEN.format(t="v")} AS open
FROM ({_AGREED}) a JOIN conversations v ON v.office_id = $1 AND v.id = (
    SELECT t.id FROM conversations t
    WHERE t.office_id = $1 AND t.contact_id = a.contact_id
    AND t.reverify_since IS NULL AND t.last_heard_at IS NOT NULL
    ORDER BY {_OPEN.format(t="t")} DESC, t.last_heard_at DESC, t.id DESC LIMIT 1)
"""  # noqa: S608 - ours
_COUNTED: Final = f"SELECT channel, open, count(*) AS people FROM ({_CHATS.format(which='')}) p GROUP BY 1, 2"  # noqa: S608 - ours
_NEXT: Final = f"{_AGREED.format(which=' AND s.contact_id > $2')} ORDER BY s.contact_id LIMIT $3"
_HOLD: Final = """
SELECT id FROM contacts WHERE office_id = $1 AND id IN ({ids}) ORDER BY id FOR SHARE
"""
_NOT_YET: Final = """
WHERE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.office_id = $1 AND o.contact_id = a.contact_id
                  AND o.name = 'broadcast' AND o.subject = $3)
ORDER BY a.contact_id
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """People by channel: who would get it now, and who agreed but cannot be written to now."""

    within: Mapping[str, int]
    beyond: Mapping[str, int]

    @property
    def people(self) -> int:
        return sum(self.within.values())

    @property
    def out_of_reach(self) -> int:
        return sum(self.beyond.values())


@dataclass(frozen=True, slots=True)
class Hearer:
    """One person; not ``open``: nothing may be said in their chat now."""

    contact_id: int
    channel: str
    account: str
    open: bool


async def reach(now: datetime) -> Reach:
    found = await rows(_COUNTED, [office().office_id, now + MARGIN])
    within = {str(row["channel"]): int(row["people"]) for row in found if row["open"]}
    beyond = {str(row["channel"]): int(row["people"]) for row in found if not row["open"]}
    return Reach(within, beyond)


async def agreed_after(contact_id: int, most: int) -> Sequence[int]:
    """The next so many contacts who agreed, in their order."""
    return [int(row["contact_id"]) for row in await rows(_NEXT, [office().office_id, contact_id, most])]


async def hearers(contact_ids: Sequence[int], subject: str, now: datetime) -> Sequence[Hearer]:
    """Those of them who agree still and have nothing of this ``subject`` yet, even by a chat joined since.

    They are asked once nobody can change their mind until this transaction ends.
    """
    here, ids = office().office_id, ", ".join(str(int(one)) for one in contact_ids)
    if not ids:
        return []
    if is_postgres():
        await rows(_HOLD.format(ids=ids), [here])
    chats = _CHATS.format(which=f" AND s.contact_id IN ({ids})") + _NOT_YET
    return [_hearer(row) for row in await rows(chats, [here, now + MARGIN, subject])]


def _hearer(row: Mapping[str, Any]) -> Hearer:
    return Hearer(int(row["contact_id"]), str(row["channel"]), str(row["account"]), bool(row["open"]))
