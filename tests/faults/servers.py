"""Servers as processes of their own, started, killed at fail-points and started again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
_URL = re.compile(r"(http://127\.0\.0\.1:\d+)/healthz")


class EndedBeforeServing(Exception):
    """How it ended: minus the signal, or the exit code."""


class Server:
    """One process of ``run.py``; ``log`` is the file of its standard error, ``said`` what it printed."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.said: list[str] = []
        self.pid: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def serves(self) -> str:
        """Its address, once it takes requests.  Raises: EndedBeforeServing."""
        return await asyncio.wait_for(asyncio.shield(self.url), PATIENCE)

    async def dies(self, within: float = PATIENCE) -> int:
        """How it ended: minus the signal, or the exit code."""
        return await asyncio.wait_for(asyncio.shield(self.ended), within)

    async def stop(self) -> int:
        """SIGTERM, as an administrator would."""
        await self.gets(signal.SIGTERM)
        return await self.dies()

    async def is_killed(self) -> None:
        """SIGKILL, as the kernel would when memory runs out."""
        await self.gets(signal.SIGKILL)
        await self.dies()

    async def gets(self, what: signal.Signals) -> None:
        """The signal, if the process is still there."""
        if not self.ended.done():
            os.kill(await self.pid, what)

    @property
    def lives(self) -> bool:
        return not self.ended.done()

    def hears(self, line: str) -> None:
        self.said.append(line)
        if (found := _URL.search(line)) and not self.url.done():
            self.url.set_result(found.group(1))

    def has_ended(self, how: int) -> None:
        self.ended.set_result(how)
        if not self.url.done():
            self.url.set_exception(EndedBeforeServing(how))
            self.url.exception()  # looked at: whoever waits is told all the same


@cache
def _nursery() -> str:
    """The socket of this test run's one nursery, which ends with us."""
    path = f"{tempfile.mkdtemp(prefix='loket-nursery-')}/socket"
    process = subprocess.Popen(  # its stdin is held open until we end
        [sys.executable, "-m", "tests.faults.nursery", path], cwd=ROOT, stdin=subprocess.PIPE
    )
    while not Path(path).exists():  # an import of some seconds, in another process
        if process.poll() is not None:
            raise RuntimeError("the nursery did not start")
        time.sleep(0.02)
    return path


class Nursery:
    """Starts servers on one database, with one set of fake providers."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = dict(settings)
        self.logs = Path(tempfile.mkdtemp(prefix="loket-logs-"))
        self._servers: dict[int, Server] = {}
        self._coming: list[Server] = []

    async def __aenter__(self) -> Nursery:
        path = await asyncio.to_thread(_nursery)
        self._answers, self._orders = await asyncio.open_unix_connection(path)
        self._reader = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers.values():
            with contextlib.suppress(TimeoutError):
                await server.is_killed()
        self._reader.cancel()
        self._orders.close()
        await asyncio.to_thread(shutil.rmtree, self.logs)

    async def start(self, failpoint: str = "", run: Sequence[str] = ("serve",), **env: str) -> Server:
        """A server that dies at ``failpoint`` (``name:n``), and serves on until then."""
        server = Server(self.logs / f"{len(self._servers) + len(self._coming)}.log")
        self._coming.append(server)
        settings = self.settings | {"FAILPOINT": failpoint} | env
        order = {"env": settings, "run": list(run), "log": str(server.log)}
        self._orders.write(json.dumps(order).encode() + b"\n")
        await self._orders.drain()
        return server

    async def runs(self, *verb: str, **env: str) -> list[str]:
        """What a verb of ``run.py`` prints, once it has ended well."""
        server = await self.start(run=verb, **env)
        assert await server.dies() == 0, server.log.read_text()
        return server.said

    async def _listen(self) -> None:
        async for line in self._answers:
            fact = json.loads(line)
            if fact["pid"] not in self._servers:
                server = self._coming.pop(0)
                self._servers[fact["pid"]] = server
                server.pid.set_result(fact["pid"])
            server = self._servers[fact["pid"]]
            if "line" in fact:
                server.hears(fact["line"])
            if "ended" in fact:
                server.has_ended(fact["ended"])
