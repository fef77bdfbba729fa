"""A person on WhatsApp: what is done on the phone becomes the bodies that Meta sends."""

from __future__ import annotations

import hashlib
import json
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

    ``app_secret`` and ``phone_number_id`` are the office's, by default those of the fake. Everybody has a
    business-scoped id, made up from the number unless it is given (None: a body as of before 2026). Without
    ``wa_id`` the person hides the number behind a username; with ``id_as_number`` the id stands where the
    number should, as some bodies have it.
    """

    def __init__(
        self,
        graph: FakeGraph,
        door_url: str,
        app_secret: str | None = None,
        phone_number_id: str | None = None,
        *,
        wa_id: str | None = "6281234567890",
        bsuid: str | None = "",
        name: str = "Yohana Ndolu",
        id_as_number: bool = False,
    ) -> None:
        super().__init__(name)
        if not (wa_id or bsuid):
            raise ValueError("a WhatsApp person has a number, a business-scoped id, or both")
        bsuid = scoped_id(wa_id) if bsuid == "" and wa_id else bsuid
        self.graph, self.door_url = graph, door_url
        self.app_secret = graph.app_secret if app_secret is None else app_secret
        self.phone_number_id = phone_number_id or graph.phone_number_id
        self.wa_id, self.bsuid, self.id_as_number = wa_id, bsuid, id_as_number
        self.written: list[str] = []  # the ids of this person's messages
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

    async def sends_location(
        self, latitude: float, longitude: float, name: str = "", address: str = ""
    ) -> int:
        words = {"name": name, "address": address} if name else {}
        return await self._sends("location", {"latitude": latitude, "longitude": longitude} | words)

    async def sends_contact(self, phone: str, name: str, *, own: bool = False) -> int:
        """A card; ``own``: the answer to WhatsApp's own button, which vouches for the number."""
        card = {
            "name": {"formatted_name": name, "first_name": name.split(maxsplit=1)[0]},
            "phones": [{"phone": phone, "wa_id": phone.lstrip("+"), "type": "CELL"}],
            "origin": "contact_request" if own else "other",
        }
        return await self._sends("contacts", [card])

    async def fills_in(self, answers: Json, *, token: bool = True) -> int:
        """Fills in the form under the last message; some phones leave the token out."""
        flow = self.last_message.request["interactive"]["action"]["parameters"]
        whole = answers | ({"flow_token": flow["flow_token"]} if token else {})
        reply = {"name": "flow", "body": "Terkirim", "response_json": json.dumps(whole)}
        context = {"from": DISPLAY_PHONE_NUMBER, "id": self.last_message.id}
        return await self._sends("interactive", {"type": "nfm_reply", "nfm_reply": reply}, context=context)

    async def forwards(self, text: str, *, often: bool = False) -> int:
        context = {"frequently_forwarded": True} if often else {"forwarded": True}
        return await self._sends("text", {"body": text}, context=context)

    async def quotes(self, message: Sent, text: str) -> int:
        context = {"from": DISPLAY_PHONE_NUMBER, "id": message.id}
        return await self._sends("text", {"body": text}, context=context)

    async def says_in_group(self, text: str, group_id: str = "120363023456789012") -> int:
        return await self._sends("text", {"body": text}, group_id=group_id)

    async def orders(self) -> int:
        item = {"product_retailer_id": "sku-1", "quantity": 1, "item_price": 10_000, "currency": "IDR"}
        return await self._sends("order", {"catalog_id": "194836987003835", "product_items": [item]})

    async def opens_chat(self) -> int:
        """For the first time, where the number asks to be told."""
        return await self._sends("request_welcome", None)

    async def reacts(self, emoji: str | None, to: str = "") -> int:
        """To the message of this id (the last one shown); None or an empty string takes it back."""
        part = {"message_id": to or self.last_message.id} | ({} if emoji is None else {"emoji": emoji})
        return await self._sends("reaction", part)

    async def edits(self, text: str, *, original: str = "") -> int:
        """Corrects a text (the last one this person wrote)."""
        changed = {"type": "text", "text": {"body": text}}
        part = {"original_message_id": original or self.written[-1], "message": changed}
        return await self._sends("edit", part)

    async def revokes(self, original: str = "") -> int:
        """Deletes a message (the last one this person wrote) for everybody."""
        return await self._sends("revoke", {"original_message_id": original or self.written[-1]})

    async def changes_number(self, wa_id: str | None, bsuid: str) -> int:
        """Another number, and with it another id.  Without ``wa_id`` the new number stays hidden from us.

        No card of a contact comes with it, and no ``from`` where there is no number.
        """
        old_number, old_id = self.wa_id, self.bsuid
        shared = wa_id is not None
        system: Json = {"type": "user_changed_number" if shared else "user_changed_user_id", "user_id": bsuid}
        system |= {"previous_user_id": old_id} if old_id else {}
        system |= {"wa_id": wa_id} if shared else {}
        system["body"] = f"User {self.name} changed from {old_number} to {wa_id}"
        self.graph.people.move(self.person, wa_id=wa_id or "", bsuid=bsuid)
        message = bodies.whatsapp_message(
            "system", system, id=self.graph.new_wamid(), at=self.graph.clock(), wa_id=old_number
        )
        self.wa_id, self.bsuid = wa_id, bsuid
        return await self._post(bodies.as_meta_writes(self._about(messages=[message])))

    async def changes_phone(self) -> int:
        """Sets WhatsApp up on another device: Meta cannot know whether it is the same person."""
        system = {"type": "customer_identity_changed", "body": f"User {self.name} has changed"}
        identity = {
            "acknowledged": False,
            "created_timestamp": int(self.graph.clock().timestamp()),
            "hash": "DF2lS5v2W6x=",
        }
        message = bodies.whatsapp_message(
            "system",
            system,
            id=self.graph.new_wamid(),
            at=self.graph.clock(),
            wa_id=self.wa_id,
            bsuid=self.bsuid,
            identity=identity,
        )
        return await self._post(bodies.as_meta_writes(self._body(message)))

    async def reads(self) -> int:
        """Opens the chat: the app is told ``read`` for the last message."""
        return await self.graph.emit_status(self.last_message, "read")

    def blocks(self) -> None:
        """From now on nothing arrives (131026); Meta does not tell anybody."""
        self.person.reachable = False

    def unblocks(self) -> None:
        self.person.reachable = True

    # ------------------------------------------------------------------ bodies

    async def _sends(self, kind: str, part: object, **more: Any) -> int:
        self._new_turn()
        return await self._post(bodies.as_meta_writes(self._body(self._message(kind, part, **more))))

    def _message(self, kind: str, part: object, **more: Any) -> Json:
        """A message that Meta has from this moment on: the window is open, its id can be marked read."""
        ident, now = self.graph.new_wamid(), self.graph.clock()
        if kind not in ("reaction", "edit", "revoke"):
            self.graph.heard_from(wa_id=self.wa_id or "", bsuid=self.bsuid or "", message_id=ident, at=now)
            self.written.append(ident)
        return bodies.whatsapp_message(kind, part, id=ident, at=now, **self._sender(), **more)

    def _sender(self) -> dict[str, Any]:
        if self.id_as_number:
            return {"wa_id": self.bsuid, "bsuid": None}
        return {"wa_id": self.wa_id, "bsuid": self.bsuid}

    def _body(self, message: Json) -> Json:
        return self._about(messages=[message], contacts=[self._contact()])

    def _contact(self) -> Json:
        username = None if self.wa_id else "yohana.ndolu"
        return bodies.whatsapp_contact(name=self.name, username=username, **self._sender())

    def _about(self, **parts: Any) -> Json:
        """A body about the office's number."""
        return bodies.whatsapp_body(
            phone_number_id=self.phone_number_id,
            waba_id=self.graph.waba_id,
            display_phone_number=DISPLAY_PHONE_NUMBER,
            **parts,
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

    @property
    def reactions(self) -> dict[str, str]:
        """The office's reactions that are on the screen: message id → emoji."""
        lying = {
            line.reply_to: line.text
            for line in self.graph.ledger
            if line.type == "reaction" and line.reached and line.to == self.person.key
        }
        return {message: emoji for message, emoji in lying.items() if emoji}

    def _look(self, sent: Sent) -> None:
        if sent.shown and sent.reached and sent.to == self.person.key:
            self._show(sent)

    async def _tap(self, button: Button, message: Sent) -> int:
        if button.url:
            raise NoSuchButton(f"'{button.title}' opens a page: see link()")
        if button.flow or button.asks:
            raise NoSuchButton(f"'{button.title}' is WhatsApp's own: see fills_in(), sends_location() …")
        context = {"from": DISPLAY_PHONE_NUMBER, "id": message.id}
        if message.template:
            return await self._sends("button", {"text": button.title, "payload": button.id}, context=context)
        kind = "list_reply" if button.row else "button_reply"
        reply = {"id": button.id, "title": button.title}
        reply |= {"description": button.description} if button.description else {}
        return await self._sends("interactive", {"type": kind, kind: reply}, context=context)

    def _trouble(self) -> str:
        return f"Refused: {[(line.type, line.refusal) for line in self.graph.ledger.refused[-3:]]}"


def scoped_id(wa_id: str) -> str:
    """A business-scoped id for the person with this number."""
    return f"ID.{int.from_bytes(hashlib.sha256(wa_id.encode()).digest()[:8]):020}"
