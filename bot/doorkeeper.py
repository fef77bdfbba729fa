"""Shows the door to connections that say nothing, or stop in the middle: each costs memory, and none expires.

A slow line is no silent one: an upload may take as long as it likes while something of it arrives.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler

log = structlog.get_logger(__name__)

EVERY: Final = 5.0  # seconds between looks
SILENT: Final = 15.0  # seconds without a whole header, or without a further byte of a body
MOST: Final = 2_000  # connections at a time; of more, those wait no longer that have said nothing yet


class Doorkeeper:
    """``monotonic`` is handed in by tests."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._asking: dict[RequestHandler, web.Request] = {}
        self._has_asked: set[RequestHandler] = set()
        self._heard: dict[RequestHandler, tuple[int, float]] = {}  # bytes, when

    @web.middleware
    async def middleware(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Knows what each connection is asking."""
        connection = request.protocol
        self._asking[connection] = request
        self._has_asked.add(connection)
        self._heard.pop(connection, None)
        try:
            return await handler(request)
        finally:
            self._asking.pop(connection, None)

    async def run(self, server: web.Server) -> None:
        """Look again and again."""
        while True:
            await asyncio.sleep(EVERY)
            self.look(server)

    def look(self, server: web.Server) -> None:
        """Close what has been silent for too long; who has asked before and is idle is aiohttp's to close."""
        now, there = self._monotonic(), list(server.connections)
        self._has_asked.intersection_update(there)
        self._heard = {
            connection: self._heard[connection] for connection in there if connection in self._heard
        }
        silent = [connection for connection in there if self._is_silent(connection, now)]
        if len(there) - len(silent) > MOST:
            silent += [one for one in there if one not in self._has_asked and one not in silent]
        for connection in silent:
            connection.force_close()
        if silent:
            log.info("door.silent", closed=len(silent))

    def _is_silent(self, connection: RequestHandler, now: float) -> bool:
        request = self._asking.get(connection)
        if request is None and connection in self._has_asked:
            return False
        if request is not None and request.content.is_eof():
            return False  # it has said everything, and waits for us
        said = request.content.total_bytes if request is not None else 0
        heard, when = self._heard.setdefault(connection, (said, now))
        if said != heard:
            self._heard[connection] = (said, now)
            return False
        return now - when >= SILENT
