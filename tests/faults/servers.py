"""Servers as processes of their own, started, killed at fail-points and started again."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0  # seconds of real time


class Server:
    """One process of ``run.py serve``."""

    def __init__(self) -> None:
        self.pid: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def serves(self) -> str:
        """Its address, once it takes requests."""
        return await asyncio.wait_for(asyncio.shield(self.url), PATIENCE)

    async def dies(self) -> int:
        """How it ended: minus the signal, or the exit code."""
        return await asyncio.wait_for(asyncio.shield(self.ended), PATIENCE)

    async def stop(self) -> int:
        """SIGTERM, as an administrator would."""
        if not self.ended.done():
            os.kill(await self.pid, signal.SIGTERM)
        return await self.dies()


class Nursery:
    """Starts servers on one database, with one set of fake providers."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = dict(settings)
        self._servers: dict[int, Server] = {}
        self._coming: list[Server] = []

    async def __aenter__(self) -> Nursery:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.nursery",
            cwd=ROOT, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        for pid, server in self._servers.items():
            if not server.ended.done():
                os.kill(pid, signal.SIGKILL)
        self._process.kill()
        await self._process.wait()
        self._reader.cancel()

    async def start(self, failpoint: str = "") -> Server:
        """A server that dies at ``failpoint`` (``name:n``), and serves on until then."""
        server = Server()
        self._coming.append(server)
        order = {"env": self._settings | {"FAILPOINT": failpoint}}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self._process.stdin.drain()
        return server

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            fact = json.loads(line)
            if "ready" in fact:
                continue
            if fact["pid"] not in self._servers:
                server = self._coming.pop(0)
                self._servers[fact["pid"]] = server
                server.pid.set_result(fact["pid"])
            server = self._servers[fact["pid"]]
            found = re.search(r"(http://127\.0\.0\.1:\d+)/healthz", fact.get("line", ""))
            if found and not server.url.done():
                server.url.set_result(found.group(1))
            if "ended" in fact:
                server.ended.set_result(fact["ended"])
                if not server.url.done():
                    server.url.set_exception(RuntimeError(f"ended with {fact['ended']} before serving"))
