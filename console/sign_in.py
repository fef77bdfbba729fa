"""`/console/masuk`, and `/console/bukti` where somebody signed in shows a code once more."""

import re
from functools import partial
from typing import Final

from aiohttp import web

from bot.posted import typed
from console import cookie
from console.frame import page, why
from console.given import GIVEN, SESSION, now_of
from console.signed_in import session_of
from models.database import transaction
from models.staff import Staff
from office import console_sessions, signing_in
from office.refusal import Refusal
from office.signin_tries import TooManySigninTries
from office.signing_in import Typed

_PAGES: Final = re.compile(r"/console(/[\w-]+)*", re.ASCII)


async def show(request: web.Request) -> web.StreamResponse:
    if await session_of(request) is not None:
        return _on(request.query.get("ke", ""))
    return _form(request, onward=request.query.get("ke", ""))


async def send(request: web.Request) -> web.StreamResponse:
    """A new session; the one that this browser had ends."""
    now = now_of(request)
    name, password, code, onward = await typed(request, "name", "password", "code", "ke")
    callers = request.app[GIVEN].callers
    address = callers.who(request) if callers is not None else ""
    try:
        token = await signing_in.sign_in(Typed(name, password, code), address, now)
    except Refusal as refusal:
        return _form(request, refusal, name=name, onward=onward)
    before = await session_of(request)
    if before is not None:
        await transaction(partial(console_sessions.end, before.staff, before.id, now))
    answer = _on(onward)
    cookie.set_on(answer, token)
    return answer


async def ask_for_proof(request: web.Request, _: Staff) -> web.StreamResponse:
    return _proof(request, onward=request.query.get("ke", ""))


async def take_proof(request: web.Request, _: Staff) -> web.StreamResponse:
    code, onward = await typed(request, "code", "ke")
    try:
        await signing_in.prove(request[SESSION], code, now_of(request))
    except Refusal as refusal:
        return _proof(request, refusal, onward=onward)
    return _on(onward)


def _form(
    request: web.Request, refusal: Refusal | None = None, *, name: str = "", onward: str
) -> web.Response:
    return page(
        request, "sign_in.html", status=_status(refusal), problem=why(refusal), name=name[:120], onward=onward
    )


def _proof(request: web.Request, refusal: Refusal | None = None, *, onward: str) -> web.Response:
    return page(request, "proof.html", status=_status(refusal), problem=why(refusal), onward=onward)


def _status(refusal: Refusal | None) -> int:
    if refusal is None:
        return 200
    return 429 if isinstance(refusal, TooManySigninTries) else 422


def _on(onward: str) -> web.Response:
    """To a page of the console, and nowhere else."""
    there = onward if _PAGES.fullmatch(onward) else "/console"
    return web.Response(status=303, headers={"Location": there})
