"""The WhatsApp channel alone: our translator and session around aiogram's dispatcher, nothing kept.

What it costs that a message comes from WhatsApp, without what it costs to lose none.  As in plain aiogram the
webhook is answered first and handled in a task of its own, on asyncio's own loop.  Reads PORT and the LOKET_
settings.
"""

import asyncio
import gc
import itertools
import os
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any, cast

import aiohttp
from aiogram import Bot, Dispatcher
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import Update
from aiohttp import web

from benchmarks.bots.talk import router
from bot import ids, jsontext
from bot.channels.base import AddressKey, ChannelAdapter, HeldFile, Incoming, Recipient, Scene
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from bot.echo import echo
from bot.inline_filters import inline_filters
from wiring.settings import read_settings


class People:
    """Contacts by address, in memory."""

    def __init__(self) -> None:
        self._known: dict[AddressKey, int] = {}
        self._addresses: dict[int, tuple[AddressKey, ...]] = {}

    def contact(self, addresses: tuple[AddressKey, ...]) -> int:
        number = self._known.setdefault(addresses[0], len(self._known) + 1)
        self._addresses[number] = addresses
        return number

    def recipient(self, chat_id: int) -> Recipient:
        return Recipient(addresses=self._addresses[ids.contact_id(chat_id) or 0])


class AtOnce(BaseSession):
    """Delivers each method where it is called, by the channel's own session."""

    def __init__(self, adapter: ChannelAdapter, people: People) -> None:
        super().__init__()
        self._adapter, self._people, self._rows = adapter, people, itertools.count(1)

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        row, chat = next(self._rows), cast(Any, method).chat_id
        await self._adapter.session.deliver(method, self._people.recipient(chat), str(row), _no_files)
        return cast(TelegramType, echo(bot, method, row, datetime.now(UTC)))

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        raise FileNotFoundError
        yield b""

    async def close(self) -> None:
        """Nothing is held open."""


class Server:
    def __init__(self, adapter: WhatsAppAdapter) -> None:
        self._adapter, self._people, self._numbers = adapter, People(), itertools.count(1)
        self._bot = Bot(f"{adapter.bot_id}:whatsapp", session=AtOnce(adapter, self._people))
        self._dispatcher = Dispatcher()
        self._dispatcher.include_router(router())
        inline_filters(self._dispatcher)
        self._running: set[asyncio.Task[None]] = set()

    async def accept(self, adapter: ChannelAdapter, raw: bytes) -> web.Response:
        for event in adapter.read(jsontext.loads(raw)):
            task = asyncio.create_task(self._handle(event))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return web.Response(text="ok")

    async def _handle(self, event: Incoming) -> None:
        number = next(self._numbers)
        scene = Scene(
            update_id=number,
            chat_id=ids.chat_id(self._people.contact(event.addresses)),
            message_id=number,
            name=event.name,
            language="id",
            at=event.sent_at or datetime.now(UTC),
        )
        plain = self._adapter.update(event.body, scene)
        if plain is not None:
            update = Update.model_validate(plain, context={"bot": self._bot})
            await self._dispatcher.feed_update(self._bot, update)


async def _no_files(file_id: str) -> HeldFile:
    raise FileNotFoundError(file_id)


async def main() -> None:
    settings = read_settings().whatsapp
    if settings is None:
        raise SystemExit("LOKET_WHATSAPP__ is not set")
    async with aiohttp.ClientSession() as http:
        adapter = WhatsAppAdapter(settings, http)
        app = web.Application()
        app.add_routes(adapter.routes(Server(adapter).accept))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(os.environ["PORT"])).start()
        gc.collect()
        gc.freeze()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
