"""Answers that leave the moment they are kept: no claim, and the intent in the very commit that keeps them.

The rows go the same way as any other, ``claimed → sending → sent``; who dies leaves them as delivery would.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

import structlog

from bot import early, outcomes, references, serialise
from bot.batch import Batch
from bot.channels.base import AddressKey, ChannelAdapter, DeliveryFailed, Recipient, Sent
from bot.claims import Account
from bot.clock import Clock
from bot.delivery import AT_ONCE, Delivery
from bot.pacing import Turn as PacingTurn
from bot.wording import FREE_TEXT, Worded
from models import hot
from models.database import amend
from models.failpoint import failpoint
from models.outbox import OutboxMessage, OutboxState

log = structlog.get_logger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0  # seconds
T = TypeVar("T")
Commits = Batch[hot.Item, hot.Verdict]


@dataclass(frozen=True, slots=True)
class Pass:
    """The right to send, until it is used or given back.  Without a ``turn``: behind what is under way."""

    token: str
    turn: PacingTurn | None

    def give_back(self) -> None:
        if self.turn is not None:
            self.turn.end()


@dataclass(frozen=True, slots=True)
class Person:
    """Whom the answers go to: where they have just written from, best address first."""

    contact_id: int
    adapter: ChannelAdapter
    addresses: tuple[AddressKey, ...]

    @property
    def account(self) -> Account:
        return str(self.adapter.channel), self.adapter.account

    @property
    def place(self) -> tuple[int, str, str]:
        return self.contact_id, *self.account

    @property
    def conversation(self) -> tuple[int, Account]:
        return self.contact_id, self.account


@dataclass(slots=True)
class _Talk:
    """What is under way to one person on one channel.  ``open``: rows that are not noted as sent."""

    open: int = 0
    waiting: deque[tuple[Sequence[hot.Row], Pass]] = field(default_factory=deque)


class AtOnce:
    """``lease``: how long a row may be under way before others take it up."""

    def __init__(self, delivery: Delivery, commits: Commits, clock: Clock, lease: timedelta) -> None:
        self._delivery = delivery
        self.commits = commits
        self._clock = clock
        self._lease = lease
        self._talks: dict[tuple[int, Account], _Talk] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._behind = False  # something was queued that may wait for what is under way

    def may_go(self, person: Person, unsent: int) -> Pass | None:
        """A pass where nothing but what we carry ourselves holds an answer to this person back.

        ``unsent``: so many rows of the conversation were not noted as sent, a moment ago.
        """
        delivery, account, caps = self._delivery, person.account, person.adapter.caps
        if delivery.stopping or len(self._under_way) >= AT_ONCE:
            return None
        if delivery.standstill.room(account, self._clock(), 2) < 2:  # held, or tried by one row at a time
            return None
        talk = self._talks.get(person.conversation)
        if unsent > (talk.open if talk is not None else 0):
            return None
        if talk is not None and talk.open:
            return Pass(delivery.new_token(), None)
        if delivery.pacing.person_wait(account, person.contact_id, caps):
            return None
        turn = delivery.pacing.turn(account, person.contact_id, caps, urgent=True)
        if not turn.is_here():
            turn.end()
            return None
        return Pass(delivery.new_token(), turn)

    def marked(self, rows: Sequence[hot.Row], leave: Pass) -> list[hot.Row]:
        """The rows as they are kept: the first is on its way, what goes behind another is held for it."""
        until = self._clock() + self._lease
        first = "claimed" if leave.turn is None else "sending"
        states = [first, *["claimed"] * (len(rows) - 1)]
        return [
            replace(row, state=state, token=leave.token, lease_until=until)
            for row, state in zip(rows, states, strict=True)
        ]

    def queued(self) -> None:
        """Rows were kept that wait for their claim."""
        self._behind = True
        self._delivery.wake()

    def send(self, person: Person, rows: Sequence[hot.Row], leave: Pass) -> None:
        """Carry rows that were kept as `marked`."""
        talk = self._talks.get(person.conversation)
        if talk is not None:
            talk.open += len(rows)
            talk.waiting.append((rows, leave))
            return
        talk = self._talks[person.conversation] = _Talk(len(rows))
        talk.waiting.append((rows, leave))
        task = asyncio.create_task(self._carry_all(person, talk))
        self._under_way.add(task)
        task.add_done_callback(self._carried)

    def people(self) -> list[int]:
        """To whom something is under way."""
        return [contact_id for contact_id, _ in self._talks]

    async def settled(self) -> None:
        while self._under_way:
            await asyncio.wait(list(self._under_way))

    def _carried(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if self._behind:
            self._behind = bool(self._under_way)
            self._delivery.wake()

    async def _carry_all(self, person: Person, talk: _Talk) -> None:
        try:
            while talk.waiting:
                rows, leave = talk.waiting.popleft()
                await self._carry(person, rows, leave)
                talk.open -= len(rows)
        finally:
            del self._talks[person.conversation]

    async def _carry(self, person: Person, rows: Sequence[hot.Row], leave: Pass) -> None:
        failpoint("outbox.sending")
        turn = leave.turn
        for number, row in enumerate(rows):
            turn = turn if number == 0 and turn is not None else await self._next(person, row, leave.token)
            if turn is None:
                await self._let_go(rows[number:], leave.token)
                return
            with turn:
                gone = await self._one(person, row, leave.token)
            if not gone:
                await self._let_go(rows[number + 1 :], leave.token)
                return

    async def _next(self, person: Person, row: hot.Row, token: str) -> PacingTurn | None:
        """The turn of a further row, whose intent is kept; None: it has to wait."""
        caps = person.adapter.caps
        if self._delivery.pacing.person_wait(person.account, person.contact_id, caps):
            return None
        turn = self._delivery.pacing.turn(person.account, person.contact_id, caps, urgent=True)
        begun = turn.is_here() and await self.commits.put(
            hot.Begun(row.id, row.office_id, token, self._clock() + self._lease)
        )
        if begun is hot.Verdict.KEPT:
            return turn
        turn.end()
        return None

    async def _one(self, person: Person, row: hot.Row, token: str) -> bool:
        """Whether the provider took it."""
        try:
            sent = await self._deliver(person, row)
        except DeliveryFailed as failure:
            held = await _patiently(row.id, lambda: OutboxMessage.get(id=row.id))
            await self._delivery.keep(await self._delivery.after(held, token, failure))
            return False
        self._delivery.passed(person.account, row.created_at)
        await self._keep(person, row, token, sent)
        return True

    async def _deliver(self, person: Person, row: hot.Row) -> Sent:
        method = serialise.from_row(row.name, row.payload)
        to = Recipient(addresses=person.addresses)
        if references.needed(method):
            held = await OutboxMessage.get(id=row.id)
            to = replace(
                to,
                messages=await references.platform_ids(method, held, person.adapter.caps),
                last=await references.last_said(method, held),
            )
        return await self._delivery.deliver(row.id, row.name, person.adapter, method, to)

    async def _keep(self, person: Person, row: hot.Row, token: str, sent: Sent) -> None:
        """Record it, however long the database is away: it is the only trace of a send."""
        now = self._clock()
        said_early = early.expected((*person.account, str(sent.external_id)))
        if sent.addresses or said_early:
            worded = Worded(serialise.from_row(row.name, row.payload), FREE_TEXT, None)
            held = await _patiently(row.id, lambda: OutboxMessage.get(id=row.id))
            await self._delivery.keep(outcomes.sent(held, token, worded, sent, now))
            return
        taken = hot.Sent(row.id, row.office_id, token, sent.external_id, FREE_TEXT, now)
        await _patiently(row.id, lambda: self.commits.put(taken))
        failpoint("outbox.recorded")

    async def _let_go(self, rows: Sequence[hot.Row], token: str) -> None:
        """Rows that were held for one that did not go: they wait for their claim like any other."""
        freed = {"state": OutboxState.QUEUED, "token": None, "lease_until": None}
        if rows:
            held = {"token": token, "state": OutboxState.CLAIMED, "office_id": rows[0].office_id}
            await amend("outbox", [row.id for row in rows], freed, held)
        self.queued()


async def _patiently(row_id: int, work: Callable[[], Awaitable[T]]) -> T:
    pause = FIRST_PAUSE
    while True:
        try:
            return await work()
        except Exception as error:
            log.error("delivery.not_recorded", outbox=row_id, error=type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
