"""Something that staff have to be told of: written down once, and told by `office.alerts`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from models.calls import AlertKind
from models.database import rows
from office.context import office

_RAISE: Final = """
INSERT INTO alerts (office_id, kind, about, raised_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (office_id, kind, about) DO NOTHING RETURNING id
"""


async def raise_alert(kind: AlertKind, about: str, now: datetime) -> bool:
    """False: it was raised before."""
    return bool(await rows(_RAISE, [office().office_id, kind.value, about, now]))
