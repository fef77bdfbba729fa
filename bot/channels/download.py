"""Reading a file from a provider without taking more than we asked for."""

import aiohttp

from bot.channels.base import MediaGone, MediaUnreachable
from bot.channels.public_names import NotPublic

CHUNK = 64 * 1024  # bytes


async def read_capped(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body, at most ``limit`` bytes, whatever its header says.

    Raises: MediaGone with ``too_big`` or ``empty``.
    """
    if response.content_length is not None and response.content_length > limit:
        raise MediaGone("too_big")
    parts: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(CHUNK):
        size += len(chunk)
        if size > limit:
            raise MediaGone("too_big")
        parts.append(chunk)
    if not size:
        raise MediaGone("empty")
    return b"".join(parts)


def not_reached(error: Exception) -> MediaGone | MediaUnreachable:
    """What becomes of a file whose host could not be asked: it is tried again, unless its name leads home."""
    if isinstance(error, aiohttp.ClientConnectorDNSError) and isinstance(error.os_error, NotPublic):
        return MediaGone("foreign_host")
    return MediaUnreachable("no_answer")
