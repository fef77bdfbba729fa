"""A pretend Messenger for one Page, which refuses what Meta refuses.

Routes (all under ``/v25.0``; ``me`` is the Page too): ``POST /{page}/messages`` ·
``POST /{page}/message_attachments`` · ``GET|POST|DELETE /{page}/message_templates`` ·
``GET|POST /{page}/subscribed_apps`` · ``GET|POST /{page}/messenger_profile`` ·
``POST /{page}/pass_thread_control`` (take, release) · ``GET /{page}/thread_owner`` · ``GET /{page}`` ·
``GET /{psid}`` · ``GET /debug_token`` · and the CDN's links. Echoes, deliveries and reads go to the app's
webhook, signed, when `emit_status` and its like say so, or by ``echoes`` and ``auto_statuses``.
Stricter than Meta in one thing: an unknown parameter is refused, where Meta loses it silently.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes import messenger_rules, messenger_templates
from tests.fakes.graph_media import MB, Media
from tests.fakes.ledger import Sent
from tests.fakes.messenger_errors import THROTTLES, WORDS, MessengerRefusal
from tests.fakes.messenger_events import MessengerEvents
from tests.fakes.messenger_fields import Json, a_string, a_word, an_object
from tests.fakes.messenger_files import FileData, read_call
from tests.fakes.messenger_people import HUMAN_WINDOW, REPLY_WITHIN, WINDOW, Comment, Person
from tests.fakes.server import Fault, Throttle

PAGE_ID = "108421234567890"
ACCESS_TOKEN = "EAAPpageTokenOfTheOffice"
APP_SECRET = "app-secret-of-the-tests"
CALL = ("recipient", "message", "messaging_type", "tag", "notification_type", "access_token")
ACTIONS = ("typing_on", "typing_off", "mark_seen", "react", "unreact")
TYPES = ("RESPONSE", "UPDATE", "UTILITY", "MESSAGE_TAG")
DEAD_TAGS = ("CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE")
OK = "@200"  # after the name of a refusal: its body comes with HTTP 200


class FakeMessenger(MessengerEvents):
    """``next_send`` also takes any refusal as its fault: ``messenger.next_send("10/2018278")``, and with
    ``@200`` behind it an error body under HTTP 200.

    ``rate_limit``: enforce 300 texts and 10 files a second, and 750 private replies an hour (613). For what
    the app is told see `MessengerEvents`.
    """

    refusals = frozenset({"http429", *WORDS, *(name + OK for name in WORDS)})

    def __init__(
        self,
        *,
        page_id: str = PAGE_ID,
        access_token: str = ACCESS_TOKEN,
        app_secret: str = APP_SECRET,
        version: str = "v25.0",
        webhook_url: str = "",
        ledger_file: Path | None = None,
    ) -> None:
        super().__init__(ledger_file)
        self.page_id, self.access_token, self.app_secret = page_id, access_token, app_secret
        self.version, self.webhook_url = version, webhook_url
        self.rate_limit = False
        self._rates = {
            "text": Throttle(seconds=1 / 300, burst=300),
            "file": Throttle(seconds=1 / 10, burst=10),
            "private": Throttle(seconds=3600 / 750, burst=750),
        }

    def application(self) -> web.Application:
        app = web.Application(client_max_size=60 * MB)
        edges = {
            "messages": (None, self._messages, None),
            "message_attachments": (None, self._upload, None),
            "message_templates": (self._list_templates, self._submit_template, self._delete_template),
            "subscribed_apps": (self._subscriptions, self._subscribe, None),
            "messenger_profile": (self._get_profile, self._set_profile, None),
            "pass_thread_control": (None, self._pass_control, None),
            "take_thread_control": (None, self._take_control, None),
            "release_thread_control": (None, self._release_control, None),
            "thread_owner": (self._thread_owner, None, None),
        }
        app.router.add_get("/{version}/debug_token", self._answering(self._debug_token))
        for edge, handlers in edges.items():
            for method, handle in zip(("GET", "POST", "DELETE"), handlers, strict=True):
                if handle:
                    app.router.add_route(method, f"/{{version}}/{{node}}/{edge}", self._answering(handle))
        app.router.add_get("/{version}/{node}", self._answering(self._node))
        app.router.add_get("/v/t1.15752-9/{name}", self._cdn)
        return app

    # ------------------------------------------------------------------ what a test says

    def heard_from(
        self, psid: str, *, name: str = "", message_id: str = "", at: datetime | None = None
    ) -> Person:
        """A person wrote, tapped or reacted: the window opens at ``at`` (now)."""
        person = self.people.meet(psid, name)
        self.people.acted(person, at or self.clock())
        if message_id:
            person.mids.add(message_id)
        return person

    def commented(self, comment: Comment) -> None:
        """Somebody wrote under a post: may be answered privately once, for seven days."""
        self.people.commented(comment)

    # ------------------------------------------------------------------ answering

    def _answering(self, handle: Any) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                await self._admit(request)
                result = await handle(request)
            except MessengerRefusal as refusal:
                return web.json_response(refusal.body(), status=refusal.status)
            return result if isinstance(result, web.StreamResponse) else web.json_response(result)

        return answer

    async def _admit(self, request: web.Request) -> None:
        """The token as a bearer's, in the query, or in a JSON or urlencoded body."""
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        given = given or request.query.get("access_token", "")
        if not given and request.method == "POST" and request.content_type != "multipart/form-data":
            payload, _ = await read_call(request)
            given = str(payload.get("access_token", ""))
        if given != self.access_token:
            self.note_refusal(MessengerRefusal.named("190"), request.path)
        if request.match_info["version"] != self.version:
            self.note_refusal(
                MessengerRefusal(2500, f"Unknown path components: {request.path}"), request.path
            )

    # ------------------------------------------------------------------ messages

    async def _messages(self, request: web.Request) -> Any:
        self.must_be_page(request)
        line = Sent(at=self.clock(), channel="messenger", to="", type="?")
        try:
            payload, data = await read_call(request)
            line.request = payload
            if "sender_action" in payload:
                return self._act(payload, line)
            person, files, reusable = await self._understand(payload, data, line)
            if self.rate_limit and self._rates[_pace(line, files)].wait("page", self.clock()):
                raise MessengerRefusal.named("613")
        except MessengerRefusal as refusal:
            line.outcome, line.refusal = "refused", str(refusal)
            self.ledger.add(line)
            raise
        return await self._take(person, line, files, reusable, request)

    async def _understand(
        self, payload: Json, data: FileData | None, line: Sent
    ) -> tuple[Person, list[Media], str]:
        """Fills the line, and holds the call against every rule.

        Returns the person, the files, and the kind under which the file is to be kept (empty: not kept).
        """
        an_object(payload, "call", needs=["recipient"], may=CALL)
        line.type = "text"
        person, comment = self._addressee(payload["recipient"])
        line.to = person.psid
        content = messenger_rules.read_message(payload.get("message", {}))
        line.type, line.text, line.buttons = content.type, content.text, content.buttons
        line.callback_data, line.reply_to = content.metadata, content.reply_to
        if content.utility is not None:
            filled = messenger_templates.fill(content.utility, self.templates)
            line.template, line.text = filled.name, filled.text
            line.template_values = filled.values
            line.buttons = (*filled.buttons, *content.buttons)
        self._check_kind(payload, utility=content.utility is not None, private=comment is not None)
        self._check_conversation(person, payload)
        if comment:
            line.reply_to = comment.id
        elif content.reply_to and content.reply_to not in person.mids:
            raise MessengerRefusal(100, "Param message[reply_to][mid] is no message of this conversation")
        files = [await self.bytes_for(ref, data) for ref in content.files]
        if files:
            line.carries(files[0].data, mime_type=files[0].mime_type, filename=files[0].filename)
        kept = content.files[0] if content.files and content.files[0].reusable else None
        return person, files, kept.kind if kept else ""

    def _addressee(self, part: object) -> tuple[Person, Comment | None]:
        recipient = an_object(part, "recipient", may=["id", "comment_id"])
        if len(recipient) != 1:
            raise MessengerRefusal(100, "The parameter recipient needs exactly one of id and comment_id")
        if "comment_id" in recipient:
            comment = self.people.comments.get(str(recipient["comment_id"]))
            if comment is None:
                raise MessengerRefusal(100, "Invalid comment_id parameter", subcode=2018292)
            if comment.author.psid == self.page_id or self.clock() - comment.at >= REPLY_WITHIN:
                raise MessengerRefusal.named("10903")
            if comment.replied:
                raise MessengerRefusal.named("10900")
            return comment.author, comment
        psid = recipient["id"]
        if not (isinstance(psid, str) and psid.isascii() and psid.isdigit()):
            raise MessengerRefusal(100, 'Param recipient[id] must be a valid ID string (e.g., "123")')
        person = self.people.find(psid)
        if person is None:
            raise MessengerRefusal.named("100/2018001")
        return person, None

    def _check_kind(self, payload: Json, *, utility: bool, private: bool) -> None:
        """``messaging_type`` and ``tag`` against what is sent."""
        if "messaging_type" not in payload and not private:
            raise MessengerRefusal(100, "The parameter messaging_type is required")
        kind = a_word(payload.get("messaging_type", "RESPONSE"), "messaging_type", TYPES)
        tag = payload.get("tag")
        if tag in DEAD_TAGS:
            raise MessengerRefusal(100, f"Invalid tag. The message tag {tag} is no longer supported.")
        if kind == "MESSAGE_TAG" and tag != "HUMAN_AGENT":
            raise MessengerRefusal(100, "Invalid tag.")
        if kind != "MESSAGE_TAG" and tag is not None:
            raise MessengerRefusal(100, "A tag needs the messaging_type MESSAGE_TAG.")
        if utility != (kind == "UTILITY"):
            raise MessengerRefusal(100, "UTILITY messages and utility_messages templates go together.")
        if private and kind != "RESPONSE":
            raise MessengerRefusal(100, "A private reply has the messaging_type RESPONSE.")

    def _check_conversation(self, person: Person, payload: Json) -> None:
        """Whether this person may be written to now, and by us."""
        if person.refuses:
            raise MessengerRefusal.named(person.refuses)
        if person.has_control:
            raise MessengerRefusal.named("10/2018300")
        if "comment_id" in payload["recipient"] or payload.get("messaging_type") == "UTILITY":
            return
        span = HUMAN_WINDOW if payload.get("tag") == "HUMAN_AGENT" else WINDOW
        if not person.may_be_written_to(self.clock(), span):
            raise MessengerRefusal.named("10/2018278")

    def _act(self, payload: Json, line: Sent) -> Json:
        """Typing, seen, and reactions; alone in their call."""
        line.shown = False
        an_object(payload, "call", needs=["recipient"], may=[*CALL, "sender_action", "payload"])
        line.type = a_word(payload["sender_action"], "sender_action", ACTIONS)
        if "message" in payload:
            raise MessengerRefusal(100, "Only one of message and sender_action may be specified")
        recipient = an_object(payload["recipient"], "recipient", needs=["id"])
        person, _ = self._addressee(recipient)
        line.to = person.psid
        answer: Json = {"recipient_id": person.psid}
        if line.type != "mark_seen":  # what was read may be marked whenever
            self._check_conversation(person, payload)
        if line.type in ("react", "unreact"):
            reaction = an_object(payload.get("payload"), "payload", needs=["message_id"], may=["reaction"])
            if reaction["message_id"] not in person.mids:
                raise MessengerRefusal(100, "Param payload[message_id] is no message of this conversation")
            if line.type == "react":
                line.text = a_string(reaction.get("reaction"), "payload[reaction]", most=16)
            line.reply_to = str(reaction["message_id"])
            answer["message_id"] = line.reply_to
        self.ledger.add(line)
        return answer

    # ------------------------------------------------------------------ taking a message

    async def _take(
        self, person: Person, line: Sent, files: list[Media], reusable: str, request: web.Request
    ) -> Any:
        fault = self.fault_for(line.to)
        if fault and fault.name in self.refusals:
            return self._ordered(fault, line)
        line.id = self.new_mid()
        kept = {"attachment_id": self.keep(files[0], reusable)} if reusable and files else {}
        arrives = not fault or fault.name not in _NEVER_ARRIVES
        if arrives:
            self.remember(line, person, files)
        if arrives and self.statuses_first:
            await self.tell(line)
        elif arrives and self.webhook_url and (self.echoes or self.auto_statuses):
            self.later(asyncio.create_task(self.tell(line)))
        await self.carry_out(line, fault, request)
        if line.outcome in ("http500", "http502"):
            return web.Response(
                status=int(line.outcome[4:]), text="<html>Sorry, something went wrong.</html>"
            )
        return {"recipient_id": person.psid, "message_id": line.id} | kept

    def _ordered(self, fault: Fault, line: Sent) -> web.Response:
        name = "4" if fault.name == "http429" else fault.name.removesuffix(OK)
        refusal = MessengerRefusal.named(name, ok=fault.name.endswith(OK))
        line.outcome, line.refusal = "ordered", str(refusal)
        self.ledger.add(line)
        headers = {"Retry-After": str(fault.retry_after)} if fault.name == "http429" else {}
        if refusal.code in THROTTLES and fault.retry_after >= 60:
            usage = {"type": "messenger", "call_count": 100}
            usage["estimated_time_to_regain_access"] = fault.retry_after // 60  # minutes
            headers["X-Business-Use-Case-Usage"] = json.dumps({self.page_id: [usage]})
        status = 429 if fault.name == "http429" else refusal.status
        return web.json_response(refusal.body(), status=status, headers=headers)


def _pace(line: Sent, files: Sequence[Media]) -> str:
    """Which of the limits a message counts against."""
    if "comment_id" in line.request["recipient"]:
        return "private"
    return "file" if files else "text"


_NEVER_ARRIVES = frozenset({"drop_before", "http500", "http502"})
