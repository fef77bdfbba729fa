"""Whether the audit is as it was written: row by row, to the head, and against the anchors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.database import rows
from office.audit_anchors import Anchor, AnchorForged, end_of, kept
from office.audit_chain import BEFORE_ALL, mac_of, row_of, same, seal_of
from office.context import OfficeContext

AT_ONCE: Final = 10_000  # rows in memory

_PAGE: Final = """
SELECT id, office_id, seq, at, actor, role, action, object, reason, mac FROM audit
WHERE office_id = $1 AND seq >= $2 AND (seq > $2 OR id > $3) ORDER BY seq, id LIMIT $4
"""


class Tampered(Exception):
    """The audit is not as it was written.  The text says where, in a sentence without a full stop."""


@dataclass(frozen=True, slots=True)
class Intact:
    """``rows`` of the chain, and how many ``anchors`` agree with it."""

    rows: int
    anchors: int


class Chain:
    """Walks along one office's rows in their order."""

    def __init__(self, key: bytes, office_id: int, anchors: Iterable[Anchor] = ()) -> None:
        self._key = key
        self._office_id = office_id
        self._anchors: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self._anchors.setdefault(anchor.seq, []).append(anchor)
        self._agreeing = 0
        self.seq = 0
        self.mac = BEFORE_ALL

    def take(self, found: Mapping[str, Any]) -> None:
        """The next row of the table.  Raises: Tampered."""
        row = row_of(found)
        if not isinstance(row.seq, int):  # SQLite keeps what it is given
            raise Tampered(f"after row {self.seq} comes one without a number")
        if row.seq <= self.seq:
            raise Tampered(f"row {row.seq} stands there twice")
        if row.seq != self.seq + 1:
            raise Tampered(f"after row {self.seq} comes row {row.seq}: {row.seq - self.seq - 1} deleted")
        if not same(str(found["mac"]), mac_of(self._key, self.mac, row)):
            raise Tampered(f"row {row.seq} was changed, put in or put elsewhere")
        self.seq, self.mac = row.seq, found["mac"]
        for anchor in self._anchors.pop(row.seq, ()):
            if anchor.mac != self.mac:
                raise Tampered(f"row {row.seq} is not the one that was anchored at {anchor.at}")
            self._agreeing += 1

    def end(self, head: Mapping[str, Any] | None) -> Intact:
        """No row is left.  Raises: Tampered."""
        if self._anchors:
            latest = self._anchors[max(self._anchors)][0]
            raise Tampered(f"it ends at row {self.seq}, but row {latest.seq} was anchored at {latest.at}")
        if head is None:
            if self.seq:
                raise Tampered(f"{self.seq} rows have no head")
            return Intact(0, self._agreeing)
        if int(head["seq"]) != self.seq or head["mac"] != self.mac:
            raise Tampered(f"it ends at row {self.seq}, but its head is of row {head['seq']}")
        if not same(str(head["seal"]), seal_of(self._key, self._office_id, self.seq, self.mac)):
            raise Tampered(f"its head, of row {self.seq}, was written by somebody else")
        return Intact(self.seq, self._agreeing)


async def check(here: OfficeContext, at_once: int = AT_ONCE) -> Intact:
    """Read an office's whole chain, ``at_once`` rows in one go; others may go on noting meanwhile.

    Raises: Tampered.
    """
    try:
        anchors = kept(here.office_id, here.audit)
    except AnchorForged as forged:
        raise Tampered(str(forged)) from forged
    chain = Chain(here.audit.key, here.office_id, anchors)
    last = 0
    while True:
        head = await end_of(here.office_id)
        while page := await _page(here.office_id, chain.seq, last, at_once):
            for row in page:
                chain.take(row)
            last = int(page[-1]["id"])
        if head == await end_of(here.office_id):  # else somebody noted between the last row and the head
            return chain.end(head)


async def _page(office_id: int, seq: int, row_id: int, at_once: int) -> Sequence[Mapping[str, Any]]:
    return await rows(_PAGE, [office_id, seq, row_id, at_once])
