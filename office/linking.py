"""One person, several chats: joined by a code asked for in one, typed in another, and confirmed in both.

Who types the code says yes first: else a stranger's code, typed on a stranger's word, would show the stranger
what lies here.  Then who asked for it does: else a code that was overheard would do the same.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from bot import joining
from bot.notices import Notice
from bot.outbox import queue_notice
from models.contacts import Contact, Conversation, LinkCode
from models.outbox import OutboxMessage
from office import tries
from office.codes import hash_of_code
from office.context import office
from office.notice_classes import expires
from office.number import ALPHABET
from office.places import Place, channel_name
from office.refusal import Refusal

CODE_LIVES: Final = timedelta(minutes=15)  # until it is typed, and again until it is confirmed
CHARACTERS: Final = 8  # of 5 bits: 40 random bits

_TRIES: Final = "taut"
_PLAIN_DIGITS: Final = frozenset("23456789")  # that no letter looks like

Choices = Callable[[LinkCode], Sequence[tuple[str, str]]]
"""The buttons under a question: (sentence of the label, callback data) each."""


class BadLinkCode(Refusal):
    """The code is wrong, used or too old, or there were too many wrong ones: the same answer to all."""


class LinkToItself(Refusal):
    """The code was asked for by the same person: these chats are one already."""


class LinkOfStaff(Refusal):
    """A chat of the desk is nobody's own."""


class SameChannelTwice(Refusal):
    """Both are chats of one channel, where a notice could reach only one.  Facts: ``channel``, its name."""


class LinkOver(Refusal):
    """The question was answered, or it is too old."""


async def new_code(contact: Contact, channel: str, account: str, now: datetime) -> str:
    """A code that joins another chat to this contact's: ``K7Q2-M9FD``.  One asked for before is void."""
    await _end_open_codes(contact.id, now)
    code = _code()
    await LinkCode.create(
        office_id=office().office_id,
        code_hash=hash_of_code(code),
        contact_id=contact.id,
        channel=channel,
        account=account,
        expires_at=now + CODE_LIVES,
    )
    return f"{code[:4]}-{code[4:]}"


def may_be_code(typed: str) -> bool:
    """Whether the text is meant as a code: letters and digits, with a digit that can be no letter."""
    return typed.replace("-", "").replace(" ", "").isalnum() and not _PLAIN_DIGITS.isdisjoint(typed)


async def offer(typed: str, contact: Contact, now: datetime) -> LinkCode:
    """The code that was typed, from now on this contact's to agree to and nobody else's.

    Wrong codes are counted in this transaction: whoever catches the refusal must let it commit.
    Raises: BadLinkCode, LinkToItself, LinkOfStaff, SameChannelTwice.
    """
    code = await _typed(typed, contact, now)
    if code.contact_id == contact.id:
        raise LinkToItself
    with _refusing():
        await joining.check(contact.id, code.contact_id)
    mine = LinkCode.filter(Q(asked_by_id=None) | Q(asked_by_id=contact.id), id=code.id, used_at=None)
    if not await mine.update(asked_by_id=contact.id, expires_at=now + CODE_LIVES):
        raise BadLinkCode
    return code


async def agree(
    code_id: int, contact: Contact, channel: str, account: str, now: datetime, choices: Choices
) -> LinkCode:
    """Whoever typed the code means it: now whoever asked for it is asked, with these buttons.

    Raises: LinkOver.
    """
    code = await _open(now).get_or_none(id=code_id, asked_by_id=contact.id)
    if code is None:
        raise LinkOver
    await _tell(code, "link_asked", await Place.of(contact.id, channel, account), now, choices(code))
    return code


async def decline(code_id: int, contact: Contact, now: datetime) -> None:
    """One of the two says no, and nothing is joined.  Raises: LinkOver."""
    code = await _open(now).get_or_none(Q(contact_id=contact.id) | Q(asked_by_id=contact.id), id=code_id)
    if code is None or not await LinkCode.filter(id=code_id, used_at=None).update(used_at=now):
        raise LinkOver
    asked = await _asked_from(code)
    if asked is not None and code.contact_id == contact.id:
        await _tell_asker(code, "link_refused", asked, now)


async def confirm(code_id: int, contact: Contact, now: datetime) -> Place:
    """Whoever asked for the code says yes: both are one contact now.  Gives where the other chat is.

    Raises: LinkOver, LinkOfStaff, SameChannelTwice.
    """
    code = await _open(now).get_or_none(id=code_id, contact_id=contact.id)
    asked = None if code is None else await _asked_from(code)
    if code is None or code.asked_by_id is None or asked is None:
        raise LinkOver
    with _refusing():
        await joining.join(code.asked_by_id, contact.id)
    await LinkCode.filter(id=code.id).update(used_at=now)
    await _end_open_codes(code.asked_by_id, now)
    await _tell_asker(code, "linked", asked, now)
    return asked


async def own_code(typed: str, contact: Contact, now: datetime) -> None:
    """Use up a code that the contact asked for in a chat where it is known.  Raises: BadLinkCode."""
    code = await _typed(typed, contact, now)
    if code.contact_id != contact.id:
        raise BadLinkCode
    await LinkCode.filter(id=code.id).update(used_at=now)


async def _typed(typed: str, contact: Contact, now: datetime) -> LinkCode:
    """Raises: BadLinkCode, and counts it."""
    code = None
    if await tries.any_left(_TRIES, contact, now):
        code = await _open(now).get_or_none(
            Q(asked_by_id=None) | Q(asked_by_id=contact.id), code_hash=hash_of_code(typed)
        )
    if code is None or await _in_doubt(code):
        await tries.note_wrong(_TRIES, contact, now)
        raise BadLinkCode
    return code


def _open(now: datetime) -> QuerySet[LinkCode]:
    return LinkCode.filter(office_id=office().office_id, used_at=None, expires_at__gt=now)


async def _in_doubt(code: LinkCode) -> bool:
    """Whether the chat where the code was asked for may have new hands since."""
    there = Conversation.filter(contact_id=code.contact_id, channel=code.channel, account=code.account)
    return await there.exclude(reverify_since=None).exists()


async def _end_open_codes(contact_id: int, now: datetime) -> None:
    await LinkCode.filter(contact_id=contact_id, used_at=None).update(used_at=now)


async def _asked_from(code: LinkCode) -> Place | None:
    """The chat from which whoever asked for the code was asked; None: nobody has agreed yet."""
    row = await OutboxMessage.get_or_none(key=_key(code, "link_asked"))
    return None if row is None else Place.from_facts(json.loads(row.payload))


async def _tell(
    code: LinkCode, name: str, about: Place, now: datetime, choices: Sequence[tuple[str, str]]
) -> None:
    """Ask whoever asked for the code."""
    await queue_notice(
        Notice(
            key=_key(code, name),
            name=name,
            contact_id=code.contact_id,
            channel=code.channel,
            account=code.account,
            due_at=now,
            expires_at=code.expires_at,
            facts={**about.facts, "choices": [list(choice) for choice in choices]},
        )
    )


async def _tell_asker(code: LinkCode, name: str, there: Place, now: datetime) -> None:
    """Say in the chat where the code was typed what became of it."""
    about = await Place.of(code.contact_id, code.channel, code.account)
    await queue_notice(
        Notice(
            key=_key(code, name),
            name=name,
            contact_id=code.asked_by_id or code.contact_id,
            channel=there.channel,
            account=there.account,
            due_at=now,
            expires_at=expires(name, now),
            facts=about.facts,
        )
    )


def _key(code: LinkCode, name: str) -> str:
    return f"link:{code.id}:{name}"


def _code() -> str:
    """With a digit that no letter looks like, so that a word is never taken for a code."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CHARACTERS))
        if may_be_code(code):
            return code


@contextmanager
def _refusing() -> Iterator[None]:
    """What cannot be joined, as refusals."""
    try:
        yield
    except joining.SamePlace as twice:
        raise SameChannelTwice(channel=channel_name(str(twice))) from twice
    except joining.Bound as bound:
        raise LinkOfStaff from bound
    except joining.NotThere as gone:
        raise LinkOver from gone
