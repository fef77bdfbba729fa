"""`/healthz` alive, `/readyz` fit for traffic, `/metrics` figures."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import web

from bot.metrics import exposition
from models.database import AWAY, rows

log = structlog.get_logger(__name__)


@web.middleware
async def without_database(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """503 rather than 500 where the database is away: whoever asked may come again."""
    try:
        return await handler(request)
    except AWAY as error:
        log.error("http.without_database", error=type(error).__name__)
        return web.Response(status=503, text="not now", headers={"Retry-After": "5"})


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
        return web.Response(
            body=await exposition(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        )
