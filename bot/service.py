"""The core, put together: from a set of channels and a dispatcher to a bot that loses nothing."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import structlog
from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiohttp import web

from bot.at_once import AtOnce, Commits
from bot.batch import Batch
from bot.black_box import BlackBox
from bot.channels.base import ChannelAdapter, DeliveryFailed, HasTier
from bot.clock import Clock
from bot.delivery import LEASE, Delivery
from bot.directory import Directory
from bot.fast_path import FastPath
from bot.files import Files
from bot.fsm import DatabaseStorage
from bot.handling import Handling, Host
from bot.health import Health, without_database
from bot.hosting import Hosting
from bot.inbox import Inbox
from bot.intake import Intake
from bot.lanes import Lanes
from bot.message_log import MessageLog
from bot.notices import Render, SaidAt, at_once
from bot.outbox import OutboxSession
from bot.pacing import Pacing
from bot.quarantine import Quarantine
from bot.storage import Storage
from bot.switchboard import Switchboard
from bot.webhooks import LARGEST_BODY, Door
from models.files import StoredFile
from models.hot import open_hot
from models.inbox import InboxEvent, InboxState

T = TypeVar("T")
log = structlog.get_logger(__name__)

TIER_AGAIN = 6 * 3600.0  # seconds; a tier rises at most so often
DRAIN = 20.0  # seconds that running steps may take when the process is told to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreOptions:
    """``default``: of the handlers' bots; None: HTML.  ``alone``: no other process serves this database.

    ``atomic``: handlers do nothing that a rollback would not undo; see `Hosting` for others.  ``black_box``:
    the file by which those get the fast path.  ``facts`` are handed to every handler of a channel.
    ``said_at``: the hours in which notices go out.
    """

    office_id: int
    clock: Clock
    quiet: float = 1.5
    pacing: bool = True
    default: DefaultBotProperties | None = None
    atomic: bool = True
    alone: bool = True
    lease: timedelta = LEASE
    black_box: Path | None = None
    said_at: SaidAt = at_once
    facts: Callable[[ChannelAdapter], Mapping[str, Any]] = field(default=lambda _: {})


class Core:
    """Runs one dispatcher on many channels.

    ``start`` takes up what a dead process left; ``stop`` lets running steps and sends end.
    """

    def __init__(
        self,
        channels: Sequence[ChannelAdapter],
        make_dispatcher: Callable[[DatabaseStorage], Dispatcher],
        storage: Storage,
        render: Render,
        options: CoreOptions,
    ) -> None:
        self._channels = {(str(channel.channel), channel.account): channel for channel in channels}
        self._options = options
        clock, office_id = options.clock, options.office_id
        fsm = DatabaseStorage(office_id)
        own = {str(c.channel): kind for c in channels if (kind := c.caps.own_chat_ids) is not None}
        people = Directory(office_id, own)
        files = Files(storage, office_id)
        self._intake = Intake(storage, files, office_id, clock)
        self.inbox = Inbox(people, clock)
        self.inbox.on_said = self._count_incoming
        self.door = Door(self.inbox, Quarantine(office_id, clock), clock)
        self.health = Health()
        self._pacing = Pacing(on=options.pacing)
        self.delivery = Delivery(
            self._channels,
            people,
            files,
            render,
            self._pacing,
            clock,
            alone=options.alone,
            lease=options.lease,
        )
        self.delivery.said_at = options.said_at
        self.switchboard = Switchboard(people)
        messages = MessageLog(self._channels, people, files)
        hosts = {
            key: Host(channel, self._bot(channel, people, files, messages), options.facts(channel))
            for key, channel in self._channels.items()
        }
        dispatcher = make_dispatcher(fsm)
        self.handling = (
            Handling(hosts, dispatcher, fsm, people, clock)
            if options.atomic
            else Hosting(
                hosts,
                dispatcher,
                fsm,
                people,
                clock,
                albums=False,
                typed_everywhere=False,
                messages=messages,
                on_said=self.delivery.wake,
            )
        )
        self.lanes = Lanes(self.handling, self._prepare, self._carries_media, quiet=options.quiet)
        self.inbox.on_new = self.lanes.push
        if isinstance(self.handling, Hosting) and options.black_box is not None:
            self.door.fast = self._fast_path(self.handling, people, fsm, options.black_box)
        self.inbox.unhandled = self.lanes.__len__
        self.inbox.held = self.lanes.held
        self.handling.on_done = self.delivery.wake
        self._delivering: asyncio.Task[None] | None = None
        self._attending: list[asyncio.Task[None]] = []

    def _fast_path(self, hosting: Hosting, people: Directory, fsm: DatabaseStorage, box: Path) -> FastPath:
        clock, store = self._options.clock, open_hot()
        fsm.read = store.state  # no transaction stands open while foreign handlers run
        commits: Commits = Batch(store.write, within=_as_it_is)
        at_once = AtOnce(self.delivery, commits, clock, self._options.lease)
        fast = FastPath(hosting, self.lanes, people, self.inbox, store, at_once, BlackBox(box), clock)
        fast.on_stored = self.lanes.push
        return fast

    def _count_incoming(self, channel: str, account: str, count: int) -> None:
        self._pacing.came_in((channel, account), self._channels[channel, account].caps, count)

    def _bot(self, channel: ChannelAdapter, people: Directory, files: Files, messages: MessageLog) -> Bot:
        session = OutboxSession(channel, people, files, self._options.clock, self.switchboard, messages)
        session.on_written = self.delivery.wake
        session.refuses_idle_edits = not self._options.atomic
        properties = self._options.default or DefaultBotProperties(parse_mode="HTML")
        return Bot(f"{channel.bot_id}:{channel.channel}", session=session, default=properties)

    def application(self, *extra: web.AbstractRouteDef) -> web.Application:
        """The HTTP side: every channel's doors, health and metrics, and what the wiring adds."""
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[without_database])
        for channel in self._channels.values():
            app.add_routes(channel.routes(self.door.accept))
        app.add_routes([*self.health.routes(), *extra])
        return app

    async def start(self) -> None:
        """Recover, then carry on: the doors may open."""
        await self.delivery.recover(starting=True)
        await self._take_up()
        self._delivering = asyncio.create_task(self.delivery.run(), name="delivery")
        self._attending = [
            asyncio.create_task(self._attend(channel), name=f"channel {channel.channel}")
            for channel in self._channels.values()
        ]
        self._attending += [
            asyncio.create_task(self._mind_tier(channel, channel), name=f"tier {channel.channel}")
            for channel in self._channels.values()
            if isinstance(channel, HasTier)
        ]
        self.health.ready = True

    async def stop(self) -> None:
        """Say not ready, end what runs, keep the rest in the rows."""
        self.health.ready = False
        for task in self._attending:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.lanes.settled(), DRAIN)
        await self.lanes.close()
        self.delivery.stop()
        if self.door.fast is not None:
            await self.door.fast.close()
        await asyncio.gather(*self._attending, *filter(None, [self._delivering]), return_exceptions=True)
        for channel in self._channels.values():
            await channel.session.close()

    async def _take_up(self) -> None:
        """Push what waits in the inbox.  A conversation's first event may be what killed us: count it.

        The most suspect go last, so that they take nobody down with them a second time.
        """
        left = await InboxEvent.filter(state=InboxState.NEW).order_by("id")
        waiting = [event for event in left if (event.channel, event.account) in self._channels]
        first: dict[int | None, InboxEvent] = {}
        for event in waiting:
            if first.setdefault(event.contact_id, event) is event:
                event.tries += 1
        for event in sorted(waiting, key=lambda event: first[event.contact_id].tries):
            self.lanes.push(event)

    async def _attend(self, channel: ChannelAdapter) -> None:
        """Whatever the channel does besides its webhook; when that breaks, it is begun again."""
        pause = 1.0
        while True:
            try:
                await channel.run(self.door.accept)
                return
            except Exception as error:
                log.error("channel.broken", channel=channel.channel, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 60.0)

    async def _mind_tier(self, channel: ChannelAdapter, asked: HasTier) -> None:
        """How many people may be written to first changes with the weeks."""
        while True:
            try:
                self.delivery.tier.set_limit(str(channel.channel), await asked.tier())
            except DeliveryFailed as failure:
                log.warning("tier.unknown", channel=channel.channel, code=failure.code)
            await asyncio.sleep(TIER_AGAIN)

    async def _prepare(self, event: InboxEvent) -> list[StoredFile]:
        channel = self._channels[(event.channel, event.account)]
        return await self._intake.take(channel, event, channel.media(event.facts))

    def _carries_media(self, event: InboxEvent) -> bool:
        channel = self._channels.get((event.channel, event.account))
        return bool(channel is not None and event.contact_id is not None and channel.media(event.facts))


async def _as_it_is(work: Callable[[], Awaitable[T]]) -> T:
    """The hot path's writes are transactions by themselves."""
    return await work()
