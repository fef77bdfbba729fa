"""What a careful developer writes without any bot framework: check, JSON, a dict of states, one POST.

Keeps nothing: the webhook is answered at once, the reply goes from a task.  Telegram and WhatsApp.
"""

import asyncio
import hmac
import json
import os
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web

ENV = os.environ
HTTP = web.AppKey("http", aiohttp.ClientSession)
names: dict[str, str] = {}
tasks: set[asyncio.Task[None]] = set()


def reply_to(person: str, said: str) -> str:
    if said.startswith("/start"):
        names[person] = ""
        return f"menu {said[7:]}"
    if not names.get(person):
        names[person] = said
        return f"confirm {said}"
    return f"done {names.pop(person)}"


async def send(http: aiohttp.ClientSession, url: str, message: dict[str, Any]) -> None:
    async with http.post(url, json=message) as answer:
        await answer.read()


def say(request: web.Request, url: str, message: dict[str, Any]) -> None:
    task = asyncio.create_task(send(request.app[HTTP], f"{ENV['PROVIDER']}{url}", message))
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def telegram(request: web.Request) -> web.Response:
    if not hmac.compare_digest(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), ENV["SECRET"]):
        raise web.HTTPUnauthorized
    message = json.loads(await request.read())["message"]
    chat = message["chat"]["id"]
    reply = {"chat_id": chat, "text": reply_to(str(chat), message["text"])}
    say(request, f"/bot{ENV['TOKEN']}/sendMessage", reply)
    return web.json_response({})


async def whatsapp(request: web.Request) -> web.Response:
    body = await request.read()
    wanted = "sha256=" + hmac.digest(ENV["APP_SECRET"].encode(), body, "sha256").hex()
    if not hmac.compare_digest(request.headers.get("X-Hub-Signature-256", ""), wanted):
        raise web.HTTPForbidden
    for entry in json.loads(body)["entry"]:
        for change in entry["changes"]:
            for message in change["value"].get("messages", ()):
                text = {"body": reply_to(message["from"], message["text"]["body"])}
                reply = {"messaging_product": "whatsapp", "to": message["from"], "type": "text", "text": text}
                say(request, f"/v24.0/{ENV['NUMBER']}/messages", reply)
    return web.json_response({})


async def http_client(app: web.Application) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as app[HTTP]:
        yield


if __name__ == "__main__":
    app = web.Application()
    app.cleanup_ctx.append(http_client)
    app.router.add_post("/webhooks/telegram", telegram)
    app.router.add_post("/webhooks/whatsapp", whatsapp)
    web.run_app(app, host="127.0.0.1", port=int(ENV["PORT"]), access_log=None, print=None)
