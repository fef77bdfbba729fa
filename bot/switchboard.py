"""Which channel's outbox a call belongs to: the one of its step, or that of the person it names."""

from typing import TYPE_CHECKING, Any

from aiogram.methods import TelegramMethod

from bot import ids
from bot.directory import Directory
from bot.step import current
from models.contacts import Conversation

if TYPE_CHECKING:
    from bot.outbox import OutboxSession

Place = tuple[str, str]  # channel, account


class Switchboard:
    """Every channel's session, by place."""

    def __init__(self, people: Directory) -> None:
        self._people = people
        self._sessions: dict[Place, OutboxSession] = {}

    def add(self, place: Place, session: "OutboxSession") -> None:
        self._sessions[place] = session

    def at(self, channel: str, account: str) -> "OutboxSession | None":
        return self._sessions.get((channel, account))

    def any(self) -> "OutboxSession | None":
        """One of them, for what is the same on all: our files, our name."""
        return next(iter(self._sessions.values()), None)

    async def owner(self, chat: Any, here: "OutboxSession | None") -> "tuple[int, OutboxSession] | None":
        """The contact behind a chat id and the session to reach them by; None for a stranger.

        ``here`` if they talk to us there; else wherever they last did.  Without a chat id: who is being
        answered.
        """
        step = current()
        answering = self.at(step.channel, step.account) if step is not None else None
        if chat is None:
            return (step.contact_id, answering) if step is not None and answering is not None else None
        number = _number(chat)
        if number is None:
            return None
        here = here or answering
        if step is not None and number == step.chat_id != 0 and here is answering and here is not None:
            return step.contact_id, here
        contact = ids.contact_id(number)
        if contact is None:
            return await self._by_their_own_number(number, here)
        latest = Conversation.filter(contact_id=contact).order_by("-last_heard_at", "-id")
        talks = await latest.values_list("channel", "account")
        known = [session for place in talks if (session := self._sessions.get(place)) is not None]
        if not known:
            return None
        return contact, here if here in known and here is not None else known[0]

    async def _by_their_own_number(
        self, number: int, here: "OutboxSession | None"
    ) -> "tuple[int, OutboxSession] | None":
        for place, session in sorted(self._sessions.items(), key=lambda held: held[1] is not here):
            if session.has_own_numbers:
                contact = await self._people.contact_of(number, *place)
                if contact is not None:
                    return contact, session
        return None

    async def session_for(self, method: TelegramMethod[Any]) -> "OutboxSession | None":
        """The session by which a bot of no channel makes this call."""
        found = await self.owner(getattr(method, "chat_id", None), None)
        return found[1] if found is not None else None


def _number(chat: Any) -> int | None:
    """A chat id as a number; ``@names`` are known to nobody here."""
    try:
        return int(chat)
    except (TypeError, ValueError):
        return None
