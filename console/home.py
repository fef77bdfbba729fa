"""The first page, and the way out."""

from functools import partial

from aiohttp import web

from console import cookie
from console.frame import page
from console.given import SESSION, now_of
from console.signed_in import SIGN_IN
from models.database import transaction
from models.staff import Staff
from office import console_sessions
from office.waiting import waiting_for


async def home(request: web.Request, staff: Staff) -> web.StreamResponse:
    return page(request, "home.html", waiting=await waiting_for(staff, now_of(request)))


async def sign_out(request: web.Request, staff: Staff) -> web.StreamResponse:
    """The session ends here and in the rows; the browser forgets what it keeps of us."""
    ended = partial(console_sessions.end, staff, request[SESSION].id, now_of(request))
    await transaction(ended)
    answer = web.Response(status=303, headers={"Location": SIGN_IN, "Clear-Site-Data": '"cache", "storage"'})
    cookie.drop_from(answer)
    return answer
