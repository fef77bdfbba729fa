"""Delivery: the only room that speaks to providers.

A row goes ``queued → claimed → sending → sent``.  ``sending`` is a committed intent: whoever dies after it
leaves a row that is `unknown`, shown to staff and never sent again by itself, unless the provider's receipt
settles it.  Rows of one conversation keep their order.
"""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.batch import Batch
from bot.channels.base import ChannelAdapter, DeliveryFailed, Fault
from bot.clock import Clock
from bot.directory import Directory
from bot.files import Files
from bot.metrics import DELIVERED
from bot.notices import Render
from bot.pacing import Pacing
from bot.wording import Worded, word
from models.contacts import Conversation
from models.database import is_postgres, rows
from models.failpoint import failpoint
from models.outbox import OutboxMessage, OutboxState, Receipt

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=45)  # longer than any session's own time-out
AT_ONCE = 64  # sends under way
IDLE = 1.0  # seconds between looks at the clock when nobody wakes us
MOST_ATTEMPTS = 12
LONGEST_PAUSE = timedelta(minutes=15)
SHORT_WAIT = 3.0  # seconds of pacing that a claimed row may sit out

_CLAIM = """
UPDATE outbox SET state = 'claimed', token = $1, lease_until = $2
WHERE id IN (
    SELECT o.id FROM outbox o
    WHERE o.state = 'queued' AND o.due_at <= $3
      AND NOT EXISTS (
        SELECT 1 FROM outbox e
        WHERE e.contact_id = o.contact_id AND e.channel = o.channel AND e.id < o.id
          AND e.state IN ('queued', 'claimed', 'sending')
          AND (e.state IN ('claimed', 'sending')
               OR (e.state = 'queued' AND (e.kind = 'reply' OR e.due_at <= $3 OR e.attempts > 0))))
    ORDER BY o.due_at, o.id LIMIT $4{lock})
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a row becomes, if it is still ours."""

    row: OutboxMessage
    token: str
    changes: Mapping[str, Any]
    shown: str | None = None
    unreachable_at: datetime | None = None


@dataclass(slots=True)
class _Held:
    """A channel that stands still: until when, and how long the next pause is."""

    until: datetime
    pause: timedelta = field(default=timedelta(seconds=30))


class Delivery:
    """Carries rows to their providers until told to stop."""

    def __init__(
        self,
        adapters: Mapping[tuple[str, str], ChannelAdapter],
        people: Directory,
        files: Files,
        render: Render,
        pacing: Pacing,
        clock: Clock,
        *,
        alone: bool,
        lease: timedelta = LEASE,
    ) -> None:
        self._adapters = adapters
        self._people = people
        self._files = files
        self._render = render
        self._pacing = pacing
        self._clock = clock
        self._alone = alone
        self._lease = lease
        self._wake = asyncio.Event()
        self._carrying: set[asyncio.Task[None]] = set()
        self._held: dict[tuple[str, str], _Held] = {}
        self._intents: Batch[tuple[OutboxMessage, str], bool] = Batch(self._intend)
        self._outcomes: Batch[_Outcome, bool] = Batch(self._record)
        self._stopping = False
        self.on_sent: Callable[[OutboxMessage], Awaitable[None]] = _nobody

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    def held(self) -> list[tuple[str, str]]:
        """Channels that stand still because a human has to look."""
        return [key for key, held in self._held.items() if held.until > self._clock()]

    async def recover(self, *, starting: bool = False) -> None:
        """Take up what a dead process left: when its lease has run out, or at our start if we are alone."""
        left = OutboxMessage.filter(state__in=(OutboxState.CLAIMED, OutboxState.SENDING))
        if not (starting and self._alone):
            left = left.filter(lease_until__lt=self._clock())
        for row in await left:
            await OutboxMessage.filter(id=row.id, state=row.state, token=row.token).update(
                **self._left_behind(row)
            )

    def _left_behind(self, row: OutboxMessage) -> dict[str, Any]:
        adapter = self._adapters.get((row.channel, row.account))
        if row.state is OutboxState.CLAIMED or (adapter is not None and adapter.caps.idempotent):
            return {"state": OutboxState.QUEUED, "token": None, "lease_until": None}
        if row.receipt in (Receipt.TAKEN, Receipt.ARRIVED, Receipt.SEEN):
            return {"state": OutboxState.SENT, "sent_at": self._clock(), "lease_until": None}
        log.warning("outbox.unknown", outbox=row.id, channel=row.channel)
        return {"state": OutboxState.UNKNOWN, "lease_until": None}

    async def run(self) -> None:
        """Claim and carry until `stop`; what is under way then ends."""
        looked = self._clock()
        while not self._stopping:
            self._wake.clear()
            claimed = await self._claim_quietly()
            for row, token in claimed:
                task = asyncio.create_task(self._carry(row, token))
                self._carrying.add(task)
                task.add_done_callback(self._carried)
            if not claimed:
                await self._sleep()
            if not self._alone and self._clock() - looked >= self._lease / 2:
                looked = self._clock()
                await self._recover_quietly()
        while self._carrying:
            await asyncio.wait(list(self._carrying))

    def stop(self) -> None:
        """Claim nothing more; `run` returns once what is under way has ended."""
        self._stopping = True
        self._wake.set()

    async def _claim_quietly(self) -> list[tuple[OutboxMessage, str]]:
        try:
            return await self._claim(AT_ONCE - len(self._carrying))
        except Exception as error:
            log.error("delivery.no_claim", error=type(error).__name__)
            return []

    async def _recover_quietly(self) -> None:
        try:
            await self.recover()
        except Exception as error:
            log.error("delivery.no_recovery", error=type(error).__name__)

    def _carried(self, task: asyncio.Task[None]) -> None:
        self._carrying.discard(task)
        self._wake.set()

    async def _sleep(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), IDLE)
        except TimeoutError:
            return

    async def _claim(self, most: int) -> list[tuple[OutboxMessage, str]]:
        if most <= 0:
            return []
        token, now = secrets.token_hex(8), self._clock()
        query = _CLAIM.format(lock=" FOR UPDATE SKIP LOCKED" if is_postgres() else "")
        claimed = [row["id"] for row in await rows(query, [token, now + self._lease, now, most])]
        if not claimed:
            return []
        failpoint("outbox.claimed")
        return [(row, token) for row in await OutboxMessage.filter(id__in=claimed).order_by("id")]

    async def _carry(self, row: OutboxMessage, token: str) -> None:
        """One row to its provider, and what came of it into the row."""
        try:
            outcome = await self._attempt(row, token)
        except DeliveryFailed as failed:
            outcome = self._after(row, token, failed)
        except Exception as error:
            log.error("delivery.broken", outbox=row.id, name=row.name, error=type(error).__name__)
            outcome = self._ends(row, token, OutboxState.FAILED, type(error).__name__)
        if outcome is None:
            return
        await self._keep(outcome)
        if outcome.changes.get("state") is OutboxState.SENT:
            await self.on_sent(row)

    async def _keep(self, outcome: _Outcome) -> None:
        """Record the outcome, however long the database is away: it is the only trace of a send."""
        pause = 0.2
        while True:
            try:
                await self._outcomes.put(outcome)
                failpoint("outbox.recorded")
                return
            except Exception as error:
                log.error("delivery.not_recorded", outbox=outcome.row.id, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10.0)

    async def _attempt(self, row: OutboxMessage, token: str) -> _Outcome | None:
        now = self._clock()
        adapter = self._adapters.get((row.channel, row.account))
        if row.expires_at is not None and row.expires_at <= now:
            return self._ends(row, token, OutboxState.EXPIRED, None)
        if adapter is None:
            return self._later(row, token, timedelta(minutes=1), "channel_off")
        held = self._held.get((row.channel, row.account))
        if held is not None and held.until > now:
            return self._later(row, token, held.until - now, "channel_held")
        if delay := await self._paced(row, adapter):
            return self._later(row, token, timedelta(seconds=delay), None)
        worded = await word(row, adapter, self._render, now=now)
        recipient = await self._people.recipient(row.contact_id, row.channel, row.account)
        if not await self._intents.put((row, token)):
            return None
        failpoint("outbox.sending")
        sent = await adapter.session.deliver(worded.method, recipient, str(row.id), self._files.read)
        failpoint("outbox.posted")
        self._held.pop((row.channel, row.account), None)
        return self._sent(row, token, worded, sent.external_id)

    async def _paced(self, row: OutboxMessage, adapter: ChannelAdapter) -> float:
        """Sit out a short wait; a long one is handed back in seconds, so that nobody's slot is kept."""
        while delay := self._pacing.wait(row.channel, row.account, row.contact_id, adapter.caps):
            if delay > SHORT_WAIT:
                return delay
            await asyncio.sleep(delay)
        return 0.0

    def _sent(self, row: OutboxMessage, token: str, worded: Worded, external_id: str | None) -> _Outcome:
        now = self._clock()
        DELIVERED.labels(channel=row.channel).observe((now - row.created_at).total_seconds())
        changes = {
            "state": OutboxState.SENT,
            "external_id": external_id,
            "sent_as": worded.sent_as,
            "sent_at": now,
            "failure": None,
            "lease_until": None,
        }
        return _Outcome(row, token, changes, shown=worded.shown.to_text() if worded.shown else None)

    def _after(self, row: OutboxMessage, token: str, failed: DeliveryFailed) -> _Outcome:
        """What each kind of failure asks for."""
        log.info("delivery.failed", outbox=row.id, channel=row.channel, fault=failed.fault, code=failed.code)
        match failed.fault:
            case Fault.RETRY if row.attempts + 1 < MOST_ATTEMPTS:
                return self._later(
                    row, token, failed.retry_after or _patience(row.attempts), failed.code, tried=1
                )
            case Fault.WAIT:
                return self._later(
                    row, token, failed.retry_after or timedelta(hours=24), failed.code, tried=1
                )
            case Fault.PAUSE:
                self._hold(row, failed.code)
                return self._later(row, token, timedelta(seconds=5), failed.code)
            case Fault.UNKNOWN:
                return self._ends(row, token, OutboxState.UNKNOWN, failed.code)
            case Fault.UNREACHABLE:
                return self._ends(row, token, OutboxState.FAILED, failed.code, unreachable_at=self._clock())
            case _:
                return self._ends(row, token, OutboxState.FAILED, failed.code)

    def _hold(self, row: OutboxMessage, code: str) -> None:
        key, now = (row.channel, row.account), self._clock()
        before = self._held.get(key)
        if before is not None and before.until > now:
            return
        pause = min(before.pause * 2, LONGEST_PAUSE) if before else timedelta(seconds=30)
        self._held[key] = _Held(now + pause, pause)
        log.error("channel.held", channel=row.channel, code=code, seconds=pause.total_seconds())

    def _later(
        self, row: OutboxMessage, token: str, wait: timedelta, failure: str | None, *, tried: int = 0
    ) -> _Outcome:
        changes = {
            "state": OutboxState.QUEUED,
            "due_at": self._clock() + wait,
            "attempts": row.attempts + tried,
            "failure": failure,
            "token": None,
            "lease_until": None,
        }
        return _Outcome(row, token, changes)

    def _ends(
        self,
        row: OutboxMessage,
        token: str,
        state: OutboxState,
        failure: str | None,
        unreachable_at: datetime | None = None,
    ) -> _Outcome:
        changes = {
            "state": state,
            "failure": failure and failure[:64],
            "attempts": row.attempts + 1,
            "lease_until": None,
        }
        return _Outcome(row, token, changes, unreachable_at=unreachable_at)

    async def _intend(self, intents: Sequence[tuple[OutboxMessage, str]]) -> list[bool]:
        now = self._clock()
        return [
            bool(
                await OutboxMessage.filter(id=row.id, token=token, state=OutboxState.CLAIMED).update(
                    state=OutboxState.SENDING, lease_until=now + self._lease
                )
            )
            for row, token in intents
        ]

    async def _record(self, outcomes: Sequence[_Outcome]) -> list[bool]:
        return [await self._record_one(outcome) for outcome in outcomes]

    async def _record_one(self, outcome: _Outcome) -> bool:
        row = outcome.row
        ours = await OutboxMessage.filter(id=row.id, token=outcome.token).update(**outcome.changes)
        talk = Conversation.filter(contact_id=row.contact_id, channel=row.channel, account=row.account)
        if ours and outcome.shown is not None:
            await talk.update(choices=outcome.shown)
        if ours and outcome.unreachable_at is not None:
            await talk.update(unreachable_at=outcome.unreachable_at)
        return bool(ours)


def _patience(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s … at most 15 minutes, and a little at random so that not all come back together."""
    return min(timedelta(seconds=5 * 2**attempts), LONGEST_PAUSE) * (0.8 + 0.4 * random.random())


async def _nobody(_: OutboxMessage) -> None:
    return None
