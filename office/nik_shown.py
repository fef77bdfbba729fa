"""The one way to see a whole NIK: by the request's owner or a second person; journal and audit say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.staff import Staff
from office.identity import Nik
from office.lifecycle import by_staff, note_change
from office.ownership import own, to_look_at
from office.permissions import SECOND, Deed
from office.refusal import Refusal
from office.suggesting import fitting
from office.suggestions import Suggestion


class NikNotHeld(Refusal):
    """The request has no NIK; it is on the papers.  Facts: ``number``."""


@dataclass(frozen=True, slots=True)
class Shown:
    """``suggested``: nobody has entered the NIK, and OCR read it on a paper."""

    nik: Nik
    suggested: Suggestion | None = None


async def show_nik(n: int, staff: Staff, now: datetime) -> Shown:
    """Its ``digits`` are for their eyes, once: one row of the audit.  Raises: as `own`, NikNotHeld."""
    here = to_look_at(n, staff, Deed.NIK) if staff.role in SECOND else own(n, staff, Deed.NIK)
    request = await here
    shown = Shown(Nik(request.nik)) if request.nik else _of(await fitting(request))
    if shown is None:
        raise NikNotHeld(number=n)
    await note_change(request, actor=by_staff(staff), action="nik_shown", now=now)
    return shown


def _of(suggestion: Suggestion | None) -> Shown | None:
    if suggestion is None or suggestion.nik is None:
        return None
    return Shown(suggestion.nik, suggestion)
