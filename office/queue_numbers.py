"""Numbers that count up per office: queue numbers, questions, and tries that are counted."""

from __future__ import annotations

from typing import Final

from models.database import rows

QUEUE: Final = "queue"
QUESTION: Final = "question"
CALL: Final = "call"
DATA_REQUEST: Final = "data_request"
BREACH: Final = "breach"
BATCH: Final = "batch"
BROADCAST: Final = "broadcast"


async def count_up(office_id: int, name: str) -> int:
    """The next number, from 1.  Two transactions never get the same; a rolled back one gives its number back.

    ``name`` has 32 characters at most.
    """
    await rows(
        "INSERT INTO counters (office_id, name, value) VALUES ($1, $2, 0)"
        " ON CONFLICT (office_id, name) DO NOTHING",
        [office_id, name],
    )
    counted = await rows(
        "UPDATE counters SET value = value + 1 WHERE office_id = $1 AND name = $2 RETURNING value",
        [office_id, name],
    )
    return int(counted[0]["value"])
