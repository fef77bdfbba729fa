"""A number that may have another owner: nothing of anybody's case is shown until its owner has proved it.

The proof is something that only the applicant has: the number of a request of theirs, or a code asked for in
another chat of theirs.  Staff who know the person by other means tell them the number.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot import joining
from bot.notices import Notice
from bot.outbox import queue_notice
from models.contacts import Contact, Conversation
from models.requests import Request
from models.staff import StaffBinding
from office import forms, linking, requests, tries
from office.notice_classes import expires
from office.refusal import Refusal
from office.requests import RequestNotFound

_TRIES: Final = "bukti"


class TooManyGuesses(Refusal):
    """Five numbers were wrong within the hour; even the right one has to wait."""


async def anything_to_guard(contact: Contact) -> bool:
    """Whether there is anything that a stranger could see or do in this contact's name."""
    mine = {"contact_id": contact.id}
    return await Request.filter(**mine).exists() or await StaffBinding.filter(**mine).exists()


async def settle(contact: Contact, channel: str, account: str) -> None:
    """The doubt is over."""
    here = Conversation.filter(contact_id=contact.id, channel=channel, account=account)
    await here.update(reverify_since=None)


async def prove_by_number(typed: str, contact: Contact, channel: str, account: str, now: datetime) -> None:
    """The number of one of their requests was typed.

    Wrong numbers are counted in this transaction: whoever catches the refusal must let it commit.
    Raises: `RequestNumberUnreadable`, `RequestNotFound`, TooManyGuesses.
    """
    if not await tries.any_left(_TRIES, contact, now):
        raise TooManyGuesses
    try:
        await requests.find(typed, contact)
    except RequestNotFound:
        await tries.note_wrong(_TRIES, contact, now)
        raise
    await settle(contact, channel, account)


async def prove_by_code(typed: str, contact: Contact, channel: str, account: str, now: datetime) -> None:
    """A code was typed that they asked for in another chat of theirs.  Raises: `BadLinkCode`, and counts."""
    await linking.own_code(typed, contact, now)
    await settle(contact, channel, account)


async def start_afresh(contact: Contact, channel: str, account: str, now: datetime) -> None:
    """Somebody new has the number: they are a contact of their own, and are greeted as that."""
    fresh = await joining.part(contact.id, channel, account, now=now)
    await forms.void_all_of(contact, now)
    await queue_notice(
        Notice(
            key=f"fresh:{fresh}",
            name="fresh_start",
            contact_id=fresh,
            channel=channel,
            account=account,
            due_at=now,
            expires_at=expires("fresh_start", now),
            facts={},
        )
    )
