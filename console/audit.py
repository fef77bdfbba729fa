"""`/console/jejak`: the audit's rows, a copy of them, and whether they are as they were written."""

import csv
import io
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from bot.posted import texts
from console.frame import page, why
from console.given import now_of
from models.audit import AuditRow
from models.database import transaction
from models.staff import Staff
from office import audit_list, times
from office.actors import actor_words
from office.audit_check import Intact, Tampered
from office.audit_list import Wanted
from office.refusal import Refusal

FILTERS: Final = ("sejak", "sampai", "pelaku", "tindakan", "objek")
COLUMNS: Final = ("seq", "at", "actor", "role", "action", "object", "reason", "mac")
_DIGITS: Final = 18  # what a number of a row has at the most


async def show(request: web.Request, staff: Staff) -> web.StreamResponse:
    return await _page(request, staff)


async def verify(request: web.Request, staff: Staff) -> web.StreamResponse:
    """Its result is this answer.  On an audit that is not whole nothing is written: it is evidence."""
    found = await audit_list.verify(staff)
    if isinstance(found, Tampered):
        return page(request, "tampered.html", where=str(found))
    await transaction(partial(audit_list.note_verified, staff, now_of(request)))
    return await _page(request, staff, found)


async def ask_copy(request: web.Request, _: Staff) -> web.StreamResponse:
    return page(request, "audit_copy.html", asked=_asked(request.query), problem=None)


async def send_copy(request: web.Request, staff: Staff) -> web.StreamResponse:
    """As CSV, row by row: there may be a million."""
    asked = _asked(await texts(request))
    try:
        wanted = _read(asked)
    except Refusal as refusal:
        return page(request, "audit_copy.html", status=422, asked=asked, problem=why(refusal))
    end = await transaction(partial(audit_list.begin_copy, wanted, staff, now_of(request)))
    answer = web.StreamResponse(
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": 'attachment; filename="jejak.csv"',
        }
    )
    await answer.prepare(request)
    await answer.write(_lines([COLUMNS]))
    async for some in audit_list.copy(wanted, end):
        await answer.write(_lines(map(_cells, some)))
    await answer.write_eof()
    return answer


async def _page(request: web.Request, staff: Staff, intact: Intact | None = None) -> web.StreamResponse:
    asked, before = _asked(request.query), request.query.get("sebelum", "")
    problem, rows = None, audit_list.Page((), None)
    try:
        below = _number(before)
        rows = await transaction(partial(audit_list.page, _read(asked), staff, now_of(request), below))
    except audit_list.FilterUnreadable as refusal:
        problem = why(refusal)
    older = {name: text for name, text in asked.items() if text}
    return page(
        request,
        "audit.html",
        status=200 if problem is None else 422,
        rows=rows.rows,
        who=await actor_words({row.actor for row in rows.rows}),
        older=f"/console/jejak?{urlencode(older | {'sebelum': str(rows.before)})}" if rows.before else None,
        asked=asked,
        copy=f"/console/jejak/salinan?{urlencode(older)}",
        problem=problem,
        exact=lambda at: f"{times.local(at):%Y-%m-%d %H:%M:%S}",
        intact=intact,
    )


def _asked(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given.get(name, "")[:80] for name in FILTERS}


def _read(asked: Mapping[str, str]) -> Wanted:
    return Wanted.read(*(asked[name] for name in FILTERS))


def _number(typed: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS):
        raise audit_list.FilterUnreadable
    return int(typed)


def _cells(row: AuditRow) -> Iterable[str]:
    values = {column: str(getattr(row, column)) for column in COLUMNS} | {"at": row.at.isoformat()}
    return values.values()


def _lines(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()
