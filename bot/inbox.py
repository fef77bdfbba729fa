"""The inbox: every event of a provider is a committed row before the provider hears 200."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import structlog

from bot.batch import Batch
from bot.channels.base import Incoming
from bot.clock import Clock
from bot.directory import Directory
from bot.jsontext import dumps
from models.contacts import Contact
from models.database import rows
from models.failpoint import failpoint
from models.inbox import InboxEvent, InboxKind, InboxState

log = structlog.get_logger(__name__)

FULL = 20_000  # rows waiting in memory; beyond it the door says 503 and the provider comes again

_INSERT = """
INSERT INTO inbox (office_id, channel, account, external_id, kind, contact_id, body, sent_at, received_at,
                   state, tries)
VALUES {places}
ON CONFLICT (channel, account, external_id) DO NOTHING
RETURNING id, channel, account, external_id
"""
_COLUMNS = 10


class NotStored(Exception):
    """The event could not be kept (database away, or too much waiting); it must not be acknowledged."""


@dataclass(frozen=True, slots=True)
class _Arrival:
    channel: str
    account: str
    incoming: Incoming


class Inbox:
    """``on_new`` is told of every row that was committed and waits, in order; ``unhandled`` counts those.

    ``held``: the stored events that have their place in a lane.  ``on_said`` is told how many messages of
    people came to an account: some platforms count them with ours.
    """

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._batch: Batch[_Arrival, InboxEvent | None] = Batch(self._write)
        self._coming: Counter[tuple[str, str, str]] = Counter()  # events that are being stored
        self.on_new: Callable[[InboxEvent], None] = lambda _: None
        self.unhandled: Callable[[], int] = lambda: 0
        self.held: Collection[int] = ()
        self.on_said: Callable[[str, str, int], None] = lambda channel, account, count: None

    async def store(self, channel: str, account: str, events: Sequence[Incoming]) -> int:
        """Keep the events; how many were new.  An event seen before is passed over in silence.

        Raises: NotStored.
        """
        if len(self._batch) + self.unhandled() > FULL:
            raise NotStored("too much is waiting")
        names = {(channel, account, event.external_id[:255]) for event in events}
        self._coming.update(names)
        try:
            return await self._store(channel, account, events)
        finally:
            self._coming.subtract(names)
            for name in [name for name in names if not self._coming[name]]:
                del self._coming[name]

    async def _store(self, channel: str, account: str, events: Sequence[Incoming]) -> int:
        epoch = self._directory.epoch
        try:
            kept = await asyncio.gather(
                *(self._batch.put(_Arrival(channel, account, event)) for event in events)
            )
        except Exception as error:
            log.warning("inbox.not_stored", channel=channel, error=type(error).__name__)
            raise NotStored(type(error).__name__) from error
        failpoint("inbox.committed")
        new = [row for row in kept if row is not None]
        if said := sum(row.kind is InboxKind.MESSAGE for row in new):
            self.on_said(channel, account, said)
        for row, event in zip(kept, events, strict=True):
            if row is not None and row.contact_id is not None:
                self._directory.remember(channel, account, event.addresses, row.contact_id, as_of=epoch)
        for row in new:
            if row.state is InboxState.NEW:
                self.on_new(row)
        if len(new) < len(events):
            await self._find_lost(channel, account, events)
        return len(new)

    async def _find_lost(self, channel: str, account: str, events: Sequence[Incoming]) -> None:
        """Seen before, and in no lane: a commit that happened may have been reported as broken.

        What is held before we look may be done by the time we read that it was not.
        """
        names = {(channel, account, event.external_id[:255]) for event in events}
        seen = [external_id for *_, external_id in names if self._coming[channel, account, external_id] < 2]
        held = set(self.held)
        office_id = self._directory.office_of(channel, account)
        here = InboxEvent.filter(office_id=office_id, channel=channel, account=account)
        waiting = here.filter(external_id__in=seen, state=InboxState.NEW)
        for row in await waiting.order_by("id"):
            if row.id not in held and row.id not in self.held:
                self.on_new(row)

    async def post(
        self,
        contact: Contact,
        place: tuple[str, str],
        external_id: str,
        data: str,
        held: str | None = None,
    ) -> None:
        """Let a page of our own go on in the chat, as a tap with ``data``; inside the caller's transaction.

        ``place``: channel and account.  ``held``: the storage key of a file that the page took in, as a
        `MediaRef` has it.  Call `take_up` after the commit.  The same ``external_id`` again changes nothing.
        """
        channel, account = place
        row = InboxEvent(
            office_id=contact.office_id,
            channel=channel,
            account=account,
            external_id=external_id,
            kind=InboxKind.INTERNAL,
            contact_id=contact.id,
            body=dumps({"data": data} | ({} if held is None else {"held": held})),
            received_at=self._clock(),
            state=InboxState.NEW,
        )
        await self._insert([row])

    async def take_up(self, place: tuple[str, str], external_id: str) -> None:
        """Hand a posted event to its lane."""
        channel, account = place
        row = await InboxEvent.get(channel=channel, account=account, external_id=external_id)
        if row.state is InboxState.NEW:
            self.on_new(row)

    async def _write(self, arrivals: Sequence[_Arrival]) -> list[InboxEvent | None]:
        drafts = [await self._draft(arrival) for arrival in arrivals]
        fresh = await self._insert(drafts)
        failpoint("inbox.inserted")
        return [self._fresh(row, fresh) for row in drafts]

    async def _insert(self, drafts: Sequence[InboxEvent]) -> dict[tuple[str, str, str], int]:
        """The ids of those that were new, by what makes them unique."""
        values: list[object] = []
        for row in drafts:
            values += [
                row.office_id, row.channel, row.account, row.external_id, row.kind.value, row.contact_id,
                row.sealed(body=row.body)["body"], row.sent_at, row.received_at, row.state.value,
            ]  # fmt: skip
        places = ", ".join(
            "(" + ", ".join(f"${n * _COLUMNS + k + 1}" for k in range(_COLUMNS)) + ", 0)"
            for n in range(len(drafts))
        )
        return {
            (row["channel"], row["account"], row["external_id"]): row["id"]
            for row in await rows(_INSERT.format(places=places), values)
        }

    @staticmethod
    def _fresh(row: InboxEvent, fresh: dict[tuple[str, str, str], int]) -> InboxEvent | None:
        """The row with its id; None if it was seen before, also earlier in the same batch."""
        ident = fresh.pop((row.channel, row.account, row.external_id), None)
        if ident is None:
            return None
        row.id = ident
        return row

    async def _draft(self, arrival: _Arrival) -> InboxEvent:
        event, now = arrival.incoming, self._clock()
        contact_id = None
        if event.addresses:
            contact_id = await self._directory.resolve(
                arrival.channel, arrival.account, event.addresses, event.name, now=now
            )
        waits = contact_id is not None or event.kind is InboxKind.RECEIPT
        return InboxEvent(
            office_id=self._directory.office_of(arrival.channel, arrival.account),
            channel=arrival.channel,
            account=arrival.account,
            external_id=event.external_id[:255],
            kind=event.kind,
            contact_id=contact_id,
            body=dumps(event.body),
            sent_at=event.sent_at,
            received_at=now,
            state=InboxState.NEW if waits else InboxState.DONE,
        )
