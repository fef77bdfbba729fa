"""The console alone, on real sockets: an office with people in it, and nothing that brings messages."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot import headers
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from console.app import AT, console
from models.audit import AuditRow
from models.outbox import OutboxMessage
from models.requests import Request
from models.staff import Role, Staff
from office.context import open_office
from tests.console.browser import Browser, signed_in
from tests.flows.counter import TestClock
from tests.office.world import NOW, World

OURS = "https://loket.test"


@dataclass
class Desk:
    url: str
    clock: TestClock
    world: World

    async def staff(self, name: str = "Ani", role: Role = Role.OPERATOR) -> tuple[Browser, Staff]:
        return await signed_in(self.url, name, role, self.clock())

    async def browser(self, name: str = "Ani", role: Role = Role.OPERATOR) -> Browser:
        return (await self.staff(name, role))[0]

    async def filed(self, app_name: str = "Maria") -> Request:
        """Queue number 1, 2, …: of Maria Tungga, in Metina, with two papers."""
        return await self.world.submitted(citizen=await self.world.citizen(app_name))


@contextlib.asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[Desk]:
    clock = TestClock(NOW)
    here = open_office(public_url=OURS)
    app = web.Application()
    storage = SealedStorage(Storage.open(f"file://{folder}/papers"))
    app.add_subapp(AT, console({"loket.test": here}, clock, None, storage))
    headers.install(app, public_url=OURS)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield Desk(f"http://{host}:{port}", clock, World())
    await runner.cleanup()


async def audited(action: str) -> list[tuple[str, str]]:
    """Object and reason of each such row."""
    return [(row.object, row.reason) for row in await AuditRow.filter(action=action).order_by("seq")]


async def told(contact_id: int) -> list[str]:
    """What staff's words, or ours in their name, say to this person."""
    notices = OutboxMessage.filter(contact_id=contact_id, name="staff_words").order_by("id")
    return [json.loads(one.payload)["text"] for one in await notices]
