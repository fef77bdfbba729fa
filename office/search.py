"""Requests by an exact NIK or telephone number, for staff: found by blind indexes, told without a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from models.database import rows
from models.requests import Request, nik_index_of
from models.sealing.held import ring
from models.staff import Staff
from office import audit
from office.context import office
from office.identity import Nik, NikUnreadable
from office.lifecycle import by_staff
from office.ownership import chats_of
from office.permissions import Deed, must
from office.phone import PhoneUnreadable, to_e164
from office.refusal import Refusal

MOST: Final = 20  # requests, newest first

# Written out as the index has it: SQLite proves nothing else of a partial index.
_OF_PHONE: Final = """
SELECT DISTINCT contact_id FROM addresses
WHERE office_id = $1 AND value IN ($2, $3) AND kind IN ('wa_id', 'phone')
"""


class SearchUnreadable(Refusal):
    """What was typed is no whole NIK and no telephone number."""


@dataclass(frozen=True, slots=True)
class Found:
    """``count`` of all, of which ``requests`` are the newest."""

    count: int
    requests: tuple[Request, ...]


async def search(typed: str, staff: Staff, now: datetime) -> Found:
    """What was handed in for this NIK, or from this telephone number; the audit says that it was asked.

    What came from a chat of their own is not there: nobody looks at their own matter here.
    Raises: `NotAllowed`, SearchUnreadable.
    """
    must(staff, Deed.SEARCH)
    here = Request.filter(office_id=office().office_id).exclude(submitted_at=None)
    kind, key = _read(typed)
    if kind == "nik":
        here = here.filter(nik_index=nik_index_of(office().office_id, key))
    else:
        here = here.filter(contact_id__in=await _people_of(key))
    here = here.exclude(contact_id__in=await chats_of(staff)).order_by("-submitted_at", "-id")
    found = Found(await here.count(), tuple(await here.limit(MOST)))
    await audit.note(by_staff(staff), "searched", f"search:{kind}", now, reason=f"found_{found.count}")
    return found


def _read(typed: str) -> tuple[str, str]:
    """``nik`` or ``phone``, and its normal form.  Raises: SearchUnreadable."""
    try:
        return "nik", Nik.parse(typed).digits
    except NikUnreadable:
        pass
    try:
        return "phone", to_e164(typed)
    except PhoneUnreadable:
        raise SearchUnreadable from None


async def _people_of(number: str) -> list[int]:
    """Whose address this number is, on a channel that writes to numbers."""
    indexes = [ring().index("wa_id", number.lstrip("+")), ring().index("phone", number)]
    return [row["contact_id"] for row in await rows(_OF_PHONE, [office().office_id, *indexes])]
