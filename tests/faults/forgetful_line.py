"""A line to PostgreSQL that breaks at the worst moment: the commit has happened, its answer is lost."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, urlsplit, urlunsplit

BEGIN, COMMIT = b"BEGIN", b"COMMIT"


class ForgetfulLine:
    """Listens on 127.0.0.1 in front of a server's Unix socket.

    ``loses``: so many answers to commits of transactions in which these words were said.
    """

    def __init__(self, url: str, words: bytes) -> None:
        self._parts = urlsplit(url)
        self._words = words
        self.loses = 0
        self.lost = 0

    async def __aenter__(self) -> ForgetfulLine:
        self._server = await asyncio.start_server(self._serves, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    @property
    def url(self) -> str:
        """The database's, by way of this line."""
        port = self._server.sockets[0].getsockname()[1]
        name = self._parts.path
        return urlunsplit(("postgres", f"postgres@127.0.0.1:{port}", name, "", ""))

    async def _serves(self, asking: asyncio.StreamReader, answering: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):  # whoever asked is gone
            await self._carries(asking, answering)

    async def _carries(self, asking: asyncio.StreamReader, answering: asyncio.StreamWriter) -> None:
        folder = parse_qs(self._parts.query)["host"][0]
        told, telling = await asyncio.open_unix_connection(str(Path(folder) / ".s.PGSQL.5432"))
        back = asyncio.create_task(_carry(told, answering))
        said = b""
        while piece := await asking.read(65536):
            said = piece if BEGIN in piece else said + piece
            if COMMIT in piece and self._words in said and self.loses:
                self.loses -= 1
                self.lost += 1
                back.cancel()
                await asyncio.wait([back])
                telling.write(piece)
                await told.read(65536)  # it has happened
                break
            telling.write(piece)
            await telling.drain()
        back.cancel()
        telling.close()
        answering.close()


async def _carry(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    while piece := await source.read(65536):
        to.write(piece)
        await to.drain()
    to.close()
