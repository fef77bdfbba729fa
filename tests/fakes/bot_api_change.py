"""What a bot does to messages that are there: edits, deletions, reactions, pins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.fakes import bot_api_kinds as kinds
from tests.fakes import bot_api_rules as rules
from tests.fakes.bot_api_rules import Call, bad_request
from tests.fakes.bot_api_send import Effect, Sends, ids_in
from tests.fakes.ledger import Sent

Json = dict[str, Any]

DELETABLE = timedelta(hours=48)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)
# Telegram, Bot API, "ReactionTypeEmoji"
REACTIONS = {
    *"👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐",
    *"🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡",
}
REACTIONS |= {"❤", "❤‍🔥", "👨‍💻", "🤷‍♂", "🤷", "🤷‍♀"}


class Changes(Sends):
    """Every call names a message; only the bot's own can be edited."""

    def changes(self) -> dict[str, Callable[[Call, Sent], Any]]:
        """The methods of this part, by name."""
        return {
            "editMessageText": self._edit_text,
            "editMessageCaption": self._edit_caption,
            "editMessageMedia": self._edit_media,
            "editMessageReplyMarkup": self._edit_markup,
            "stopPoll": self._stop_poll,
            "deleteMessage": self._delete,
            "deleteMessages": self._delete_many,
            "setMessageReaction": self._react,
            "pinChatMessage": self._pin,
            "unpinChatMessage": self._unpin,
        }

    # ------------------------------------------------------------------ edits

    def _ours(self, call: Call, line: Sent) -> Json:
        """The message of ours that is to change."""
        chat = self.chat_of(call)
        line.to, line.id = str(chat["id"]), str(call.number("message_id"))
        message = self.message(chat["id"], int(line.id), "message to edit not found")
        forwarded = "forward_origin" in message
        if message["from"] != self.me_as_user or forwarded or (chat["id"], int(line.id)) in self.unchangeable:
            raise bad_request("message can't be edited")
        return message

    def _edit_text(self, call: Call, line: Sent) -> Effect:
        message = self._ours(call, line)
        if "text" not in message:
            raise bad_request("there is no text in the message to edit")
        changed = dict(message)
        self._put_words(changed, line, "text", rules.words(call, "text", most=rules.MAX_TEXT))
        if not line.text:
            raise bad_request("message text is empty")
        return self._changing(call, line, message, changed)

    def _edit_caption(self, call: Call, line: Sent) -> Effect:
        message = self._ours(call, line)
        if not any(kind in message for kind in kinds.MIME if kind not in kinds.WITHOUT_CAPTION):
            raise bad_request("there is no caption in the message to edit")
        changed = dict(message)
        self._put_words(changed, line, "caption", rules.words(call, "caption", most=rules.MAX_CAPTION))
        return self._changing(call, line, message, changed)

    def _edit_media(self, call: Call, line: Sent) -> Effect:
        message, item = self._ours(call, line), call.json("media")
        if not isinstance(item, dict) or item.get("type") not in kinds.MIME:
            raise bad_request("can't parse InputMedia: wrong type")
        if "media_group_id" in message:
            group = next(group for group in kinds.ALBUM_KINDS if any(kind in message for kind in group))
            if item["type"] not in group:
                raise bad_request("message content can't be changed to this type in an album")
        elif "text" not in message and not any(kind in message for kind in kinds.MIME):
            raise bad_request("message can't be edited")
        content = {*kinds.MIME, "text", "entities"}
        changed = {key: value for key, value in message.items() if key not in content}
        self.put_item(changed, line, item, call)
        return self._changing(call, line, message, changed)

    def _edit_markup(self, call: Call, line: Sent) -> Effect:
        message = self._ours(call, line)
        line.text = message.get("text") or message.get("caption") or ""
        return self._changing(call, line, message, dict(message))

    def _stop_poll(self, call: Call, line: Sent) -> Effect:
        message = self._ours(call, line)
        if "poll" not in message:
            raise bad_request("message with poll to stop not found")
        if message["poll"]["is_closed"]:
            raise bad_request("poll has already been closed")
        closed = message | {"poll": message["poll"] | {"is_closed": True}}
        effect = self._changing(call, line, message, closed)
        return Effect(effect.lines, lambda: effect.happens()["poll"])

    def _changing(self, call: Call, line: Sent, message: Json, changed: Json) -> Effect:
        markup, line.buttons = rules.keyboard(call.json("reply_markup"))
        if markup and "inline_keyboard" not in markup:
            raise bad_request("inline keyboard expected")
        new = {key: value for key, value in changed.items() if key not in ("reply_markup", "edit_date")}
        new |= {"reply_markup": markup} if line.buttons else {}
        if new == {key: value for key, value in message.items() if key != "edit_date"}:
            raise bad_request(NOT_MODIFIED)

        def happens() -> Json:
            new["edit_date"] = int(self.clock().timestamp())
            self.remember(new, line.buttons)
            return new

        return Effect([line], happens)

    # ------------------------------------------------------------------ deletions

    def _deletable(self, chat_id: int, ident: int) -> bool:
        sent_at: int = self.message(chat_id, ident)["date"]
        return self.clock().timestamp() - sent_at <= DELETABLE.total_seconds()

    def _delete(self, call: Call, line: Sent) -> Effect:
        chat = self.chat_of(call)
        line.to, line.shown, line.id = str(chat["id"]), False, str(call.number("message_id"))
        self.message(chat["id"], int(line.id), "message to delete not found")
        if not self._deletable(chat["id"], int(line.id)):
            raise bad_request("message can't be deleted for everyone")

        def happens() -> bool:
            self.forget(chat["id"], int(line.id))
            return True

        return Effect([line], happens)

    def _delete_many(self, call: Call, line: Sent) -> Effect:
        """Messages that are not there, or too old, are passed over."""
        chat, wanted = self.chat_of(call), ids_in(call)
        line.to, line.shown, line.id = str(chat["id"]), False, ",".join(map(str, wanted))

        def happens() -> bool:
            for ident in wanted:
                if self.has(chat["id"], ident) and self._deletable(chat["id"], ident):
                    self.forget(chat["id"], ident)
            return True

        return Effect([line], happens)

    # ------------------------------------------------------------------ marks

    def _react(self, call: Call, line: Sent) -> Effect:
        chat, given = self.chat_of(call), call.json("reaction") or []
        line.to, line.shown = str(chat["id"]), False
        line.reply_to = str(call.number("message_id"))
        self.message(chat["id"], int(line.reply_to), "message to react not found")
        if not isinstance(given, list) or len(given) > 1:
            raise bad_request("REACTIONS_TOO_MANY")
        emoji = [str(one.get("emoji")) for one in given if isinstance(one, dict)]
        if not set(emoji) <= REACTIONS or len(emoji) != len(given):
            raise bad_request("REACTION_INVALID")
        line.text = "".join(emoji)

        def happens() -> bool:
            self.reactions[chat["id"], int(line.reply_to)] = emoji
            return True

        return Effect([line], happens)

    def _pin(self, call: Call, line: Sent) -> bool:
        chat = self.chat_of(call)
        line.to, line.reply_to = str(chat["id"]), str(call.number("message_id"))
        self.message(chat["id"], int(line.reply_to), "message to pin not found")
        self.pinned.setdefault(chat["id"], set()).add(int(line.reply_to))
        return True

    def _unpin(self, call: Call, line: Sent) -> bool:
        chat = self.chat_of(call)
        pinned = self.pinned.setdefault(chat["id"], set())
        line.to = str(chat["id"])
        ident = call.number("message_id", max(pinned, default=0))
        if ident not in pinned:
            raise bad_request("message to unpin not found")
        pinned.discard(ident)
        return True
