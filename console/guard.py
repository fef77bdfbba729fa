"""Around every page of the console: which office is meant, who may post, and how a no is said."""

from functools import partial

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.headers import from_our_page
from console.frame import page, unknown, why
from console.given import GIVEN, SESSION, now_of
from console.signed_in import session_of
from models.database import transaction
from office.context import at_office, office
from office.permissions import Denied, note_denied
from office.refusal import Refusal
from office.words import speaking

_LOOKING = frozenset({"GET", "HEAD"})


@web.middleware
async def at_its_office(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The office that is called here, in the browser's language."""
    houses = request.app[GIVEN].houses
    here = houses.get(request.host.lower()) or next(iter(houses.values()))
    with at_office(here.office_id), speaking(request.headers.get("Accept-Language", "")[:2].lower()):
        return await handler(request)


@web.middleware
async def from_our_own_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What changes something is sent from here, and says so."""
    if request.method not in _LOOKING and not from_our_page(request, office().public_url or "", said=True):
        return web.Response(status=403)
    return await handler(request)


@web.middleware
async def in_words(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A refusal as a page; of one that was tried without being allowed to, the audit hears."""
    try:
        return await handler(request)
    except Denied as denied:
        session = request.get(SESSION)
        if session is not None:
            await transaction(partial(note_denied, denied, session.staff, now_of(request)))
        return unknown(request)
    except Refusal as refusal:
        return page(request, "refused.html", status=422, why=why(refusal))
    except web.HTTPNotFound:
        await session_of(request)  # the menu stands here too, else it would tell what is there and forbidden
        return unknown(request)
