"""A foreign bot at work in a thread of its own: hosted by us, or polling Telegram by aiogram alone."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from bot.clock import Clock
from bot.service import Core
from models.outbox import OutboxMessage, OutboxState
from tests.fakes import FakeBotApi
from tests.patience import PATIENCE
from wiring.foreign import Foreign, host
from wiring.serve import Served, running
from wiring.settings import Settings

UNSENT = (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.SENDING)

_make_bot, _poll = Bot.__init__, Dispatcher.start_polling  # aiogram's own, before anybody replaces them


class AtWork:
    """``serve`` runs in the bot's thread and loop, in place of its polling; it calls `ready` and waits."""

    def __init__(self) -> None:
        self._started: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    async def ready(self) -> None:
        """Returns when the test has had enough."""
        self.loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._started.set_result(None)
        await self._stop.wait()

    @contextlib.asynccontextmanager
    async def run(
        self, name: str, folder: Path, serve: Callable[[Foreign], Coroutine[Any, Any, None]]
    ) -> AsyncIterator[None]:
        thread = threading.Thread(target=self._in_thread, args=(name, serve), name=name)
        with _current_folder(folder):
            thread.start()
            try:
                await asyncio.wait_for(asyncio.wrap_future(self._started), PATIENCE)
                yield
            finally:
                if self.loop is not None and self._stop is not None:
                    self.loop.call_soon_threadsafe(self._stop.set)
                await asyncio.to_thread(thread.join, PATIENCE)

    async def there(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Run ``work`` in the bot's own loop."""
        assert self.loop is not None
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work(), self.loop))

    def _in_thread(self, name: str, serve: Callable[[Foreign], Coroutine[Any, Any, None]]) -> None:
        try:
            host(name, serve, asyncio.run)
        except BaseException as error:
            if not self._started.done():
                self._started.set_exception(error)
            raise


class Hosted(AtWork):
    """By Loket, on every channel of ``settings``."""

    core: Core
    url: str

    def __init__(self, settings: Settings, clock: Clock) -> None:
        super().__init__()
        self._settings = settings
        self._clock = clock

    async def serve(self, found: Foreign) -> None:
        async with running(self._settings, Served.of(found), self._clock) as (core, port):
            self.core, self.url = core, f"http://127.0.0.1:{port}"
            await self.ready()

    async def settled(self) -> None:
        """Everything that came in is handled, and everything that was said has gone out."""
        async with asyncio.timeout(PATIENCE):
            await self.there(self._settle)

    async def _settle(self) -> None:
        sent = asyncio.Event()

        async def note(_: OutboxMessage) -> None:
            sent.set()

        self.core.delivery.on_sent = note
        await self.core.lanes.settled()
        while await OutboxMessage.filter(state__in=UNSENT).exists():
            sent.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(sent.wait(), 0.05)


class Plain(AtWork):
    """By aiogram's own polling and storage, with nothing of Loket between it and Telegram."""

    def __init__(self, telegram: FakeBotApi) -> None:
        super().__init__()
        self._telegram = telegram

    async def serve(self, found: Foreign) -> None:
        server = TelegramAPIServer.from_base(self._telegram.base_url)
        bot = Bot.__new__(Bot)
        _make_bot(bot, self._telegram.token, AiohttpSession(api=server), found.default)
        polling = asyncio.create_task(
            _poll(found.dispatcher, bot, handle_signals=False, handle_as_tasks=False, **found.data)
        )
        await self.ready()
        await found.dispatcher.stop_polling()
        await polling

    async def settled(self) -> None:
        """It asks for updates again, and there are none."""
        async with asyncio.timeout(PATIENCE):
            while self._telegram.pending or not self._telegram.polling.is_set():
                await (asyncio.sleep(0) if self._telegram.polling.is_set() else self._telegram.polling.wait())


@contextlib.contextmanager
def _current_folder(folder: Path) -> Any:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
