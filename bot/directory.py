"""Who is who: from the addresses in a webhook to a contact, and back to where it can be written to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tortoise.exceptions import DoesNotExist
from tortoise.queryset import QuerySet

from bot import ids
from bot.channels.base import AddressKey, Recipient
from bot.channels.shape import shown_name
from models.contacts import Address, Contact, Conversation, opened_address, sealed_address
from models.database import is_postgres, rows
from models.offices import and_here

_Place = tuple[str, str, AddressKey]  # channel, account, address
ANOTHER_DAY = timedelta(hours=20)  # after the first refusal the second is no chance any more
REMEMBERED = 20_000

_ADDRESSES = """
SELECT office_id, channel, account, kind, value, sealed FROM addresses
WHERE office_id = $4 AND contact_id = $1 AND channel = $2 AND account = $3 ORDER BY id
"""
_LEARN = """
INSERT INTO addresses (office_id, contact_id, channel, account, kind, value, sealed, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (channel, account, kind, value) DO NOTHING
"""
_TALK = """
SELECT id, choices, reverify_since IS NOT NULL AS in_doubt
FROM conversations WHERE office_id = $4 AND contact_id = $1 AND channel = $2 AND account = $3
"""
_HEARD = """
UPDATE conversations
SET last_heard_at = $2, unreachable_at = NULL, refused_at = NULL, turn = turn + 1,
    choices = COALESCE($3, choices),
    window_expires_at = CASE WHEN window_expires_at > $4 OR $4 IS NULL THEN window_expires_at ELSE $4 END
WHERE office_id = $5 AND id = $1
"""

_DOUBT = """
UPDATE conversations
SET unreachable_at = CASE WHEN refused_at <= $5 THEN $4 ELSE unreachable_at END,
    refused_at = COALESCE(refused_at, $4)
WHERE contact_id = $1 AND channel = $2 AND account = $3
"""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as a step needs it.  ``choices``: see `Conversation`.

    ``in_doubt``: the number may have new hands, and nobody has proved yet that it has not.
    """

    id: int
    choices: str
    in_doubt: bool = False


class Directory:
    """Contacts by address.  What a committed transaction found is remembered; the rest is asked for.

    ``platform_chats``: the channels whose own chat ids handlers see → the kind of address that is one.
    ``offices``: whose each account is; ``office_id``: whose the others are.
    """

    def __init__(
        self,
        office_id: int,
        platform_chats: Mapping[str, str] | None = None,
        offices: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        self._office_id = office_id
        self._offices = dict(offices or {})
        self._platform_chats = dict(platform_chats or {})
        self.epoch = 0
        self._day: date | None = None
        self._known: dict[_Place, int] = {}
        self._chats: dict[
            tuple[int, str], int
        ] = {}  # (contact, account) -> the platform's number of the chat

    def office_of(self, channel: str, account: str) -> int:
        """The office that people meet at this account: what is written of them here is its own."""
        return self._offices.get((channel, account), self._office_id)

    async def resolve(
        self, channel: str, account: str, addresses: Sequence[AddressKey], name: str, *, now: datetime
    ) -> int:
        """The contact behind these addresses, made if nobody has any of them; inside a transaction.

        A new address beside a known one joins that contact, unless the contact has another of that kind: a
        phone number that comes with a new person's id has changed hands, and goes to a contact of its own.
        Two known contacts are never merged here: the first address decides.
        """
        self._begin_the_day(now)
        known = self.known(channel, account, addresses)
        if known is not None:
            return known
        by_index = {(a.kind, a.index): (a.kind, a.value) for a in addresses}
        known_rows = {
            by_index[row.kind, row.index]: row.contact_id
            for row in await self._at(channel, account).filter(
                kind__in={kind for kind, _ in by_index}, index__in={index for _, index in by_index}
            )
            if (row.kind, row.index) in by_index
        }
        found = [known_rows[(a.kind, a.value)] for a in addresses if (a.kind, a.value) in known_rows]
        best = addresses[0]
        if (
            found
            and (best.kind, best.value) not in known_rows
            and await self._has_another(found[0], channel, account, best.kind)
        ):
            contact_id = await self._meet(self.office_of(channel, account), name, now)
            await self.replace(contact_id, channel, account, addresses, now=now)
            return contact_id
        if not found:
            return await self._meet_at(channel, account, addresses, name, now=now)
        fresh = [a for a in addresses if (a.kind, a.value) not in known_rows]
        await self.learn(found[0], channel, account, fresh, now=now)
        return found[0]

    def _begin_the_day(self, now: datetime) -> None:
        """Whoever was silent for long may have been forgotten meanwhile, perhaps by another process."""
        if self._day is not None and self._day != now.date():
            self.forget()
        self._day = now.date()

    def known(self, channel: str, account: str, addresses: Sequence[AddressKey]) -> int | None:
        """The contact that is remembered for every one of these addresses; None: ask."""
        known = [self._known.get((channel, account, address)) for address in addresses]
        return known[0] if known and None not in known else None

    async def _has_another(self, contact_id: int, channel: str, account: str, kind: str) -> bool:
        return await self._at(channel, account).filter(contact_id=contact_id, kind=kind).exists()

    def _at(self, channel: str, account: str) -> QuerySet[Address]:
        """The addresses that are known at this account."""
        office_id = self.office_of(channel, account)
        return Address.filter(office_id=office_id, channel=channel, account=account)

    async def learn(
        self,
        contact_id: int,
        channel: str,
        account: str,
        addresses: Iterable[AddressKey],
        *,
        now: datetime,
    ) -> None:
        """Further addresses of a contact; one that is somebody's stays theirs.  Inside a transaction."""
        for address in addresses:
            office_id = self.office_of(channel, account)
            held = sealed_address(office_id, channel, account, address.kind, address.value)
            place = (channel, account, address.kind, *held)
            await rows(_LEARN, [office_id, contact_id, *place, now])

    async def replace(
        self,
        contact_id: int,
        channel: str,
        account: str,
        addresses: Iterable[AddressKey],
        *,
        now: datetime,
    ) -> None:
        """The contact's addresses of these kinds are these now, whoever had them; inside a transaction."""
        for address in addresses:
            here = self._at(channel, account).filter(kind=address.kind)
            await here.filter(contact_id=contact_id).exclude(index=address.index).delete()
            await here.filter(index=address.index).exclude(contact_id=contact_id).delete()
            await self.learn(contact_id, channel, account, [address], now=now)
        self.forget()

    async def drop(self, contact_id: int, channel: str, account: str, kind: str) -> None:
        """The contact has no address of this kind any more; inside a transaction."""
        await self._at(channel, account).filter(contact_id=contact_id, kind=kind).delete()
        self.forget()

    def forget(self) -> None:
        """Addresses have changed: ask again for what was remembered, and for what is being looked up now."""
        self.epoch += 1
        self._known.clear()
        self._chats.clear()

    async def _meet_at(
        self, channel: str, account: str, addresses: Sequence[AddressKey], name: str, *, now: datetime
    ) -> int:
        """A new contact, unless somebody else has met the same person in this very moment: then theirs."""
        contact_id = await self._meet(self.office_of(channel, account), name, now)
        best = addresses[0]
        await self.learn(contact_id, channel, account, [best], now=now)
        there = await self._at(channel, account).get(kind=best.kind, index=best.index)
        if there.contact_id != contact_id:
            await Contact.filter(id=contact_id).delete()
        await self.learn(there.contact_id, channel, account, addresses[1:], now=now)
        return there.contact_id

    @staticmethod
    async def _meet(office_id: int, name: str, now: datetime) -> int:
        contact = await Contact.create(office_id=office_id, name=shown_name(name)[:255], created_at=now)
        return int(contact.id)

    def remember(
        self,
        channel: str,
        account: str,
        addresses: Iterable[AddressKey],
        contact_id: int,
        *,
        as_of: int | None = None,
    ) -> None:
        """After the commit: the next message of this person needs no look-up.

        ``as_of``: the `epoch` in which they were looked up; if addresses have changed since, it may be wrong.
        """
        if as_of is not None and as_of != self.epoch:
            return
        if len(self._known) > REMEMBERED:
            self._known.clear()
        for address in addresses:
            self._known[(channel, account, address)] = contact_id

    async def recipient(self, contact_id: int, channel: str, account: str) -> Recipient:
        """Every address here.  For a contact that was joined to another meanwhile: the other's."""
        place = (channel, account, self.office_of(channel, account))
        found = await rows(_ADDRESSES, [contact_id, *place])
        if not found and (joined := (await person(contact_id)).id) != contact_id:
            found = await rows(_ADDRESSES, [joined, *place])
        return Recipient(addresses=tuple(AddressKey(*opened_address(row)) for row in found))

    async def chat_id(self, contact_id: int, channel: str, account: str) -> int:
        """The number by which handlers know this person on this channel; 0 where it has none."""
        kind = self._platform_chats.get(channel)
        if kind is None:
            return ids.chat_id(contact_id)
        if (known := self._chats.get((contact_id, account))) is not None:
            return known
        number = (await self.recipient(contact_id, channel, account)).value(kind)
        if number is None:
            return 0
        if len(self._chats) > REMEMBERED:
            self._chats.clear()
        self._chats[(contact_id, account)] = int(number)
        return int(number)

    def chat_id_from(self, contact_id: int, channel: str, addresses: Sequence[AddressKey]) -> int:
        """The same, where they have just written from ``addresses``."""
        kind = self._platform_chats.get(channel)
        if kind is None:
            return ids.chat_id(contact_id)
        return next((int(address.value) for address in addresses if address.kind == kind), 0)

    async def contact_of(self, chat_id: int, channel: str, account: str) -> int | None:
        """The contact behind a chat id as handlers use it, or None for a stranger."""
        kind = self._platform_chats.get(channel)
        if kind is None:
            return ids.contact_id(chat_id)
        place = (channel, account, AddressKey(kind, str(chat_id)))
        if place in self._known:
            return self._known[place]
        known = self._at(channel, account)
        address = await known.get_or_none(kind=kind, index=place[2].index)
        return int(address.contact_id) if address else None


async def person(contact_id: int) -> Contact:
    """Who this contact is now: itself, or the one it was joined to.

    Nobody is joined to another before the transaction that asked here has ended: on PostgreSQL by this lock,
    on SQLite because transactions come one by one.  Raises: DoesNotExist.
    """
    lock = " FOR KEY SHARE" if is_postgres() else ""
    wanted: int | None = contact_id
    while wanted is not None:
        query = Contact.raw(f"SELECT * FROM contacts WHERE id = {int(wanted)}{and_here()}{lock}")  # noqa: S608
        found: Sequence[Contact] = await query
        if not found:
            raise DoesNotExist(Contact)
        contact, wanted = found[0], found[0].merged_into
    return contact


async def talk_with(contact_id: int, channel: str, account: str) -> Conversation | None:
    """The contact's conversation here, if there was any; for one that was joined to another: the other's."""
    found = await Conversation.get_or_none(contact_id=contact_id, channel=channel, account=account)
    if found is None and (joined := (await person(contact_id)).id) != contact_id:
        found = await Conversation.get_or_none(contact_id=joined, channel=channel, account=account)
    return found


async def conversation(office_id: int, contact_id: int, channel: str, account: str) -> Talk:
    """The contact's conversation on this channel, made on first use; inside a transaction."""
    if known := await rows(_TALK, [contact_id, channel, account, office_id]):
        return Talk(known[0]["id"], known[0]["choices"], bool(known[0]["in_doubt"]))
    made = await Conversation.create(
        office_id=office_id, contact_id=contact_id, channel=channel, account=account
    )
    return Talk(made.id, made.choices)


async def heard(
    office_id: int, talk: Talk, now: datetime, *, open_until: datetime | None, choices: str | None
) -> None:
    """Note that the person wrote: the address is alive, and an open window never closes sooner for it."""
    await rows(_HEARD, [talk.id, now, choices, open_until, office_id])


async def doubt(contact_id: int, channel: str, account: str, now: datetime) -> None:
    """The address refused us, perhaps by chance; refusing again on another day it is given up."""
    await rows(_DOUBT + and_here(), [contact_id, channel, account, now, now - ANOTHER_DAY])
