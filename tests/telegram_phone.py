"""The phone of Telegram: what a person does becomes the updates that Telegram sends."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from tests.fakes import bodies, pictures
from tests.fakes.bodies import Json
from tests.fakes.bot_api import FakeBotApi
from tests.fakes.ledger import Button, Sent
from tests.phone import NoSuchButton, delivery_order
from tests.posted_phone import PostedPhone


class TelegramPhone(PostedPhone):
    """A person on Telegram: by webhook, or without ``door_url`` by the bot's own `getUpdates`.

    In polling the returned status is 200: Telegram holds the update until the bot fetches it.
    ``secret_token`` is by default the one that the bot gave to `setWebhook`.
    """

    def __init__(
        self,
        bot_api: FakeBotApi,
        door_url: str | None = None,
        secret_token: str | None = None,
        *,
        user_id: int = 501001,
        name: str = "Maria Adu",
        username: str | None = None,
        language_code: str = "id",
    ) -> None:
        super().__init__(name)
        self.bot_api, self.door_url = bot_api, door_url or ""
        self.secret_token, self.user_id = secret_token, user_id
        first, _, last = name.partition(" ")
        self.user: Json = {
            "id": user_id,
            "is_bot": False,
            "first_name": first,
            "language_code": language_code,
        }
        names = {"last_name": last, "username": username}
        self.user |= {key: value for key, value in names.items() if value}
        named = ("id", "first_name", "last_name", "username")
        self.chat: Json = {key: self.user[key] for key in named if key in self.user} | {"type": "private"}
        self.toasts: list[str] = []  # what answers to taps said, oldest first
        self.alerts: list[str] = []  # those of them that had to be closed by hand
        bot_api.ledger.on_line.append(self._look)

    # ------------------------------------------------------------------ what the person does

    async def starts(self, payload: str = "") -> int:
        """Presses Start, as behind a link ``?start=payload``."""
        return await self.says(f"/start {payload}".rstrip())

    async def says(self, text: str) -> int:
        return await self._sends(text=text)

    async def sends_photo(self, data: bytes, caption: str | None = None, mime: str = "image/jpeg") -> int:
        return await self._sends(photo=self._sizes(data, mime), **_caption(caption))

    async def sends_document(
        self, data: bytes, name: str, mime: str = "application/pdf", caption: str | None = None
    ) -> int:
        file = self.bot_api.add_file(data, "document", mime_type=mime, filename=name)
        return await self._sends(document=file.as_document(), **_caption(caption))

    async def sends_album(
        self,
        photos: Sequence[bytes],
        caption: str | None = None,
        *,
        shuffle: int | None = None,
        twice: Sequence[int] = (),
    ) -> list[int]:
        """One update a photo, all with the same ``media_group_id``."""
        self._new_turn()
        group = str(13_000_000_000 + secrets.randbelow(10**9))
        captions = [caption, *(None for _ in photos[1:])]
        made = [
            self._update(self._message(photo=self._sizes(photo), media_group_id=group, **_caption(words)))
            for photo, words in zip(photos, captions, strict=True)
        ]
        order = delivery_order(len(made), shuffle=shuffle, twice=twice)
        return [await self._deliver(made[n]) for n in order]

    async def sends_sticker(self) -> int:
        file = self.bot_api.add_file(pictures.sticker(), "sticker", mime_type="image/webp")
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return await self._sends(sticker=file.as_bare() | shape)

    async def sends_voice(self) -> int:
        file = self.bot_api.add_file(pictures.ogg_voice(), "voice", mime_type="audio/ogg")
        return await self._sends(voice=file.as_bare() | {"duration": 3, "mime_type": "audio/ogg"})

    async def sends_video(self, data: bytes = b"ftypmp42", caption: str | None = None) -> int:
        file = self.bot_api.add_file(data, "video", mime_type="video/mp4", filename="rekaman.mp4")
        shape = {"width": 640, "height": 360, "duration": 2, "mime_type": "video/mp4"}
        return await self._sends(video=file.as_bare() | shape, **_caption(caption))

    async def sends_audio(self) -> int:
        file = self.bot_api.add_file(b"ID3", "audio", mime_type="audio/mpeg", filename="lagu.mp3")
        return await self._sends(audio=file.as_document() | {"duration": 2, "title": "Bo Lelebo"})

    async def sends_video_note(self) -> int:
        file = self.bot_api.add_file(b"ftypmp42", "video_note", mime_type="video/mp4")
        return await self._sends(video_note=file.as_bare() | {"length": 240, "duration": 2})

    async def sends_animation(self) -> int:
        """As Telegram sends them: also as a document, for bots that do not know animations."""
        file = self.bot_api.add_file(b"ftypmp42", "animation", mime_type="video/mp4", filename="a.mp4")
        shape = {"width": 320, "height": 240, "duration": 2}
        return await self._sends(animation=file.as_document() | shape, document=file.as_document())

    async def sends_location(self, latitude: float, longitude: float) -> int:
        return await self._sends(location={"latitude": latitude, "longitude": longitude})

    async def sends_contact(self, phone_number: str, first_name: str, user_id: int | None = None) -> int:
        card: Json = {"phone_number": phone_number, "first_name": first_name}
        return await self._sends(contact=card | ({"user_id": user_id} if user_id else {}))

    async def replies(self, text: str, to: Sent) -> int:
        """Answers this very message."""
        return await self._sends(text=text, reply_to_message=self.bot_api.message(self.user_id, int(to.id)))

    async def reacts(self, emoji: str, to: Sent) -> int:
        self._new_turn()
        change: Json = {"chat": self.chat, "message_id": int(to.id), "user": self.user, "date": self._now()}
        change |= {"old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": emoji}]}
        return await self._deliver(self._update(change, "message_reaction"))

    async def sends_unknown(self) -> int:
        """A message of a kind that no version of the Bot API has yet."""
        return await self._sends(hologram={"file_id": "x"})

    async def edits(self, text: str) -> int:
        """Corrects the last text this person wrote."""
        mine = self.bot_api.last_from(self.user_id)
        changed = mine | {"text": text, "edit_date": self._now()}
        self._new_turn()
        return await self._deliver(self._update(changed, "edited_message"))

    async def blocks(self) -> int:
        """Stops the bot: it is told by ``my_chat_member``, and refused with 403 from now on."""
        self.bot_api.blocked.add(self.user_id)
        return await self._membership("member", "kicked")

    async def unblocks(self) -> int:
        self.bot_api.blocked.discard(self.user_id)
        return await self._membership("kicked", "member")

    def _now(self) -> int:
        return int(self.bot_api.clock().timestamp())

    async def _membership(self, old: str, new: str) -> int:
        def member(status: str) -> Json:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": self.bot_api.me_as_user, "status": status} | until

        change: Json = {"chat": self.chat, "from": self.user, "date": self._now()}
        change |= {"old_chat_member": member(old), "new_chat_member": member(new)}
        return await self._deliver(self._update(change, "my_chat_member"))

    # ------------------------------------------------------------------ bodies

    async def _sends(self, **content: Any) -> int:
        self._new_turn()
        return await self._deliver(self._update(self._message(**content)))

    def _message(self, **content: Any) -> Json:
        self.bot_api.meet(self.chat)
        message = bodies.telegram_message(
            message_id=self.bot_api.next_message_id(),
            at=self.bot_api.clock(),
            sender=self.user,
            chat=self.chat,
            **content,
        )
        self.bot_api.remember(message)
        return message

    def _sizes(self, data: bytes, mime: str = "image/jpeg") -> list[Json]:
        """The sizes Telegram makes of a photo; the largest holds the bytes, and is not the last."""
        small = self.bot_api.add_file(pictures.jpeg(0, width=90, height=67), "photo", mime_type=mime)
        whole = self.bot_api.add_file(data, "photo", mime_type=mime)
        return [
            small.as_bare() | {"width": 90, "height": 67},
            whole.as_bare() | {"width": 1280, "height": 960},
            small.as_bare() | {"width": 320, "height": 240},
        ]

    def _update(self, content: Json, kind: str = "message") -> Json:
        return bodies.telegram_update(self.bot_api.next_update_id(), kind, content)

    async def _deliver(self, update: Json) -> int:
        kind = next(key for key in update if key != "update_id")
        if not self.bot_api.wants(kind):
            raise AssertionError(f"the bot has asked Telegram not to send it any {kind}")
        if not self.door_url:
            self.bot_api.queue(update)
            return 200
        return await self._post(bodies.as_telegram_writes(update))

    def _headers(self, body: bytes) -> dict[str, str]:
        token = self.bot_api.webhook_secret if self.secret_token is None else self.secret_token
        return {"Content-Type": "application/json"} | ({bodies.TELEGRAM_HEADER: token} if token else {})

    # ------------------------------------------------------------------ the screen

    def _look(self, sent: Sent) -> None:
        if sent.type == "answerCallbackQuery" and sent.text and sent.to == str(self.user_id):
            alert = str(sent.request.get("show_alert", "")).lower() == "true"
            (self.alerts if alert else self.toasts).append(sent.text)
        if sent.shown and sent.reached and sent.to == str(self.user_id):
            self._show(sent)

    def _buttons_of(self, message: Sent) -> Sequence[Button]:
        """What is under the message now: an edit may have changed it, a deletion taken it away."""
        return self.bot_api.buttons_under(self.user_id, int(message.id or 0))

    async def taps_old(self, title: str, *, left: bool = True) -> int:
        """Taps a button whose message the bot can no longer read.

        ``left``: Telegram still names the message (date 0), else it says nothing of it.
        """
        for message in reversed(self.messages):
            for button in self._buttons_of(message):
                if button.title == title:
                    named = {"chat": self.chat, "message_id": int(message.id), "date": 0}
                    return await self._press(button, {"message": named} if left else {})
        raise NoSuchButton(title)

    async def _tap(self, button: Button, message: Sent) -> int:
        if button.url:
            raise NoSuchButton(f"'{button.title}' opens a page: see link()")
        if not button.id:
            return await self.says(button.title)  # a key of a reply keyboard types its title
        return await self._press(button, {"message": self.bot_api.message(self.user_id, int(message.id))})

    async def _press(self, button: Button, under: Mapping[str, Any]) -> int:
        self._new_turn()
        query: Json = {
            "id": self.bot_api.new_callback_query(self.user_id),
            "from": self.user,
            **under,
            "chat_instance": "-4917245316812307",
            "data": button.id,
        }
        return await self._deliver(self._update(query, "callback_query"))

    def _trouble(self) -> str:
        return f"Refused: {[(line.type, line.refusal) for line in self.bot_api.ledger.refused[-3:]]}"


def _caption(caption: str | None) -> Json:
    return {"caption": caption} if caption else {}
