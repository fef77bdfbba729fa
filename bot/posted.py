"""What a plain form has sent."""

from collections.abc import Mapping

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError


async def posted(request: web.Request) -> Mapping[str, object]:
    """The form's fields; none where the body is no form at all (other bytes, an unknown charset)."""
    try:
        return await request.post()
    except (ValueError, LookupError, HttpProcessingError):
        return {}
