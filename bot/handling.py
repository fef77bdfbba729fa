"""One step through the handlers: everything it causes is committed at once, or nothing is.

Filters, FSM, rows and outgoing messages share one transaction with the mark that the event is done.  After a
crash at any instruction the whole step runs again, or has happened.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.methods import TelegramMethod
from aiogram.types import Message, Update
from pydantic import ValidationError

from bot import directory, ids, news, receipts
from bot.channels.base import ChannelAdapter, Scene
from bot.choices import Shown
from bot.clock import Clock
from bot.directory import Directory, Talk
from bot.fsm import DatabaseStorage
from bot.internal import internal_update
from bot.lanes import Arrived
from bot.step import Step, current, enter
from bot.typed import as_tap, placed
from models.contacts import Contact
from models.database import AWAY, amend, transaction
from models.failpoint import failpoint
from models.inbox import InboxEvent, InboxKind, InboxState
from models.offices import of_office
from models.outbox import OutboxMessage

log = structlog.get_logger(__name__)

MOST_TRIES = 5
PAUSES = (0.2, 1.0, 3.0, 10.0)  # seconds before the next try of a step that failed


class HandledElsewhere(Exception):
    """Somebody else has handled it meanwhile: nothing of our step has happened."""


class KilledUs(Exception):
    """A message was being handled when the process died, too often to be chance."""


@dataclass(frozen=True, slots=True)
class Host:
    """A channel's account with the bot that handlers see, and what only its handlers are told."""

    adapter: ChannelAdapter
    bot: Bot
    facts: Mapping[str, Any] = field(default_factory=dict)


class Handling:
    """Feeds steps to the dispatcher.

    ``albums``: photos sent together reach one handler as ``album`` (else one by one, as foreign bots expect).
    ``typed_everywhere``: a typed "1" is a tap also where the buttons could be tapped; else only where people
    saw the number.
    ``on_parked`` is told of a message that failed for good, so that somebody says so.
    """

    def __init__(
        self,
        hosts: Mapping[tuple[str, str], Host],
        dispatcher: Dispatcher,
        fsm: DatabaseStorage,
        people: Directory,
        clock: Clock,
        *,
        albums: bool = True,
        typed_everywhere: bool = True,
    ) -> None:
        self._hosts = hosts
        self._dispatcher = dispatcher
        self._fsm = fsm
        self._people = people
        self._clock = clock
        self._albums = albums
        self._typed_everywhere = typed_everywhere
        self._suspects = asyncio.Lock()
        self.on_done: Callable[[], None] = lambda: None
        self.on_parked: Callable[[InboxEvent], Awaitable[None]] = _nobody

    async def __call__(self, step: Sequence[Arrived]) -> None:
        """Handle one step to its end: committed, or parked after `MOST_TRIES`."""
        with of_office(step[0].event.office_id):
            await self._to_its_end(step)

    async def _to_its_end(self, step: Sequence[Arrived]) -> None:
        step = sorted(step, key=lambda a: (a.event.sent_at or a.event.received_at, a.event.id))
        tries = max(arrived.event.tries for arrived in step)
        while True:
            try:
                if tries >= MOST_TRIES:
                    raise KilledUs
                owners_changed = await self._try(step, tries)
            except HandledElsewhere:
                return
            except AWAY as error:
                log.error("step.waits", inbox=step[0].event.id, error=type(error).__name__)
                await asyncio.sleep(PAUSES[1])
            except Exception as error:
                tries += 1
                log.error("step.failed", inbox=step[0].event.id, tries=tries, error=type(error).__name__)
                if tries >= MOST_TRIES or isinstance(error, ValidationError):
                    if await self._park(step, error):
                        return
                    tries = MOST_TRIES - 1
                await asyncio.sleep(PAUSES[min(tries, len(PAUSES)) - 1])
            else:
                failpoint("handle.committed")
                if owners_changed:
                    self._people.forget()
                self.on_done()
                return

    async def _try(self, step: Sequence[Arrived], tries: int) -> bool:
        """Handle it.  Suspects, which failed or may have killed us, come one by one: if we die, it was it."""
        if not tries:
            return await transaction(lambda: self._handle(step))
        async with self._suspects:
            await self._count_try(step, tries)
            return await transaction(lambda: self._handle(step))

    async def _count_try(self, step: Sequence[Arrived], tries: int) -> None:
        """Written before a second try: a message that kills the process is parked too, in the end."""
        await transaction(lambda: InboxEvent.filter(id__in=[a.event.id for a in step]).update(tries=tries))

    async def _park(self, step: Sequence[Arrived], error: Exception) -> bool:
        """Set the step aside so that its lane goes on; False while even that cannot be written."""
        try:
            await transaction(lambda: self._mark(step, InboxState.PARKED, type(error).__name__))
        except Exception as broken:
            log.error("step.not_parked", inbox=step[0].event.id, error=type(broken).__name__)
            return False
        for arrived in step:
            await self.on_parked(arrived.event)
        return True

    async def _mark(self, step: Sequence[Arrived], state: InboxState, error: str | None = None) -> None:
        """Raises: HandledElsewhere, so that the whole step is undone."""
        marked = await amend(
            "inbox",
            [arrived.event.id for arrived in step],
            {"state": state, "done_at": self._clock(), "error": error},
            {"state": InboxState.NEW},
        )
        if marked < len(step) and state is InboxState.DONE:
            raise HandledElsewhere

    async def _handle(self, step: Sequence[Arrived]) -> bool:
        """True if addresses have other owners than before."""
        failpoint("handle.started")
        first, owners_changed = step[0].event, False
        host, contact = self._hosts[(first.channel, first.account)], await self._whose(step)
        if first.kind is InboxKind.RECEIPT:
            await self._apply_receipts(host.adapter, contact, step)
        elif contact is not None and first.kind is InboxKind.NEWS:
            owners_changed = await self._apply_news(host.adapter, contact, step)
        elif contact is not None:
            owners_changed = await self._converse(host, contact, step)
        await self._mark(step, InboxState.DONE)
        failpoint("handle.written")
        return owners_changed

    async def _whose(self, step: Sequence[Arrived]) -> Contact | None:
        """Who did it.  What comes in for a contact that was joined to another meanwhile is the other's."""
        known = step[0].event.contact_id
        if known is None:
            return None
        contact = await directory.person(known)
        if contact.id != known:
            self._people.forget()
            await amend("inbox", [arrived.event.id for arrived in step], {"contact_id": contact.id})
        return contact

    async def _apply_receipts(
        self, adapter: ChannelAdapter, contact: Contact | None, step: Sequence[Arrived]
    ) -> None:
        found = [receipt for arrived in step for receipt in adapter.receipts(arrived.event.facts)]
        whose = contact.id if contact is not None else None
        await receipts.apply(
            found,
            adapter.channel,
            adapter.account,
            contact_id=whose,
            office_id=step[0].event.office_id,
            now=self._clock(),
        )

    async def _apply_news(self, adapter: ChannelAdapter, contact: Contact, step: Sequence[Arrived]) -> bool:
        found = [adapter.news(arrived.event.facts) for arrived in step]
        for told in filter(None, found):
            place = (contact.id, adapter.channel, adapter.account)
            await news.apply(told, place, self._people, now=self._clock())
        return any(told.addresses for told in found if told is not None)

    async def _converse(self, host: Host, contact: Contact, step: Sequence[Arrived]) -> bool:
        first = step[0].event
        talk = await directory.conversation(first.office_id, contact.id, first.channel, first.account)
        chat_id = await self._people.chat_id(contact.id, first.channel, first.account)
        here = Step(
            contact_id=contact.id,
            channel=first.channel,
            account=first.account,
            chat_id=chat_id,
            office_id=first.office_id,
        )
        enter(here)
        updates = [update for arrived in step for update in await self._updates(host, contact, talk, arrived)]
        near = None if host.adapter.caps.signed else first.facts.get("near")
        facts = {"contact": contact, "in_doubt": talk.in_doubt, "near": near}
        await self._feed(host, facts, updates, [file for arrived in step for file in arrived.files])
        await self._fsm.flush()
        await self._touch(talk, here, host.adapter, step)
        return here.owners_changed

    async def _feed(
        self, host: Host, who: Mapping[str, Any], updates: Sequence[Update], files: Sequence[Any]
    ) -> None:
        album = [update.message for update in updates if isinstance(update.message, Message)]
        facts = {
            "channel": host.adapter.channel,
            "account": host.adapter.account,
            "clock": self._clock,
            **who,
            "album": album if self._albums else [],
            "files": list(files),
            **host.facts,
        }
        for named in facts.keys() & self._dispatcher.workflow_data.keys():  # what a bot has named itself
            del facts[named]
        for update in updates[:1] if self._albums else updates:
            answer = await self._dispatcher.feed_update(host.bot, update, **facts)
            if isinstance(answer, TelegramMethod):  # returned instead of awaited, as aiogram allows
                await self._dispatcher.silent_call_request(host.bot, answer)

    async def _updates(self, host: Host, contact: Contact, talk: Talk, arrived: Arrived) -> list[Update]:
        """What one event is to handlers: a message for each of its files, where it has several."""
        event, adapter, step = arrived.event, host.adapter, current()
        body, internal = event.facts, event.kind is InboxKind.INTERNAL
        quoted = None if internal else adapter.replied_to(body)
        scene = Scene(
            update_id=event.id,
            chat_id=step.chat_id if step is not None else 0,
            message_id=event.id,
            name=contact.name or "-",
            language=contact.language,
            at=event.sent_at or event.received_at,
            files=arrived.files,
            replied_to=await self._our_message(quoted, contact, event),
        )
        if internal:
            told: list[Mapping[str, Any] | None] = [internal_update(body, scene)]
        else:
            further = [replace(scene, part=part) for part in range(1, len(arrived.files))]
            told = [adapter.update(body, part) for part in (scene, *further)]
        if self._typed_everywhere or not adapter.caps.own_keyboards:
            shown = Shown.from_text(talk.choices)
            numbers = self._typed_everywhere or shown.numbered
            told = [plain and as_tap(placed(plain, shown), shown, numbers=numbers) for plain in told]
        return [Update.model_validate(plain, context={"bot": host.bot}) for plain in told if plain]

    async def _our_message(self, external_id: str | None, contact: Contact, event: InboxEvent) -> int | None:
        """Our id of a message of this conversation, whoever said it."""
        if external_id is None:
            return None
        said = OutboxMessage.filter(contact_id=contact.id, channel=event.channel, external_id=external_id)
        if (row := await said.first()) is not None:
            return ids.message_id(row.id)
        heard = await InboxEvent.get_or_none(
            channel=event.channel, account=event.account, external_id=external_id
        )
        return heard.id if heard is not None and heard.contact_id == event.contact_id else None

    async def _touch(
        self, talk: Talk, step: Step, adapter: ChannelAdapter, arrived: Sequence[Arrived]
    ) -> None:
        """Note that the person wrote; the window opens by the platform's own clock."""
        now = self._clock()
        said = [one.event for one in arrived if one.event.kind is not InboxKind.INTERNAL]
        latest = max((min(event.sent_at or now, now) for event in said), default=None)
        until = open_until(latest, adapter, now) if latest is not None else None
        shown = step.shown.to_text() if step.shown is not None else None
        await directory.heard(step.office_id, talk, now, open_until=until, choices=shown)


def open_until(said_at: datetime | None, adapter: ChannelAdapter, now: datetime) -> datetime | None:
    """How long free text may follow what was said then (by the platform's clock); None: for ever."""
    return None if adapter.caps.window is None else min(said_at or now, now) + adapter.caps.window


async def _nobody(_: InboxEvent) -> None:
    return None
