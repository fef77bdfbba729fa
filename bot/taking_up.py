"""Stored events that no lane holds: left by a process that died, or by one that could not tell us of them."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final

from tortoise.expressions import Q

from bot.lanes import HELD_MOST, Key, Lanes
from models.database import rows
from models.division import PARTITIONS
from models.hot.told import waiting
from models.inbox import InboxEvent, InboxState

_CHUNK: Final = 500  # rows read at once
_WAITING: Final = "SELECT id FROM inbox WHERE state = 'new'{where} ORDER BY id"
_OF_PARTITIONS: Final = f" AND COALESCE(contact_id, 0) % {PARTITIONS} = ANY(${{}}::bigint[])"
_OF_PEOPLE: Final = (
    " AND (contact_id = ANY(${0}::bigint[]) OR contact_id IS NULL AND 0 = ANY(${0}::bigint[]))"
)
_BEFORE: Final = " AND received_at <= ${}"

Fast = Callable[[InboxEvent, Sequence[tuple[str, str]]], bool]
"""Begins the step of a stored event, whose person has these addresses there; False: not this one."""


class TakingUp:
    """Brings them to their lanes.  What is of an account that we do not serve stays where it is."""

    def __init__(self, accounts: Collection[tuple[str, str]], lanes: Lanes) -> None:
        self._accounts = accounts
        self._lanes = lanes
        self.fast: Fast | None = None  # where there is a fast path, it is tried first
        self._one_at_a_time = asyncio.Lock()  # or two would find the same

    async def all(self) -> None:
        """What a dead process left; a conversation's first event may be what killed it, and is counted."""
        await self._take("", [], counted=True)

    async def of_partitions(
        self, numbers: Sequence[int], *, counted: bool = False, before: datetime | None = None
    ) -> None:
        values: list[object] = [list(numbers)]
        where = _OF_PARTITIONS.format(1)
        if before is not None:
            where += _BEFORE.format(2)
            values.append(before)
        if numbers:
            await self._take(where, values, counted=counted)

    async def of_people(self, contact_ids: Sequence[int]) -> None:
        """0: nobody in particular."""
        if contact_ids and self.fast is not None:
            await self._take_fast(self.fast, contact_ids)
        elif contact_ids:
            await self._take(_OF_PEOPLE.format(1), [list(contact_ids)], counted=False)

    async def next_of(self, key: Key) -> list[InboxEvent]:
        """The first that wait of one lane."""
        if isinstance(key, int):
            places = [Q(channel=channel, account=account) for channel, account in self._accounts]
            theirs = InboxEvent.filter(Q(*places, join_type=Q.OR), contact_id=key)
        else:
            theirs = InboxEvent.filter(contact_id=None, channel=key[0], account=key[1])
        return await theirs.filter(state=InboxState.NEW).order_by("id").limit(HELD_MOST)

    async def _take_fast(self, fast: "Fast", contact_ids: Sequence[int]) -> None:
        async with self._one_at_a_time:
            before = set(self._lanes.held)
            for told in await waiting(contact_ids):
                event = told.event
                ours = (event.channel, event.account) in self._accounts
                if ours and event.id not in before and not fast(event, told.addresses):
                    self._lanes.push(event)

    async def _take(self, where: str, values: Sequence[object], *, counted: bool) -> None:
        async with self._one_at_a_time:
            self._push(await self._read(where, values), counted=counted)

    async def _read(self, where: str, values: Sequence[object]) -> list[InboxEvent]:
        """What waits and was in no lane, neither when we began to look nor now."""
        held = set(self._lanes.held)
        ids = [row["id"] for row in await rows(_WAITING.format(where=where), values) if row["id"] not in held]
        found: list[InboxEvent] = []
        for at in range(0, len(ids), _CHUNK):
            chunk = InboxEvent.filter(id__in=ids[at : at + _CHUNK], state=InboxState.NEW)
            found += await chunk.order_by("id")
        return [
            event
            for event in found
            if (event.channel, event.account) in self._accounts and event.id not in self._lanes.held
        ]

    def _push(self, waiting: Sequence[InboxEvent], *, counted: bool) -> None:
        """The most suspect go last, so that they take nobody down with them a second time."""
        first: dict[int | None, InboxEvent] = {}
        for event in waiting:
            if first.setdefault(event.contact_id, event) is event and counted:
                event.tries += 1
        for event in sorted(waiting, key=lambda event: first[event.contact_id].tries):
            self._lanes.push(event)
