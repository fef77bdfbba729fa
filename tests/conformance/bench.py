"""The core in front of one channel, on real sockets; what its handlers heard, and what they are to say."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiogram import Bot, Dispatcher, Router
from aiogram.types import CallbackQuery, Message
from aiohttp import web

from bot.channels.base import ChannelAdapter
from bot.files import Files
from bot.fsm import DatabaseStorage
from bot.inline_filters import inline_filters
from bot.notices import Notice, Template, Wording
from bot.outbox import queue_notice
from bot.sealed_storage import SealedStorage
from bot.service import Core, CoreOptions
from bot.storage import Storage
from models.database import transaction
from models.files import StoredFile
from models.inbox import InboxEvent
from models.outbox import OutboxMessage
from tests.conformance.subject import Kit, Subject
from tests.fakes.door import knock
from tests.fakes.ledger import Sent
from tests.patience import PATIENCE
from tests.phone import Phone

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
THANKS = "Terima kasih."

Then = Callable[[Any], Awaitable[Any]]


class Clock:
    """Stands still until told otherwise."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **spans: float) -> None:
        self.now += timedelta(**spans)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a handler was handed: ``message``, ``edited_message`` or ``tap``."""

    kind: str
    event: Any
    files: list[StoredFile] = field(default_factory=list)
    album: list[Message] = field(default_factory=list)
    told: Mapping[str, Any] = field(default_factory=dict)


class Bench:
    """``then``: what handlers do next, with each message or tap; by default they say thank you."""

    def __init__(self, subject: Subject, adapter: ChannelAdapter, core: Core, clock: Clock) -> None:
        self.subject = subject
        self.adapter = adapter
        self.core = core
        self.clock = clock
        self.heard: list[Heard] = []
        self.then: Then = thank
        self.forgiven = 0  # refusals by the provider that the check had coming

    @property
    def phone(self) -> Phone:
        return self.subject.phone

    @property
    def caps(self) -> Any:
        return self.subject.caps

    @property
    def bot(self) -> Bot:
        return self.core.handling._hosts[(str(self.adapter.channel), self.adapter.account)].bot

    @property
    def messages(self) -> list[Message]:
        """The messages that handlers were handed."""
        return [heard.event for heard in self.heard if heard.kind == "message"]

    @property
    def texts(self) -> list[str | None]:
        return [message.text for message in self.messages]

    @property
    def taps(self) -> list[str | None]:
        """The callback data that handlers were handed."""
        return [heard.event.data for heard in self.heard if heard.kind == "tap"]

    @property
    def screen(self) -> list[Sent]:
        """What the person's phone was shown."""
        return self.phone.messages

    @property
    def words(self) -> str:
        """Everything that the person was shown, one below the other."""
        return "\n".join(self.phone.everything)

    async def says(self, text: str) -> int:
        """The person says something, and everything that follows has happened."""
        status = await self.phone.says(text)
        await self.settles()
        return status

    async def taps_on(self, title: str, *, older: bool = False) -> int:
        status = await self.phone.taps(title, older=older)
        await self.settles()
        return status

    async def answers(self, then: Then) -> None:
        """The person says something, and this is what the handler does."""
        self.then = then
        assert await self.says("halo") == 200
        self.then = thank

    async def knock(self, raw: bytes, headers: Mapping[str, str]) -> int:
        """Posts to the channel's door with these very headers; the status."""
        return await knock(self.subject.door, raw, headers)

    async def settles(self) -> None:
        """Returns when nothing is left to be handled, and nothing that is due to be sent."""
        async with asyncio.timeout(PATIENCE):
            await self.core.lanes.settled()
            while claimed := await self.core.delivery._claim(64):
                await asyncio.gather(*(self.core.delivery._carry(row, token) for row, token in claimed))
            if self.subject.provider is not None:
                await self.subject.provider.settled()
            await self.core.lanes.settled()
            await self.subject.looks()

    async def notice(self, name: str) -> OutboxMessage:
        """Queue a notice to the person who spoke last, and let it go."""
        contact = self.heard[-1].told["contact"]
        told = Notice(
            key=f"test:{name}",
            name=name,
            contact_id=contact.id,
            channel=str(self.adapter.channel),
            account=self.adapter.account,
            facts={"number": "K7Q2-M9FD-X"},
            due_at=self.clock(),
        )
        await transaction(lambda: queue_notice(told))
        await self.settles()
        return await OutboxMessage.get(key=told.key)

    async def rows(self) -> list[OutboxMessage]:
        return await OutboxMessage.all().order_by("id")

    async def events(self) -> list[InboxEvent]:
        return await InboxEvent.all().order_by("id")


async def thank(event: Message | CallbackQuery) -> None:
    if isinstance(event, Message):
        await event.answer(THANKS)
    else:
        await event.answer()


async def render(name: str, facts: Mapping[str, Any], language: str) -> Wording:
    """``ready`` has a template beside its text, ``courtesy`` has none."""
    template = Template(name="loket_ready", language="id", parameters={"number": str(facts["number"])})
    return Wording(
        text=f"<b>{facts['number']}</b> siap diambil.",
        template=template if name == "ready" else None,
        choices={"Terima kasih": "thanks"},
    )


def _dispatcher(bench: list[Bench]) -> Callable[[DatabaseStorage], Dispatcher]:
    def hears(kind: str) -> Callable[..., Awaitable[None]]:
        async def handle(event: Any, files: list[StoredFile], album: list[Message], **told: Any) -> None:
            here = bench[0]
            here.heard.append(Heard(kind, event, files, album, told))
            if kind != "edited_message":
                await here.then(event)

        return handle

    def make(fsm: DatabaseStorage) -> Dispatcher:
        made, router = Dispatcher(storage=fsm), Router(name="bench")
        router.message.register(hears("message"))
        router.edited_message.register(hears("edited_message"))
        router.callback_query.register(hears("tap"))
        made.include_router(router)
        inline_filters(made)
        return made

    return make


@contextlib.asynccontextmanager
async def open_bench(kind: type[Subject], folder: Path, *, quiet: float = 0.0) -> AsyncIterator[Bench]:
    """A database has to be open.  ``quiet``: seconds after the last photo of a burst."""
    clock, benches = Clock(), list[Bench]()
    storage = SealedStorage(Storage.open(f"file://{folder}/papers"))
    async with kind(clock) as subject, aiohttp.ClientSession() as http:
        kit = Kit(http, storage, Files(storage).read, render, "http://127.0.0.1")
        adapter = subject.adapter(kit)
        options = CoreOptions(office_id=1, clock=clock, quiet=quiet, pacing=False)
        core = Core([adapter], _dispatcher(benches), storage, render, options)
        benches.append(Bench(subject, adapter, core, clock))
        runner = web.AppRunner(core.application(), shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            subject.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            await subject.opens(subject.url)
            yield benches[0]
        finally:
            await adapter.session.close()
            await core.lanes.close()
            await runner.cleanup()


def payload(row: OutboxMessage) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(row.payload)
    return facts
