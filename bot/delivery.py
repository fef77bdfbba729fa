"""Delivery: the only room that speaks to providers.

A row goes ``queued → claimed → sending → sent``.  ``sending`` is a committed intent: whoever dies after it
leaves a row that is `unknown`, shown to staff and never sent again by itself, unless the provider's receipt
settles it.  Rows of one conversation keep their order.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from bot import outcomes, references
from bot.batch import Batch
from bot.channels.base import ChannelAdapter, DeliveryFailed, Fault
from bot.clock import Clock
from bot.directory import Directory
from bot.files import Files
from bot.metrics import DELIVERED
from bot.notices import Render
from bot.outcomes import Outcome
from bot.pacing import Pacing
from bot.standstill import Standstill
from bot.wording import word
from models.database import amend, is_postgres, rows
from models.failpoint import failpoint
from models.outbox import OutboxMessage, OutboxState

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=45)  # longer than any session's own time-out
AT_ONCE = 64  # sends under way
IDLE = 1.0  # seconds between looks at the clock when nobody wakes us
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
        self._standstill = Standstill()
        self._intents: Batch[tuple[OutboxMessage, str], bool] = Batch(self._intend)
        self._outcomes: Batch[Outcome, bool] = Batch(outcomes.Recorder(people, clock))
        self._stopping = False
        self.on_sent: Callable[[OutboxMessage], Awaitable[None]] = _nobody

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    def held(self) -> list[tuple[str, str]]:
        """Channels that stand still because a human has to look."""
        return self._standstill.now(self._clock())

    async def recover(self, *, starting: bool = False) -> None:
        """Take up what a dead process left: when its lease has run out, or at our start if we are alone."""
        left = OutboxMessage.filter(state__in=(OutboxState.CLAIMED, OutboxState.SENDING))
        if not (starting and self._alone):
            left = left.filter(lease_until__lt=self._clock())
        for row in await left:
            adapter = self._adapters.get((row.channel, row.account))
            idempotent = adapter is not None and adapter.caps.idempotent
            becomes = outcomes.left_behind(row, self._clock(), idempotent=idempotent)
            await OutboxMessage.filter(id=row.id, state=row.state, token=row.token).update(**becomes)
            if becomes["state"] is OutboxState.UNKNOWN:
                log.warning("outbox.unknown", outbox=row.id, channel=row.channel)

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
        except DeliveryFailed as failure:
            outcome = self._after(row, token, failure)
        except Exception as error:
            log.error("delivery.broken", outbox=row.id, name=row.name, error=type(error).__name__)
            outcome = outcomes.ended(row, token, OutboxState.FAILED, type(error).__name__)
        if outcome is None:
            return
        await self._keep(outcome)
        if outcome.changes["state"] is OutboxState.SENT:
            await self.on_sent(row)

    async def _keep(self, outcome: Outcome) -> None:
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

    async def _attempt(self, row: OutboxMessage, token: str) -> Outcome | None:
        """Send it, or say why not now; None: it is no longer ours.  Raises: DeliveryFailed."""
        now, account = self._clock(), (row.channel, row.account)
        adapter = self._adapters.get(account)
        if row.expires_at is not None and row.expires_at <= now:
            return outcomes.ended(row, token, OutboxState.EXPIRED)
        if adapter is None:
            return outcomes.later(row, token, now + timedelta(minutes=1), "channel_off")
        if (until := self._standstill.until(account, now)) is not None:
            return outcomes.later(row, token, until, "channel_held")
        if delay := await self._paced(row, adapter):
            return outcomes.later(row, token, now + timedelta(seconds=delay))
        worded = await word(row, adapter, self._render, now=now)
        recipient = replace(
            await self._people.recipient(row.contact_id, row.channel, row.account),
            messages=await references.platform_ids(worded.method, row, adapter.caps),
            last=await references.last_said(worded.method, row),
        )
        if not await self._intents.put((row, token)):
            return None
        failpoint("outbox.sending")
        sent = await adapter.session.deliver(worded.method, recipient, str(row.id), self._files.read)
        failpoint("outbox.posted")
        self._standstill.end(account)
        now = self._clock()
        DELIVERED.labels(channel=row.channel).observe((now - row.created_at).total_seconds())
        return outcomes.sent(row, token, worded, sent, now)

    def _after(self, row: OutboxMessage, token: str, failure: DeliveryFailed) -> Outcome:
        log.info(
            "delivery.failed", outbox=row.id, channel=row.channel, fault=failure.fault, code=failure.code
        )
        if failure.fault is Fault.PAUSE:
            self._standstill.begin((row.channel, row.account), failure.code, self._clock())
        return outcomes.failed(row, token, failure, self._clock())

    async def _paced(self, row: OutboxMessage, adapter: ChannelAdapter) -> float:
        """Sit out a short wait; a long one is handed back in seconds, so that nobody's slot is kept."""
        while delay := self._pacing.wait(row.channel, row.account, row.contact_id, adapter.caps):
            if delay > SHORT_WAIT:
                return delay
            await asyncio.sleep(delay)
        return 0.0

    async def _intend(self, intents: Sequence[tuple[OutboxMessage, str]]) -> list[bool]:
        """Commit to sending; False for a row that is no longer ours."""
        begins = {"state": OutboxState.SENDING, "lease_until": self._clock() + self._lease}
        return [
            bool(await amend("outbox", [row.id], begins, {"token": token, "state": OutboxState.CLAIMED}))
            for row, token in intents
        ]


async def _nobody(_: OutboxMessage) -> None:
    return None
