"""The smallest HTTP/1.1 that a bench needs, both ends: it must cost far less than what it measures.

Bodies by Content-Length or in chunks, keep-alive, one request at a time on a connection.  Loopback only.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

Answer = Callable[[int, bytes], None]
"""Send the answer: status and JSON body; at once or later, exactly once."""
Handler = Callable[[str, bytes, bytes, Answer], None]
"""Told of one request: path, content type, body, and how to answer."""


class _Head:
    def __init__(self, block: bytes) -> None:
        first, _, rest = block.partition(b"\r\n")
        self.first = first.split(b" ", 2)
        self._lines = b"\r\n" + rest + b"\r\n"
        self._lower = self._lines.lower()

    def get(self, name: bytes) -> bytes:
        """A header's value, its name given in lower case; empty where there is none."""
        at = self._lower.find(b"\r\n" + name + b":")
        if at < 0:
            return b""
        begin = at + len(name) + 3
        return self._lines[begin : self._lower.find(b"\r\n", begin)].strip()


class _Connection(asyncio.Protocol):
    """Collects whole messages out of what arrives."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._arrived = bytearray()
        self._head: _Head | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        while (message := self._next()) is not None:
            self.message(*message)

    def message(self, head: _Head, body: bytes) -> None:
        raise NotImplementedError

    def _next(self) -> tuple[_Head, bytes] | None:
        if self._head is None:
            end = self._arrived.find(b"\r\n\r\n")
            if end < 0:
                return None
            self._head = _Head(bytes(self._arrived[:end]))
            del self._arrived[: end + 4]
        head = self._head
        if head.get(b"transfer-encoding").lower() == b"chunked":
            body = self._chunks()
        else:
            length = int(head.get(b"content-length") or 0)
            body = bytes(self._arrived[:length]) if len(self._arrived) >= length else None
            if body is not None:
                del self._arrived[:length]
        if body is None:
            return None
        self._head = None
        return head, body

    def _chunks(self) -> bytes | None:
        body, at = bytearray(), 0
        while (line := self._arrived.find(b"\r\n", at)) >= 0:
            size = int(self._arrived[at:line], 16)
            at = line + 2 + size + 2
            if len(self._arrived) < at:
                return None
            body += self._arrived[line + 2 : line + 2 + size]
            if size == 0:
                del self._arrived[:at]
                return bytes(body)
        return None


class _Served(_Connection):
    def __init__(self, handler: Handler) -> None:
        super().__init__()
        self._handler = handler

    def message(self, head: _Head, body: bytes) -> None:
        self._handler(head.first[1].decode(), head.get(b"content-type"), body, self._answer)

    def _answer(self, status: int, body: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 %d .\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (status, len(body), body)
            )


async def serve(handler: Handler) -> tuple[asyncio.Server, str]:
    """Listen on a free port of loopback; the server and its address."""
    server = await asyncio.get_running_loop().create_server(lambda: _Served(handler), "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


class Client(_Connection):
    """One keep-alive connection; a lost one is opened again by the next `post`."""

    def __init__(self, url: str) -> None:
        super().__init__()
        where = urlsplit(url)
        self._host, self._port = where.hostname or "127.0.0.1", where.port or 80
        self._start = f"POST {where.path} HTTP/1.1\r\nHost: {where.netloc}\r\n".encode()
        self._answered: asyncio.Future[int] | None = None

    async def post(self, body: bytes, headers: bytes, patience: float = 30.0) -> int:
        """The status of the answer.  Raises: OSError, TimeoutError."""
        loop = asyncio.get_running_loop()
        if self.transport is None or self.transport.is_closing():
            self._arrived.clear()
            self._head = None
            await loop.create_connection(lambda: self, self._host, self._port)
        assert self.transport is not None
        self._answered = loop.create_future()
        self.transport.write(
            self._start
            + headers
            + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            + body
        )
        async with asyncio.timeout(patience):
            return await self._answered

    def message(self, head: _Head, body: bytes) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(int(head.first[1]))

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(exc or ConnectionResetError("closed"))

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()
