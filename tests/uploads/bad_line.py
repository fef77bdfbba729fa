"""A line between a browser and the office that breaks in the middle of what is sent, at bytes of chance.

What went by is noted in its order, so that a test may say that nothing was sent a second time.
"""

from __future__ import annotations

import asyncio
import random
import re
from types import TracebackType
from typing import Self

_PATCH = re.compile(rb"^PATCH [^\r\n]+ HTTP/1\.1\r\n(?:[^\r\n]+\r\n)*?Upload-Offset: (\d+)\r\n", re.I | re.M)
_TOLD = re.compile(rb"^Upload-Offset: (\d+)\r\n", re.I | re.M)
_UPLOAD = re.compile(rb"^(?:PATCH|HEAD) [^\r\n]*/uploads/([0-9a-f]{32}) ", re.I | re.M)
AT_ONCE = 4096  # bytes


class BadLine:
    """``cuts``: how often it breaks once `breaks` was called, after ``least`` to ``most`` bytes each time."""

    def __init__(self, to: int, seed: int, *, cuts: int, least: int, most: int) -> None:
        self._to = to
        self._chance = random.Random(seed)
        self._left, self._least, self._most = cuts, least, most
        self._armed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.broke_at: list[int] = []  # bytes from the client
        self.events: list[tuple[str, str, int]] = []  # upload, "sent from" or "told", offset
        self.port = 0

    def breaks(self) -> None:
        self._armed = True

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def sent_again(self) -> list[tuple[str, int, int]]:
        """(upload, offset, what had been told): bytes that were sent although they were known to be here."""
        told: dict[str, int] = {}
        again = []
        for upload, what, offset in self.events:
            if what == "told":
                told[upload] = max(told.get(upload, 0), offset)
            elif offset < told.get(upload, 0):
                again.append((upload, offset, told[upload]))
        return again

    async def _connected(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        office, on = await asyncio.open_connection("127.0.0.1", self._to)
        line = _Line(self, client, back, office, on)
        for pump in (line.forth(), line.back_again()):
            task = asyncio.create_task(pump)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def budget(self) -> int | None:
        """Bytes until the next break of a connection; None: it holds."""
        if not self._armed or not self._left:
            return None
        return self._chance.randrange(self._least, self._most)

    def broke(self, after: int) -> None:
        self._left -= 1
        self.broke_at.append(after)


class _Line:
    def __init__(
        self,
        whole: BadLine,
        client: asyncio.StreamReader,
        back: asyncio.StreamWriter,
        office: asyncio.StreamReader,
        on: asyncio.StreamWriter,
    ) -> None:
        self.whole, self.client, self.back, self.office, self.on = whole, client, back, office, on
        self.upload = ""

    async def forth(self) -> None:
        budget, gone = None, 0
        try:
            while data := await self.client.read(AT_ONCE):
                if (found := _UPLOAD.search(data)) is not None:
                    self.upload = found[1].decode()
                for patch in _PATCH.finditer(data):
                    self.whole.events.append((self.upload, "sent from", int(patch[1])))
                budget = self.whole.budget() if budget is None else budget
                if budget is not None and gone + len(data) > budget:
                    self.on.write(data[: budget - gone])
                    await self.on.drain()
                    await asyncio.sleep(0)
                    self.whole.broke(budget)
                    break
                gone += len(data) if budget is not None else 0
                self.on.write(data)
                await self.on.drain()
        except OSError:
            pass
        finally:
            self.on.close()
            self.back.transport.abort()

    async def back_again(self) -> None:
        try:
            while data := await self.office.read(AT_ONCE):
                self.back.write(data)
                await self.back.drain()
                for told in _TOLD.finditer(data):
                    if not self.back.is_closing():
                        self.whole.events.append((self.upload, "told", int(told[1])))
        except OSError:
            pass
        finally:
            self.back.close()
