"""Where a notice goes that its channel cannot bring: to another chat of the same person, each tried once."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.channels.base import ChannelAdapter, DeliveryFailed, Fault
from bot.directory import person
from bot.notices import Render
from bot.wording import tried, word
from models.contacts import Conversation
from models.outbox import OutboxKind, OutboxMessage

_NOT_SAID_HERE = frozenset({"window_closed", "new_hands"})


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """``tried``: the channels that could not bring it, by comma."""

    contact_id: int
    channel: str
    account: str
    tried: str


def may_move(row: OutboxMessage, failure: DeliveryFailed) -> bool:
    """Whether another channel might do better: it is unreachable here, or there is no way to say it."""
    hopeless = failure.fault in (Fault.UNREACHABLE, Fault.TEMPLATE_FAULT) or failure.code in _NOT_SAID_HERE
    return row.kind is OutboxKind.NOTICE and hopeless


async def find(
    row: OutboxMessage,
    adapters: Mapping[tuple[str, str], ChannelAdapter],
    render: Render,
    *,
    now: datetime,
) -> Elsewhere | None:
    """The chat in which they spoke last, among those where it can be said right now."""
    contact = await person(row.contact_id)
    done = list(dict.fromkeys([*tried(row), row.channel]))
    talks = [t for t in await Conversation.filter(contact_id=contact.id) if t.last_heard_at is not None]
    for talk in sorted(talks, key=lambda talk: talk.last_heard_at, reverse=True):
        adapter = adapters.get((talk.channel, talk.account))
        if adapter is None or talk.channel in done or talk.unreachable_at or talk.refused_at:
            continue
        there = copy.copy(row)
        there.contact_id, there.channel, there.account = contact.id, talk.channel, talk.account
        try:
            await word(there, adapter, render, now=now)
        except DeliveryFailed:
            continue
        return Elsewhere(contact.id, talk.channel, talk.account, ",".join(done))
    return None
