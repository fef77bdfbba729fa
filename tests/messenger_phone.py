"""The phone of Messenger: what a person does on it, and under the Page's posts, becomes what Meta sends.

citizen = MessengerPhone(messenger, f"{app}/webhooks/messenger")
await citizen.says("halo")
await citizen.taps("KTP-el hilang")
await citizen.comments("Bagaimana buat KTP?")
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from tests.fakes import bodies, messenger_bodies, messenger_rules, pictures
from tests.fakes.bodies import Json
from tests.fakes.ledger import Button, Sent
from tests.fakes.messenger import FakeMessenger
from tests.page_commenter import PageCommenter
from tests.phone import NoSuchButton, delivery_order

__all__ = ["MessengerPhone", "NoSuchButton"]

#: Which field of the subscription lets the app hear of what.
SUBSCRIPTIONS = {
    "message": "messages",
    "message_edit": "message_edits",
    "reaction": "message_reactions",
    "postback": "messaging_postbacks",
    "referral": "messaging_referrals",
    "delivery": "message_deliveries",
    "read": "message_reads",
}


class MessengerPhone(PageCommenter):
    """A person on Messenger.

    Quick replies stand under the last message only, and go when the person says or taps anything; buttons of
    a template stay. ``app_secret`` is by default that of the fake.
    """

    def __init__(
        self,
        messenger: FakeMessenger,
        door_url: str,
        app_secret: str | None = None,
        *,
        psid: str = "7411000000000001",
        name: str = "Yohana Ndolu",
    ) -> None:
        super().__init__(messenger, door_url, app_secret, psid=psid, name=name)
        self.said: list[tuple[str, str]] = []  # (mid, text) of this person's own messages
        self._quick: set[str] = set()  # mids whose quick replies are still on the screen
        self._late = False
        messenger.ledger.on_line.append(self._look)

    # ------------------------------------------------------------------ what the person does

    async def starts(self, payload: str = "GET_STARTED", *, ref: str = "") -> int:
        """Presses Get Started, perhaps behind a link ``m.me/page?ref=…``."""
        postback: Json = {"title": "Mulai", "payload": payload}
        postback |= {"referral": _referral(ref)} if ref else {}
        return await self._does(postback=postback | {"mid": self.messenger.new_mid()})

    async def follows_link(self, ref: str) -> int:
        """Opens ``m.me/page?ref=…`` in a conversation that there is; that opens no window."""
        self._new_turn()
        return await self._tells(referral=_referral(ref))

    async def says(self, text: str, *, in_reply_to: Sent | None = None) -> int:
        more: Json = {"reply_to": {"mid": in_reply_to.id}} if in_reply_to else {}
        return await self._sends({"text": text} | more)

    async def sends_photo(self, data: bytes, caption: str | None = None, mime: str = "image/jpeg") -> int:
        """Messenger has no captions: the words come as a message of their own, after the photo."""
        return await self._sends_file("image", data, mime, caption=caption)

    async def sends_document(
        self, data: bytes, name: str, mime: str = "application/pdf", caption: str | None = None
    ) -> int:
        return await self._sends_file("file", data, mime, name=name, caption=caption)

    async def sends_album(
        self,
        photos: Sequence[bytes],
        caption: str | None = None,
        *,
        shuffle: int | None = None,
        twice: Sequence[int] = (),
    ) -> list[int]:
        """Photos chosen together are one message with several attachments; in another order or twice they
        come as messages of their own, as older apps send them.  The words come last."""
        self._new_turn()
        files = [self._file("image", photo, "image/jpeg") for photo in photos]
        apart = shuffle is not None or bool(twice)
        made = [self._message({"attachments": [f]}) for f in files] if apart else []
        made = made or [self._message({"attachments": files})]
        order = delivery_order(len(made), shuffle=shuffle, twice=twice)
        statuses = [await self._post(bodies.as_meta_writes(made[n])) for n in order]
        if caption:
            statuses.append(await self._post(bodies.as_meta_writes(self._message({"text": caption}))))
        return statuses

    async def sends_voice(self) -> int:
        return await self._sends_file("audio", pictures.ogg_voice(), "audio/ogg", name="audioclip.ogg")

    async def sends_video(self, data: bytes, mime: str = "video/mp4") -> int:
        return await self._sends_file("video", data, mime)

    async def sends_sticker(self, *, as_image: bool = False, sticker_id: int = 529233727538989) -> int:
        """``as_image``: as they came until August 2026."""
        held = self.messenger.add_media(pictures.sticker(), "image/webp")
        url = self.messenger.link_to(held.id)
        part: Json = {"attachments": [messenger_bodies.sticker(url, sticker_id, as_image=as_image)]}
        return await self._sends(part | ({"sticker_id": sticker_id} if as_image else {}))

    async def likes(self, size: int = 0, *, as_image: bool = False) -> int:
        """The thumb beside the text field, small, middle or large (0, 1, 2)."""
        return await self.sends_sticker(as_image=as_image, sticker_id=messenger_bodies.THUMBS[size])

    async def sends_location(self, latitude: float = -10.73, longitude: float = 123.07) -> int:
        return await self._sends({"attachments": [messenger_bodies.location(latitude, longitude)]})

    async def shares(self, url: str, text: str = "", *, payload: object = None) -> int:
        """A link with its preview; ``payload`` is what Meta puts there: an object, a string, or null."""
        fallback = {"type": "fallback", "title": url, "url": url, "payload": payload}
        return await self._sends({"text": text or url, "attachments": [fallback]})

    async def sends_attachment(self, attachment: Json) -> int:
        """Any other kind: a reel, a shared post, one that Meta has yet to invent."""
        return await self._sends({"attachments": [attachment]})

    async def happens(self, **part: object) -> int:
        """Anything else that Meta tells of this person: ``optin={…}``, ``account_linking={…}``."""
        self._new_turn()
        return await self._tells(**part)

    async def sends_unknown(self) -> int:
        """Something Meta does not pass on."""
        return await self._sends({"is_unsupported": True})

    async def unsends(self) -> int:
        """Takes back the last message."""
        self._new_turn()
        return await self._tells(message={"mid": self.said[-1][0], "is_deleted": True})

    async def edits(self, text: str, times: int = 1) -> int:
        """Corrects the last text this person wrote."""
        mid = next(mid for mid, words in reversed(self.said) if words)
        self._new_turn()
        return await self._tells(message_edit={"mid": mid, "text": text, "num_edit": times})

    async def reacts(self, emoji: str = "❤", reaction: str = "love") -> int:
        """To the last message shown; an empty string takes it back."""
        about: Json = {"mid": self.last_message.id, "action": "react" if emoji else "unreact"}
        about |= {"emoji": emoji, "reaction": reaction} if emoji else {}
        return await self._does(reaction=about)

    async def reads(self) -> int:
        """Opens the chat: the app is told a watermark, and no ids."""
        return await self._reports("read", mids=False)

    async def has_got_it(self, *, mids: bool = True) -> int:
        """The phone has received everything up to the last message."""
        return await self._reports("delivered", mids=mids)

    def blocks(self, refusal: str = "551/1545041") -> None:
        """From now on every send is refused so; Meta tells nobody. Also seen: ``200/1545041`` and ``2``."""
        self.person.refuses = refusal

    def unblocks(self) -> None:
        self.person.refuses = ""

    async def taps(self, title: str, *, older: bool = False) -> int:
        """``older``: also a quick reply that has gone since: the tap was made in time and comes late."""
        self._late = older
        try:
            return await super().taps(title, older=older)
        finally:
            self._late = False

    # ------------------------------------------------------------------ bodies

    async def _does(self, **part: Json) -> int:
        """Something that opens the window."""
        self._new_turn()
        self.messenger.heard_from(self.psid, name=self.name)
        return await self._tells(**part)

    async def _sends(self, part: Json) -> int:
        self._new_turn()
        return await self._post(bodies.as_meta_writes(self._message(part)))

    async def _sends_file(
        self, kind: str, data: bytes, mime: str, *, name: str = "", caption: str | None = None
    ) -> int:
        status = await self._sends({"attachments": [self._file(kind, data, mime, name)]})
        if caption:
            status = await self._post(bodies.as_meta_writes(self._message({"text": caption})))
        return status

    def _file(self, kind: str, data: bytes, mime: str, name: str = "") -> Json:
        held = self.messenger.add_media(data, mime, filename=name)
        return messenger_bodies.file_attachment(kind, self.messenger.link_to(held.id))

    def _message(self, part: Json) -> Json:
        """A message that Meta has from this moment on: the window is open."""
        self._must_hear("standby" if self.person.has_control else "messages")
        mid = self.messenger.new_mid()
        self.messenger.heard_from(self.psid, name=self.name, message_id=mid)
        self.said.append((mid, part.get("text", "")))
        self._quick.clear()
        return self.messenger.event(self.person, {"message": {"mid": mid} | part})

    async def _tells(self, **part: object) -> int:
        """Any other event."""
        if field := SUBSCRIPTIONS.get(next(iter(part))):
            self._must_hear("standby" if self.person.has_control else field)
        return await self._post(bodies.as_meta_writes(self.messenger.event(self.person, part)))

    async def _reports(self, status: str, *, mids: bool) -> int:
        """A receipt for the last message, from Meta to this phone's door."""
        self._must_hear({"read": "message_reads", "delivered": "message_deliveries"}[status])
        receipt = self.messenger.receipt(self.last_message, status, mids=mids)
        return await self._post(bodies.as_meta_writes(receipt))

    # ------------------------------------------------------------------ the screen

    def _look(self, sent: Sent) -> None:
        if not (sent.shown and sent.reached and sent.to == self.psid):
            return
        self._quick = {sent.id} if sent.request.get("message", {}).get("quick_replies") else set()
        self._show(sent)
        for picture in self.messenger.files_of.get(sent.id, [])[1:]:
            more = dataclasses.replace(sent, buttons=(), text="")
            more.carries(picture.data, mime_type=picture.mime_type, filename=picture.filename)
            self._show(more)

    def _buttons_of(self, message: Sent) -> Sequence[Button]:
        quick = messenger_rules.quick_replies_of(message.request)
        if self._late or message.id in self._quick:
            return message.buttons
        return [button for button in message.buttons if button not in quick]

    async def _tap(self, button: Button, message: Sent) -> int:
        if button.url:
            raise NoSuchButton(f"'{button.title}' opens a page: see link()")
        if button in messenger_rules.quick_replies_of(message.request):
            return await self._sends({"text": button.title, "quick_reply": {"payload": button.id}})
        mid = self.messenger.new_mid()
        self.person.mids.add(mid)
        self._quick.clear()
        return await self._does(postback={"title": button.title, "payload": button.id, "mid": mid})


def _referral(ref: str) -> Json:
    return {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"}
