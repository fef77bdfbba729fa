"""Who may give commands here."""

from typing import Final

from aiogram import F
from aiogram.filters import BaseFilter
from aiogram.types import Message

from models.contacts import Contact
from models.staff import Role, Staff
from office import staff

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
