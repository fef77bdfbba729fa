"""`/console/hak/D12` and `/console/hak/12`: what we hold of a person, who opened it, and what the desk does.

What is sent twice is done once: the second time the office refuses it, and the page says what stands.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from aiohttp import web

from bot.posted import texts
from console.clocks import left
from console.done import done, was_done
from console.frame import page, why
from console.given import now_of
from models.database import transaction
from models.requests import Paper, Request
from models.rights import DataRight
from models.staff import Staff
from office import correcting, data_rights, nik_shown, persons
from office.context import office
from office.forms import NikToConfirm
from office.identity import Nik
from office.my_data import WORKED, Opening, kind_of, readers
from office.names import deceptive
from office.ownership import NoSuchQueueNumber
from office.permissions import Denied
from office.persons import NoSuchPerson, Person
from office.places import channel_name
from office.refusal import Refusal
from office.requests import printed, service_of, status_line
from office.villages import village, villages
from office.words import language, plain

DONE: Final = ("catat", "ambil", "jawab", "tolak", "buka", "perbaiki", "hapus")
OPENINGS_SHOWN: Final = 200  # the latest
_QUEUE_NUMBER_DIGITS: Final = 9

Act = Callable[[int, Mapping[str, str], Staff, datetime], Awaitable[object]]


async def show(request: web.Request, staff: Staff) -> web.StreamResponse:
    return await _page(request, staff)


async def record(request: web.Request, staff: Staff) -> web.StreamResponse:
    """Somebody asked at the counter: on to the number that it got."""
    sent = await texts(request)
    if sent.get("hak") not in set(DataRight):
        return await _page(request, staff, problem=NothingChosen())
    wanted = DataRight(sent["hak"])
    try:
        asked = await transaction(
            lambda: persons.record(request.match_info["key"], wanted, staff, now_of(request))
        )
    except Denied:
        raise
    except Refusal as refusal:
        return await _page(request, staff, problem=refusal)
    return done(f"/console/hak/d{asked.number}", "catat")


async def take(request: web.Request, staff: Staff) -> web.StreamResponse:
    return await _do(request, staff, "ambil", _take)


async def grant(request: web.Request, staff: Staff) -> web.StreamResponse:
    """Said in words; an erasure has a page of its own."""
    return await _do(request, staff, "jawab", _answer)


async def refuse(request: web.Request, staff: Staff) -> web.StreamResponse:
    return await _do(request, staff, "tolak", _refuse)


async def lift(request: web.Request, staff: Staff) -> web.StreamResponse:
    return await _do(request, staff, "buka", _lift)


async def correct(request: web.Request, staff: Staff) -> web.StreamResponse:
    return await _do(request, staff, "perbaiki", _correct)


async def show_nik(request: web.Request, staff: Staff) -> web.StreamResponse:
    """One click, one row of the audit; it is in this answer and nowhere else."""
    typed = (await texts(request)).get("antrean", "")
    try:
        number = _queue_number(typed)
        shown = await transaction(partial(nik_shown.show_nik, number, staff, now_of(request)))
    except Denied:
        raise
    except Refusal as refusal:
        return await _page(request, staff, problem=refusal)
    return await _page(request, staff, whole={number: shown.nik.digits})


class NothingChosen(Refusal):
    """No right was chosen in the form."""


async def _take(number: int, _: Mapping[str, str], staff: Staff, now: datetime) -> object:
    return await data_rights.take(number, staff, now)


async def _answer(number: int, sent: Mapping[str, str], staff: Staff, now: datetime) -> object:
    asked = await data_rights.numbered(number, staff)
    if asked.right is DataRight.ERASE:
        raise NoSuchPerson
    return await data_rights.grant(number, sent.get("kata", ""), staff, now)


async def _refuse(number: int, sent: Mapping[str, str], staff: Staff, now: datetime) -> object:
    return await data_rights.refuse(number, sent.get("kata", ""), staff, now)


async def _lift(number: int, sent: Mapping[str, str], staff: Staff, now: datetime) -> object:
    return await data_rights.lift(number, sent.get("kata", ""), staff, now)


async def _correct(number: int, sent: Mapping[str, str], staff: Staff, now: datetime) -> object:
    wanted = correcting.Wanted(
        name=sent.get("nama", ""),
        nik=sent.get("nik", ""),
        village=sent.get("desa", ""),
        sure=sent.get("benar") == "1",
        ends=sent.get("akhiri") == "1",
    )
    return await correcting.correct(number, sent.get("permohonan", ""), wanted, staff, now)


async def _do(request: web.Request, staff: Staff, what: str, act: Act) -> web.StreamResponse:
    """Do it and show the page anew; a no stands on it, with what was typed."""
    sent, now = await texts(request), now_of(request)

    async def step() -> str:
        found = await persons.find(request.match_info["key"], staff)
        if found.asked is None:
            raise NoSuchPerson
        await act(found.asked.number, sent, staff, now)
        return found.path

    try:
        there = await transaction(step)
    except (Denied, NoSuchPerson, data_rights.NoSuchDataRequest):
        raise
    except Refusal as refusal:
        return await _page(request, staff, problem=refusal, typed=sent)
    return done(f"/console/hak/{there}", what)


async def _page(
    request: web.Request,
    staff: Staff,
    *,
    problem: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
    whole: Mapping[int, str] | None = None,
) -> web.StreamResponse:
    now = now_of(request)
    person = await transaction(partial(persons.look, request.match_info["key"], staff, now))
    return page(
        request,
        "person.html",
        status=200 if problem is None else 422,
        person=person,
        found=person.found,
        asked=person.found.asked,
        contact=person.found.contact,
        channels=[channel_name(one) for one in dict.fromkeys(a.channel for a in person.held.addresses)],
        requests=[await _line(*one, whole or {}) for one in person.held.requests],
        readers=readers(person.held.openings),
        openings=_openings(person),
        left=lambda due: left(due, now),
        villages=villages(),
        deceptive=deceptive,
        hindrance=why(person.hindrance),
        done=was_done(request, DONE),
        problem=why(problem),
        unusual=isinstance(problem, NikToConfirm),
        typed=typed or {},
        kept_days=office().office.retention_days,
    )


async def _line(request: Request, papers: Sequence[Paper], whole: Mapping[int, str]) -> Mapping[str, Any]:
    """A request as a row of the page; its NIK whole for who has just asked for it."""
    return {
        "number": printed(request),
        "queue_number": request.queue_number,
        "service": service_of(request).short.in_language(language()),
        "state": await status_line(request),
        "name": request.subject_name,
        "nik": whole.get(request.queue_number or 0) or (str(Nik(request.nik)) if request.nik else None),
        "whole": request.queue_number in whole,
        "village": village(request.village_code).title if request.village_code else None,
        "papers": len(papers),
    }


def _openings(person: Person) -> list[Mapping[str, Any]]:
    return [
        {
            "at": one.at,
            "who": one.who,
            "what": _what(one),
            "number": printed(one.request) if one.request is not None else None,
        }
        for one in reversed(person.held.openings[-OPENINGS_SHOWN:])
    ]


def _what(opening: Opening) -> str:
    kind = kind_of(opening)
    return plain(f"operator-action-{opening.action}" if kind == WORKED else f"opening-{kind}")


def _queue_number(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= _QUEUE_NUMBER_DIGITS):
        raise NoSuchQueueNumber(number="–")
    return int(typed)
