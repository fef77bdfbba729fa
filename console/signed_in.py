"""Who is signed in, and whether they may: asked of the rows with every request."""

from functools import partial
from typing import Final
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.typedefs import Handler

from console import cookie
from console.given import SESSION, Route, now_of
from models.console import ConsoleSession
from models.database import transaction
from office import console_sessions
from office.console_sessions import PROVED
from office.permissions import must

SIGN_IN: Final = "/console/masuk"
PROVE: Final = "/console/bukti"


def signed_in(route: Route) -> Handler:
    """The handler of a route: sends to the sign-in whoever is not, asks for the deed and for the proof."""

    async def answer(request: web.Request) -> web.StreamResponse:
        session = await session_of(request)
        if session is None:
            return go(SIGN_IN, request)
        if route.deed is not None:
            must(session.staff, route.deed)
        if route.proof and now_of(request) - session.proved_at >= PROVED:
            return go(PROVE, request)
        return await route.answer(request, session.staff)

    return answer


async def session_of(request: web.Request) -> ConsoleSession | None:
    """The live session that this request comes from; it counts as used."""
    token = cookie.read(request)
    if token is None:
        return None
    session = await transaction(partial(console_sessions.live, token, now_of(request)))
    if session is not None:
        request[SESSION] = session
    return session


def go(there: str, request: web.Request) -> web.Response:
    """To a page that leads back here, where here is a page that can be opened."""
    back = f"?{urlencode({'ke': request.path})}" if request.method in ("GET", "HEAD") else ""
    return web.Response(status=303, headers={"Location": f"{there}{back}"})
