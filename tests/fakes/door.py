"""One POST to the app's door, as a provider makes it."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector

from tests.fakes.here import Here

PATIENCE = ClientTimeout(total=30)


async def knock(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The HTTP status, or 0 when nobody answered (refused, cut off, or silent for 30 seconds)."""
    try:
        async with (
            ClientSession(timeout=PATIENCE, connector=TCPConnector(resolver=Here())) as session,
            session.post(url, data=body, headers=headers) as said,
        ):
            await said.read()
            return said.status
    except (ClientError, TimeoutError, ConnectionError):
        return 0
