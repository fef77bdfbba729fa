"""Where the sender of a form goes when it was done."""

from collections.abc import Collection

from aiohttp import web


def done(there: str, what: str) -> web.Response:
    """To the page ``there``, which says that ``what`` was done: sending a form again shows it again."""
    return web.Response(status=303, headers={"Location": f"{there}?selesai={what}"})


def was_done(request: web.Request, known: Collection[str]) -> str | None:
    """What the page is to say was done."""
    what = request.query.get("selesai")
    return what if what in known else None
