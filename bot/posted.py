"""What a plain form has sent."""

from collections.abc import Mapping

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from models.fields import storable


async def posted(request: web.Request) -> Mapping[str, object]:
    """The form's fields; none where the body is no form at all (other bytes, an unknown charset)."""
    try:
        return await request.post()
    except (ValueError, LookupError, HttpProcessingError):
        return {}


async def typed(request: web.Request, *names: str, most: int = 1_000) -> tuple[str, ...]:
    """The texts of these fields, as both engines keep them, each cut to so many characters; else empty."""
    fields = await posted(request)
    return tuple(storable(str(fields.get(name, ""))[:most]) for name in names)
