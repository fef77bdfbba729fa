"""The audit: who did what, and who saw what.  One chain an office, to which rows are only added.

`note` belongs into the transaction of what it tells of, so that neither is without the other.  On PostgreSQL
whoever notes holds the office's head until that transaction ends: note late, and call no network after it.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Final

from models.database import rows, transaction
from models.staff import Staff
from office.audit_chain import BROKEN, Row, mac_of, moment, same, seal_of
from office.context import office

CLI: Final = "cli"
"""The actor of what is done at a terminal."""

CONSOLE: Final = "console"
"""The actor of what somebody did at the console's door whom we do not know."""

CITIZEN: Final = "citizen"

_CODE: Final = re.compile(r"[a-z][a-z0-9_]*(:[a-z0-9_]+)*")
_BEGIN: Final = "INSERT INTO audit_heads (office_id) VALUES ($1) ON CONFLICT (office_id) DO NOTHING"
_NEXT: Final = "UPDATE audit_heads SET seq = seq + 1 WHERE office_id = $1 RETURNING seq, mac, seal"
_ADD: Final = """
INSERT INTO audit (office_id, seq, at, actor, role, action, object, reason, mac)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_KEEP: Final = "UPDATE audit_heads SET mac = $2, seal = $3 WHERE office_id = $1"


async def note(actor: str, action: str, about: str, now: datetime, *, reason: str = "") -> None:
    """Add a row, in the caller's transaction.

    ``actor``: ``staff:3``, ``contact:12``, ``clock``, `CLI`, `CONSOLE`; ``about``: ``request:12``.
    All four are codes and ids, never a name, a NIK or a text.
    Raises: ValueError for what is no code.
    """
    for code in (actor, action, about, *([reason] if reason else ())):
        if _CODE.fullmatch(code) is None:
            raise ValueError("the audit takes codes only")
    role = await _role_of(actor)
    await transaction(partial(_add, actor, role, action, about, now, reason))


async def _add(actor: str, role: str, action: str, about: str, now: datetime, reason: str) -> None:
    here, key = office().office_id, office().audit.key
    head = await rows(_NEXT, [here])
    if not head:
        await rows(_BEGIN, [here])
        head = await rows(_NEXT, [here])
    seq, before, seal = int(head[0]["seq"]), str(head[0]["mac"]), str(head[0]["seal"])
    row = Row(here, seq, moment(now), actor, role, action, about, reason)
    mac = mac_of(key, before, row)
    ours = same(seal, seal_of(key, here, seq - 1, before) if seq > 1 else "")
    await rows(_ADD, [here, seq, now, actor, role, action, about, reason, mac])
    await rows(_KEEP, [here, mac, seal_of(key, here, seq, mac) if ours else BROKEN])


async def _role_of(actor: str) -> str:
    kind, _, number = actor.partition(":")
    if kind == "staff":
        member = await Staff.get_or_none(id=int(number))
        return member.role.value if member is not None else "unknown"
    return CITIZEN if kind == "contact" else ""
