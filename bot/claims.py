"""Which rows go next: of every account no more than its pace allows, answers before notices.

Rows of one conversation keep their order; one that waits for its next try is not overtaken, while a notice
of tomorrow holds up no answer of today, nor does one that was tried and has to wait longer than a lease.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.database import is_postgres, rows
from models.division import PARTITIONS
from models.outbox import OutboxKind

ACCOUNTS_AT_ONCE = 16  # in one statement: a planner looks at all of it together
Account = tuple[str, str]  # channel, account

_FIRST_OF_ITS_CONVERSATION = """NOT EXISTS (
    SELECT 1 FROM outbox e
    WHERE e.office_id = o.office_id AND e.contact_id = o.contact_id AND e.channel = o.channel AND e.id < o.id
      AND e.state IN ('queued', 'claimed', 'sending')
      AND (e.state IN ('claimed', 'sending')
           OR (e.state = 'queued'
               AND (e.kind = 'reply' OR e.due_at <= $3 OR (e.attempts > 0 AND e.due_at <= $2)))))"""
_DUE = """SELECT id FROM (
    SELECT o.id FROM outbox o
    WHERE o.state = 'queued' AND o.channel = ${channel} AND o.account = ${account} AND o.kind = '{kind}'
      AND o.office_id = ${office} AND {due}{ours} AND {first}
    ORDER BY o.due_at, o.id LIMIT ${most}{lock}) {alias}"""
_IS_DUE = {
    # written later than now: a clock that was set back since holds up no answer, nor its next try
    OutboxKind.REPLY: "(o.due_at <= $3 OR (o.created_at > $3 AND o.due_at >= o.created_at))",
    OutboxKind.NOTICE: "o.due_at <= $3",
}
_STRAYS = """SELECT id FROM (
    SELECT o.id FROM outbox o
    WHERE o.state = 'queued' AND o.due_at <= $3{ours} AND NOT ({served}) AND {first}
    ORDER BY o.due_at, o.id LIMIT 16{lock}) strays"""
_CLAIM = """
WITH due (id) AS MATERIALIZED ({which})
UPDATE outbox SET state = 'claimed', token = $1, lease_until = $2
WHERE NOT EXISTS (SELECT 1 FROM freezes WHERE released_at IS NULL)
  AND id IN (SELECT id FROM due){offices}
RETURNING id
"""
# MATERIALIZED: looked for again in each turn of a join, PostgreSQL would lock and claim more than the limit.
# Nothing goes out from a restored copy that nobody has released: see `bot.freeze`.


@dataclass(frozen=True, slots=True)
class Room:
    """How many rows of an account, which is this office's, may be claimed now."""

    office_id: int
    replies: int
    notices: int


async def claim(
    rooms: Mapping[Account, Room],
    token: str,
    until: datetime,
    now: datetime,
    numbers: Sequence[int] | None = None,
) -> list[int]:
    """The ids of rows that are ``token``'s until ``until``; of these partitions, where there are several."""
    accounts, claimed = list(rooms), list[int]()
    for first in range(0, len(accounts), ACCOUNTS_AT_ONCE):
        some = {account: rooms[account] for account in accounts[first : first + ACCOUNTS_AT_ONCE]}
        claimed += await _claim_at(some, token, until, now, numbers)
    return claimed


async def _claim_at(
    rooms: Mapping[Account, Room],
    token: str,
    until: datetime,
    now: datetime,
    numbers: Sequence[int] | None,
) -> list[int]:
    values: list[object] = [token, until, now]
    ours = _of_partitions(values, numbers)
    parts: list[str] = []
    for account, room in rooms.items():
        place = {
            "office": _bind(values, room.office_id),
            "channel": _bind(values, account[0]),
            "account": _bind(values, account[1]),
        }
        for kind, most in ((OutboxKind.REPLY, room.replies), (OutboxKind.NOTICE, room.notices)):
            alias = f"a{len(parts)}"
            limit = _bind(values, max(0, most))
            parts.append(
                _DUE.format(
                    **place,
                    kind=kind.value,
                    due=_IS_DUE[kind],
                    most=limit,
                    alias=alias,
                    ours=ours,
                    first=_FIRST_OF_ITS_CONVERSATION,
                    lock=_lock(),
                )
            )
    return await _claimed(parts, values, {room.office_id for room in rooms.values()})


async def claim_strays(
    served: Sequence[Account],
    token: str,
    until: datetime,
    now: datetime,
    numbers: Sequence[int] | None = None,
) -> list[int]:
    """Rows of accounts that this process does not serve."""
    values: list[object] = [token, until, now]
    known = " OR ".join(
        f"(o.channel = ${_bind(values, channel)} AND o.account = ${_bind(values, account)})"
        for channel, account in served
    )
    query = _STRAYS.format(
        served=known or "1 = 0",
        ours=_of_partitions(values, numbers),
        first=_FIRST_OF_ITS_CONVERSATION,
        lock=_lock(),
    )
    return await _claimed([query], values)


async def _claimed(parts: Sequence[str], values: list[object], offices: Collection[int] = ()) -> list[int]:
    if not parts:
        return []
    named = ", ".join(f"${_bind(values, one)}" for one in sorted(offices))
    here = f" AND office_id IN ({named})" if named else ""
    found = await rows(_CLAIM.format(which="\nUNION ALL\n".join(parts), offices=here), values)
    return [row["id"] for row in found]


def _of_partitions(values: list[object], numbers: Sequence[int] | None) -> str:
    if numbers is None or len(numbers) == PARTITIONS:
        return ""
    return f" AND o.contact_id % {PARTITIONS} = ANY(${_bind(values, list(numbers))}::bigint[])"


def _bind(values: list[object], value: object) -> int:
    values.append(value)
    return len(values)


def _lock() -> str:
    return " FOR UPDATE SKIP LOCKED" if is_postgres() else ""
