"""The one way to see a whole NIK: by the request's owner, and the journal says so."""

from __future__ import annotations

from datetime import datetime

from models.staff import Staff
from office.identity import Nik
from office.lifecycle import by_staff, note_change
from office.ownership import own
from office.refusal import Refusal


class NikNotHeld(Refusal):
    """The request has no NIK; it is on the papers.  Facts: ``number``."""


async def show_nik(n: int, staff: Staff, now: datetime) -> Nik:
    """Its ``digits`` are for the owner's eyes, once.  Raises: as `own`, NikNotHeld."""
    request = await own(n, staff)
    if not request.nik:
        raise NikNotHeld(number=n)
    await note_change(request, actor=by_staff(staff), action="nik_shown", now=now)
    return Nik(request.nik)
