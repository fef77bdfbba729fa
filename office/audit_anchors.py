"""Where each chain ended, hour by hour, in a file outside the database.

Who cuts the newest rows off a chain and sets its head back to an older copy leaves a whole chain; only
somebody who remembers more can tell.  The file remembers: it belongs on another machine as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from models.backup.disk import to_disk
from models.database import rows
from office.audit_chain import moment, same, signature_of
from office.context import AuditMeans


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of an office's chain, as it was then.  ``line``: in the file, from 1."""

    office_id: int
    seq: int
    mac: str
    at: str
    line: int = 0


class AnchorForged(Exception):
    """A line of the file is none of ours; the text says which."""


async def end_of(office_id: int) -> Mapping[str, object] | None:
    """``seq``, ``mac`` and ``seal`` of the head; None: nothing was noted yet."""
    found = await rows("SELECT seq, mac, seal FROM audit_heads WHERE office_id = $1", [office_id])
    return found[0] if found else None


async def anchor_of(office_id: int, now: datetime) -> Anchor | None:
    """What there is to be anchored; None: no row yet."""
    head = await end_of(office_id)
    return None if head is None else Anchor(office_id, int(str(head["seq"])), str(head["mac"]), moment(now))


def keep(anchor: Anchor, means: AuditMeans) -> None:
    """Append to the file and wait for the disk."""
    if means.anchors is None:
        return
    signature = signature_of(means.key, anchor.office_id, anchor.seq, anchor.mac, anchor.at)
    line = {
        "office": anchor.office_id,
        "seq": anchor.seq,
        "mac": anchor.mac,
        "at": anchor.at,
        "by": signature,
    }
    fresh = not means.anchors.exists()
    means.anchors.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(means.anchors, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, (json.dumps(line) + "\n").encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    if fresh:
        to_disk(means.anchors.parent)


def kept(office_id: int, means: AuditMeans) -> list[Anchor]:
    """The office's anchors, as the file has them.  Raises: AnchorForged."""
    if means.anchors is None or not means.anchors.exists():
        return []
    return list(_read(office_id, means, means.anchors.read_text(encoding="utf-8", errors="replace")))


def _read(office_id: int, means: AuditMeans, text: str) -> Iterator[Anchor]:
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            said = json.loads(line)
            anchor = Anchor(int(said["office"]), int(said["seq"]), str(said["mac"]), str(said["at"]), number)
            by = str(said["by"])
        except (ValueError, KeyError, TypeError) as error:
            raise AnchorForged(f"line {number} of the anchors cannot be read") from error
        if not same(by, signature_of(means.key, anchor.office_id, anchor.seq, anchor.mac, anchor.at)):
            raise AnchorForged(f"line {number} of the anchors was not written with this key")
        if anchor.office_id == office_id:
            yield anchor
