"""Delivery: the only room that speaks to providers.

A row goes ``queued → claimed → sending → sent``.  ``sending`` is a committed intent: whoever dies after it
leaves a row that is `unknown`, shown to staff and never sent again by itself, unless the provider's receipt
settles it.  Rows of one conversation keep their order.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiogram.methods import TelegramMethod
from tortoise.expressions import Q

from bot import claims, elsewhere, outcomes, references, templates
from bot.batch import Batch
from bot.channels.base import (
    ChannelAdapter,
    DeliveryFailed,
    Fault,
    HeldFile,
    Recipient,
    Sent,
    Throttled,
)
from bot.claims import Account
from bot.clock import Clock
from bot.directory import Directory
from bot.division import WHOLE, Division
from bot.files import Files
from bot.guarding.guard import Guard, Unfit
from bot.methods import SendTemplate
from bot.metrics import DELIVERED
from bot.notices import Render, SaidAt, at_once
from bot.outcomes import Outcome
from bot.pacing import Pacing, TooLong
from bot.standstill import Standstill
from bot.tier import BEYOND_TIER, Tier
from bot.wording import TEMPLATE, Worded, word
from models.database import AWAY, amend
from models.division import partition_of
from models.failpoint import failpoint
from models.offices import of_office
from models.outbox import OutboxKind, OutboxMessage, OutboxState

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=45)  # longer than any session's own time-out
AT_ONCE = 64  # rows of one account and kind under way
NOTICES_AT_ONCE = 48  # of which so many may be notices, so that an answer always finds room
IDLE = 1.0  # seconds between looks at the clock when nobody wakes us
BUSY = 0.1  # … while something is under way, or may wait for its account's pace
READY = 0.05  # seconds before its turn when a row becomes `sending`
RECALLED, RECALLED_ROWS = timedelta(minutes=5), 2_000  # what a new process remembers of the one before


class _NotAtHand(Exception):
    """The storage, or the database that names its files, is away."""


# Before a session has begun to send: the message is not to blame, and waits.
_NOTHING_SENT: tuple[type[Exception], ...] = (*AWAY, _NotAtHand)


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
        division: Division = WHOLE,
        lease: timedelta = LEASE,
    ) -> None:
        self._adapters = adapters
        self._people = people
        self._files = files
        self._render = render
        self.pacing = pacing
        self._clock = clock
        self._division = division
        self._name = division.name
        self._lease = lease
        self._wake = asyncio.Event()
        self._carrying: dict[asyncio.Task[None], OutboxMessage] = {}
        self._under_way: Counter[tuple[Account, OutboxKind]] = Counter()
        self.standstill = Standstill()
        self.tier = Tier()
        self._intents: Batch[tuple[OutboxMessage, str], bool] = Batch(self._intend)
        self._outcomes: Batch[Outcome, bool] = Batch(outcomes.Recorder(people, clock))
        self._more_waits = False
        self.stopping = False
        self.said_at: SaidAt = at_once
        self.guards: Mapping[Account, Guard] = {}
        self.on_held: Callable[[Account, str], Awaitable[None]] = _no_one
        self.on_sent: Callable[[OutboxMessage], Awaitable[None]] = _nobody

    def wake(self) -> None:
        """Something was queued."""
        self._wake.set()

    def new_token(self) -> str:
        """By which rows are known as ours; a process that comes after us under our name knows them, too."""
        return f"{self._name}.{secrets.token_hex(8)}" if self._name is not None else secrets.token_hex(8)

    def people(self) -> list[int]:
        """To whom something is under way."""
        return [row.contact_id for row in self._carrying.values()]

    def held(self) -> list[tuple[str, str]]:
        """Channels that stand still because a human has to look."""
        return self.standstill.now(self._clock())

    async def recover(self, *, starting: bool = False) -> None:
        """Take up what a dead process left: when its lease has run out, or at our start if it was ours."""
        left = OutboxMessage.filter(state__in=(OutboxState.CLAIMED, OutboxState.SENDING))
        if self._name is not None and starting:
            left = left.filter(Q(lease_until__lt=self._clock()) | Q(token__startswith=f"{self._name}."))
        elif not starting:
            left = left.filter(lease_until__lt=self._clock())
        if starting and self._name is None:
            await self.recall()
        for row in await left:
            adapter = self._adapters.get((row.channel, row.account))
            idempotent = adapter is not None and adapter.caps.idempotent
            becomes = outcomes.left_behind(row, self._clock(), idempotent=idempotent)
            with of_office(row.office_id):
                await OutboxMessage.filter(id=row.id, state=row.state, token=row.token).update(**becomes)
            if becomes["state"] is OutboxState.UNKNOWN:
                log.warning("outbox.unknown", outbox=row.id, channel=row.channel)

    async def recall(self, numbers: Collection[int] | None = None) -> None:
        """Count what others have sent just before it was ours to send: the platforms do.

        ``numbers``: to people of these partitions; None: to all.
        """
        now = self._clock()
        last = OutboxMessage.filter(sent_at__isnull=False).order_by("-id").limit(RECALLED_ROWS)
        sends = await last.values_list("sent_at", "channel", "account", "contact_id")
        for sent_at, channel, account, contact_id in sorted(sends):
            adapter = self._adapters.get((channel, account))
            theirs = numbers is None or partition_of(contact_id) in numbers
            if adapter is not None and theirs and sent_at > now - RECALLED:
                ago = max(0.0, (now - sent_at).total_seconds())
                self.pacing.recall((channel, account), contact_id, adapter.caps, ago)

    async def run(self) -> None:
        """Claim and carry until `stop`; what is under way then ends."""
        looked = self._clock()
        while not self.stopping:
            self._wake.clear()
            claimed = await self._claim_quietly()
            for row, token in claimed:
                task = asyncio.create_task(self._carry(row, token))
                self._carrying[task] = row
                self._under_way[(row.channel, row.account), row.kind] += 1
                task.add_done_callback(self._carried)
            soon = self._carrying or self._more_waits
            await self.pacing.pause(BUSY if soon else IDLE, until=self._wake)
            if self._name is not None and self._clock() - looked >= self._lease / 2:
                looked = self._clock()
                await self._recover_quietly()
        while self._carrying:
            await asyncio.wait(list(self._carrying))

    def stop(self) -> None:
        """Claim nothing more; `run` returns once what is under way has ended."""
        self.stopping = True
        self._wake.set()

    async def _claim_quietly(self) -> list[tuple[OutboxMessage, str]]:
        try:
            return await self._claim()
        except Exception as error:
            log.error("delivery.no_claim", error=type(error).__name__)
            return []

    async def _recover_quietly(self) -> None:
        try:
            await self.recover()
        except Exception as error:
            log.error("delivery.no_recovery", error=type(error).__name__)

    def _carried(self, task: asyncio.Task[None]) -> None:
        """An answer's end may free the next of its conversation; notices are looked for by the bunch."""
        row = self._carrying.pop(task)
        here = (row.channel, row.account), row.kind
        self._under_way[here] -= 1
        if row.kind is OutboxKind.REPLY or self._under_way[here] <= NOTICES_AT_ONCE // 2:
            self._wake.set()

    async def _claim(self, most: int = AT_ONCE) -> list[tuple[OutboxMessage, str]]:
        """At most ``most`` rows of each account."""
        numbers = self._division.numbers()
        if numbers is not None and not self._division.share:
            return []
        token, now = self.new_token(), self._clock()
        rooms = {
            account: self._room(account, may_go)
            for account in self._adapters
            if (may_go := self.standstill.room(account, now, most))
        }
        claimed = await claims.claim(rooms, token, now + self._lease, now, numbers)
        self._more_waits = any(room.notices <= len(claimed) for room in rooms.values())
        ours = OutboxMessage.filter(office_id__in={room.office_id for room in rooms.values()})
        if not claimed and not self._carrying:
            served = list(self._adapters)
            claimed = await claims.claim_strays(served, token, now + self._lease, now, numbers)
            ours = OutboxMessage.all()
        if not claimed:
            return []
        failpoint("outbox.claimed")
        return [(row, token) for row in await ours.filter(id__in=claimed).order_by("id")]

    def _room(self, account: Account, most: int) -> claims.Room:
        """Answers may go beyond what the pace allows: in the line they stand before all notices."""
        replies = self._under_way[account, OutboxKind.REPLY]
        notices = self._under_way[account, OutboxKind.NOTICE]
        paced = self.pacing.room(account, self._adapters[account].caps)
        free = most - notices if paced is None else min(paced, NOTICES_AT_ONCE - notices)
        return claims.Room(
            office_id=self._people.office_of(*account), replies=most - replies, notices=min(free, most)
        )

    async def _carry(self, row: OutboxMessage, token: str) -> None:
        """One row to its provider, and what came of it into the row."""
        with of_office(row.office_id):
            await self._carry_out(row, token)

    async def _carry_out(self, row: OutboxMessage, token: str) -> None:
        try:
            outcome = await self._attempt(row, token)
        except TooLong as wait:
            outcome = outcomes.later(row, token, self._clock() + timedelta(seconds=wait.seconds))
        except DeliveryFailed as failure:
            outcome = await self.after(row, token, failure)
        except _NOTHING_SENT as error:
            log.error("delivery.waits", outbox=row.id, error=type(error).__name__)
            outcome = outcomes.later(row, token, self._clock() + outcomes.LOOK_AGAIN, "away")
        except Exception as error:
            log.error("delivery.broken", outbox=row.id, name=row.name, error=type(error).__name__)
            outcome = outcomes.ended(row, token, OutboxState.FAILED, type(error).__name__)
        if outcome is None:
            return
        await self.keep(outcome)
        if outcome.changes["state"] is OutboxState.SENT:
            await self.on_sent(row)

    async def keep(self, outcome: Outcome) -> None:
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
        """Send it, or say why not now; None: it is no longer ours.  Raises: DeliveryFailed, TooLong."""
        now, account = self._clock(), (row.channel, row.account)
        adapter = self._adapters.get(account)
        if row.expires_at is not None and row.expires_at <= now:
            return outcomes.ended(row, token, OutboxState.EXPIRED)
        if not self._division.mine(row.contact_id):
            return outcomes.later(row, token, now)
        if adapter is None:
            return outcomes.later(row, token, now + timedelta(minutes=1), "channel_off")
        wakes = row.kind is OutboxKind.NOTICE and adapter.caps.rings
        if wakes and (morning := self.said_at(row.name, now)) > now:
            return outcomes.later(row, token, morning, outcomes.QUIET_HOURS)
        if (until := self.standstill.until(account, now)) is not None:
            return outcomes.later(row, token, until, "channel_held")
        await self._persons_wait(row, adapter)
        worded = await word(row, adapter, self._render, now=now)
        self._look_over(account, worded)
        if worded.sent_as.startswith(TEMPLATE) and (
            room_at := await self.tier.wait_until((row.channel, row.office_id), row.contact_id, now)
        ):
            return outcomes.later(row, token, room_at, BEYOND_TIER)
        recipient = replace(
            await self._people.recipient(row.contact_id, row.channel, row.account),
            messages=await references.platform_ids(worded.method, row, adapter.caps),
            last=await references.last_said(worded.method, row),
            shown=row.shown,
        )
        urgent = row.kind is OutboxKind.REPLY
        with self.pacing.turn(account, row.contact_id, adapter.caps, urgent=urgent) as turn:
            await turn.comes(within=READY)
            if not await self._intents.put((row, token)):
                return None
            failpoint("outbox.sending")
            await turn.comes()
            try:
                sent = await self.deliver(row.id, row.name, adapter, worded.method, recipient)
            except DeliveryFailed as failure:
                await self._note_template(row, worded, failure)
                raise
        self.passed(account, row.created_at)
        return outcomes.sent(row, token, worded, sent, self._clock())

    def _look_over(self, account: Account, worded: Worded) -> None:
        """Raises: DeliveryFailed, for what may not leave."""
        if (guard := self.guards.get(account)) is None:
            return
        try:
            guard.method(worded.method)
            guard.words(worded.reads)
        except Unfit as unfit:
            raise DeliveryFailed(Fault.GIVE_UP, unfit.code) from unfit

    def passed(self, account: Account, created_at: datetime) -> None:
        """The provider took a message."""
        failpoint("outbox.posted")
        self.standstill.passed(account)
        self.pacing.passes(account)
        DELIVERED.labels(channel=account[0]).observe((self._clock() - created_at).total_seconds())

    async def deliver(
        self, row_id: int, name: str, adapter: ChannelAdapter, method: TelegramMethod[Any], to: Recipient
    ) -> Sent:
        """Raises: DeliveryFailed; what a session should never raise leaves it open whether it was sent."""
        try:
            return await adapter.session.deliver(method, to, str(row_id), self.read)
        except (DeliveryFailed, _NotAtHand):
            raise
        except Exception as error:
            log.error("delivery.broken", outbox=row_id, name=name, error=type(error).__name__)
            raise DeliveryFailed(Fault.UNKNOWN, type(error).__name__) from error

    async def read(self, file_id: str) -> HeldFile:
        """Sessions read their files before they send anything.  Raises: also DeliveryFailed."""
        try:
            held = await self._files.read(file_id)
            return Guard.file(held) if self.guards else held
        except FileNotFoundError:
            raise
        except AWAY as error:
            raise _NotAtHand(type(error).__name__) from error
        except Unfit as unfit:
            raise DeliveryFailed(Fault.GIVE_UP, unfit.code) from unfit

    async def after(self, row: OutboxMessage, token: str, failure: DeliveryFailed) -> Outcome:
        log.info(
            "delivery.failed", outbox=row.id, channel=row.channel, fault=failure.fault, code=failure.code
        )
        if failure.throttled is Throttled.ACCOUNT:
            self.pacing.hold((row.channel, row.account), _seconds(failure.retry_after))
        now, account = self._clock(), (row.channel, row.account)
        if self.standstill.failed(account, row.id, failure, now):
            await self.on_held(account, failure.code)
        resting = failure.fault is Fault.RETRY and account in self.standstill.now(now)
        outcome = outcomes.failed(row, token, failure, now, blameless=resting)
        if not elsewhere.may_move(row, failure):
            return outcome
        try:
            to = await elsewhere.find(row, self._adapters, self._render, now=now)
        except Exception as error:
            log.error("delivery.nowhere_else", outbox=row.id, error=type(error).__name__)
            return outcome
        return outcome if to is None else outcomes.moved(outcome, to, failure, now)

    async def _note_template(self, row: OutboxMessage, worded: Worded, failure: DeliveryFailed) -> None:
        if failure.fault is Fault.TEMPLATE_FAULT and isinstance(worded.method, SendTemplate):
            log.error("template.refused", template=worded.method.name, code=failure.code)
            place = templates.Place(row.office_id, row.channel, row.account)
            await templates.refused(worded.method, place, failure, self._clock())

    async def _persons_wait(self, row: OutboxMessage, adapter: ChannelAdapter) -> None:
        """Sit out a short wait for this person.  Raises: TooLong."""
        account = (row.channel, row.account)
        while delay := self.pacing.person_wait(account, row.contact_id, adapter.caps):
            await self.pacing.sit_out(delay)

    async def _intend(self, intents: Sequence[tuple[OutboxMessage, str]]) -> list[bool]:
        """Commit to sending; False for a row that is no longer ours."""
        begins = {"state": OutboxState.SENDING, "lease_until": self._clock() + self._lease}
        return [
            bool(
                await amend(
                    "outbox",
                    [row.id],
                    begins,
                    {"token": token, "state": OutboxState.CLAIMED, "office_id": row.office_id},
                )
            )
            for row, token in intents
        ]


def _seconds(wait: timedelta | None) -> float | None:
    return None if wait is None else wait.total_seconds()


async def _nobody(_: OutboxMessage) -> None:
    return None


async def _no_one(account: Account, code: str) -> None:
    return None
