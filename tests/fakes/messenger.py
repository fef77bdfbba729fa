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
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.fakes import bodies, messenger_bodies, messenger_rules, messenger_templates
from tests.fakes.door import knock
from tests.fakes.graph_media import MB, Media
from tests.fakes.ledger import Sent
from tests.fakes.messenger_errors import WORDS, MessengerRefusal
from tests.fakes.messenger_fields import Json, a_string, a_word, an_object
from tests.fakes.messenger_files import FileData, read_call
from tests.fakes.messenger_page import PAGE_INBOX, MessengerPage
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


class FakeMessenger(MessengerPage):
    """``next_send`` also takes any refusal as its fault: ``messenger.next_send("10/2018278")``, and with
    ``@200`` behind it an error body under HTTP 200.

    ``echoes``: every message of ours comes back as an echo. ``auto_statuses``: what the app is told about
    each message without being asked, of ``delivered`` and ``read``; ``statuses_first`` tells both before the
    answer to the send. ``in_seconds``: timestamps in seconds, as some events have them. ``numeric_ids``: ids
    as JSON numbers, as in old bodies. ``rate_limit``: enforce 300 texts and 10 files a second (613).
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
        self.sent: dict[str, Sent] = {}  # by mid
        self.pictures: dict[str, list[Media]] = {}  # of a message with several, by mid
        self.echoes = self.statuses_first = False
        self.auto_statuses: tuple[str, ...] = ()
        self.in_seconds = self.numeric_ids = self.rate_limit = False
        self._rates = {"text": Throttle(seconds=1 / 300, burst=300), "file": Throttle(seconds=0.1, burst=10)}

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

    def event(self, person: Person, part: Json, *, at: datetime | None = None, echo: bool = False) -> Json:
        """The body of something (``part``: ``{"read": …}``) between this person and the Page; ``standby``
        while another app has the conversation.  ``echo``: from the Page to the person."""
        moment = at or self.clock()
        timestamp = messenger_bodies.milliseconds(moment)
        stamp = timestamp // 1000 if self.in_seconds else timestamp
        ends = [self._id(person.psid), self._id(self.page_id)]
        sender, recipient = reversed(ends) if echo else ends
        item = messenger_bodies.item(sender, recipient, stamp, **part)
        key = "standby" if person.has_control and not _HANDOVER & set(part) else "messaging"
        return messenger_bodies.page_body([item], page_id=self.page_id, at=moment, key=key)

    async def emit_status(
        self, sent: Sent, status: str, *, mids: bool = True, at: datetime | None = None
    ) -> int:
        """Tells the app that a message and all before it were ``delivered`` or ``read``.

        Deliveries name ids only with ``mids``; reads never do.  Returns the HTTP status of the webhook.
        """
        return await self.deliver(self.receipt(sent, status, mids=mids, at=at))

    def receipt(self, sent: Sent, status: str, *, mids: bool = True, at: datetime | None = None) -> Json:
        """The body of a delivery or a read; its watermark is the moment of the message."""
        if status not in ("delivered", "read"):
            raise ValueError(f"Messenger reports delivered and read, not {status}")
        person = self.people.meet(sent.to)
        watermark = messenger_bodies.milliseconds(sent.at)
        about: Json = {"watermark": watermark // 1000 if self.in_seconds else watermark}
        if status == "read":
            return self.event(person, {"read": about}, at=at)
        about |= {"mids": [sent.id]} if mids else {}
        return self.event(person, {"delivery": about}, at=at)

    async def emit_echo(self, sent: Sent, *, app_id: str = "", at: datetime | None = None) -> int:
        """Tells the app what the Page has said: our own message, or (``app_id``) that of another app."""
        message: Json = {"mid": sent.id, "is_echo": True, "app_id": int(app_id or self.app_id)}
        message |= {"text": sent.text} if sent.text else {}
        message |= {"metadata": sent.callback_data} if sent.callback_data else {}
        if sent.media is not None:
            held = self.add_media(sent.media, sent.mime_type, filename=sent.filename)
            kind = sent.type if sent.type in messenger_rules.FILE_KINDS else "image"
            message["attachments"] = [messenger_bodies.file_attachment(kind, self.link_to(held.id))]
        person = self.people.meet(sent.to)
        return await self.deliver(self.event(person, {"message": message}, at=at, echo=True))

    async def staff_answers(self, psid: str, text: str) -> int:
        """Somebody writes in the Page's inbox: the person sees it, the app hears an echo of another app."""
        person = self.people.meet(psid)
        line = Sent(at=self.clock(), channel="page-inbox", to=psid, type="text", text=text, id=self.new_mid())
        self._remember(line, person, [])
        self.ledger.add(line)
        return await self.emit_echo(line, app_id=PAGE_INBOX)

    async def staff_hands_back(self, psid: str, *, metadata: str = "") -> int:
        """The Page's inbox gives the conversation back to us, and the app is told."""
        person = self.people.meet(psid)
        previous, person.has_control = person.has_control or PAGE_INBOX, ""
        change: Json = {"new_owner_app_id": self.app_id, "previous_owner_app_id": previous}
        change |= {"metadata": metadata} if metadata else {}
        return await self.deliver(self.event(person, {"pass_thread_control": change}))

    async def staff_takes(self, psid: str) -> int:
        """Somebody in the Page's inbox takes the conversation from us, and the app is told."""
        person = self.people.meet(psid)
        person.has_control = PAGE_INBOX
        change = {"new_owner_app_id": PAGE_INBOX, "previous_owner_app_id": self.app_id}
        return await self.deliver(self.event(person, {"take_thread_control": change}))

    async def deliver(self, body: Json, *, url: str = "") -> int:
        """POSTs a body to the app as Meta does; the HTTP status, 0 when nobody answered."""
        if not (url or self.webhook_url):
            raise ValueError("FakeMessenger.webhook_url is not set: nowhere to send events to")
        raw = bodies.as_meta_writes(body)
        return await knock(url or self.webhook_url, raw, bodies.signed(raw, self.app_secret))

    def _id(self, ident: str) -> str | int:
        return int(ident) if self.numeric_ids else ident

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
            if self.rate_limit and self._rates["file" if files else "text"].wait("page", self.clock()):
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
            self._remember(line, person, files)
        if arrives and self.statuses_first:
            await self._tell(line)
        elif arrives and self.webhook_url and (self.echoes or self.auto_statuses):
            self.later(asyncio.create_task(self._tell(line)))
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
        headers = {"Retry-After": str(fault.retry_after)} if fault.name == "http429" else None
        status = 429 if fault.name == "http429" else refusal.status
        return web.json_response(refusal.body(), status=status, headers=headers)

    def _remember(self, line: Sent, person: Person, files: Sequence[Media]) -> None:
        """A message that arrives: part of the conversation, and the one private reply to its comment."""
        self.sent[line.id] = line
        person.in_thread = True
        person.mids.add(line.id)
        if line.reply_to in self.people.comments:
            self.people.comments[line.reply_to].replied = True
        person.told.append(line)
        if len(files) > 1:
            self.pictures[line.id] = list(files)

    async def _tell(self, line: Sent) -> None:
        if self.echoes:
            await self.emit_echo(line)
        for status in self.auto_statuses:
            await self.emit_status(line, status)


_NEVER_ARRIVES = frozenset({"drop_before", "http500", "http502"})
_HANDOVER = frozenset({"pass_thread_control", "take_thread_control", "request_thread_control"})
