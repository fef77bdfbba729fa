"""A pretend Bot API for one bot, which refuses what Telegram refuses.

``POST|GET /bot<token>/<method>`` (query, form, multipart, JSON) and ``GET /file/bot<token>/<path>``.
A method this fake has not learnt is answered 404 and stands in the ledger as refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes import bot_api_rules as rules
from tests.fakes.bot_api_change import Changes
from tests.fakes.bot_api_rules import BotRefusal, Call
from tests.fakes.bot_api_send import Effect
from tests.fakes.bot_api_setup import SetUp
from tests.fakes.ledger import Sent
from tests.fakes.server import FakeServer, Fault

Json = dict[str, Any]
TOKEN = "7042:AAtestTokenOfTheOffice"
QUIET = {"getMe", "getUpdates", "getWebhookInfo", "getFile", "getMyCommands", "getChat", "getChatMember"}
QUIET |= {"getChatMemberCount"}
ORDERED = {"http429": 429, "http401": 401, "http403": 403, "http409": 409}


class FakeBotApi(FakeServer, Changes, SetUp):
    """``next_send("http429", retry_after=3)``; also ``http401``, ``http403``, ``http409``.

    For aiogram: ``AiohttpSession(api=TelegramAPIServer.from_base(bot_api.base_url))``.
    """

    refusals = frozenset(ORDERED)

    def __init__(
        self,
        *,
        token: str = TOKEN,
        username: str = "loket_bot",
        ledger_file: Path | None = None,
    ) -> None:
        FakeServer.__init__(self, ledger_file=ledger_file)
        me = {"id": int(token.partition(":")[0]), "is_bot": True, "first_name": "Loket", "username": username}
        Changes.__init__(self, me)
        self.token = token
        methods: dict[str, Callable[[Call, Sent], Any]] = self.setup() | self.sends() | self.changes()
        self._methods = {name.lower(): (name, method) for name, method in methods.items()}

    def application(self) -> web.Application:
        app = web.Application(client_max_size=rules.MAX_UPLOAD + 2 * rules.MB)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        return app

    def queue(self, update: Json) -> None:
        """Holds an update for the next `getUpdates`."""
        self.pending.append(update)
        self.wake_pollers()

    async def stop(self) -> None:
        self._stopping.set()
        self.wake_pollers()
        await super().stop()

    # ------------------------------------------------------------------ answering

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name, method = self._methods.get(request.match_info["method"].lower(), ("", self._not_learnt))
        name = name or request.match_info["method"]
        line = Sent(at=self.clock(), channel="telegram", to="", type=name)
        try:
            if request.match_info["token"] != self.token:
                raise BotRefusal(401, "Unauthorized")
            call = await rules.read_call(request)
            line.request = call.fields
            line.to = call.text("chat_id")
            done = method(call, line)
            result = await done if asyncio.iscoroutine(done) else done
            if isinstance(result, Effect):
                return await self._carry_out_all(result, request)
        except BotRefusal as refusal:
            if refusal.code != 409:  # a second poller: nobody's message
                line.outcome, line.refusal = "refused", str(refusal)
                self.ledger.add(line)
            return web.json_response(refusal.body(), status=refusal.code)
        if name not in QUIET:
            line.shown = False
            self.ledger.add(line)
        return web.json_response({"ok": True, "result": result})

    async def _carry_out_all(self, effect: Effect, request: web.Request) -> web.StreamResponse:
        """The fault that is due befalls the whole call; an album's lines share it."""
        fault = self.fault_for(effect.lines[0].to)
        if fault and fault.name in ORDERED:
            return self._refuse_on_order(effect, fault)
        arrives = fault is None or fault.name not in ("drop_before", "http500", "http502")
        result = effect.happens() if arrives else None
        *others, last = effect.lines
        for line in others:
            line.outcome = {"drop_after": "dropped_after", "hang": "hung"}.get(
                fault.name if fault else "", "accepted"
            )
            if not arrives:
                line.outcome = "dropped_before"
            self.ledger.add(line)
        await self.carry_out(last, fault, request)
        if last.outcome in ("http500", "http502"):
            code = int(last.outcome[4:])
            said = {"ok": False, "error_code": code, "description": "Internal Server Error"}
            return web.json_response(said, status=code)
        return web.json_response({"ok": True, "result": result})

    def _refuse_on_order(self, effect: Effect, fault: Fault) -> web.StreamResponse:
        code = ORDERED[fault.name]
        words = {
            429: f"Too Many Requests: retry after {fault.retry_after}",
            401: "Unauthorized",
            403: "Forbidden: bot was blocked by the user",
            409: "Conflict: terminated by other getUpdates request",
        }
        refusal = BotRefusal(code, words[code], **({"retry_after": fault.retry_after} if code == 429 else {}))
        for line in effect.lines:
            line.outcome, line.refusal = "ordered", str(refusal)
            self.ledger.add(line)
        return web.json_response(refusal.body(), status=code)

    def _not_learnt(self, *_: object) -> Any:
        raise BotRefusal(404, "Not Found: this fake has not learnt the method")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return web.json_response(BotRefusal(401, "Unauthorized").body(), status=401)
        for file in self.files.values():
            if file.path == request.match_info["path"] and file.link_until and self.clock() < file.link_until:
                return web.Response(body=file.data, content_type="application/octet-stream")
        return web.json_response(BotRefusal(404, "Not Found").body(), status=404)
