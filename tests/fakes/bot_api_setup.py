"""What a bot asks of Telegram besides messages: who it is, its updates and commands, files, chats."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.fakes import bot_api_rules as rules
from tests.fakes.bot_api_rules import BotRefusal, Call, bad_request
from tests.fakes.bot_api_state import LINK_LIVES, TelegramMemory
from tests.fakes.ledger import Sent

Json = dict[str, Any]

GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


class SetUp(TelegramMemory):
    """``polling`` is set while a getUpdates waits."""

    _stopping: asyncio.Event  # the server's

    def __init__(self, me: Json) -> None:
        super().__init__(me)
        self._arrived = asyncio.Event()
        self._poll = 0
        self.polling = asyncio.Event()

    def setup(self) -> dict[str, Callable[[Call, Sent], Any]]:
        """The methods of this part, by name."""
        return {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._webhook_info,
            "setMyCommands": self._set_commands,
            "getMyCommands": self._get_commands,
            "deleteMyCommands": self._delete_commands,
            "getFile": self._get_file,
            "getChat": self._get_chat,
            "getChatMember": self._get_member,
            "getChatMemberCount": self._count_members,
            "leaveChat": self._leave,
            "sendChatAction": self._chat_action,
            "answerCallbackQuery": self._answer_query,
        }

    # ------------------------------------------------------------------ the bot

    def _get_me(self, *_: object) -> Json:
        able = {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        return self.me_as_user | able

    def _set_webhook(self, call: Call, _: Sent) -> bool:
        if not call.text("url"):
            return self._delete_webhook(call, _)
        rules.check_webhook(call)
        self.webhook_url, self.webhook_secret = call.text("url"), call.text("secret_token")
        self._asks_for(call)
        if call.flag("drop_pending_updates"):
            self.pending.clear()
        return True

    def _delete_webhook(self, call: Call, _: Sent) -> bool:
        self.webhook_url = self.webhook_secret = ""
        if call.flag("drop_pending_updates"):
            self.pending.clear()
        return True

    def _asks_for(self, call: Call) -> None:
        asked = call.json("allowed_updates")
        if asked is None:
            return
        if not isinstance(asked, list):
            raise bad_request("expected an Array of String as allowed_updates")
        self.allowed_updates = [str(kind) for kind in asked]

    def _webhook_info(self, *_: object) -> Json:
        told: Json = {"url": self.webhook_url, "has_custom_certificate": False}
        told["pending_update_count"] = len(self.pending)
        if self.webhook_failed_at is not None:
            told["last_error_date"] = int(self.webhook_failed_at.timestamp())
            told["last_error_message"] = "Wrong response from the webhook: 503 Service Unavailable"
        return told | ({"allowed_updates": self.allowed_updates} if self.allowed_updates else {})

    def _set_commands(self, call: Call, _: Sent) -> bool:
        commands = call.json("commands")
        rules.check_commands(commands)
        self.commands = commands
        return True

    def _get_commands(self, *_: object) -> list[Json]:
        return self.commands

    def _delete_commands(self, *_: object) -> bool:
        self.commands = []
        return True

    # ------------------------------------------------------------------ updates

    async def _get_updates(self, call: Call, _: Sent) -> list[Json]:
        """Updates from ``offset`` on; what lies before it is confirmed and forgotten."""
        if self.webhook_url:
            raise BotRefusal(409, "Conflict: can't use getUpdates method while webhook is active")
        self._asks_for(call)
        self._poll += 1
        mine = self._poll
        self.wake_pollers()  # an older poll is ended by this one
        offset, limit = call.number("offset", 0), call.number("limit", 100)
        if not 1 <= limit <= 100:
            raise bad_request("limit must be between 1 and 100")
        if offset > 0:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]
        elif offset < 0:
            self.pending = self.pending[offset:]
        try:
            async with asyncio.timeout(min(call.number("timeout", 0), 50)):
                while not self.pending and not self._stopping.is_set() and mine == self._poll:
                    self.polling.set()
                    await self._arrived.wait()
        except TimeoutError:
            return []
        finally:
            if mine == self._poll:
                self.polling.clear()
        if mine != self._poll:
            raise BotRefusal(409, "Conflict: terminated by other getUpdates request")
        return self.pending[:limit]

    def wake_pollers(self) -> None:
        woken, self._arrived = self._arrived, asyncio.Event()
        woken.set()

    # ------------------------------------------------------------------ files and chats

    def _get_file(self, call: Call, _: Sent) -> Json:
        file = self.files.get(call.text("file_id"))
        if file is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if len(file.data) > rules.MAX_DOWNLOAD:
            raise bad_request("file is too big")
        file.link_until = self.clock() + LINK_LIVES
        return file.as_bare() | {"file_path": file.path}

    def _get_chat(self, call: Call, _: Sent) -> Json:
        chat = self.chat_of(call)
        more: Json = {"accent_color_id": 0, "max_reaction_count": 11}
        return chat | more | {"accepted_gift_types": dict.fromkeys(GIFTS, False)}

    def _get_member(self, call: Call, _: Sent) -> Json:
        chat, user_id = self.chat_of(call), call.number("user_id")
        if chat["type"] == "private":
            raise bad_request("there are no members in a private chat")
        if user_id == self.me_as_user["id"]:
            return {"user": self.me_as_user, "status": "member"}
        if (member := self.members.get((chat["id"], user_id))) is None:
            raise bad_request("user not found")
        return member

    def _count_members(self, call: Call, _: Sent) -> int:
        chat = self.chat_of(call)
        return 2 if chat["type"] == "private" else 1 + sum(where == chat["id"] for where, _ in self.members)

    def _leave(self, call: Call, _: Sent) -> bool:
        chat = self.chat_of(call)
        if chat["type"] == "private":
            raise bad_request("chat member status can't be changed in private chats")
        del self.chats[chat["id"]]
        return True

    # ------------------------------------------------------------------ signs

    def _chat_action(self, call: Call, line: Sent) -> bool:
        self.chat_of(call)
        line.text = call.text("action")
        if line.text not in rules.CHAT_ACTIONS:
            raise bad_request("wrong parameter action in request")
        return True

    def _answer_query(self, call: Call, line: Sent) -> bool:
        query = call.text("callback_query_id")
        line.to, line.reply_to, line.text = str(self.asker(query)), query, call.text("text")
        if len(line.text) > 200:
            raise bad_request("MESSAGE_TOO_LONG")
        if call.text("url") and not call.text("url").startswith("https://t.me/"):
            raise bad_request("URL_INVALID")
        return True
