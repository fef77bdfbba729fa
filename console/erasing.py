"""`/console/hak/D12/hapus`: erasing who asked for it, or what hinders it."""

from functools import partial

from aiohttp import web

from bot.posted import texts
from console.done import done
from console.frame import page, why
from console.given import now_of
from models.database import transaction
from models.rights import DataRight
from models.staff import Staff
from office import data_rights, erasure, persons
from office.permissions import Denied
from office.persons import Found, NoSuchPerson
from office.refusal import Refusal


async def ask(request: web.Request, staff: Staff) -> web.StreamResponse:
    return await _page(request, await _found(request, staff))


async def erase(request: web.Request, staff: Staff) -> web.StreamResponse:
    found = await _found(request, staff)
    if found.asked is None or (await texts(request)).get("yakin") != "1":
        return await _page(request, found, NotSure())
    try:
        await transaction(partial(data_rights.grant, found.asked.number, "", staff, now_of(request)))
    except Denied:
        raise
    except Refusal as refusal:
        return await _page(request, found, refusal)
    return done(f"/console/hak/{found.path}", "hapus")


class NotSure(Refusal):
    """It was not ticked that there is no way back."""


async def _found(request: web.Request, staff: Staff) -> Found:
    """Raises: NoSuchPerson where nobody asked to be erased."""
    found = await persons.find(request.match_info["key"], staff)
    if found.asked is None or found.asked.right is not DataRight.ERASE:
        raise NoSuchPerson
    return found


async def _page(request: web.Request, found: Found, problem: Refusal | None = None) -> web.StreamResponse:
    hindrance = await erasure.hindrance(found.contact)
    return page(
        request,
        "erasing.html",
        status=200 if problem is None else 422,
        found=found,
        hindrance=why(hindrance),
        problem=why(problem),
    )
