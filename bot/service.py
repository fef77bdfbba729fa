"""The core, put together: from a set of channels and a dispatcher to a bot that loses nothing."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
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
from bot.by_host import ByHost
from bot.channels.base import ChannelAdapter, DeliveryFailed, HasApp, HasBell, HasTier, MediaRef
from bot.claims import Account
from bot.clock import Clock
from bot.delivery import LEASE, Delivery
from bot.directory import Directory
from bot.division import WHOLE, Division, Nothing, Shared
from bot.fast_path import FastPath
from bot.files import Files
from bot.fsm import DatabaseStorage
from bot.guarding.guard import Guard
from bot.handling import Handling, Host
from bot.health import Health, without_database
from bot.hosting import Hosting
from bot.inbox import Inbox
from bot.intake import Intake, Quota, Reads, Scans
from bot.internal import internal_media
from bot.lanes import Lanes
from bot.message_log import MessageLog
from bot.notices import Render, SaidAt, at_once
from bot.outbox import OutboxSession
from bot.pacing import Pacing
from bot.quarantine import Quarantine
from bot.sealed_storage import SealedStorage
from bot.sharing import Sharing
from bot.switchboard import Switchboard
from bot.taking_up import TakingUp
from bot.webhooks import LARGEST_BODY, Beside, Door
from models.division import partition_of
from models.files import StoredFile
from models.hot import open_hot
from models.inbox import InboxEvent, InboxKind
from models.offices import of_office

T = TypeVar("T")
Routes = Sequence[web.AbstractRouteDef]
log = structlog.get_logger(__name__)

TIER_AGAIN = 6 * 3600.0  # seconds; a tier rises at most so often
DRAIN = 20.0  # seconds that running steps may take when the process is told to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreOptions:
    """``default``: of the handlers' bots; None: HTML.  ``name``: ours among several; None: no other serves.

    ``doors``: we receive; ``works``: we handle and deliver.  ``atomic``: handlers do nothing that a rollback
    would not undo; see `Hosting` for others.  ``black_box``: the file by which those get the fast path.
    ``facts`` are handed to every handler of a channel.  ``said_at``: the hours in which notices go out.

    ``office_id``: whose every account is that ``offices`` does not name; ``hosts``: where the doors of an
    account are called.  ``scanner``, then ``reader``: look for malware in what people send, and open it.
    ``quota``: how much one person may send in a day; None: as they like.  ``guards``: what messages of an
    account may not say; one without says what its handlers like.
    """

    office_id: int
    clock: Clock
    quiet: float = 1.5
    pacing: bool = True
    default: DefaultBotProperties | None = None
    atomic: bool = True
    name: str | None = None
    doors: bool = True
    works: bool = True
    lease: timedelta = LEASE
    black_box: Path | None = None
    said_at: SaidAt = at_once
    facts: Callable[[ChannelAdapter], Mapping[str, Any]] = field(default=lambda _: {})
    offices: Mapping[Account, int] = field(default_factory=dict)
    hosts: Mapping[Account, str] = field(default_factory=dict)
    reader: Reads | None = None
    scanner: Scans | None = None
    guards: Mapping[Account, Guard] = field(default_factory=dict)
    quota: Quota | None = None


class Core:
    """Runs one dispatcher on many channels.

    ``start`` takes up what a dead process left; ``stop`` lets running steps and sends end.
    """

    def __init__(
        self,
        channels: Sequence[ChannelAdapter],
        make_dispatcher: Callable[[DatabaseStorage], Dispatcher],
        storage: SealedStorage,
        render: Render,
        options: CoreOptions,
    ) -> None:
        self._channels = {(str(channel.channel), channel.account): channel for channel in channels}
        self._options = options
        clock, office_id = options.clock, options.office_id
        fsm = DatabaseStorage(office_id)
        own = {str(c.channel): kind for c in channels if (kind := c.caps.own_chat_ids) is not None}
        people = Directory(office_id, own, options.offices)
        files = Files(storage)
        self._intake = Intake(storage, files, clock, options.reader, options.scanner, options.quota)
        self.inbox = Inbox(people, clock)
        self.inbox.on_said = self._count_incoming
        self._office_of = people.office_of
        self.door = Door(self.inbox, Quarantine(people.office_of, clock), clock, _of_one_app(channels))
        self.health = Health()
        self.division = self._division()
        self.delivery = self._delivery(people, files, render)
        self.switchboard = Switchboard(people)
        messages = MessageLog(self._channels, people, files)
        self.handling = self._handling(make_dispatcher(fsm), fsm, people, files, messages)
        self.handling.on_done = self.delivery.wake
        self.lanes = Lanes(self.handling, self._prepare, self._carries_media, quiet=options.quiet)
        self.inbox.unhandled, self.inbox.held = self.lanes.__len__, self.lanes.held
        if isinstance(self.handling, Hosting) and options.works and options.black_box is not None:
            self.door.fast = self._fast_path(self.handling, people, fsm, options.black_box)
        self._taking_up = TakingUp(self._channels, self.lanes)
        self.lanes.read = self._taking_up.next_of
        if self.door.fast is not None and self.division.name is not None:
            self._taking_up.fast = self.door.fast.takes_up
        self._sharing = self._shared()
        self.inbox.on_new = self.lanes.push if self._sharing is None else self._sharing.arrived
        self._delivering: asyncio.Task[None] | None = None
        self._attending: list[asyncio.Task[None]] = []

    @property
    def paces(self) -> dict[str, float]:
        """Messages a second that the platform of each channel takes."""
        return {channel: adapter.caps.per_second for (channel, _), adapter in self._channels.items()}

    def _division(self) -> Division:
        options = self._options
        if options.name is None:
            return WHOLE
        if not options.works:
            return Nothing(options.name)
        return Shared(options.name, options.clock, options.lease, self._in_hand)

    def _in_hand(self) -> set[int]:
        """The partitions in which we have something to end."""
        fast = self.door.fast.people() if self.door.fast is not None else []
        return {partition_of(person) for person in (*self.lanes.people(), *self.delivery.people(), *fast)}

    def _delivery(self, people: Directory, files: Files, render: Render) -> Delivery:
        options = self._options
        delivery = Delivery(
            self._channels,
            people,
            files,
            render,
            Pacing(on=options.pacing),
            options.clock,
            division=self.division,
            lease=options.lease,
        )
        delivery.said_at = options.said_at
        delivery.guards = options.guards
        return delivery

    def _handling(
        self,
        dispatcher: Dispatcher,
        fsm: DatabaseStorage,
        people: Directory,
        files: Files,
        messages: MessageLog,
    ) -> Handling:
        hosts = {
            key: Host(channel, self._bot(channel, people, files, messages), self._options.facts(channel))
            for key, channel in self._channels.items()
        }
        if self._options.atomic:
            return Handling(hosts, dispatcher, fsm, people, self._options.clock)
        return Hosting(
            hosts,
            dispatcher,
            fsm,
            people,
            self._options.clock,
            albums=False,
            typed_everywhere=False,
            messages=messages,
            on_said=self.delivery.wake,
        )

    def _shared(self) -> Sharing | None:
        """What connects us with the others; None: there are none."""
        if self._options.name is None:
            return None
        division = self.division if isinstance(self.division, Shared) else None
        sharing = Sharing(
            self._options.name, division, self.delivery, self.lanes, self._taking_up, self._options.clock
        )
        self.lanes.is_ours = sharing.is_ours
        for channel in self._channels.values():
            if isinstance(channel, HasBell):
                sharing.rings = channel.bell.ring
                channel.bell.on_ring = sharing.rang
        return sharing

    def _fast_path(self, hosting: Hosting, people: Directory, fsm: DatabaseStorage, box: Path) -> FastPath:
        clock, store = self._options.clock, open_hot()
        fsm.read = store.state  # no transaction stands open while foreign handlers run
        commits: Commits = Batch(store.write, within=_as_it_is)
        at_once = AtOnce(self.delivery, commits, clock, self._options.lease)
        fast = FastPath(hosting, self.lanes, people, self.inbox, store, at_once, BlackBox(box), clock)
        fast.is_mine = self.division.mine
        fast.on_stored = self.lanes.push
        return fast

    def _count_incoming(self, channel: str, account: str, count: int) -> None:
        self.delivery.pacing.came_in((channel, account), self._channels[channel, account].caps, count)

    def _bot(self, channel: ChannelAdapter, people: Directory, files: Files, messages: MessageLog) -> Bot:
        session = OutboxSession(channel, people, files, self._options.clock, self.switchboard, messages)
        session.on_written = self.delivery.wake
        session.refuses_idle_edits = not self._options.atomic
        session.guard = self._options.guards.get(session.place)
        properties = self._options.default or DefaultBotProperties(parse_mode="HTML")
        return Bot(f"{channel.bot_id}:{channel.channel}", session=session, default=properties)

    def application(self, extra: Iterable[tuple[str, Routes]] = ()) -> web.Application:
        """The HTTP side: every channel's doors, health and metrics, and what the wiring adds at each host."""
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[without_database])
        houses = ByHost()
        for place, channel in self._channels.items() if self._options.doors else ():
            houses.add(self._options.hosts.get(place, ""), channel.routes(self.door.accept))
        for host, routes in extra:
            houses.add(host, routes)
        app.add_routes([*self.health.routes(), *houses.routes()])
        return app

    async def start(self) -> None:
        """Recover, then carry on: the doors may open."""
        if self._options.works:
            await self.delivery.recover(starting=True)
        if self._sharing is not None:
            await self._sharing.begin()
        else:
            await self._taking_up.all()
        if self._options.works:
            self._delivering = asyncio.create_task(self.delivery.run(), name="delivery")
        for channel in self._channels.values():
            if self._options.doors:
                self._attend_to(self._attend(channel), f"channel {channel.channel}")
            if self._options.works and isinstance(channel, HasTier):
                self._attend_to(self._mind_tier(channel, channel), f"tier {channel.channel}")
        self.health.ready = True

    def _attend_to(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._attending.append(asyncio.create_task(work, name=name))

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
        if self._sharing is not None:
            await self._sharing.end()
        for channel in self._channels.values():
            await channel.session.close()

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
        name = str(channel.channel)
        portfolio = name, self._office_of(name, channel.account)
        while True:
            try:
                self.delivery.tier.set_limit(portfolio, await asked.tier())
            except DeliveryFailed as failure:
                log.warning("tier.unknown", channel=channel.channel, code=failure.code)
            await asyncio.sleep(TIER_AGAIN)

    async def _prepare(self, event: InboxEvent) -> list[StoredFile]:
        channel = self._channels[(event.channel, event.account)]
        with of_office(event.office_id):
            return await self._intake.take(channel, event, _media(channel, event))

    def _carries_media(self, event: InboxEvent) -> bool:
        channel = self._channels.get((event.channel, event.account))
        return bool(channel is not None and event.contact_id is not None and _media(channel, event))


def _media(channel: ChannelAdapter, event: InboxEvent) -> Sequence[MediaRef]:
    internal = event.kind is InboxKind.INTERNAL
    return internal_media(event.facts) if internal else channel.media(event.facts)


def _of_one_app(channels: Iterable[ChannelAdapter]) -> Beside:
    """For each account the others about which the same app of the platform posts."""
    apps = {id(one): (str(one.channel), one.app) for one in channels if isinstance(one, HasApp)}
    return {
        (str(one.channel), one.account): [
            other for other in channels if other is not one and apps.get(id(other)) == apps[id(one)]
        ]
        for one in channels
        if id(one) in apps
    }


async def _as_it_is(work: Callable[[], Awaitable[T]]) -> T:
    """The hot path's writes are transactions by themselves."""
    return await work()
