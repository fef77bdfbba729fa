"""A person on WhatsApp: what is done on the phone becomes the bodies that Meta sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.fakes import bodies, pictures
from tests.fakes.bodies import Json
from tests.fakes.graph import DISPLAY_PHONE_NUMBER, FakeGraph
from tests.fakes.ledger import Button, Sent
from tests.phone import NoSuchButton, delivery_order
from tests.posted_phone import PostedPhone


class WhatsAppPhone(PostedPhone):
    """A person on WhatsApp.

    ``app_secret`` and ``phone_number_id`` are the office's, by default those of the fake. Without ``wa_id``
    (and with ``bsuid``) the person hides the number behind a username.
    """

    def __init__(
        self,
        graph: FakeGraph,
        door_url: str,
        app_secret: str | None = None,
        phone_number_id: str | None = None,
        *,
        wa_id: str | None = "6281234567890",
        bsuid: str | None = None,
        name: str = "Yohana Ndolu",
    ) -> None:
        super().__init__(name)
        if not (wa_id or bsuid):
            raise ValueError("a WhatsApp person has a number, a business-scoped id, or both")
        self.graph, self.door_url = graph, door_url
        self.app_secret = graph.app_secret if app_secret is None else app_secret
        self.phone_number_id = phone_number_id or graph.phone_number_id
        self.wa_id, self.bsuid = wa_id, bsuid
        self.person = graph.people.meet(wa_id=wa_id or "", bsuid=bsuid or "", name=name)
        graph.ledger.on_line.append(self._look)

    # ------------------------------------------------------------------ what the person does

    async def says(self, text: str) -> int:
        return await self._sends("text", {"body": text})

    async def sends_photo(self, data: bytes, caption: str | None = None, mime: str = "image/jpeg") -> int:
        return await self._sends("image", self._file(data, mime, caption=caption))

    async def sends_document(
        self, data: bytes, name: str, mime: str = "application/pdf", caption: str | None = None
    ) -> int:
        return await self._sends("document", self._file(data, mime, caption=caption, filename=name))

    async def sends_album(
        self,
        photos: Sequence[bytes],
        caption: str | None = None,
        *,
        shuffle: int | None = None,
        twice: Sequence[int] = (),
        batched: bool = False,
    ) -> list[int]:
        """WhatsApp knows no albums: one message a photo, each its own POST, or all in one (``batched``)."""
        self._new_turn()
        captions = [caption, *(None for _ in photos[1:])]
        made = [
            self._body(self._message("image", self._file(photo, "image/jpeg", caption=words)))
            for photo, words in zip(photos, captions, strict=True)
        ]
        order = [made[n] for n in delivery_order(len(made), shuffle=shuffle, twice=twice)]
        if batched:
            return [await self._post(bodies.as_meta_writes(bodies.one_batch(order)))]
        return [await self._post(bodies.as_meta_writes(body)) for body in order]

    async def sends_sticker(self) -> int:
        return await self._sends(
            "sticker", self._file(pictures.sticker(), "image/webp") | {"animated": False}
        )

    async def sends_voice(self) -> int:
        voice = self._file(pictures.ogg_voice(), "audio/ogg; codecs=opus") | {"voice": True}
        return await self._sends("audio", voice)

    async def sends_unknown(self) -> int:
        """A poll, as Meta reports what it does not pass on."""
        error = bodies.whatsapp_error(
            131051, "Message type unknown", "Message type is currently not supported."
        )
        return await self._sends("unsupported", {"type": "poll"}, errors=[error])

    async def reacts(self, emoji: str) -> int:
        """To the last message shown; an empty string takes it back."""
        return await self._sends("reaction", {"message_id": self.last_message.id, "emoji": emoji})

    async def reads(self) -> int:
        """Opens the chat: the app is told ``read`` for the last message."""
        return await self.graph.emit_status(self.last_message, "read")

    def blocks(self) -> None:
        """From now on nothing arrives (131026); Meta does not tell anybody."""
        self.person.reachable = False

    def unblocks(self) -> None:
        self.person.reachable = True

    # ------------------------------------------------------------------ bodies

    async def _sends(self, kind: str, part: Json | None, **more: Any) -> int:
        self._new_turn()
        return await self._post(bodies.as_meta_writes(self._body(self._message(kind, part, **more))))

    def _message(self, kind: str, part: Json | None, **more: Any) -> Json:
        """A message that Meta has from this moment on: the window is open, its id can be marked read."""
        ident, now = self.graph.new_wamid(), self.graph.clock()
        self.graph.heard_from(wa_id=self.wa_id or "", bsuid=self.bsuid or "", message_id=ident, at=now)
        return bodies.whatsapp_message(
            kind, part, id=ident, at=now, wa_id=self.wa_id, bsuid=self.bsuid, **more
        )

    def _body(self, message: Json) -> Json:
        contact = bodies.whatsapp_contact(name=self.name, wa_id=self.wa_id, bsuid=self.bsuid)
        return bodies.whatsapp_body(
            [message],
            contacts=[contact],
            phone_number_id=self.phone_number_id,
            waba_id=self.graph.waba_id,
            display_phone_number=DISPLAY_PHONE_NUMBER,
        )

    def _file(self, data: bytes, mime: str, *, caption: str | None = None, filename: str = "") -> Json:
        media = self.graph.add_media(data, mime, filename=filename)
        part: Json = {"caption": caption} if caption else {}
        part |= {"filename": filename} if filename else {}
        link = self.graph.link_to(media.id)
        return part | {"mime_type": mime, "sha256": media.sha256_base64, "id": media.id, "url": link}

    def _headers(self, body: bytes) -> dict[str, str]:
        return bodies.signed(body, self.app_secret)

    # ------------------------------------------------------------------ the screen

    def _look(self, sent: Sent) -> None:
        if sent.shown and sent.reached and sent.to == self.person.key:
            self._show(sent)

    async def _tap(self, button: Button, message: Sent) -> int:
        if button.url:
            raise NoSuchButton(f"'{button.title}' opens a page: see link()")
        context = {"from": DISPLAY_PHONE_NUMBER, "id": message.id}
        if message.template:
            return await self._sends("button", {"text": button.title, "payload": button.id}, context=context)
        kind = "list_reply" if button.row else "button_reply"
        reply = {"id": button.id, "title": button.title}
        reply |= {"description": button.description} if button.description else {}
        return await self._sends("interactive", {"type": kind, kind: reply}, context=context)

    def _trouble(self) -> str:
        return f"Refused: {[(line.type, line.refusal) for line in self.graph.ledger.refused[-3:]]}"
