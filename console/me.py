"""What is one's own: where one is signed in, the chats that speak for one, and the password."""

from functools import partial

from aiohttp import web

from bot.posted import typed
from console.frame import page, why
from console.given import SESSION, now_of
from models.database import transaction
from models.staff import Staff
from office import console_sessions, second_factor, signing_in, staff
from office.lifecycle import by_staff
from office.passwords import LONGEST, SHORTEST
from office.refusal import Refusal
from office.signing_in import NewPassword

AT = "/console/saya"


async def show(request: web.Request, member: Staff) -> web.StreamResponse:
    return await _page(request, member)


async def new_chat_code(request: web.Request, member: Staff) -> web.StreamResponse:
    """Shown in the answer alone."""
    make = partial(staff.new_binding_code, member, now_of(request), by_staff(member))
    return await _page(request, member, code=await transaction(make))


async def end_session(request: web.Request, member: Staff) -> web.StreamResponse:
    which = int(request.match_info["session"])
    await transaction(partial(console_sessions.end, member, which, now_of(request)))
    return _back()


async def end_chat(request: web.Request, member: Staff) -> web.StreamResponse:
    which = int(request.match_info["chat"])
    await transaction(partial(staff.unbind_one, member, which, now_of(request)))
    return _back()


async def show_password(request: web.Request, _: Staff) -> web.StreamResponse:
    return _password(request)


async def change_password(request: web.Request, _: Staff) -> web.StreamResponse:
    chosen = NewPassword(*await typed(request, "current", "password", "again"))
    try:
        await signing_in.change_password(request[SESSION], chosen, now_of(request))
    except Refusal as refusal:
        return _password(request, refusal)
    return _back()


async def _page(request: web.Request, member: Staff, code: str = "") -> web.Response:
    return page(
        request,
        "me.html",
        code=code,
        mine=request[SESSION],
        sessions=await console_sessions.listing(member, now_of(request)),
        chats=await staff.chats_of(member),
        recovery_codes=await second_factor.recovery_codes_left(member),
    )


def _password(request: web.Request, refusal: Refusal | None = None) -> web.Response:
    facts = {"problem": why(refusal), "shortest": SHORTEST, "longest": LONGEST}
    return page(request, "password.html", status=200 if refusal is None else 422, **facts)


def _back() -> web.Response:
    return web.Response(status=303, headers={"Location": AT})
