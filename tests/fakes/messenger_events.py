"""What the app is told of a Page's conversations: echoes, deliveries, reads, and the Page's own people.

Source: Meta, Messenger Platform, "Webhooks": message_echoes, message_deliveries, message_reads,
messaging_handovers, standby.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tests.fakes import bodies, messenger_bodies, messenger_rules
from tests.fakes.door import knock
from tests.fakes.graph_media import Media
from tests.fakes.ledger import Sent
from tests.fakes.messenger_fields import Json
from tests.fakes.messenger_page import MessengerPage
from tests.fakes.messenger_people import Person
from tests.fakes.messenger_threads import PAGE_INBOX

HANDOVERS = frozenset({"pass_thread_control", "take_thread_control", "request_thread_control"})


class MessengerEvents(MessengerPage):
    """``echoes``: every message of ours comes back as an echo. ``auto_statuses``: what the app is told about
    each message without being asked, of ``delivered`` and ``read``; ``statuses_first`` tells both before the
    answer to the send. ``in_seconds``: timestamps in seconds, as some events have them. ``numeric_ids``: ids
    as JSON numbers, as in old bodies.
    """

    app_secret: str
    webhook_url: str

    def __init__(self, ledger_file: Path | None = None) -> None:
        super().__init__(ledger_file)
        self.sent: dict[str, Sent] = {}  # what arrived, by mid
        self.files_of: dict[str, list[Media]] = {}  # what those messages carried, by mid
        self.echoes = self.statuses_first = False
        self.auto_statuses: tuple[str, ...] = ()
        self.in_seconds = self.numeric_ids = False

    def event(self, person: Person, part: Json, *, at: datetime | None = None, echo: bool = False) -> Json:
        """The body of something (``part``: ``{"read": …}``) between this person and the Page; ``standby``
        while another app has the conversation.  ``echo``: from the Page to the person."""
        moment = at or self.clock()
        timestamp = messenger_bodies.milliseconds(moment)
        stamp = timestamp // 1000 if self.in_seconds else timestamp
        ends = [self._id(person.psid), self._id(self.page_id)]
        sender, recipient = reversed(ends) if echo else ends
        item = messenger_bodies.item(sender, recipient, stamp, **part)
        key = "standby" if person.has_control and not HANDOVERS & set(part) else "messaging"
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
        message |= {"metadata": sent.callback_data} if sent.callback_data else {}
        if attachments := self._attachments_of(sent):
            message["attachments"] = attachments
        else:
            message["text"] = sent.text
        person = self.people.meet(sent.to)
        return await self.deliver(self.event(person, {"message": message}, at=at, echo=True))

    def _attachments_of(self, sent: Sent) -> list[Json]:
        """The template or the files of a message, as its echo shows them."""
        attachment = sent.request.get("message", {}).get("attachment", {})
        if attachment.get("type") == "template":
            return [{"title": "", "type": "template", "payload": attachment["payload"]}]
        kind = sent.type if sent.type in messenger_rules.FILE_KINDS else "image"
        held = [
            self.add_media(file.data, file.mime_type, filename=file.filename)
            for file in self.files_of.get(sent.id, [])
        ]
        return [messenger_bodies.file_attachment(kind, self.link_to(media.id)) for media in held]

    async def staff_answers(self, psid: str, text: str) -> int:
        """Somebody writes in the Page's inbox: the person sees it, the app hears an echo of another app."""
        person = self.people.meet(psid)
        line = Sent(at=self.clock(), channel="page-inbox", to=psid, type="text", text=text, id=self.new_mid())
        self.remember(line, person, [])
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

    async def emit_verdict(self, name: str, *, language: str = "id") -> int:
        """Tells the app what Meta's review says of a template now."""
        template = self.templates[name, language]
        value = {"event": template.status, "message_template_id": template.id, "message_template_name": name}
        value |= {"message_template_language": language, "reason": template.rejected_reason or "NONE"}
        field = "message_template_status_update"
        body = messenger_bodies.change_body(field, value, page_id=self.page_id, at=self.clock())
        return await self.deliver(body)

    async def deliver(self, body: Json, *, url: str = "") -> int:
        """POSTs a body to the app as Meta does; the HTTP status, 0 when nobody answered."""
        if not (url or self.webhook_url):
            raise ValueError("FakeMessenger.webhook_url is not set: nowhere to send events to")
        raw = bodies.as_meta_writes(body)
        return await knock(url or self.webhook_url, raw, bodies.signed(raw, self.app_secret))

    def _id(self, ident: str) -> str | int:
        return int(ident) if self.numeric_ids else ident

    def remember(self, line: Sent, person: Person, files: Sequence[Media]) -> None:
        """A message that arrives: part of the conversation, and the one private reply to its comment."""
        self.sent[line.id] = line
        person.in_thread = True
        person.mids.add(line.id)
        if line.reply_to in self.people.comments:
            self.people.comments[line.reply_to].replied = True
        person.told.append(line)
        self.files_of[line.id] = list(files)

    async def tell(self, line: Sent) -> None:
        """What comes without being asked."""
        if self.echoes:
            await self.emit_echo(line)
        for status in self.auto_statuses:
            await self.emit_status(line, status)
