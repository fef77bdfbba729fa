"""What stands between the people and the office, and hears every byte of what the office says."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_TRACE = re.compile(
    rb"Traceback|\.py\b[\":, ]|File &quot;|(?:Error|Exception)\b[:(]|asyncpg|sqlite3|aiohttp|aiogram|tortoise"
)
_CHUNK = 64 * 1024


class Relay:
    """``heard``: what the office has answered since it was last emptied, headers and bodies."""

    def __init__(self, behind: str) -> None:
        self._host, self._port = urlsplit(behind).hostname, urlsplit(behind).port
        self.heard = bytearray()
        self.url = ""
        self._serving: set[asyncio.Task[None]] = set()

    def statuses(self) -> set[int]:
        return {int(status) for status in _STATUS.findall(self.heard)}

    def traces(self) -> set[bytes]:
        """What only a programmer would say.  The name of the server, which aiohttp puts into its headers, is
        no trace of a fault."""
        said = re.sub(rb"(?m)^Server: [^\r\n]*", b"", bytes(self.heard))
        return set(_TRACE.findall(said))

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def close(self) -> None:
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._host, self._port)
        out = asyncio.create_task(_copy(reader, back))
        try:
            with contextlib.suppress(ConnectionError):
                while piece := await there.read(_CHUNK):
                    self.heard += piece
                    writer.write(piece)
                    await writer.drain()
        finally:
            out.cancel()
            back.close()
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await reader.read(_CHUNK):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()


@contextlib.asynccontextmanager
async def relay(behind: str) -> AsyncIterator[Relay]:
    between = Relay(behind)
    server = await asyncio.start_server(between.serve, "127.0.0.1", 0)
    between.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield between
    server.close()
    await between.close()
