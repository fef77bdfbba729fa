"""``run.py serve`` and ``run.py host``: a process that does everything, or one part of it."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

import aiohttp
import structlog
from aiohttp import web

from bot import headers, jsontext, lazy_models, threshold
from bot.bell import Bell
from bot.channels.public_names import PublicNames
from bot.clamd import Clamd
from bot.clock import Clock
from bot.doorkeeper import Doorkeeper
from bot.notices import at_once
from bot.reading.ocr import Ocr
from bot.reading.reader import Reader
from bot.reading.table_reader import TableReader
from bot.sealed_storage import SealedStorage
from bot.service import Core, CoreOptions
from bot.storage import Storage
from console.app import AT, console
from models.calls import AlertKind
from models.database import AWAY, close_database, transaction
from models.inbox import InboxEvent
from office import alarm, notices, trouble
from office.context import offices
from office.quiet_hours import may_be_said_at
from office.tombstones import Tombstones
from pages.export import ExportPage
from pages.one_time import OneTimePages
from scheduler.anchors import HOUR, anchor
from scheduler.clock import Tick
from scheduler.clock import clock as ticking
from scheduler.housekeeping import Housekeeping
from scheduler.lists import Lists
from scheduler.scanning import Scanning
from scheduler.suggesting import Suggesting
from scheduler.ticks import tick, tick_of_a_host
from wiring import disks, first_run, limits, lock, restored
from wiring.channels import (
    COMMANDS,
    LANGUAGE_WORDS,
    account_of,
    by_account,
    facts_for_handlers,
    open_channels,
    posted_channels,
)
from wiring.clocks import by_the_database, clock_of
from wiring.database import prepare_database
from wiring.foreign import Foreign, MakeDispatcher
from wiring.not_started import CouldNotStart
from wiring.offices import Branch, open_offices
from wiring.settings import Settings

log = structlog.get_logger(__name__)

RARELY = (20_000, 10, 20)  # allocations between collections; a message makes thousands and leaves few cycles


Role = Literal["all", "web", "worker", "clock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """``office``: with the registry's clock, pages and first-run code; of these a ``foreign`` bot has but the
    purge."""

    make_dispatcher: MakeDispatcher
    office: bool
    make_reader: Callable[[], Reader] = Reader
    foreign: Foreign | None = None
    role: Role = "all"

    @property
    def doors(self) -> bool:
        return self.role in ("all", "web")

    @property
    def works(self) -> bool:
        return self.role in ("all", "worker")

    @property
    def ticks(self) -> bool:
        return self.role in ("all", "clock")

    @classmethod
    def of(cls, foreign: Foreign) -> "Served":
        return cls(make_dispatcher=foreign.make_dispatcher, office=False, foreign=foreign)


@contextlib.asynccontextmanager
async def running(settings: Settings, served: Served, clock: Clock) -> AsyncIterator[tuple[Core, int]]:
    """The whole service, started; gives the core and the port.  At the end it drains.

    Raises: CouldNotStart.
    """
    held = lock.hold(settings.database_url)
    if held is not None and served.role != "all":
        lock.release(held)
        raise CouldNotStart(
            f"--role {served.role}: roles share a PostgreSQL; SQLite is served by one process."
        )
    branches = open_offices(settings)[: None if served.office else 1]  # a foreign bot knows one office
    lazy_models.warm()
    disks.make_room(settings)
    await prepare_database(settings)
    try:
        async with _outgoing() as http, contextlib.AsyncExitStack() as stack:
            clock = await stack.enter_async_context(by_the_database(clock))
            name = stack.enter_context(lock.name(settings.data_dir)) if held is None else None
            yield await _begin(settings, served, branches, http, clock, name, stack)
    finally:
        await close_database()
        if held is not None:
            lock.release(held)


async def _begin(
    settings: Settings,
    served: Served,
    branches: Sequence[Branch],
    http: aiohttp.ClientSession,
    clock: Clock,
    name: str | None,
    stack: contextlib.AsyncExitStack,
) -> tuple[Core, int]:
    """On a database that is open: the core, then its door, then the clock's work; ``stack`` ends them."""
    commands = dict(COMMANDS) if served.office else {}
    storage, tombstones = SealedStorage(Storage.open(settings.storage_url)), Tombstones(settings.data_dir)
    await tombstones.heed(clock())
    papers = Papers(storage, _reader(served, stack))
    core = _core(settings, served, branches, http, papers, clock, commands, name)
    runner = await _set_up(_application(settings, core, branches, served, storage, clock), stack)
    if served.foreign is not None:
        await stack.enter_async_context(served.foreign.running(core.switchboard))
        commands |= served.foreign.commands
    await core.start()
    stack.push_async_callback(core.stop)
    if served.works:
        await restored.settle(core, clock, office=served.office)
    port = await _listen(runner, settings)
    stack.push_async_callback(_stop_listening, runner)
    if served.ticks:
        beat = _beat(served, core.paces, Housekeeping(storage, tombstones)), settings.tick_seconds
        for work, every in (beat, (anchor, HOUR), *_beside(settings, served, storage, stack)):
            ticker = ticking(work, clock, every)
            ticker.start()
            stack.callback(ticker.shutdown, wait=False)
    minding = disks.watch(settings, clock, office=served.office).run()
    stack.callback(asyncio.create_task(minding, name="disks").cancel)
    return core, port


def _reader(served: Served, stack: contextlib.AsyncExitStack) -> Reader | None:
    """None for a foreign bot, which gets the bytes that were sent."""
    if not served.office:
        return None
    reader = served.make_reader()
    stack.push_async_callback(reader.close)
    return reader


async def _set_up(app: web.Application, stack: contextlib.AsyncExitStack) -> web.AppRunner:
    """``app`` behind a keeper of its door; nobody is let in yet."""
    keeper = Doorkeeper()
    app.middlewares.insert(0, keeper.middleware)
    runner = web.AppRunner(
        app,
        access_log=None,
        max_line_size=threshold.LONGEST_LINE_READ,
        max_headers=threshold.MOST_HEADERS_READ,
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    stack.callback(asyncio.create_task(_keep_door(keeper, runner), name="doorkeeper").cancel)
    return runner


def _beat(served: Served, paces: Mapping[str, float], housekeeping: Housekeeping) -> Tick:
    rows = partial(tick, paces=paces) if served.office else tick_of_a_host

    async def beat(now: datetime) -> None:
        await rows(now)
        await housekeeping(now)

    return beat


def _beside(
    settings: Settings, served: Served, storage: SealedStorage, stack: contextlib.AsyncExitStack
) -> Iterator[tuple[Tick, float]]:
    """Beside the beat, which must not wait for it: whatever asks a reader or a scanner."""
    if not served.office:
        return
    tables = TableReader()
    stack.push_async_callback(tables.close)
    yield Lists(storage, tables), settings.tick_seconds
    if settings.clamd:
        yield Scanning(storage, Clamd(settings.clamd)), settings.tick_seconds
    if settings.ocr == "on":
        ocr = Ocr()
        stack.push_async_callback(ocr.close)
        yield Suggesting(storage, ocr), settings.tick_seconds


@dataclass(frozen=True, slots=True)
class Papers:
    """Where files lie, and who opens them on arrival, if anybody does."""

    storage: SealedStorage
    reader: Reader | None


def _outgoing() -> aiohttp.ClientSession:
    """For all calls to providers: they set no cookies that we want, and JSON is written as rows have it."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=PublicNames()),
        cookie_jar=aiohttp.DummyCookieJar(),
        json_serialize=jsontext.dumps,
    )


def _core(
    settings: Settings,
    served: Served,
    branches: Sequence[Branch],
    http: aiohttp.ClientSession,
    papers: Papers,
    clock: Clock,
    commands: Mapping[str, str],
    name: str | None,
) -> Core:
    language_words = LANGUAGE_WORDS if served.office else {}
    bell, told_apart = Bell(), limits.callers(settings)
    opened = [
        (branch, channel)
        for branch in branches
        for channel in open_channels(branch, http, papers.storage, commands, language_words, bell, told_apart)
    ]
    whose = by_account(opened)
    core = Core(
        [channel for _, channel in opened],
        served.make_dispatcher,
        papers.storage,
        notices.render,
        CoreOptions(
            office_id=branches[0].here.office_id,
            offices={account: branch.here.office_id for account, branch in whose.items()},
            hosts={account: branch.host for account, branch in whose.items()},
            clock=clock,
            quiet=settings.gather_seconds if served.office else 0.0,
            pacing=settings.pacing == "on",
            default=served.foreign.default if served.foreign is not None else None,
            atomic=served.office,
            name=name,
            doors=served.doors,
            works=served.works,
            lease=timedelta(seconds=settings.lease_seconds),
            black_box=settings.data_dir / "in-hand",
            said_at=may_be_said_at if served.office else at_once,
            reader=papers.reader,
            scanner=Clamd(settings.clamd) if settings.clamd and served.office else None,
            guards={place: branch.here.guard for place, branch in whose.items()} if served.office else {},
            quota=limits.DailyBytes(clock) if served.office else None,
            facts=lambda channel: facts_for_handlers(whose[account_of(channel)].settings, channel),
        ),
    )
    if served.office:
        core.lanes.restrain = limits.restraint(clock, core.delivery.wake).wait
        core.handling.on_parked = _apology(core, clock)
        core.delivery.on_held = _alarm(clock)
    return core


def _apology(core: Core, clock: Clock) -> Callable[[InboxEvent], Awaitable[None]]:
    async def say_so(event: InboxEvent) -> None:
        await transaction(lambda: trouble.parked(event, clock()))
        core.delivery.wake()

    return say_so


def _alarm(clock: Clock) -> Callable[[tuple[str, str], str], Awaitable[None]]:
    async def raise_it(account: tuple[str, str], code: str) -> None:
        """Once a day for each cause: staff are told with the clock's next tick."""
        now = clock()
        about = f"{account[0]}:{account[1]}:{code[:20]}:{now.date()}"
        try:
            await transaction(lambda: alarm.raise_alert(AlertKind.HELD, about, now))
        except AWAY as error:
            log.error("alert.not_raised", error=type(error).__name__)

    return raise_it


def _application(
    settings: Settings,
    core: Core,
    branches: Sequence[Branch],
    served: Served,
    storage: SealedStorage,
    clock: Clock,
) -> web.Application:
    pages = [
        (branch.host, page.routes())
        for branch in (branches if served.office and served.doors else ())
        for page in (
            OneTimePages(storage, core.inbox, clock, branch.here),
            ExportPage(storage, clock, branch.here),
        )
    ]
    app = core.application(pages)
    if pages:
        app.middlewares.insert(0, limits.by_address(settings, branches[0].here))
        houses = {branch.host: branch.here for branch in branches}
        app.add_subapp(AT, console(houses, clock, limits.callers(settings), storage))
    headers.install(app, public_url=branches[0].settings.public_url)
    threshold.install(app, public_urls=[branch.settings.public_url for branch in branches])
    return app


async def _keep_door(keeper: Doorkeeper, runner: web.AppRunner) -> None:
    if runner.server is not None:
        await keeper.run(runner.server)


async def _listen(runner: web.AppRunner, settings: Settings) -> int:
    site = web.TCPSite(runner, settings.http.host, settings.http.port, backlog=1024)
    try:
        await site.start()
    except OSError as error:
        raise CouldNotStart(
            f"port {settings.http.port} on {settings.http.host} cannot be used: another program has it, "
            "or it is not allowed. Set LOKET_HTTP__PORT."
        ) from error
    address = runner.addresses[0]
    return int(address[1])


async def _stop_listening(runner: web.AppRunner) -> None:
    """No new connections; those that stand are answered while the core drains."""
    for site in list(runner.sites):
        await site.stop()


async def serve(settings: Settings, served: Served, *, say: Callable[[str], None]) -> None:
    """Run until SIGTERM or SIGINT.  ``say`` prints for the person at the terminal."""
    if settings.pacing == "off":
        log.warning("pacing.off")
    clock, stop = clock_of(settings), _stop_signal()
    async with running(settings, served, clock) as (core, port):
        for line in _greeting(settings, served, port):
            say(line)
        for line in await _what_the_rows_say(served, clock()):
            say(line)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*RARELY)
        gc.enable()
        await stop.wait()
        core.health.ready = False
        say("Berhenti: pekerjaan yang sedang berjalan diselesaikan dulu. (Stopping.)")


def _greeting(settings: Settings, served: Served, port: int) -> list[str]:
    base = f"http://{settings.http.host}:{port}"
    lines = ["", "Loket melayani. (Serving.)" if served.role == "all" else f"Loket: {served.role}."]
    if served.doors and settings.webchat.enabled:
        lines.append(f"  Percakapan web (web chat)     {base}/")
        lines.append(f"  Orang lain (another person)   {base}/?new")
        lines += [f"  {here.office.short_name.id:<29} {here.public_url}/" for here in offices()[1:]]
    for channel in posted_channels(settings) if served.doors else ():
        lines.append(f"  {channel:<29} {base}/webhooks/{channel}")
    lines.append(f"  Kesehatan (health)            {base}/healthz  {base}/readyz  {base}/metrics")
    return lines


async def _what_the_rows_say(served: Served, now: datetime) -> list[str]:
    """For the person at the terminal, too.  A database that goes away now is no reason to close the door."""
    try:
        lines = await restored.warning()
        if served.office and served.doors:
            lines += await first_run.operator_codes(now)
    except AWAY as error:
        log.error("greeting.without_database", error=type(error).__name__)
        return []
    return lines


def _stop_signal() -> asyncio.Event:
    """Set by SIGTERM or SIGINT, from now on."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    return stop
