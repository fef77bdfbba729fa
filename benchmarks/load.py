"""Signed webhooks in, sends out, every reply audited.

Each person waits for the reply to one message before saying the next, so every reply is checked: right
person, right text, exactly once.  ``ack``: from posting a webhook to its answer; ``reply``: from posting it
to the reply reaching the provider.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from benchmarks.provider import Provider

APP_SECRET, TELEGRAM_SECRET, NUMBER = "bench-app-secret", "bench-secret-token", "106540352242922"
PATIENCE = 20.0  # seconds for one reply


@dataclass
class Result:
    """What one bot did in one round; times in seconds."""

    messages: int = 0
    seconds: float = 0.0
    acks: list[float] = field(default_factory=list)
    replies: list[float] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    refused: int = 0

    @property
    def bad(self) -> int:
        return self.lost + self.doubled + self.refused


class Load:
    """Talks to one bot on one channel; the provider lives in this process."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._numbers = itertools.count(1)
        self._waiting: dict[tuple[str, str], asyncio.Future[float]] = {}
        self.provider = Provider(self._heard)

    async def open(self) -> str:
        """Start the provider; its address."""
        self._runner = web.AppRunner(self.provider.application(), access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        await self._runner.cleanup()

    async def run(self, url: str, messages: int, people: int) -> Result:
        """Three messages a conversation, ``people`` talking at a time, until ``messages`` were said."""
        result, conversations = Result(), iter(range(messages // 3))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            began = time.perf_counter()
            await asyncio.gather(*(self._person(http, url, conversations, result) for _ in range(people)))
            result.seconds = time.perf_counter() - began
        result.doubled = sum(times - 1 for times in self.provider.sends.values())
        self.provider.sends.clear()
        return result

    async def _person(
        self, http: aiohttp.ClientSession, url: str, conversations: "itertools.count[int]", result: Result
    ) -> None:
        for _ in conversations:
            person = f"62812{next(self._numbers):07}"
            name = f"Warga {person[-5:]}"
            for said, expected in (
                ("/start 1", "menu 1"),
                (name, f"confirm {name}"),
                ("yes", f"done {name}"),
            ):
                await self._say(http, url, person, said, expected, result)

    async def _say(
        self, http: aiohttp.ClientSession, url: str, person: str, said: str, expected: str, result: Result
    ) -> None:
        arrived: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting[(person, expected)] = arrived
        body, headers = self._webhook(person, said)
        began = time.perf_counter()
        async with http.post(url, data=body, headers=headers) as answer:
            await answer.read()
            result.refused += answer.status != 200
        result.acks.append(time.perf_counter() - began)
        result.messages += 1
        try:
            result.replies.append(await asyncio.wait_for(arrived, PATIENCE) - began)
        except TimeoutError:
            result.lost += 1

    def _heard(self, person: str, text: str) -> None:
        arrived = self._waiting.pop((person, text), None)
        if arrived is not None and not arrived.done():
            arrived.set_result(time.perf_counter())

    def _webhook(self, person: str, said: str) -> tuple[bytes, dict[str, str]]:
        number, headers = next(self._numbers), {"Content-Type": "application/json"}
        if self._channel == "telegram":
            headers["X-Telegram-Bot-Api-Secret-Token"] = TELEGRAM_SECRET
            return json.dumps(_telegram(number, int(person), said)).encode(), headers
        body = json.dumps(_whatsapp(number, person, said)).encode()
        signature = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
        return body, headers | {"X-Hub-Signature-256": f"sha256={signature}"}


def _telegram(number: int, person: int, said: str) -> dict[str, object]:
    message: dict[str, object] = {
        "message_id": number,
        "date": int(time.time()),
        "chat": {"id": person, "type": "private", "first_name": "Warga"},
        "from": {"id": person, "is_bot": False, "first_name": "Warga"},
        "text": said,
    }
    if said.startswith("/"):
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(said.split(maxsplit=1)[0])}]
    return {"update_id": number, "message": message}


def _whatsapp(number: int, person: str, said: str) -> dict[str, object]:
    message = {
        "from": person,
        "id": f"wamid.in{number}",
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": said},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "62", "phone_number_id": NUMBER},
        "contacts": [{"wa_id": person, "profile": {"name": "Warga"}}],
        "messages": [message],
    }
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
