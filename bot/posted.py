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


async def texts(request: web.Request, most: int = 4_096) -> Mapping[str, str]:
    """Its texts by the names of their fields, as both engines keep them, each cut to so many characters."""
    sent = await posted(request)
    return {name: storable(value[:most]) for name, value in sent.items() if isinstance(value, str)}


async def typed(request: web.Request, *names: str, most: int = 1_000) -> tuple[str, ...]:
    """The texts of these fields; empty where there is none."""
    fields = await texts(request, most)
    return tuple(fields.get(name, "") for name in names)
