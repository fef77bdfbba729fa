"""`/console/hak`: every clock of the rights over one's own data, and the way to a person."""

from aiohttp import web

from console.clocks import left
from console.frame import page
from console.given import now_of
from models.staff import Staff
from office import data_rights
from office.names import short_name


async def show(request: web.Request, staff: Staff) -> web.StreamResponse:
    wanted = request.query.get("cari", "").strip().lower()
    if wanted.isascii() and wanted.isalnum():
        return web.Response(status=303, headers={"Location": f"/console/hak/{wanted}"})
    now = now_of(request)
    return page(
        request,
        "rights.html",
        waiting=await data_rights.waiting(staff),
        ended=await data_rights.ended(staff, now),
        left=lambda due: left(due, now),
        late=lambda due: due <= now,
        short_name=short_name,
    )
