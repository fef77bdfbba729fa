"""A clamd that takes its protocol at its word: whoever breaks it is named in ``broken``.

Its answers, and that it hangs up once a stream is too long, are those of clamd 1.4.6 (Debian 12).
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from typing import Literal

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
VERSION = "ClamAV 1.4.6/27813/Sat Nov 28 08:21:04 2026"
LONGEST_COMMAND = 1024


class FakeClamd:
    """``scanned``: what was streamed, whole.  ``manner``: whether it answers, keeps silent or gives up."""

    def __init__(self, stream_max_length: int = 26_214_400, version: str = VERSION) -> None:
        self.signatures = {EICAR: "Win.Test.EICAR_HDB-1"}
        self.manner: Literal["answers", "silent", "fails"] = "answers"
        self.scanned: list[bytes] = []
        self.broken: list[str] = []
        self._most = stream_max_length
        self._version = version

    @contextlib.asynccontextmanager
    async def on_socket(self, path: str) -> AsyncIterator[str]:
        """Gives its address."""
        async with self._serving(await asyncio.start_unix_server(self._talk, path)):
            yield f"unix://{path}"

    @contextlib.asynccontextmanager
    async def on_port(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        async with self._serving(server):
            yield f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    @contextlib.asynccontextmanager
    async def _serving(self, server: asyncio.Server) -> AsyncIterator[None]:
        try:
            yield
        finally:
            server.close()

    async def _talk(self, heard: asyncio.StreamReader, said: asyncio.StreamWriter) -> None:
        try:
            answer = await self._answer(heard)
            if self.manner == "silent":
                await heard.read()  # until they have had enough
            else:
                said.write(answer.encode() + b"\0")
                await said.drain()
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self.broken.append(f"hung up amid a command or stream: {type(error).__name__}")
        finally:
            said.close()

    async def _answer(self, heard: asyncio.StreamReader) -> str:
        command = await heard.readuntil(b"\0")
        if not command.startswith(b"z") or len(command) > LONGEST_COMMAND:
            self.broken.append(f"no command: {command[:20]!r}")
        match command[1:-1]:
            case b"PING":
                return "PONG"
            case b"VERSION":
                return self._version
            case b"INSTREAM":
                return await self._verdict(heard)
        return "UNKNOWN COMMAND"

    async def _verdict(self, heard: asyncio.StreamReader) -> str:
        content = bytearray()
        while length := struct.unpack("!L", await heard.readexactly(4))[0]:
            if len(content) + length > self._most:
                return "INSTREAM size limit exceeded. ERROR"
            content += await heard.readexactly(length)
        self.scanned.append(bytes(content))
        if self.manner == "fails":
            return "stream: Can't allocate memory ERROR"
        found = [name for signature, name in self.signatures.items() if signature in content]
        return f"stream: {found[0]} FOUND" if found else "stream: OK"
