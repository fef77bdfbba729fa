"""`/console/pelanggaran`: breaches that are open, with their clocks and the notices' drafts."""

from typing import Final

from aiohttp import web

from console.clocks import left
from console.frame import page
from console.given import now_of
from models.staff import Staff
from office import breaches
from office.words import plain

TO: Final = {"warga": "people", "lembaga": "authority"}


async def show(request: web.Request, staff: Staff) -> web.StreamResponse:
    now = now_of(request)
    running = await breaches.running(staff)
    return page(
        request,
        "breaches.html",
        running=running,
        left=lambda due: left(due, now),
        late=lambda due: due <= now,
        fields=lambda one: ", ".join(plain(f"breach-field-{field}") for field in one.fields) or "–",
    )


async def draft(request: web.Request, staff: Staff) -> web.StreamResponse:
    """To be read over and sent by the office."""
    number, to = request.match_info["number"], request.match_info["to"]
    if not (number.isascii() and number.isdecimal() and len(number) < 10 and to in TO):
        raise web.HTTPNotFound
    text = await breaches.draft(int(number), TO[to], staff)
    name = f"pemberitahuan-{to}-{number}.txt"
    return web.Response(text=text + "\n", headers={"Content-Disposition": f'attachment; filename="{name}"'})
