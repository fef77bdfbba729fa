"""aiogram that loses nothing, the obvious way: rows through Tortoise, a commit for each step.

The update is a row before the webhook is answered; one transaction holds the handler's states, the outgoing
rows and the mark that it is done; then each row is sent, and marked.  What a crash left is taken up at the
start.  ``DATABASE_URL``: ``sqlite://PATH`` or ``postgres://…/NAME?host=SOCKET``.
"""

import asyncio
import contextvars
import json
import os
from collections.abc import AsyncIterator, Coroutine
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StorageKey
from aiogram.methods import SendMessage
from aiohttp import web
from tortoise import Tortoise, fields
from tortoise.exceptions import IntegrityError
from tortoise.models import Model
from tortoise.transactions import in_transaction

from benchmarks.bots.talk import router

ENV = os.environ
PATIENCE = (0.2, 0.5, 1, 2, 5)
handling: contextvars.ContextVar[list["Outgoing"] | None] = contextvars.ContextVar("handling", default=None)
tasks: set[asyncio.Task[None]] = set()


class Incoming(Model):
    update_id = fields.BigIntField(primary_key=True, generated=False)
    body = fields.JSONField()
    done = fields.BooleanField(default=False, db_index=True)


class Outgoing(Model):
    id = fields.BigIntField(primary_key=True)
    chat_id = fields.BigIntField()
    text = fields.TextField()
    sent = fields.BooleanField(default=False, db_index=True)


class Conversation(Model):
    key = fields.CharField(max_length=64, primary_key=True)
    state = fields.CharField(max_length=64, null=True)
    data: Any = fields.JSONField(default=dict)


class Rows(BaseStorage):
    @staticmethod
    def _key(key: StorageKey) -> str:
        return f"{key.bot_id}:{key.chat_id}:{key.user_id}"

    async def set_state(self, key: StorageKey, state: Any = None) -> None:
        name = state.state if isinstance(state, State) else state
        await Conversation.update_or_create({"state": name}, key=self._key(key))

    async def get_state(self, key: StorageKey) -> str | None:
        row = await Conversation.get_or_none(key=self._key(key))
        return row.state if row else None

    async def set_data(self, key: StorageKey, data: Any) -> None:
        await Conversation.update_or_create({"data": dict(data)}, key=self._key(key))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        row = await Conversation.get_or_none(key=self._key(key))
        return dict(row.data) if row else {}

    async def close(self) -> None:
        return None


class WritesDown(AiohttpSession):
    """What a handler sends becomes a row of its transaction."""

    async def make_request(self, bot: Bot, method: Any, timeout: int | None = None) -> Any:
        rows = handling.get()
        if rows is None or not isinstance(method, SendMessage):
            return await super().make_request(bot, method, timeout)
        rows.append(await Outgoing.create(chat_id=method.chat_id, text=method.text))
        return None


dispatcher = Dispatcher(storage=Rows())
bot = Bot(ENV["TOKEN"], session=WritesDown(api=TelegramAPIServer.from_base(ENV["PROVIDER"])))


def spawn(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def webhook(request: web.Request) -> web.Response:
    if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != ENV["SECRET"]:
        raise web.HTTPUnauthorized
    update = json.loads(await request.read())
    try:
        await Incoming.create(update_id=update["update_id"], body=update)
    except IntegrityError:
        return web.json_response({})  # seen before
    spawn(handle(update))
    return web.json_response({})


async def handle(update: dict[str, Any]) -> None:
    rows: list[Outgoing] = []
    token = handling.set(rows)
    try:
        async with in_transaction():
            await dispatcher.feed_raw_update(bot, update)
            await Incoming.filter(update_id=update["update_id"]).update(done=True)
    finally:
        handling.reset(token)
    for row in rows:
        await deliver(row)


async def deliver(row: Outgoing) -> None:
    for pause in PATIENCE:
        try:
            await bot.send_message(row.chat_id, row.text)
        except TelegramAPIError:
            await asyncio.sleep(pause)
        else:
            row.sent = True
            await row.save(update_fields=["sent"])
            return


def database() -> dict[str, Any]:
    where = urlsplit(ENV["DATABASE_URL"])
    if where.scheme == "sqlite":
        credentials: dict[str, Any] = {"file_path": where.path, "journal_mode": "WAL", "synchronous": "FULL"}
        return {"engine": "tortoise.backends.sqlite", "credentials": credentials}
    socket = parse_qs(where.query)["host"][0]
    credentials = {"host": socket, "port": 5432, "user": where.username, "password": None}
    return {"engine": "tortoise.backends.asyncpg", "credentials": credentials | {"database": where.path[1:]}}


async def rows(_: web.Application) -> AsyncIterator[None]:
    models = {"models": ["__main__"], "default_connection": "default"}
    await Tortoise.init(config={"connections": {"default": database()}, "apps": {"models": models}})
    await Tortoise.generate_schemas()
    for outgoing in await Outgoing.filter(sent=False):
        spawn(deliver(outgoing))
    for incoming in await Incoming.filter(done=False).order_by("update_id"):
        spawn(handle(incoming.body))
    yield
    await Tortoise.close_connections()


if __name__ == "__main__":
    dispatcher.include_router(router())
    app = web.Application()
    app.cleanup_ctx.append(rows)
    app.router.add_post("/webhooks/telegram", webhook)
    web.run_app(app, host="127.0.0.1", port=int(ENV["PORT"]), access_log=None, print=None)
