"""Who may give commands here, and which."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from aiogram import BaseMiddleware, F
from aiogram.filters import BaseFilter, CommandObject
from aiogram.types import Message, TelegramObject

from handlers.operator.commands import DEEDS, canonical
from models.contacts import Contact
from models.staff import Role, Staff
from office import staff
from office.permissions import BindingAsleep, Denied, Forwarded, must, note_denied

IN_PRIVATE: Final = F.chat.type == "private"

OFFICE: Final = frozenset(Role) - {Role.VILLAGE_HEAD}  # who stands behind the counter


class IsStaff(BaseFilter):
    """Matches a chat that is bound to one of the office's people, and hands in who it is as ``staff``.

    For anybody else it does not match, so that a command of ours is any unknown command to them; nor where
    the number may have new hands, until ``/masuk`` binds it again.
    """

    async def __call__(
        self, message: Message, contact: Contact, in_doubt: bool = False
    ) -> bool | dict[str, Staff]:
        if in_doubt:
            return False
        member = await staff.of_contact(contact)
        return {"staff": member} if member is not None and member.role in OFFICE else False


class WithinTheirRole(BaseMiddleware):
    """Lets a command through that the role includes, in a chat used lately; the audit hears of any other.

    The functions of the office ask for the role themselves: here it is asked before anything else is told.
    """

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        member: Staff = data["staff"]
        now: datetime = data["now"]
        command: CommandObject | None = data.get("command")
        awake = await staff.keep_awake(data["contact"], now)
        try:
            if command is not None:
                forwarded = isinstance(event, Message) and event.forward_origin is not None
                _refuse(canonical(command.command), member, awake=awake, forwarded=forwarded)
            return await handler(event, data)
        except Denied as denied:
            await note_denied(denied, member, now)
            raise


def _refuse(name: str, member: Staff, *, awake: bool, forwarded: bool) -> None:
    """Raises: Forwarded, BindingAsleep, `NotAllowed`."""
    deed = DEEDS[name]
    if deed is None:
        return
    if forwarded:
        raise Forwarded(deed=deed.value)
    if not awake:
        raise BindingAsleep(deed=deed.value)
    must(member, deed)
