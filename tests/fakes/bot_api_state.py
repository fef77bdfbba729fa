"""What Telegram remembers for a bot: chats, messages, files, and updates nobody has fetched yet."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.bot_api_rules import BotRefusal, Call, bad_request
from tests.fakes.ledger import Button

Json = dict[str, Any]

LINK_LIVES = timedelta(hours=1)
QUERY_LIVES = timedelta(minutes=15)  # Telegram names no number; older queries are refused
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}
SUFFIXES |= {"video/mp4": "mp4", "audio/mpeg": "mp3", "audio/ogg": "oga"}
PREFIXES = {
    "photo": "AgACAgUAAxk",
    "document": "BQACAgUAAxk",
    "voice": "AwACAgUAAxk",
    "sticker": "CAACAgUAAxk",
    "video": "BAACAgUAAxk",
    "audio": "CQACAgUAAxk",
    "animation": "CgACAgUAAxk",
    "video_note": "DQACAgUAAxk",
}


@dataclass(slots=True)
class File:
    """Bytes Telegram keeps under a file id; ``kind``: a key of `PREFIXES`."""

    id: str
    unique_id: str
    data: bytes
    kind: str
    mime_type: str
    filename: str
    path: str
    size: tuple[int, int] = (0, 0)
    link_until: datetime | None = None

    def as_bare(self) -> Json:
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": len(self.data)}

    def as_document(self) -> Json:
        return self.as_bare() | {"file_name": self.filename, "mime_type": self.mime_type}


class TelegramMemory:
    """Mixed into `FakeBotApi`; ``clock`` is the server's.

    ``blocked``, ``deactivated``: people; ``kicked``: groups that threw the bot out; ``moved``: groups that
    became supergroups, old id to new; ``threads``: the topics of a forum.
    """

    clock: Callable[[], datetime]

    def __init__(self, me: Json) -> None:
        self.me_as_user = me
        self.chats: dict[int, Json] = {}
        self.blocked: set[int] = set()
        self.deactivated: set[int] = set()
        self.kicked: set[int] = set()
        self.moved: dict[int, int] = {}
        self.threads: dict[int, set[int]] = {}
        self.members: dict[tuple[int, int], Json] = {}
        self.files: dict[str, File] = {}
        self.pending: list[Json] = []
        self.webhook_url = self.webhook_secret = ""
        self.webhook_failed_at: datetime | None = None  # when the bot last did not answer with 200
        self.allowed_updates: list[str] = []
        self.commands: list[Json] = []
        self.reactions: dict[tuple[int, int], list[str]] = {}  # ours, by chat and message
        self.pinned: dict[int, set[int]] = {}
        self.unchangeable: set[tuple[int, int]] = set()  # messages that brought a reply keyboard
        self._messages: dict[tuple[int, int], Json] = {}
        self._keys: dict[tuple[int, int], tuple[Button, ...]] = {}
        self._queries: dict[str, tuple[int, datetime]] = {}
        self._salt, self._update_id, self._message_id = secrets.token_hex(4), 700_000_000, 100

    # ------------------------------------------------------------------ people

    def meet(self, chat: Json) -> None:
        """The chat is known to the bot from now on (a person has pressed Start, a group has added it)."""
        self.chats[chat["id"]] = chat
        self.kicked.discard(chat["id"])

    def joins(self, chat_id: int, user: Json, status: str = "member") -> None:
        """This person is in the group: ``member`` or ``creator``."""
        more = {"is_anonymous": False} if status == "creator" else {}
        self.members[chat_id, user["id"]] = {"user": user, "status": status} | more

    def upgrade(self, chat_id: int, new_id: int) -> None:
        """A group becomes a supergroup: its old number is refused from now on, with the new one."""
        self.moved[chat_id] = new_id
        self.meet(self.chats[chat_id] | {"id": new_id, "type": "supergroup"})
        for (_, user_id), member in [one for one in self.members.items() if one[0][0] == chat_id]:
            self.members[new_id, user_id] = member

    def chat_for(self, chat_id: int) -> Json:
        """Where a message may go.  Raises 400 for a stranger, 403 for somebody who does not want it."""
        if chat_id in self.moved:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            raise BotRefusal(400, words, migrate_to_chat_id=self.moved[chat_id])
        if chat_id not in self.chats:
            raise bad_request("chat not found")
        if chat_id in self.kicked:
            kind = self.chats[chat_id]["type"]
            raise BotRefusal(403, f"Forbidden: bot was kicked from the {kind} chat")
        if chat_id in self.blocked:
            raise BotRefusal(403, "Forbidden: bot was blocked by the user")
        if chat_id in self.deactivated:
            raise BotRefusal(403, "Forbidden: user is deactivated")
        return self.chats[chat_id]

    def chat_of(self, call: Call, field: str = "chat_id") -> Json:
        """The chat that a call names, by its number or its public @name."""
        named = call.text(field)
        if not named:
            raise bad_request(f"{field} is empty")
        if named.startswith("@"):
            found = (chat["id"] for chat in self.chats.values() if chat.get("username") == named[1:])
            return self.chat_for(next(found, 0))
        return self.chat_for(call.number(field))

    def new_callback_query(self, user_id: int) -> str:
        ident = str(4 * 10**18 + secrets.randbelow(10**18))
        self._queries[ident] = (user_id, self.clock())
        return ident

    def asker(self, query_id: str) -> int:
        """Who tapped.  Raises 400 for a query that is unknown or too old."""
        user_id, asked_at = self._queries.get(query_id, (0, self.clock() - 2 * QUERY_LIVES))
        if self.clock() - asked_at > QUERY_LIVES:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        return user_id

    # ------------------------------------------------------------------ messages

    def next_message_id(self) -> int:
        self._message_id += 1
        return self._message_id

    def remember(self, message: Json, keys: Sequence[Button] = ()) -> None:
        at = (message["chat"]["id"], message["message_id"])
        self._messages[at], self._keys[at] = message, tuple(keys)

    def forget(self, chat_id: int, message_id: int) -> None:
        self._messages.pop((chat_id, message_id), None)
        self._keys.pop((chat_id, message_id), None)

    def message(self, chat_id: int, message_id: int, otherwise: str = "message not found") -> Json:
        """Raises 400 with the words ``otherwise``."""
        if (chat_id, message_id) not in self._messages:
            raise bad_request(otherwise)
        return self._messages[chat_id, message_id]

    def has(self, chat_id: int, message_id: int) -> bool:
        return (chat_id, message_id) in self._messages

    def last_from(self, user_id: int) -> Json:
        """The last text this person wrote to the bot."""
        mine = [m for m in self._messages.values() if m["from"]["id"] == user_id and "text" in m]
        if not mine:
            raise LookupError(f"{user_id} has written no text yet")
        return mine[-1]

    def buttons_under(self, chat_id: int, message_id: int) -> tuple[Button, ...]:
        return self._keys.get((chat_id, message_id), ())

    def take_reply_keyboards_away(self, chat_id: int) -> None:
        for (chat, message_id), keys in self._keys.items():
            if chat == chat_id and keys and not keys[0].id and not keys[0].url:
                self._keys[chat, message_id] = ()

    # ------------------------------------------------------------------ files

    def add_file(
        self,
        data: bytes,
        kind: str,
        *,
        mime_type: str = "application/octet-stream",
        filename: str = "",
        size: tuple[int, int] = (0, 0),
    ) -> File:
        number = len(self.files) + 1
        ident = f"{PREFIXES[kind]}{self._salt}{number:08d}"
        path = f"{kind}s/file_{number}.{SUFFIXES.get(mime_type, 'bin')}"
        file = File(ident, f"AQAD{self._salt}{number}", data, kind, mime_type, filename, path, size)
        self.files[ident] = file
        return file

    # ------------------------------------------------------------------ updates

    def next_update_id(self) -> int:
        self._update_id += 1
        return self._update_id

    def wants(self, kind: str) -> bool:
        """Whether the bot has asked for this kind of update (by default for all that phones send)."""
        return not self.allowed_updates or kind in self.allowed_updates
