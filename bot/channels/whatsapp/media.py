"""Fetching what people sent: an id gives a link that lives five minutes, the link gives the bytes.

Source: Meta, WhatsApp Cloud API, "Media", read 2026-11.  Both calls carry the token, so the link is followed
only to Meta's own hosts, and nowhere from there.
"""

import base64
import binascii
import hashlib
from typing import Any, Final

import aiohttp

from bot.channels.base import DeliveryFailed, Fault, MediaGone, MediaRef, MediaUnreachable
from bot.channels.download import not_reached, read_capped
from bot.channels.meta_graph import is_metas
from bot.channels.shape import text
from bot.channels.whatsapp.graph import Graph
from bot.channels.whatsapp.settings import WhatsAppSettings

PATIENCE: Final = aiohttp.ClientTimeout(total=60, connect=10, sock_read=20)  # seconds

_NO_SUCH_OBJECT: Final = frozenset({"33", "100", "http_404"})  # Meta's answer for an id that has died
_EXPIRED: Final = frozenset({403, 404, 410})


class _LinkDied(Exception):
    """The link is older than five minutes; a fresh one may do."""


class Media:
    def __init__(self, settings: WhatsAppSettings, graph: Graph, http: aiohttp.ClientSession) -> None:
        self._api_base = settings.api_base
        self._graph = graph
        self._http = http

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        """Raises: MediaGone (``gone``, ``too_big``, ``empty``, ``foreign_host``), MediaUnreachable."""
        for _ in range(2):
            about = await self._about(ref, limit)
            try:
                content = await self._download(text(about.get("url")), limit)
            except _LinkDied:
                continue
            if _differs(content, text(about.get("sha256"))):
                raise MediaUnreachable("sha256")
            return content
        raise MediaGone("gone")

    async def _about(self, ref: MediaRef, limit: int) -> dict[str, Any]:
        try:
            about = dict(await self._graph.get(ref.external_id))
        except DeliveryFailed as failure:
            if failure.fault is Fault.GIVE_UP or failure.code in _NO_SUCH_OBJECT:
                raise MediaGone("gone") from None
            raise MediaUnreachable(failure.code) from None
        size = text(about.get("file_size"))
        if size.isdigit() and int(size) > limit:
            raise MediaGone("too_big")
        return about

    async def _download(self, url: str, limit: int) -> bytes:
        if not is_metas(url, self._api_base):
            raise MediaGone("foreign_host")
        try:
            async with self._http.get(
                url, headers=self._graph.bearer, timeout=PATIENCE, allow_redirects=False
            ) as response:
                if response.status in _EXPIRED:
                    raise _LinkDied
                if 300 <= response.status < 400:
                    raise MediaGone("redirect")
                if response.status != 200:
                    raise MediaUnreachable(f"http_{response.status}")
                return await read_capped(response, limit)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise not_reached(error) from None


def _differs(content: bytes, told: str) -> bool:
    """Whether the SHA-256 that we were told (hexadecimal or base64) is another.  An odd one is no proof."""
    digest = hashlib.sha256(content).digest()
    if len(told) == 64:
        return told.lower() != digest.hex()
    try:
        given = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(given) == 32 and given != digest
