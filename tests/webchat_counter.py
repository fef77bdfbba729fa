"""A counter that only knows the web chat: the real core, and handlers that say back what they heard."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.default import DefaultBotProperties
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
)
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import headers
from bot.channels.webchat.adapter import WebChat
from bot.channels.webchat.routes import Site
from bot.channels.webchat.settings import WebChatSettings
from bot.clock import Clock, clock_from
from bot.delivery import Delivery
from bot.directory import Directory
from bot.files import Files
from bot.fsm import DatabaseStorage
from bot.handling import Handling, Host
from bot.inbox import Inbox
from bot.intake import Intake
from bot.lanes import Lanes
from bot.notices import Wording
from bot.outbox import OutboxSession
from bot.pacing import Pacing
from bot.quarantine import Quarantine
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from bot.webhooks import Door
from models.contacts import Address
from models.files import StoredFile
from models.inbox import InboxEvent
from tests.fakes import pictures

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
OFFICE = "Disdukcapil Kabupaten Rote Ndao"


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    """A button a row; the data behind a label is ``pick:LABEL``."""
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=label, callback_data=f"pick:{label}")] for label in labels
        ]
    )


async def greet(message: Message) -> None:
    choices = keyboard("KTP-el hilang", "Akta kelahiran", "Kartu keluarga")
    await message.answer("<b>Selamat datang.</b> Bapak/Ibu perlu apa?", reply_markup=choices)


async def list_queue(message: Message) -> None:
    lines = [f"{n}. KTP-el hilang  {n:>3}\n   Yohana N•••, Desa Sanggaoen" for n in range(1, 21)]
    await message.answer("\n".join(["Antrean: 20 permohonan", "", *lines]))


async def show_paper(message: Message) -> None:
    await message.answer_photo(BufferedInputFile(pictures.jpeg(3), "kk.jpg"), caption="KK, diterima kemarin")
    await message.answer_document(BufferedInputFile(pictures.pdf(), "surat kehilangan.pdf"))


async def ask_quickly(message: Message) -> None:
    await message.answer("Salin nomor?", reply_markup=keyboard("Cepat", "Penting"))


async def thank(message: Message, files: list[StoredFile]) -> None:
    await message.answer(f"{len(files)} berkas diterima.")


async def change(callback: CallbackQuery) -> None:
    if isinstance(callback.message, Message):
        await callback.message.edit_text("Pilihan dicatat.")
    await callback.answer()


async def toast(callback: CallbackQuery) -> None:
    """The message stays as it is."""
    await callback.answer("Nomor <12> & salinannya", show_alert=callback.data == "pick:Penting")


async def confirm(callback: CallbackQuery, bot: Bot) -> None:
    await callback.answer()
    picked = (callback.data or "").removeprefix("pick:")
    await bot.send_message(callback.from_user.id, f"Anda memilih: {picked}", reply_markup=keyboard("Ganti"))


async def echo(message: Message) -> None:
    await message.answer(f"Anda menulis: {message.html_text}")


def router() -> Router:
    here = Router(name="counter")
    here.message.register(greet, F.text.in_({"mulai", "menu"}))
    here.message.register(list_queue, F.text == "/antrean")
    here.message.register(show_paper, F.text == "/lihat")
    here.message.register(ask_quickly, F.text == "/salin")
    here.message.register(thank, F.photo | F.document)
    here.message.register(echo, F.text)
    here.callback_query.register(change, F.data == "pick:Ganti")
    here.callback_query.register(toast, F.data.in_({"pick:Cepat", "pick:Penting"}))
    here.callback_query.register(confirm)
    return here


async def render(name: str, facts: Mapping[str, Any], language: str) -> Wording:
    if name != "ready_for_pickup":
        raise LookupError(name)
    return Wording(
        text=f"<b>{facts['number']}</b> siap diambil ({language}).", choices={"Terima kasih": "thanks"}
    )


class Store:
    """The storage, which a test may take away."""

    def __init__(self, storage: SealedStorage) -> None:
        self._storage = storage
        self.away = False
        self.kept: list[str] = []

    async def put(self, key: str, content: bytes) -> None:
        if self.away:
            raise ConnectionError("no storage")
        self.kept.append(key)
        await self._storage.put(key, content, office_id=1)


@dataclass(slots=True)
class Counter:
    url: str
    chat: WebChat
    store: Store
    lanes: Lanes
    delivery: Delivery
    clock: Clock

    async def contact(self) -> int:
        """The person who came last."""
        address = await Address.all().order_by("-id").first()
        assert address is not None
        return address.contact_id


@asynccontextmanager
async def open_counter(
    folder: Path, *, public_url: str = "http://127.0.0.1", per_minute: int = 600, port: int | None = None
) -> AsyncIterator[Counter]:
    """Serve the web chat on a socket of its own; a database has to be open."""
    clock = clock_from(NOW)
    storage = SealedStorage(Storage.open(f"file://{folder}/papers"))
    files, people, store = Files(storage), Directory(1), Store(storage)
    chat = WebChat(
        WebChatSettings(per_minute=per_minute),
        site=Site(OFFICE, public_url),
        put=store.put,
        get=storage.get,
        read=files.read,
        render=render,
    )
    inbox, fsm, where = Inbox(people, clock), DatabaseStorage(1), (chat.channel.value, chat.account)
    bot = Bot(
        f"{chat.bot_id}:counter",
        session=OutboxSession(chat, people, files, clock),
        default=DefaultBotProperties(parse_mode="HTML"),
    )
    dispatcher = Dispatcher(storage=fsm)
    dispatcher.include_router(router())
    handling = Handling({where: Host(chat, bot)}, dispatcher, fsm, people, clock)
    intake = Intake(storage, files, clock)

    async def prepare(event: InboxEvent) -> list[StoredFile]:
        return await intake.take(chat, event, chat.media(event.facts))

    lanes = Lanes(handling, prepare, lambda event: bool(chat.media(event.facts)), quiet=0.5)
    delivery = Delivery({where: chat}, people, files, render, Pacing(on=False), clock)
    inbox.on_new, handling.on_done = lanes.push, delivery.wake

    app = web.Application()
    headers.install(app, public_url=public_url)
    app.add_routes(chat.routes(Door(inbox, Quarantine(people.office_of, clock), clock).accept))
    server = TestServer(app, port=port)
    await server.start_server()
    carrying = asyncio.create_task(delivery.run())
    try:
        yield Counter(str(server.make_url("/")), chat, store, lanes, delivery, clock)
    finally:
        await chat.session.close()
        await server.close()
        await lanes.close()
        delivery.stop()
        await carrying
