"""A pretend Graph API for one WhatsApp number, which refuses what Meta refuses.

Routes (all under ``/v25.0``): ``POST /{number}/messages`` · ``POST /{number}/media`` ·
``GET|DELETE /{media}`` · ``GET /{number}`` · ``GET|POST /{waba}/subscribed_apps`` ·
``GET /{waba}/message_templates`` · and the media links. Statuses go to the app's webhook, signed,
when `emit_status` says so or by ``auto_statuses``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes import bodies, graph_content, graph_media, graph_rules, graph_templates
from tests.fakes.door import knock
from tests.fakes.graph_account import GraphAccount
from tests.fakes.graph_conversations import DISPLAY_PHONE_NUMBER, GraphConversations
from tests.fakes.graph_errors import TITLES, GraphRefusal
from tests.fakes.graph_files import GraphFiles
from tests.fakes.graph_people import Person
from tests.fakes.ledger import Sent
from tests.fakes.server import Fault

__all__ = ["DISPLAY_PHONE_NUMBER", "FakeGraph"]

Json = dict[str, Any]
ACCESS_TOKEN = "EAAGtestTokenOfTheOffice"
APP_SECRET = "app-secret-of-the-tests"


class FakeGraph(GraphFiles, GraphAccount, GraphConversations):
    """``next_send`` also takes any error code as its fault: ``graph.next_send("131056")``.

    ``late_refusals``: a closed window and an unreachable person are taken with 200 and fail later, by a
    status, as Meta often does it; otherwise they are refused in the answer. ``pair_limit``: enforce 131056.
    ``auto_statuses``: what the app is told about each message without being asked, for example
    ``("sent", "delivered")``; ``statuses_first`` tells it before the answer to the send.
    """

    refusals = frozenset({"http429", *map(str, TITLES)})

    def __init__(
        self,
        *,
        phone_number_id: str = "106540352242922",
        waba_id: str = "102290129340398",
        access_token: str = ACCESS_TOKEN,
        app_secret: str = APP_SECRET,
        version: str = "v25.0",
        webhook_url: str = "",
        ledger_file: Path | None = None,
    ) -> None:
        super().__init__(ledger_file)
        self.phone_number_id, self.waba_id = phone_number_id, waba_id
        self.access_token, self.app_secret = access_token, app_secret
        self.version, self.webhook_url = version, webhook_url
        self.auto_statuses: tuple[str, ...] = ()
        self.statuses_first = False

    def application(self) -> web.Application:
        app = web.Application(client_max_size=110 * graph_media.MB)
        app.router.add_post("/{version}/{node}/messages", self._answering(self._messages))
        app.router.add_post("/{version}/{node}/media", self._answering(self._upload))
        app.router.add_get("/{version}/{node}/subscribed_apps", self._answering(self._subscriptions))
        app.router.add_post("/{version}/{node}/subscribed_apps", self._answering(self._subscribe))
        app.router.add_get("/{version}/{node}/message_templates", self._answering(self._list_templates))
        app.router.add_get("/{version}/{node}", self._answering(self._node))
        app.router.add_delete("/{version}/{node}", self._answering(self._delete_media))
        app.router.add_get("/whatsapp_business/attachments/", self._download)
        return app

    # ------------------------------------------------------------------ what a test says

    async def emit_status(
        self,
        sent: Sent,
        status: str,
        *,
        code: int | None = None,
        details: str = "",
        at: datetime | None = None,
    ) -> int:
        """Tells the app what became of a message: sent, delivered, read, played, or failed with a code.

        Returns the HTTP status of the app's webhook.
        """
        person = next((p for k in ("phone", "bsuid") if (p := self.people.find(k, sent.to))), None) or Person(
            sent.to
        )
        errors = [bodies.whatsapp_error(code, TITLES[code], details or TITLES[code])] if code else []
        said = bodies.whatsapp_status(
            status,
            id=sent.id,
            at=at or self.clock(),
            wa_id=person.wa_id,
            bsuid=person.bsuid,
            callback_data=sent.callback_data,
            errors=errors,
        )
        contact = bodies.whatsapp_contact(name=person.name or "Warga", wa_id=person.wa_id, bsuid=person.bsuid)
        body = self.webhook_body(statuses=[said], contacts=[] if status == "failed" else [contact])
        return await self.deliver(body)

    def webhook_body(
        self, messages: Sequence[Json] = (), statuses: Sequence[Json] = (), **parts: Any
    ) -> Json:
        """`bodies.whatsapp_body` addressed to this number."""
        return bodies.whatsapp_body(
            messages,
            statuses,
            phone_number_id=self.phone_number_id,
            waba_id=self.waba_id,
            display_phone_number=DISPLAY_PHONE_NUMBER,
            **parts,
        )

    async def deliver(self, body: Json, *, url: str = "") -> int:
        """POSTs a body to the app as Meta does; the HTTP status, 0 when nobody answered."""
        if not (url or self.webhook_url):
            raise ValueError("FakeGraph.webhook_url is not set: nowhere to send statuses to")
        raw = bodies.as_meta_writes(body)
        return await knock(url or self.webhook_url, raw, bodies.signed(raw, self.app_secret))

    # ------------------------------------------------------------------ answering

    def _answering(self, handle: Any) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                self._admit(request)
                result = await handle(request)
            except GraphRefusal as refusal:
                return web.json_response(refusal.body(), status=refusal.status)
            return result if isinstance(result, web.StreamResponse) else web.json_response(result)

        return answer

    def _admit(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.access_token}":
            self._note_refusal(GraphRefusal(190, "The access token could not be decrypted"), request.path)
        if request.match_info["version"] != self.version:
            self._note_refusal(GraphRefusal(2500, f"Unknown path components: {request.path}"), request.path)

    async def _node(self, request: web.Request) -> Json:
        node = request.match_info["node"]
        if node == self.phone_number_id:
            return self._number(request.query.get("fields", ""))
        if node == self.waba_id:
            return {"id": self.waba_id, "name": "Disdukcapil", "timezone_id": "66"}
        return self._media_node(node)

    # ------------------------------------------------------------------ messages

    async def _messages(self, request: web.Request) -> Any:
        self._must_be(request, self.phone_number_id)
        line = Sent(at=self.clock(), channel="whatsapp", to="", type="?")
        try:
            payload = await _json(request)
            line.request = payload
            if "status" in payload:
                return self._mark_read(payload, line)
            person = self._understand(payload, line)
        except GraphRefusal as refusal:
            line.outcome, line.refusal = "refused", str(refusal)
            self.ledger.add(line)
            raise
        return await self._take(person, payload, line, request)

    def _understand(self, payload: Json, line: Sent) -> Person:
        """Fills the line from the payload, and holds it against every rule.  Raises `GraphRefusal`."""
        line.to = str(payload.get("to") or payload.get("recipient") or "").removeprefix("+")
        line.type = str(payload.get("type", "text"))
        person = self._addressee(payload)
        line.to = person.key
        line.callback_data = graph_rules.callback_data(payload)
        line.reply_to = graph_rules.context_id(payload)
        marketing = False
        if line.type == "template":
            marketing = self._understand_template(payload, line, person)
        else:
            self._understand_content(payload, line, person)
        self._check_quote(line, person)
        self._check_conversation(line, person, marketing=marketing)
        return person

    def _understand_content(self, payload: Json, line: Sent, person: Person) -> None:
        content = graph_content.read_message(payload)
        line.type, line.text, line.buttons = content.type, content.text, content.buttons
        line.filename = content.filename
        if content.about:
            self._check_reaction(content.about, line, person)
        if content.media_id:
            self._attach(line, content.media_id, content.media_kind)

    def _understand_template(self, payload: Json, line: Sent, person: Person) -> bool:
        graph_rules.an_object(payload, "message", needs=["template"], may=[*graph_rules.ENVELOPE])
        template = graph_templates.find(payload["template"], self.templates)
        line.template = template.name
        if template.category == "AUTHENTICATION" and payload.get("to") is None:
            raise GraphRefusal(131062, f"{person.key}: authentication templates need a phone number")
        hydrated = graph_templates.hydrate(template, payload["template"])
        line.text, line.template_values, line.buttons = hydrated.text, hydrated.values, hydrated.buttons
        line.filename = hydrated.filename
        if hydrated.media_id:
            self._attach(line, hydrated.media_id, hydrated.media_kind)
        return template.category == "MARKETING"

    def _attach(self, line: Sent, media_id: str, kind: str) -> None:
        media = self.media.get(media_id)
        if media is None or media.expires_at <= self.clock():
            raise GraphRefusal(
                100, f"{kind}['id'] is not a valid whatsapp business account media attachment ID"
            )
        bare = media.mime_type.partition(";")[0]
        if bare not in graph_media.SENDABLE[kind]:
            raise GraphRefusal(131053, f"A file of type {bare} cannot be sent as {kind}")
        line.carries(media.data, mime_type=media.mime_type, filename=line.filename or media.filename)

    async def _take(self, person: Person, payload: Json, line: Sent, request: web.Request) -> Any:
        fault = self.fault_for(line.to)
        if fault and (fault.name == "http429" or fault.name.isdigit()):
            code = 130429 if fault.name == "http429" else int(fault.name)
            refusal = GraphRefusal(code, f"On order of the test: {TITLES[code]}")
            line.outcome, line.refusal = "ordered", str(refusal)
            self.ledger.add(line)
            headers = {"Retry-After": str(fault.retry_after)} if refusal.status == 429 else None
            return web.json_response(refusal.body(), status=refusal.status, headers=headers)
        line.id = self.new_wamid()
        if line.shown:
            person.outbound_ids.add(line.id)
        if line.outcome == "failed_later":
            self.ledger.add(line)
            code = int(line.refusal.partition(":")[0])
            self.later(asyncio.create_task(self._tell(line, "failed", code)))
        else:
            await self._tell_and_carry_out(line, fault, request)
        if line.outcome in ("http500", "http502"):
            return web.Response(
                status=int(line.outcome[4:]), text="<html>Sorry, something went wrong.</html>"
            )
        contact: Json = {"input": payload.get("to") or payload["recipient"]}
        contact |= {"wa_id": person.wa_id} if person.wa_id else {}
        contact |= {"user_id": person.bsuid} if person.bsuid else {}
        message = {"id": line.id} | ({"message_status": "accepted"} if line.template else {})
        return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}

    async def _tell_and_carry_out(self, line: Sent, fault: Fault | None, request: web.Request) -> None:
        tells = self.auto_statuses if not fault or fault.name not in _NEVER_ARRIVES else ()
        if tells and self.statuses_first:
            for status in tells:
                await self._tell(line, status)
        elif tells:
            self.later(asyncio.create_task(self._tell_all(line, tells)))
        await self.carry_out(line, fault, request)

    async def _tell_all(self, line: Sent, statuses: Sequence[str]) -> None:
        for status in statuses:
            await self._tell(line, status)

    async def _tell(self, line: Sent, status: str, code: int | None = None) -> None:
        if self.webhook_url:
            await self.emit_status(line, status, code=code)


_NEVER_ARRIVES = {"drop_before", "http500", "http502"}


async def _json(request: web.Request) -> Json:
    if request.content_type != "application/json":
        raise GraphRefusal(100, "The body must be application/json.")
    try:
        payload = json.loads(await request.read())
    except ValueError as error:
        raise GraphRefusal(100, "The body is not JSON.") from error
    return graph_rules.an_object(payload, "message", may=list(payload) if isinstance(payload, dict) else [])
