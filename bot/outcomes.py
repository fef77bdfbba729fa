"""What becomes of a row that delivery tried: the table of consequences, and writing them down."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot import early, receipts
from bot.channels.base import AddressKey, DeliveryFailed, Fault, Sent, Throttled
from bot.clock import Clock
from bot.directory import Directory, doubt
from bot.elsewhere import Elsewhere
from bot.wording import Worded
from models.contacts import Conversation
from models.database import amend
from models.offices import of_office
from models.outbox import OutboxKind, OutboxMessage, OutboxState, Receipt

MOST_ATTEMPTS = 12
LONGEST_PATIENCE = timedelta(minutes=15)
QUIET_HOURS = "quiet_hours"  # why a notice waits that may not be said now
LOOK_AGAIN = timedelta(seconds=5)  # at a channel that was just held
HELD_AT_MOST = timedelta(days=2)  # what waits through no fault of its own: a paused template, an outage


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row becomes if ``token`` still holds it, and what that says of its conversation.

    ``learned`` stands beside the addresses we had, ``moved_to`` in place of the one of its kind.
    ``doubted_at``: the address refused us then, perhaps by chance.
    """

    row: OutboxMessage
    token: str
    changes: Mapping[str, Any]
    talk: Mapping[str, Any] = field(default_factory=dict)
    learned: Sequence[AddressKey] = ()
    moved_to: AddressKey | None = None
    doubted_at: datetime | None = None


def sent(row: OutboxMessage, token: str, worded: Worded, taken: Sent, now: datetime) -> Outcome:
    """The provider took it; its buttons are now the last ones shown."""
    changes = {
        "state": OutboxState.SENT,
        "external_id": taken.external_id,
        "sent_as": worded.sent_as,
        "sent_at": now,
        "failure": None,
        "lease_until": None,
    }
    talk = {"choices": worded.shown.to_text()} if worded.shown else {}
    return Outcome(row, token, changes, talk, learned=taken.addresses)


def later(
    row: OutboxMessage, token: str, due_at: datetime, failure: str | None = None, *, tried: int = 0
) -> Outcome:
    """Back into the queue."""
    changes = {
        "state": OutboxState.QUEUED,
        "due_at": due_at,
        "attempts": row.attempts + tried,
        "failure": failure and failure[:64],
        "token": None,
        "lease_until": None,
    }
    return Outcome(row, token, changes)


def ended(
    row: OutboxMessage,
    token: str,
    state: OutboxState,
    failure: str | None = None,
    talk: Mapping[str, Any] | None = None,
) -> Outcome:
    """Nothing more will be tried."""
    changes = {
        "state": state,
        "failure": failure and failure[:64],
        "attempts": row.attempts + 1,
        "lease_until": None,
    }
    return Outcome(row, token, changes, talk or {})


def failed(
    row: OutboxMessage, token: str, failure: DeliveryFailed, now: datetime, *, blameless: bool = False
) -> Outcome:
    """What each kind of failure asks for; a row that comes back goes on behind what was shown of it.

    ``blameless``: the whole channel stands still, and the row is not a try poorer for having found out.
    """
    outcome = _asked_for(row, token, failure, now)
    blameless = blameless or failure.throttled is Throttled.ACCOUNT
    if failure.fault is Fault.RETRY and blameless and now - row.created_at < HELD_AT_MOST:
        wait = _told(failure, row.attempts) or LOOK_AGAIN
        outcome = later(row, token, now + wait, failure.code)
    if failure.fault in (Fault.RETRY, Fault.WAIT, Fault.PAUSE):
        return replace(outcome, changes={**outcome.changes, "shown": max(row.shown, failure.shown)})
    return outcome


def _asked_for(row: OutboxMessage, token: str, failure: DeliveryFailed, now: datetime) -> Outcome:
    code, again = failure.code, row.attempts + 1 < MOST_ATTEMPTS
    match failure.fault:
        case Fault.RETRY if again:
            wait = _told(failure, row.attempts) or _patience(row.attempts)
            return later(row, token, now + wait, code, tried=1)
        case Fault.WAIT if again:
            return later(row, token, now + (failure.retry_after or timedelta(hours=24)), code, tried=1)
        case Fault.PAUSE:
            return later(row, token, now + LOOK_AGAIN, code)
        case Fault.TEMPLATE if again and row.kind is OutboxKind.NOTICE:
            closed = {"window_expires_at": now}
            return Outcome(row, token, later(row, token, now, code, tried=1).changes, closed)
        case Fault.TEMPLATE_FAULT if failure.retry_after is not None and _may_be_held(row, now):
            return later(row, token, now + failure.retry_after, code)
        case Fault.UNKNOWN:
            return _unknown(row, token, code, now)
        case Fault.MOVED if again and failure.moved_to is not None:
            return replace(later(row, token, now, code, tried=1), moved_to=failure.moved_to)
        case Fault.UNREACHABLE if failure.certain:
            return ended(row, token, OutboxState.FAILED, code, {"unreachable_at": now})
        case Fault.UNREACHABLE:
            return replace(ended(row, token, OutboxState.FAILED, code), doubted_at=now)
        case _:
            return ended(row, token, OutboxState.FAILED, code)


def _unknown(row: OutboxMessage, token: str, failure: str, now: datetime) -> Outcome:
    outcome = ended(row, token, OutboxState.UNKNOWN, failure)
    return replace(outcome, changes={**outcome.changes, "unknown_at": now})


def moved(outcome: Outcome, to: Elsewhere, failure: DeliveryFailed, now: datetime) -> Outcome:
    """The same notice, under its key, to another chat of the person; what was learnt of this one stays."""
    changes = {
        **later(outcome.row, outcome.token, now, failure.code[:64]).changes,
        "contact_id": to.contact_id,
        "channel": to.channel,
        "account": to.account,
        "tried": to.tried,
        "attempts": 0,
        "shown": 0,
    }
    return replace(outcome, changes=changes)


def _may_be_held(row: OutboxMessage, now: datetime) -> bool:
    return row.kind is OutboxKind.NOTICE and now - row.created_at < HELD_AT_MOST


def left_behind(row: OutboxMessage, now: datetime, *, idempotent: bool) -> dict[str, Any]:
    """What a row becomes whose holder died: known to be unsent, settled by a receipt, or unknown."""
    if row.state is OutboxState.CLAIMED or idempotent:
        return {"state": OutboxState.QUEUED, "token": None, "lease_until": None}
    if row.receipt in (Receipt.TAKEN, Receipt.ARRIVED, Receipt.SEEN):
        return {"state": OutboxState.SENT, "sent_at": now, "lease_until": None}
    return {"state": OutboxState.UNKNOWN, "unknown_at": now, "lease_until": None}


class Recorder:
    """Writes outcomes, inside a transaction.  False for a row that is no longer its holder's."""

    def __init__(self, people: Directory, clock: Clock) -> None:
        self._people = people
        self._clock = clock

    async def __call__(self, outcomes: Sequence[Outcome]) -> list[bool]:
        return [await self._record_at_office(outcome) for outcome in outcomes]

    async def _record_at_office(self, outcome: Outcome) -> bool:
        with of_office(outcome.row.office_id):
            return await self._record(outcome)

    async def _record(self, outcome: Outcome) -> bool:
        row = outcome.row
        if not await amend("outbox", [row.id], outcome.changes, {"token": outcome.token}):
            return False
        if outcome.changes["state"] is OutboxState.UNKNOWN:
            await receipts.settle_doubt(row.id, self._clock())
        name = (row.channel, row.account, str(outcome.changes.get("external_id")))
        if early.expected(name):
            await receipts.apply_early(name, self._clock())
        place = (row.contact_id, row.channel, row.account)
        if outcome.talk:
            await Conversation.filter(
                contact_id=row.contact_id, channel=row.channel, account=row.account
            ).update(**outcome.talk)
        if outcome.doubted_at is not None:
            await doubt(*place, outcome.doubted_at)
        if outcome.learned:
            await self._people.learn(*place, outcome.learned, now=self._clock())
        if outcome.moved_to is not None:
            await self._people.replace(*place, [outcome.moved_to], now=self._clock())
        return True


def _told(failure: DeliveryFailed, attempts: int) -> timedelta | None:
    """What the provider asks for, longer at each further try where it says so."""
    if failure.retry_after is None:
        return None
    return min(failure.retry_after * failure.backoff**attempts, max(LONGEST_PATIENCE, failure.retry_after))


def _patience(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s … at most 15 minutes, and a little at random so that not all come back together."""
    return min(timedelta(seconds=5 * 2**attempts), LONGEST_PATIENCE) * (0.8 + 0.4 * random.random())
