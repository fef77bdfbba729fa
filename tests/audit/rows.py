"""Rows of an audit, and every way to tamper with them that one can think of."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from office import audit_chain
from tests.audit.conftest import KEY
from tests.office.world import NOW

Rows = list[dict[str, Any]]
Head = dict[str, Any]

OFFICE: Final = 5314
FIELDS: Final = ("office_id", "seq", "at", "actor", "role", "action", "object", "reason", "mac")


def written(count: int, at: datetime = NOW) -> tuple[Rows, Head]:
    """A chain as `office.audit.note` writes it, and its head."""
    rows: Rows = []
    before = audit_chain.BEFORE_ALL
    for seq in range(1, count + 1):
        moment = audit_chain.moment(at + timedelta(seconds=seq))
        row = audit_chain.Row(
            OFFICE, seq, moment, f"staff:{seq % 5}", "operator", "complete", f"request:{seq % 9}", "complete"
        )
        before = audit_chain.mac_of(KEY, before, row)
        rows.append({"id": seq, **{name: getattr(row, name) for name in FIELDS[:-1]}, "mac": before})
    return rows, {"seq": count, "mac": before, "seal": audit_chain.seal_of(KEY, OFFICE, count, before)}


def edit(rows: Rows, head: Head, dice: random.Random) -> str:
    """One field of one row, by a little."""
    row, name = dice.choice(rows), dice.choice(FIELDS)
    was = row[name]
    row[name] = was + dice.choice((-1, 1, 1000)) if isinstance(was, int) else _other_text(was, dice)
    return f"{name} of row {row['id']}"


def swap_fields(rows: Rows, head: Head, dice: random.Random) -> str:
    """The words of one field moved to its neighbour."""
    row = dice.choice(rows)
    row["object"], row["reason"] = row["object"] + row["reason"], ""
    return f"object and reason of row {row['id']}"


def delete(rows: Rows, head: Head, dice: random.Random) -> str:
    at = dice.randrange(len(rows) - 1)
    gone = rows[at : at + dice.randint(1, min(3, len(rows) - 1 - at))]
    del rows[at : at + len(gone)]
    return f"{len(gone)} rows from {gone[0]['seq']}"


def delete_and_number_anew(rows: Rows, head: Head, dice: random.Random) -> str:
    told = delete(rows, head, dice)
    for seq, row in enumerate(rows, start=1):
        row["seq"] = seq
    head["seq"] = len(rows)
    return f"{told}, numbered anew"


def reorder(rows: Rows, head: Head, dice: random.Random) -> str:
    """Two rows change their places: their numbers, or all but their numbers."""
    one, other = dice.sample(rows, 2)
    for name in dice.choice((["seq"], [name for name in FIELDS if name != "seq"])):
        one[name], other[name] = other[name], one[name]
    return f"rows {one['id']} and {other['id']}"


def insert(rows: Rows, head: Head, dice: random.Random) -> str:
    """A row of another's hand, in the middle or at the end, with a mac from elsewhere or none."""
    at = dice.randint(0, len(rows))
    like = dict(dice.choice(rows))
    like |= {"id": 1_000_000, "seq": at + 1, "mac": dice.choice((like["mac"], "", "0" * 64))}
    for row in rows[at:]:
        row["seq"] += dice.choice((1,))
    rows.insert(at, like)
    head["seq"] += 1
    return f"a row at {at + 1}"


def copy(rows: Rows, head: Head, dice: random.Random) -> str:
    """One row twice."""
    row = dice.choice(rows)
    rows.insert(dice.randint(0, len(rows)), row | {"id": 1_000_000})
    return f"row {row['id']} twice"


def cut_off(rows: Rows, head: Head, dice: random.Random) -> str:
    """The newest rows, and the head set back without the key, or left."""
    count = dice.randint(1, len(rows))
    del rows[-count:]
    if dice.random() < 0.7:
        head["seq"], head["mac"] = (rows[-1]["seq"], rows[-1]["mac"]) if rows else (0, "")
    return f"the last {count}"


def cut_off_beyond_an_anchor(rows: Rows, head: Head, dice: random.Random) -> str:
    """The newest rows, and the head as it truly was then: only the anchors know better."""
    count = dice.randint(1, len(rows) - 1)
    del rows[-count:]
    last = rows[-1]
    head |= {
        "seq": last["seq"],
        "mac": last["mac"],
        "seal": audit_chain.seal_of(KEY, OFFICE, last["seq"], last["mac"]),
    }
    return f"the last {count}, with an old head"


def seal_with_another_key(rows: Rows, head: Head, dice: random.Random) -> str:
    """The whole chain written anew by somebody who has not the key."""
    before, key = audit_chain.BEFORE_ALL, dice.randbytes(32)
    for row in rows:
        before = row["mac"] = audit_chain.mac_of(key, before, audit_chain.row_of(row))
    head |= {"mac": before, "seal": audit_chain.seal_of(key, OFFICE, head["seq"], before)}
    return "all of it, with another key"


TAMPERINGS: Final[Sequence[Callable[[Rows, Head, random.Random], str]]] = (
    edit, swap_fields, delete, delete_and_number_anew, reorder, insert, copy, cut_off,
    cut_off_beyond_an_anchor, seal_with_another_key,
)  # fmt: skip


def _other_text(was: str, dice: random.Random) -> str:
    if not was:
        return "x"
    at = dice.randrange(len(was))
    return dice.choice(
        (was[:at] + chr(ord(was[at]) ^ 1) + was[at + 1 :], was[:at] + was[at + 1 :], was + "0")
    )
