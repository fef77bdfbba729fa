"""The statements that run all the time find the index that holds only what waits, bound as we bind them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from models.database import is_postgres, rows, transaction

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
OPEN = (
    "('submitted', 'in_review', 'needs_correction', 'complete', 'in_process',"
    " 'awaiting_signature', 'on_hold')"
)

HOT_PATHS: dict[str, tuple[str, Sequence[Any]]] = {
    "inbox_waiting": ("SELECT id FROM inbox WHERE state = $1 AND contact_id = $2 ORDER BY id", ["new", 1]),
    "outbox_turns": (
        "SELECT id FROM outbox WHERE state = 'queued' AND channel = $1 AND account = $2 AND kind = 'reply'"
        " AND due_at <= $3 ORDER BY due_at, id LIMIT 10",
        ["whatsapp", "1", NOW],
    ),
    "outbox_templates": (
        "SELECT contact_id, max(sent_at) FROM outbox WHERE channel = $1 AND sent_at > $2"
        " AND sent_as LIKE 'template:%' GROUP BY contact_id",
        ["whatsapp", NOW],
    ),
    "outbox_lane": (
        "SELECT id FROM outbox WHERE state IN ('queued', 'claimed', 'sending')"
        " AND contact_id = $1 AND channel = $2 AND id < $3",
        [1, "whatsapp", 10],
    ),
    "outbox_leases|outbox_lane": (
        "SELECT id FROM outbox WHERE state IN ($1, $2) AND lease_until < $3",
        ["claimed", "sending", NOW],
    ),
    "requests_waiting": (
        f"SELECT id FROM requests WHERE office_id = $1 AND state IN {OPEN} ORDER BY submitted_at",  # noqa: S608
        [1],
    ),
    "requests_desk": ("SELECT id FROM requests WHERE owner_id = $1", [1]),
    "requests_corrections": (
        "SELECT id FROM requests WHERE state = $1 AND correct_by <= $2",
        ["needs_correction", NOW],
    ),
    "request_outputs_on_the_shelf": (
        "SELECT id FROM request_outputs WHERE state = $1 AND ready_at <= $2",
        ["ready_for_pickup", NOW],
    ),
    "files_unscanned": (
        "SELECT id FROM files WHERE office_id = $1 AND scanned = 'not' AND state = 'stored' AND id > $2"
        " ORDER BY id LIMIT 20",
        [1, 0],
    ),
    "journal_request": ("SELECT id FROM journal WHERE request_id = $1 ORDER BY id", [1]),
}


@pytest.fixture
def database_url(engine: str, database_url: str, request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue("untouched") if engine == "postgres" else database_url


@pytest.mark.parametrize("index", HOT_PATHS)
async def test_a_hot_path_reads_only_what_waits(index: str, database: str) -> None:
    statement, values = HOT_PATHS[index]

    async def plan() -> str:
        if not is_postgres():
            return str([dict(row) for row in await rows(f"EXPLAIN QUERY PLAN {statement}", values)])
        # on empty tables PostgreSQL would rather read all of nothing, by whichever way
        for way in ("seqscan", "bitmapscan", "sort"):
            await rows(f"SET LOCAL enable_{way} = off")
        return str(await rows(f"EXPLAIN {statement}", values))

    assert re.search(index, await transaction(plan))
