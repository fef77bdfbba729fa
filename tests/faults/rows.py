"""What the office has written down, read from outside: plain SQL, no model of the product's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from models.sealing.ring import Ring
from models.sealing.rows import SCRUBBED
from tests.migrations.outside import query, query_all
from tests.sealed import ring_of_office

_INBOX = "SELECT id, channel, external_id, kind, state, contact_id FROM inbox ORDER BY id"
_OUTBOX = """
SELECT id, contact_id, channel, kind, name, payload, state, external_id, office_id, key, created_at
FROM outbox ORDER BY id
"""
_ADDRESSES = "SELECT contact_id, office_id, channel, account, kind, value, sealed FROM addresses"
_JOURNAL = "SELECT request_id, action, before, after FROM journal ORDER BY id"
_REQUESTS = "SELECT id, state FROM requests"
_NEW = "SELECT count(*) FROM inbox WHERE state = 'new'"
_UNDER_WAY = "SELECT state, due_at FROM outbox WHERE state IN ('queued', 'claimed', 'sending')"
_UNSENT = """
SELECT id, contact_id, channel, kind, name, state, due_at, attempts, failure
FROM outbox WHERE state IN ('queued', 'claimed', 'sending')
"""
SOON = timedelta(minutes=2)  # a next try that is due so soon is waited for; a reminder of tomorrow is not


@dataclass(frozen=True, slots=True)
class Heard:
    """A row of the inbox."""

    id: int
    channel: str
    external_id: str
    kind: str
    state: str
    contact_id: int | None


@dataclass(frozen=True, slots=True)
class Said:
    """A row of the outbox."""

    id: int
    contact_id: int
    channel: str
    kind: str
    name: str
    payload: str
    state: str
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A row of a request's journal."""

    request_id: int
    action: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything that the invariants look at.  ``requests``: id → state; ``addresses``: contact → values."""

    inbox: list[Heard]
    outbox: list[Said]
    journal: list[Change]
    requests: dict[int, str]
    addresses: dict[int, set[str]]

    @classmethod
    async def read(cls, url: str, keys: Path) -> Rows:
        """``keys``: the office's file of keys."""
        ring = await ring_of_office(url, keys)
        inbox, outbox, journal, known, requests = await query_all(
            url, (_INBOX, _OUTBOX, _JOURNAL, _ADDRESSES, _REQUESTS)
        )
        addresses: dict[int, set[str]] = {}
        for contact, *place, sealed in known:
            addresses.setdefault(contact, set()).add(ring.open(sealed, "addresses", "value", *place))
        return cls(
            inbox=[Heard(*row) for row in inbox],
            outbox=[_said(row, ring) for row in outbox],
            journal=[Change(*row) for row in journal],
            requests=dict(requests),
            addresses=addresses,
        )

    @property
    def unfinished(self) -> list[Heard | Said]:
        """In a middle state."""
        heard = [row for row in self.inbox if row.state == "new"]
        said = [row for row in self.outbox if row.state in ("claimed", "sending")]
        return [*heard, *said]

    @property
    def unknown(self) -> list[Said]:
        return [row for row in self.outbox if row.state == "unknown"]


def _said(row: Sequence[Any], ring: Ring) -> Said:
    *said, office_id, key, created_at = row
    place = (office_id, key, said[4], _moment(created_at))
    if said[5] != SCRUBBED:
        said[5] = ring.open(said[5], "outbox", "payload", *place)
    return Said(*said)


async def waiting(url: str, now: datetime) -> dict[str, int]:
    """What the office still has to do: events not handled, messages under way or due soon; {} at rest."""
    [(new,)], under_way = await query_all(url, (_NEW, _UNDER_WAY))
    found = {"inbox new": int(new)}
    for state, due_at in under_way:
        if state != "queued" or _moment(due_at) <= now + SOON:
            found[f"outbox {state}"] = found.get(f"outbox {state}", 0) + 1
    return {what: count for what, count in found.items() if count}


async def unsent(url: str) -> list[tuple[Any, ...]]:
    """The messages that are not out yet, with what is known about why."""
    return await query(url, _UNSENT)


def _moment(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
