"""A provider that says yes to every send, and tells who is waiting for it."""

import itertools
from collections import Counter
from collections.abc import Callable

from aiohttp import web

Heard = Callable[[str, str], None]  # (person, text), before the bot gets its answer


class Provider:
    """``POST /bot…/sendMessage`` and ``POST /vN/NUMBER/messages``; Telegram's other methods are a yes."""

    def __init__(self, on_send: Heard) -> None:
        self._on_send = on_send
        self._ids = itertools.count(1)
        self.sends: Counter[tuple[str, str]] = Counter()

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1024**2)
        app.router.add_post("/bot{token}/{method}", self._telegram)
        app.router.add_post("/{version}/{number}/messages", self._whatsapp)
        return app

    def _took(self, person: str, text: str) -> int:
        self.sends[(person, text)] += 1
        self._on_send(person, text)
        return next(self._ids)

    async def _telegram(self, request: web.Request) -> web.Response:
        fields = await request.post() if request.content_type != "application/json" else await request.json()
        if request.match_info["method"].lower() != "sendmessage":
            return web.json_response({"ok": True, "result": True})
        chat = int(str(fields["chat_id"]))
        ident = self._took(str(chat), str(fields["text"]))
        result = {
            "message_id": ident,
            "date": 1,
            "chat": {"id": chat, "type": "private"},
            "text": fields["text"],
        }
        return web.json_response({"ok": True, "result": result})

    async def _whatsapp(self, request: web.Request) -> web.Response:
        fields = await request.json()
        person = fields["to"].lstrip("+")
        ident = self._took(person, fields["text"]["body"])
        return web.json_response(
            {
                "messaging_product": "whatsapp",
                "contacts": [{"input": person, "wa_id": person}],
                "messages": [{"id": f"wamid.{ident}"}],
            }
        )
