"""Fetching what people sent: a signed link that dies, and needs no token.

Source: Meta, Messenger Platform, "messages webhook event".  The link is followed only to Meta's own hosts,
and nowhere from there.
"""

from typing import Final

import aiohttp

from bot.channels.base import MediaGone, MediaRef, MediaUnreachable
from bot.channels.download import not_reached, read_capped
from bot.channels.meta_graph import is_metas

PATIENCE: Final = aiohttp.ClientTimeout(total=60, connect=10, sock_read=20)  # seconds
_DEAD: Final = frozenset({400, 403, 404, 410})


async def fetch(http: aiohttp.ClientSession, ref: MediaRef, limit: int, *, api_base: str) -> bytes:
    """The bytes behind the link.

    Raises: MediaGone (``gone``, ``too_big``, ``empty``, ``foreign_host``, ``redirect``), MediaUnreachable.
    """
    if not is_metas(ref.external_id, api_base):
        raise MediaGone("foreign_host")
    try:
        async with http.get(ref.external_id, timeout=PATIENCE, allow_redirects=False) as response:
            if response.status in _DEAD:
                raise MediaGone("gone")
            if 300 <= response.status < 400:
                raise MediaGone("redirect")
            if response.status != 200:
                raise MediaUnreachable(f"http_{response.status}")
            return await read_capped(response, limit)
    except (aiohttp.ClientError, TimeoutError, ConnectionError, ValueError) as error:
        raise not_reached(error) from None
