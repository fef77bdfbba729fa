"""How the rows of the audit hold together: each is sealed over itself and the one before."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

BEFORE_ALL: Final = ""  # what stands for the mac before the first row
BROKEN: Final = "broken"  # the seal of a head that was not ours when we came to write on

_write = json.JSONEncoder(separators=(",", ":"), default=repr).encode


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is sealed.  ``at``: ISO in UTC, with a space, as SQLite keeps it."""

    office_id: int
    seq: int
    at: str
    actor: str
    role: str
    action: str
    object: str
    reason: str


def moment(at: object) -> str:
    """A time as it is sealed, from either engine."""
    return at.astimezone(UTC).isoformat(" ") if isinstance(at, datetime) else str(at)


def row_of(found: Mapping[str, Any]) -> Row:
    """From a row of the table ``audit``."""
    return Row(
        found["office_id"],
        found["seq"],
        moment(found["at"]),
        found["actor"],
        found["role"],
        found["action"],
        found["object"],
        found["reason"],
    )


def mac_of(key: bytes, before: str, row: Row) -> str:
    """HMAC-SHA256 over the mac before and the row, in hex."""
    canonical = _write(
        (row.office_id, row.seq, row.at, row.actor, row.role, row.action, row.object, row.reason)
    )
    return _hmac(key, before + canonical)


def seal_of(key: bytes, office_id: int, seq: int, mac: str) -> str:
    """Of a head: nobody without the key can put the chain's end elsewhere."""
    return _hmac(key, _write(("head", office_id, seq, mac)))


def signature_of(key: bytes, office_id: int, seq: int, mac: str, at: str) -> str:
    """Of a line in the file of anchors."""
    return _hmac(key, _write(("anchor", office_id, seq, mac, at)))


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _hmac(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256").hex()
