"""Asking clamd, ClamAV's daemon, about a file: INSTREAM, PING and VERSION, nothing more of its protocol.

Source: clamd(8), "COMMANDS": a command is ``z`` + name + NUL; INSTREAM takes chunks, each after its length in
four bytes, and one of length zero at the end; an answer ends with NUL, and the connection with the answer.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

PATIENCE: Final = 8.0  # seconds in which a file is judged
_CHUNK: Final = 1 << 18  # bytes
_AFTER: Final = "stream: "

_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class ScannerAway(OSError):
    """Nobody has judged the file: no answer, none in time, or one that says that it was not looked at."""


class Clamd:
    """``address``: ``unix:///path`` or ``tcp://host:port``.  One connection a question."""

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        self._address = urlsplit(address)
        self._patience = patience

    async def found_in(self, content: bytes) -> str | None:
        """What clamd calls the malware in it; None: none that it knows.  Raises: ScannerAway."""
        said = await self._asked("INSTREAM", content)
        if said == f"{_AFTER}OK":
            return None
        if said.startswith(_AFTER) and said.endswith(" FOUND"):
            return said.removeprefix(_AFTER).removesuffix(" FOUND")
        raise ScannerAway(said)

    async def version(self) -> str:
        """Of the engine; where signatures come from ClamAV, also theirs and their date, after slashes.

        Raises: ScannerAway.
        """
        if await self._asked("PING") != "PONG":
            raise ScannerAway("no PONG")
        return await self._asked("VERSION")

    async def _asked(self, command: str, content: bytes | None = None) -> str:
        try:
            async with asyncio.timeout(self._patience), self._line() as (heard, said):
                said.write(f"z{command}".encode() + b"\0")
                if content is not None:
                    await _stream(said, content)
                return (await heard.readuntil(b"\0"))[:-1].decode("utf-8", "replace")
        except TimeoutError as error:
            raise ScannerAway("no answer in time") from error
        except (OSError, EOFError, asyncio.LimitOverrunError) as error:
            raise ScannerAway(type(error).__name__) from error

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[_Line]:
        if self._address.scheme == "unix":
            heard, said = await asyncio.open_unix_connection(self._address.path)
        else:
            heard, said = await asyncio.open_connection(self._address.hostname, self._address.port)
        try:
            yield heard, said
        finally:
            said.transport.abort()


async def _stream(said: asyncio.StreamWriter, content: bytes) -> None:
    for begin in range(0, len(content), _CHUNK):
        chunk = content[begin : begin + _CHUNK]
        said.write(struct.pack("!L", len(chunk)) + chunk)
        await said.drain()
    said.write(struct.pack("!L", 0))
    await said.drain()
