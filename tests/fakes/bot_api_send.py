"""What a bot says: texts, files, albums, places, cards, dice and polls, and what it says again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.fakes import bot_api_kinds as kinds
from tests.fakes import bot_api_rules as rules
from tests.fakes.bot_api_rules import BotRefusal, Call, bad_request
from tests.fakes.bot_api_state import File, TelegramMemory
from tests.fakes.ledger import Sent
from tests.fakes.server import Throttle

Json = dict[str, Any]

#: parts of a message that a copy shows again
CONTENT = (*kinds.MIME, "text", "entities", "caption", "caption_entities", "location", "venue", "contact")
CONTENT += ("dice", "poll", "has_media_spoiler", "show_caption_above_media", "link_preview_options")


@dataclass(frozen=True, slots=True)
class Effect:
    """A message that broke no rule: its lines, and what makes it happen and gives the result."""

    lines: list[Sent]
    happens: Callable[[], Any]


class Sends(TelegramMemory):
    """``chat_limit``: refuse what is faster than one message a second in one chat (after a burst of three),
    and in a group than twenty a minute."""

    def __init__(self, me: Json) -> None:
        super().__init__(me)
        self.chat_limit = False
        self._chat_pace = Throttle(seconds=1, burst=3)
        self._group_pace = Throttle(seconds=3, burst=20)

    def sends(self) -> dict[str, Callable[[Call, Sent], Any]]:
        """The methods of this part, by name."""
        names = ("Photo", "Document", "Video", "Audio", "Voice", "VideoNote", "Animation", "Sticker")
        return {
            "sendMessage": self._send_message,
            "sendMediaGroup": self._send_album,
            "copyMessage": self._copy,
            "copyMessages": self._copy_many,
            "forwardMessage": self._forward,
            "forwardMessages": self._forward_many,
            **{f"send{name}": self._send_media for name in names},
            **dict.fromkeys(kinds.WITHOUT_FILE, self._send_thing),
        }

    # ------------------------------------------------------------------ the frame

    def _begin(self, call: Call, line: Sent) -> Json:
        """A message of ours on its way into a chat, without content yet.  Raises `BotRefusal`."""
        chat = self.chat_of(call)
        line.to = str(chat["id"])
        if self.chat_limit:
            pace = self._group_pace if chat["id"] < 0 else self._chat_pace
            if wait := pace.wait(line.to, self.clock()):
                seconds = math.ceil(wait)
                raise BotRefusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        message: Json = {"from": self.me_as_user, "chat": chat, "date": int(self.clock().timestamp())}
        message |= {"has_protected_content": True} if call.flag("protect_content") else {}
        if call.fields.get("message_thread_id"):
            message |= self._thread(chat["id"], call.number("message_thread_id"))
        return message | self._answered(call, line, chat["id"])

    def _thread(self, chat_id: int, thread: int) -> Json:
        if thread not in self.threads.get(chat_id, ()):
            raise bad_request("message thread not found")
        return {"message_thread_id": thread, "is_topic_message": True}

    def _answered(self, call: Call, line: Sent, chat_id: int) -> Json:
        """The message that this one answers, as the new one shows it."""
        given = call.json("reply_parameters") or {}
        if not isinstance(given, dict):
            raise bad_request("object expected as reply parameters")
        reply_to = given.get("message_id") or call.fields.get("reply_to_message_id")
        if not reply_to:
            return {}
        where = int(given.get("chat_id") or chat_id)
        if not self.has(where, int(reply_to)):
            if given.get("allow_sending_without_reply") or call.flag("allow_sending_without_reply"):
                return {}
            raise bad_request("message to be replied not found")
        line.reply_to = str(reply_to)
        old = self.message(where, int(reply_to))
        quote = given.get("quote")
        if quote and quote not in (old.get("text") or old.get("caption") or ""):
            raise bad_request("QUOTE_TEXT_INVALID")
        shown = {key: value for key, value in old.items() if key != "reply_to_message"}
        return {"reply_to_message": shown} | ({"quote": {"text": quote, "position": 0}} if quote else {})

    def _sending(self, call: Call, line: Sent, message: Json) -> Effect:
        """The message with its keyboard; it gets its id when it happens."""
        markup, line.buttons = rules.keyboard(call.json("reply_markup"))

        def happens() -> Json:
            message["message_id"] = self.next_message_id()
            line.id = str(message["message_id"])
            if "inline_keyboard" in markup:
                message["reply_markup"] = markup
            elif markup:
                self.take_reply_keyboards_away(message["chat"]["id"])
                self.unchangeable.add((message["chat"]["id"], message["message_id"]))
            self.remember(message, line.buttons)
            return message

        return Effect([line], happens)

    # ------------------------------------------------------------------ content

    def _send_message(self, call: Call, line: Sent) -> Effect:
        message = self._begin(call, line)
        self._put_words(message, line, "text", rules.words(call, "text", most=rules.MAX_TEXT))
        if not line.text:
            raise bad_request("message text is empty")
        return self._sending(call, line, message)

    def _put_words(self, message: Json, line: Sent, name: str, said: tuple[str, list[Json]]) -> None:
        """The text or caption and its marks, in place of what was there."""
        marks = "entities" if name == "text" else "caption_entities"
        for part in (name, marks):
            message.pop(part, None)
        line.text, entities = said
        message |= {name: line.text} if line.text else {}
        message |= {marks: entities} if entities else {}

    def _send_media(self, call: Call, line: Sent) -> Effect:
        kind = "video_note" if line.type == "sendVideoNote" else line.type.removeprefix("send").lower()
        message = self._begin(call, line)
        source = call.fields.get(kind, f"attach://{kind}")
        self._put_file(message, line, self.file_of(kind, source, call), call.fields)
        if kind not in kinds.WITHOUT_CAPTION:
            said = rules.words(call, "caption", most=rules.MAX_CAPTION)
            self._put_words(message, line, "caption", said)
        return self._sending(call, line, message)

    def _put_file(self, message: Json, line: Sent, file: File, facts: Mapping[str, Any]) -> None:
        line.carries(file.data, mime_type=file.mime_type, filename=file.filename)
        message |= kinds.described(file, facts)

    def file_of(self, kind: str, source: object, call: Call) -> File:
        """The file of ``attach://name``, of a known file id, or behind a link.

        Nobody fetches a link here: its address stands for its bytes.
        """
        given = str(source)
        mime = kinds.MIME[kind]
        if given.startswith("attach://"):
            upload = call.files.get(given.removeprefix("attach://"))
            if upload is None:
                raise bad_request(f"there is no {kind} in the request")
            if kind == "photo":
                size = rules.check_photo(upload.data)
                return self.add_file(upload.data, kind, mime_type=mime, size=size)
            rules.check_file(upload.data)
            name = "" if kind in kinds.WITHOUT_CAPTION else upload.filename
            return self.add_file(upload.data, kind, mime_type=mime or upload.mime_type, filename=name)
        if given.startswith(("http://", "https://")):
            if "." not in (urlsplit(given).hostname or ""):
                raise bad_request("wrong HTTP URL specified")
            name = urlsplit(given).path.rsplit("/", 1)[-1]
            return self.add_file(given.encode(), kind, mime_type=mime, filename=name)
        file = self.files.get(given)
        if file is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if file.kind != kind:
            raise bad_request(f"can't use file of type {_titled(file.kind)} as {_titled(kind)}")
        return file

    def _send_thing(self, call: Call, line: Sent) -> Effect:
        message = self._begin(call, line)
        parts, line.text = kinds.WITHOUT_FILE[line.type](call)
        return self._sending(call, line, message | parts)

    def _send_album(self, call: Call, line: Sent) -> Effect:
        items = call.json("media")
        if not isinstance(items, list) or len(items) not in rules.ALBUM:
            raise bad_request("group send failed: an album holds 2 to 10 items")
        used = {item.get("type") if isinstance(item, dict) else None for item in items}
        if not any(used <= allowed for allowed in kinds.ALBUM_KINDS):
            raise bad_request("group send failed: documents and audio can't be mixed with other media types")
        if call.fields.get("reply_markup"):
            raise bad_request("reply markup is not allowed in media groups")
        started, group = self._begin(call, line), str(12_000_000_000 + self._message_id)
        effects = []
        for item in items:
            mine = Sent(at=line.at, channel=line.channel, to=line.to, type=line.type, request=line.request)
            mine.reply_to = line.reply_to
            message = started | {"media_group_id": group}
            self.put_item(message, mine, item, call)
            effects.append(self._sending(Call(), mine, message))
        return Effect(
            [effect.lines[0] for effect in effects], lambda: [effect.happens() for effect in effects]
        )

    def put_item(self, message: Json, line: Sent, item: Json, call: Call) -> None:
        """The file and the words of an ``InputMedia``."""
        self._put_file(message, line, self.file_of(item["type"], item.get("media", ""), call), item)
        words, mode = item.get("caption") or "", item.get("parse_mode") or ""
        marks, what = item.get("caption_entities"), "message caption"
        said = rules.spoken(words, mode, marks, most=rules.MAX_CAPTION, what=what)
        self._put_words(message, line, "caption", said)

    # ------------------------------------------------------------------ again

    def _original(self, call: Call, line: Sent, otherwise: str) -> tuple[Json, Json]:
        """(the old message, the new one with its content); the line shows the same."""
        source = self.chat_of(call, "from_chat_id")
        old = self.message(source["id"], call.number("message_id"), otherwise)
        if old.get("has_protected_content"):
            raise bad_request("message has protected content and can't be forwarded")
        content = {key: old[key] for key in CONTENT if key in old}
        line.text = old.get("text") or old.get("caption") or ""
        if file := self._shown_file(old):
            line.carries(file.data, mime_type=file.mime_type, filename=file.filename)
        return old, self._begin(call, line) | content

    def _shown_file(self, message: Json) -> File | None:
        for kind in kinds.MIME:
            shown = message.get(kind)
            if isinstance(shown, list):
                shown = max(shown, key=lambda size: size["file_size"])
            if shown:
                return self.files[shown["file_id"]]
        return None

    def _copy(self, call: Call, line: Sent) -> Effect:
        _, message = self._original(call, line, "message to copy not found")
        if "caption" in call.fields:
            said = rules.words(call, "caption", most=rules.MAX_CAPTION)
            self._put_words(message, line, "caption", said)
        effect = self._sending(call, line, message)
        return Effect(effect.lines, lambda: {"message_id": effect.happens()["message_id"]})

    def _forward(self, call: Call, line: Sent) -> Effect:
        old, message = self._original(call, line, "message to forward not found")
        message["forward_origin"] = {"type": "user", "date": old["date"], "sender_user": old["from"]}
        return self._sending(Call(), line, message)

    def _copy_many(self, call: Call, line: Sent) -> Effect:
        return self._many(call, line, self._copy, "there are no messages to copy")

    def _forward_many(self, call: Call, line: Sent) -> Effect:
        return self._many(call, line, self._forward, "there are no messages to forward")

    def _many(self, call: Call, line: Sent, one: Callable[[Call, Sent], Effect], otherwise: str) -> Effect:
        """Messages that are not there are passed over; the answer names the new ones."""
        source = self.chat_of(call, "from_chat_id")
        wanted = ids_in(call)
        if wanted != sorted(set(wanted)):
            raise bad_request("message identifiers must be in a strictly increasing order")
        effects = []
        for ident in (ident for ident in wanted if self.has(source["id"], ident)):
            mine = Sent(at=line.at, channel=line.channel, to=line.to, type=line.type, request=line.request)
            effects.append(one(Call(call.fields | {"message_id": ident}), mine))
        if not effects:
            raise bad_request(otherwise)

        def happens() -> Sequence[Json]:
            return [{"message_id": effect.happens()["message_id"]} for effect in effects]

        return Effect([effect.lines[0] for effect in effects], happens)


def ids_in(call: Call) -> list[int]:
    """``message_ids``: 1 to 100 numbers."""
    given = call.json("message_ids")
    if not isinstance(given, list) or not all(type(ident) is int for ident in given):
        raise bad_request("expected an Array of Integer as message_ids")
    if not 1 <= len(given) <= 100:
        raise bad_request("too many messages to handle" if given else "message identifiers are not specified")
    return given


def _titled(kind: str) -> str:
    return "".join(part.title() for part in kind.split("_"))
