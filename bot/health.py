"""`/healthz` alive, `/readyz` fit for traffic, `/metrics` figures."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from bot.metrics import exposition
from models.database import rows


class Health:
    """``ready`` is false while starting and draining; readiness also asks the database, for a second."""

    def __init__(self) -> None:
        self.ready = False

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.get("/healthz", self.alive),
            web.get("/readyz", self.readiness),
            web.get("/metrics", self.metrics),
        ]

    async def alive(self, _: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def readiness(self, _: web.Request) -> web.Response:
        if not self.ready:
            return web.Response(status=503, text="not ready")
        try:
            await asyncio.wait_for(rows("SELECT 1 AS one"), 1.0)
        except Exception:
            return web.Response(status=503, text="no database")
        return web.Response(text="ready")

    async def metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=await exposition(), headers={"Content-Type": "text/plain; version=0.0.4"})
