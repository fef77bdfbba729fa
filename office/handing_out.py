"""A copy of a person's data for who came to the desk for it: once, after somebody has seen who they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from models.database import rows
from models.staff import Staff
from office import audit, opened, times
from office.codes import hash_of
from office.data_rights import say_to
from office.exports import ExportUsed
from office.lifecycle import by_staff
from office.permissions import Deed, must
from office.persons import Found
from office.refusal import Refusal
from office.words import plain

_SPEND: Final = """
INSERT INTO export_tokens (office_id, contact_id, token_hash, created_at, expires_at, used_at)
VALUES ($1, $2, $3, $4, $4, $4) ON CONFLICT (token_hash) DO NOTHING RETURNING id
"""


class Proof(StrEnum):
    """By what somebody at the desk knew the person."""

    CARD = "card"  # KTP-el seen
    CALLED_BACK = "called_back"  # at the number that we have
    AUTHORITY = "authority"  # a letter of theirs, and the card of who brought it


class Why(StrEnum):
    """Why the desk fetches it, though a person can in the chat."""

    AT_COUNTER = "at_counter"
    BY_LETTER = "by_letter"
    NO_BROWSER = "no_browser"


class IdentityNotChecked(Refusal):
    """It was not ticked that the identity was checked, or not said how and why."""


@dataclass(frozen=True, slots=True)
class IdentityCheck:
    proof: Proof
    why: Why

    @classmethod
    def read(cls, *, ticked: bool, proof: str, why: str) -> IdentityCheck:
        """Raises: IdentityNotChecked."""
        if not ticked or proof not in set(Proof) or why not in set(Why):
            raise IdentityNotChecked
        return cls(Proof(proof), Why(why))


async def hand_out(found: Found, token: str, check: IdentityCheck, staff: Staff, now: datetime) -> None:
    """Write down that the copy is handed out, and tell the person; a page's ``token`` is good for one.

    Raises: `NotAllowed`, `ExportUsed`.
    """
    must(staff, Deed.RIGHTS)
    contact = found.contact
    spent = await rows(_SPEND, [contact.office_id, contact.id, hash_of(token), now])
    if not spent:
        raise ExportUsed
    reason = f"{check.proof.value}:{check.why.value}"
    await audit.note(by_staff(staff), opened.DATA_EXPORTED, f"contact:{contact.id}", now, reason=reason)
    words = plain("data-handed-out", contact.language, at=times.when(now, contact.language))
    await say_to(found.addressee, found.subject, words, now, f"handed_out:{spent[0]['id']}")
