"""What a form of the console sent, and where its sender goes then."""

from collections.abc import Collection, Mapping
from typing import Final

from aiohttp import web

from bot.posted import posted
from models.fields import storable

LONGEST: Final = 4_096  # characters of a field


async def fields(request: web.Request) -> Mapping[str, str]:
    """Its texts, as both engines keep them."""
    sent = await posted(request)
    return {name: storable(text[:LONGEST]) for name, text in sent.items() if isinstance(text, str)}


def done(there: str, what: str) -> web.Response:
    """To the page ``there``, which says that ``what`` was done: sending a form again shows it again."""
    return web.Response(status=303, headers={"Location": f"{there}?selesai={what}"})


def was_done(request: web.Request, known: Collection[str]) -> str | None:
    """What the page is to say was done."""
    what = request.query.get("selesai")
    return what if what in known else None
