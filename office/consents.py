"""Who agreed to hear what is no answer to a request: announcements and the survey.

A request needs no consent: the law asks us to serve it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from tortoise.expressions import F

from models.contacts import Contact, Conversation
from models.rights import Consent, Purpose
from office.broadcast_rows import take_back
from office.context import office
from office.words import language, say

VERSION: Final = 1  # of the sentences below; another wording is another version

_SENTENCES: Final = {True: "consent-given", False: "consent-withdrawn"}


def wording(given: bool) -> str:
    """What is said to whoever agrees or stops, in the language that is spoken."""
    return say(_SENTENCES[given], office=office().office.short_name.in_language(language()))


async def note(contact: Contact, given: bool, channel: str, account: str, now: datetime) -> str:
    """Write down a yes or a no to everything unasked; it holds at once, everywhere.  Gives `wording`.

    What was about to be said is not said any more.
    """
    text = wording(given)
    if not given:
        await silence(contact.id)
    for purpose in Purpose:
        await Consent.create(
            office_id=office().office_id,
            contact_id=contact.id,
            purpose=purpose,
            given=given,
            version=VERSION,
            text_hash=hashlib.sha256(text.encode()).hexdigest(),
            channel=channel,
            account=account,
            at=now,
        )
    return text


async def latest(contact_id: int, purpose: Purpose = Purpose.BROADCAST) -> Consent | None:
    """What they said last; None: nothing yet."""
    said = Consent.filter(office_id=office().office_id, contact_id=contact_id, purpose=purpose)
    return await said.order_by("-id").first()


async def may_be_told(contact_id: int, purpose: Purpose = Purpose.BROADCAST) -> bool:
    """Whether this person may be sent what they did not ask for: to be asked again before every single one.

    They agreed and did not take it back; they are not erased, nor did they ask that nothing be done with
    their data; and at least one chat of theirs is surely still theirs.
    """
    said = await latest(contact_id, purpose)
    if said is None or not said.given:
        return False
    there = Contact.filter(id=contact_id, erased_at=None, restricted_at=None, merged_into=None)
    certain = Conversation.filter(contact_id=contact_id, reverify_since=None)
    return await there.exists() and await certain.exists()


async def silence(contact_id: int) -> None:
    """What waits of broadcasts is not said to this person.  Inside a transaction.

    Until that ends nobody hands them another, and whoever does so just now is waited for.
    """
    await Contact.filter(id=contact_id).update(merged_into=F("merged_into"))
    await take_back(contact_id=contact_id)


async def stopped(contact_id: int) -> bool:
    """Whether they want no reminders either."""
    said = await latest(contact_id)
    return said is not None and not said.given
