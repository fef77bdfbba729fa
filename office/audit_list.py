"""The audit for who looks after it: its rows, a copy of them, and whether it is whole.

Codes and ids alone: whose request ``request:12`` is, is not told here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from tortoise.queryset import QuerySet

from models.audit import AuditRow
from models.staff import Staff
from office import audit
from office.audit_check import Intact, Tampered, check
from office.context import office
from office.lifecycle import by_staff
from office.permissions import Deed, must
from office.refusal import Refusal

PAGE: Final = 100  # rows
COPIED_AT_ONCE: Final = 1_000
CHECKED_AT_ONCE: Final = 250  # so that an office which serves goes on between

_CODE: Final = re.compile(r"[a-z][a-z0-9_]*(:[a-z0-9_]+)*")


class FilterUnreadable(Refusal):
    """A day is none of the calendar, or an actor, action or object is no code."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows; None: all.  Days are the office's, the last one included."""

    since: date | None = None
    until: date | None = None
    actor: str = ""
    action: str = ""
    object: str = ""

    @classmethod
    def read(
        cls, since: str = "", until: str = "", actor: str = "", action: str = "", about: str = ""
    ) -> Wanted:
        """As typed into a form.  Raises: FilterUnreadable."""
        codes = [code.strip().lower() for code in (actor, action, about)]
        if any(code and _CODE.fullmatch(code) is None for code in codes):
            raise FilterUnreadable
        return cls(_day(since), _day(until), *codes)


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first.  ``before``: the number that an older page begins below; None: there is none."""

    rows: Sequence[AuditRow]
    before: int | None


async def page(wanted: Wanted, staff: Staff, now: datetime, before: int | None = None) -> Page:
    """`PAGE` rows below the number ``before``; that somebody looked is a row, too.  Raises: `NotAllowed`."""
    must(staff, Deed.AUDIT)
    rows = _matching(wanted)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = await rows.order_by("-seq").limit(PAGE + 1)
    shown = found[:PAGE]
    if shown:
        await audit.note(by_staff(staff), "audit_read", f"audit:{shown[-1].seq}:{shown[0].seq}", now)
    return Page(shown, shown[-1].seq if len(found) > PAGE else None)


async def begin_copy(wanted: Wanted, staff: Staff, now: datetime) -> int:
    """Write down that a copy is taken; gives the last row that will be in it.  Raises: `NotAllowed`."""
    must(staff, Deed.AUDIT)
    last = await _matching(wanted).order_by("-seq").first()
    end = last.seq if last is not None else 0
    await audit.note(by_staff(staff), "audit_copied", f"audit:{end}", now)
    return end


async def copy(wanted: Wanted, end: int) -> AsyncIterator[Sequence[AuditRow]]:
    """The rows up to the number ``end``, oldest first, so many at once."""
    last = 0
    while (
        some := await _matching(wanted)
        .filter(seq__gt=last, seq__lte=end)
        .order_by("seq")
        .limit(COPIED_AT_ONCE)
    ):
        yield some
        last = some[-1].seq


async def verify(staff: Staff) -> Intact | Tampered:
    """Read the whole chain, outside any transaction.  Raises: `NotAllowed`."""
    must(staff, Deed.AUDIT)
    try:
        return await check(office(), CHECKED_AT_ONCE)
    except Tampered as found:
        return found


async def note_verified(staff: Staff, now: datetime) -> None:
    """It was read and is whole."""
    await audit.note(by_staff(staff), "audit_verified", "audit", now, reason="intact")


def _matching(wanted: Wanted) -> QuerySet[AuditRow]:
    rows = AuditRow.filter(office_id=office().office_id)
    if wanted.since is not None:
        rows = rows.filter(at__gte=_midnight(wanted.since))
    if wanted.until is not None:
        rows = rows.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    codes = {"actor": wanted.actor, "action": wanted.action, "object": wanted.object}
    return rows.filter(**{column: code for column, code in codes.items() if code})


def _day(typed: str) -> date | None:
    if not typed.strip():
        return None
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise FilterUnreadable from None
    if not 2000 <= day.year < 2200:
        raise FilterUnreadable
    return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), office().office.zone)
