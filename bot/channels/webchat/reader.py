"""A session's conversation, ready for the page."""

import re
from dataclasses import dataclass
from typing import Any, Final

from tortoise.exceptions import BaseORMException

from bot.channels.base import AddressKey
from bot.channels.webchat.lines import Line, Writer
from bot.history import START, Cursor, History, Mark
from bot.history import Page as Rows
from models import database
from models.contacts import Address, Contact

AWAY: Final[tuple[type[Exception], ...]] = (*database.AWAY, BaseORMException)  # no database, or not now
_FILE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class News:
    """Lines that are new or changed; ``too_much``: begin again from the page."""

    lines: list[Line]
    cursor: Cursor
    too_much: bool = False


class Reader:
    def __init__(self, history: History, writer: Writer, channel: str, account: str) -> None:
        self._history = history
        self._writer = writer
        self._channel = channel
        self._account = account

    async def page(self, session: str, before: Mark | None = None) -> dict[str, Any]:
        """Shape: ``who`` (tells one person of this browser from the next), ``lines``, ``before`` (null at the
        top), ``cursor`` (for the stream's ``after``)."""
        found: dict[str, Any] = {"who": session[-12:], "lines": [], "before": None, "cursor": str(START)}
        contact = await self._contact(session)
        if contact is None:
            return found
        rows = await self._history.page(contact.id, before=before)
        lines = [line for line in await self._written(rows, contact) if not line.get("removed")]
        above = None if rows.before is None else str(rows.before)
        return found | {"lines": lines, "before": above, "cursor": str(rows.cursor)}

    async def news(self, session: str, cursor: Cursor) -> News:
        contact = await self._contact(session)
        if contact is None:
            return News([], cursor)
        rows = await self._history.since(contact.id, cursor)
        if rows is None:
            return News([], cursor, too_much=True)
        return News(await self._written(rows, contact), rows.cursor)

    async def offered(self, session: str, outbox_id: int, data: str) -> bool:
        contact = await self._contact(session)
        said = await self._history.message(contact.id, outbox_id) if contact else None
        return bool(contact and said and await self._writer.offers(said, data, contact.language))

    async def may_read(self, session: str, file_id: str) -> bool:
        contact = await self._contact(session) if _FILE_ID.fullmatch(file_id) else None
        return contact is not None and await self._history.may_read(contact.id, file_id)

    async def _written(self, rows: Rows, contact: Contact) -> list[Line]:
        lines = [await self._writer.line(told, contact.language) for told in rows.lines]
        return [line for line in lines if line is not None]

    async def _contact(self, session: str) -> Contact | None:
        """The person behind the session; nobody until the first message."""
        address = await Address.get_or_none(
            channel=self._channel,
            account=self._account,
            kind="session",
            index=AddressKey("session", session).index,
        ).select_related("contact")
        return address.contact if address else None
