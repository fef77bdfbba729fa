"""Who is a village head here, and whether their chat is awake."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiogram import BaseMiddleware
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message, TelegramObject

from models.contacts import Contact
from models.staff import Staff
from office import staff, village_rights
from office.permissions import Deed, Denied, Forwarded, must, note_denied
from office.village_rights import HeadAsleep


class IsHead(BaseFilter):
    """Matches the private chat of a village head, and hands in who it is as ``head``.

    It stands behind the filters that cost nothing.  Where the number may have new hands it does not match.
    """

    async def __call__(
        self, event: Message | CallbackQuery, contact: Contact, in_doubt: bool = False
    ) -> bool | dict[str, Staff]:
        message = event if isinstance(event, Message) else event.message
        if in_doubt or message is None or message.chat.type != "private":
            return False
        head = await village_rights.head_of_chat(contact.id)
        return {"head": head} if head is not None else False


class AwakeHead(BaseMiddleware):
    """Nothing of a village's is told or done in a chat that was not used lately; the audit hears of the no.

    The functions of the office ask for the right themselves.  Commands are typed by whoever gives them; a
    list may well come from somebody else.
    """

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        head: Staff = data["head"]
        now: datetime = data["now"]
        try:
            must(head, Deed.VILLAGE)
            if data.get("command") and isinstance(event, Message) and event.forward_origin is not None:
                raise Forwarded(deed=Deed.VILLAGE.value)
            if not await staff.keep_awake(data["contact"], now):
                raise HeadAsleep(deed=Deed.VILLAGE.value)
            return await handler(event, data)
        except Denied as denied:
            await note_denied(denied, head, now)
            raise
