"""A group on Telegram with the bot in it: what people do there becomes the updates that Telegram sends."""

from __future__ import annotations

from typing import Any

from tests.fakes import bodies
from tests.fakes.bodies import Json
from tests.fakes.ledger import Sent
from tests.telegram_phone import TelegramPhone


class TelegramGroup:
    """``founder`` made it; its updates go the way of the founder's own.

    The bot sees everything here, as an administrator does.
    """

    def __init__(self, founder: TelegramPhone, *, group_id: int = -4001, title: str = "Warga Ba'a") -> None:
        self.founder, self.bot_api = founder, founder.bot_api
        self.chat: Json = {"id": group_id, "type": "group", "title": title}
        self.bot_api.joins(group_id, founder.user, "creator")

    @property
    def group_id(self) -> int:
        return int(self.chat["id"])

    @property
    def heard(self) -> list[Sent]:
        """What the bot has said here, oldest first."""
        return self.bot_api.ledger.to(str(self.group_id))

    async def adds_bot(self) -> list[int]:
        """Telegram tells it twice: by ``my_chat_member``, and by a message that names the new member."""
        self.bot_api.meet(self.chat)
        told = await self._membership("left", "member")
        return [told, await self._sends(self.founder, new_chat_members=[self.bot_api.me_as_user])]

    async def removes_bot(self) -> int:
        self.bot_api.kicked.add(self.group_id)
        return await self._membership("member", "kicked")

    async def says(self, text: str, by: TelegramPhone | None = None) -> int:
        return await self._sends(by or self.founder, text=text)

    async def becomes_supergroup(self, new_id: int = -1001999000111) -> list[int]:
        """The old number is refused from now on; each of the two chats tells of the other."""
        old, here = self.group_id, dict(self.chat)
        self.bot_api.upgrade(old, new_id)
        left = self._message(self.founder, here, migrate_to_chat_id=new_id)
        self.chat = self.bot_api.chats[new_id]
        arrived = self._message(self.founder, self.chat, migrate_from_chat_id=old)
        return [await self.founder._deliver(self.founder._update(message)) for message in (left, arrived)]

    async def taps(self, title: str, by: TelegramPhone | None = None) -> int:
        person = by or self.founder
        for sent in reversed(self.heard):
            for button in self.bot_api.buttons_under(self.group_id, int(sent.id)):
                if button.title == title:
                    query: Json = {
                        "id": self.bot_api.new_callback_query(person.user_id),
                        "from": person.user,
                        "message": self.bot_api.message(self.group_id, int(sent.id)),
                        "chat_instance": "-81724531681230",
                        "data": button.id,
                    }
                    return await person._deliver(person._update(query, "callback_query"))
        raise AssertionError(f"no '{title}' in the group")

    async def _sends(self, by: TelegramPhone, **content: Any) -> int:
        return await by._deliver(by._update(self._message(by, self.chat, **content)))

    def _message(self, by: TelegramPhone, chat: Json, **content: Any) -> Json:
        message = bodies.telegram_message(
            message_id=self.bot_api.next_message_id(),
            at=self.bot_api.clock(),
            sender=by.user,
            chat=chat,
            **content,
        )
        self.bot_api.remember(message)
        return message

    async def _membership(self, old: str, new: str) -> int:
        def member(status: str) -> Json:
            until = {"until_date": 0} if status == "kicked" else {}
            return {"user": self.bot_api.me_as_user, "status": status} | until

        change: Json = {"chat": self.chat, "from": self.founder.user, "date": self.founder._now()}
        change |= {"old_chat_member": member(old), "new_chat_member": member(new)}
        return await self.founder._deliver(self.founder._update(change, "my_chat_member"))
