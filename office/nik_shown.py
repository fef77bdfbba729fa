"""The one way to see a whole NIK: by the request's owner or a second person; journal and audit say so."""

from __future__ import annotations

from datetime import datetime

from models.staff import Staff
from office.identity import Nik
from office.lifecycle import by_staff, note_change
from office.ownership import own, to_look_at
from office.permissions import SECOND, Deed
from office.refusal import Refusal


class NikNotHeld(Refusal):
    """The request has no NIK; it is on the papers.  Facts: ``number``."""


async def show_nik(n: int, staff: Staff, now: datetime) -> Nik:
    """Its ``digits`` are for their eyes, once: one row of the audit.  Raises: as `own`, NikNotHeld."""
    here = to_look_at(n, staff, Deed.NIK) if staff.role in SECOND else own(n, staff, Deed.NIK)
    request = await here
    if not request.nik:
        raise NikNotHeld(number=n)
    await note_change(request, actor=by_staff(staff), action="nik_shown", now=now)
    return Nik(request.nik)
