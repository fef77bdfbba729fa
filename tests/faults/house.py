"""The real office in this process, which can be abandoned in the middle of everything and opened again."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import CoroutineType

from bot.service import Core
from models.database import transaction
from models.staff import Role
from office import audit_check, staff
from office.context import office
from scheduler.ticks import tick
from tests.an_office import SERVED
from tests.faults.invariants import Finding, check
from tests.faults.providers import RestlessBotApi, RestlessGraph
from tests.faults.rows import Rows, unsent, waiting
from tests.faults.servers import ROOT
from tests.flows.counter import (
    APP_SECRET,
    MORNING,
    TELEGRAM_SECRET,
    TestClock,
    settings_for,
    submit_templates,
)
from tests.migrations.outside import keeps_looking
from tests.phones import TelegramPhone, WhatsAppPhone
from wiring.serve import running

NOBODY = "http://127.0.0.1:9"
DATABASE = f"{ROOT / 'models'}/"
OURS = tuple(f"{ROOT / room}/" for room in ("bot", "handlers", "office", "scheduler", "wiring"))
STUCK = 8  # looks without a change, after which time has to pass
A_WHILE, LONGEST_WHILE = 20, 900  # seconds that pass then; then twice as many
LONGEST = 1200  # looks until something must have come to rest


class House:
    """The office, its providers, three citizens and Ani at the desk, under a clock that stands still."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.clock = TestClock(MORNING)
        self.folder = Path(tempfile.mkdtemp(prefix="loket-house-"))
        self.graph, self.telegram = RestlessGraph(app_secret=APP_SECRET), RestlessBotApi()
        self.graph.clock = self.telegram.clock = self.clock
        self._open: contextlib.AsyncExitStack | None = None
        self._looks = contextlib.ExitStack()

    async def opens_first(self) -> None:
        self._looks.enter_context(keeps_looking(self.database_url))
        await self.graph.start()
        await self.telegram.start()
        submit_templates(self.graph)
        names = ("Maria Kenari", "Yakob Kenari", "Yusuf Kenari")
        self.citizens: list[WhatsAppPhone | TelegramPhone] = [
            WhatsAppPhone(self.graph, NOBODY, APP_SECRET, wa_id="6281234567890", bsuid=None, name=names[0]),
            WhatsAppPhone(self.graph, NOBODY, APP_SECRET, wa_id="6281234567891", bsuid=None, name=names[1]),
            TelegramPhone(self.telegram, NOBODY, TELEGRAM_SECRET, user_id=51, name=names[2]),
        ]
        self.ani = TelegramPhone(self.telegram, NOBODY, TELEGRAM_SECRET, user_id=4242, name="Ani")
        await self.opens()
        _, code = await transaction(lambda: staff.add("Ani", Role.OPERATOR, self.clock()))
        await self.ani.says(f"/masuk {code}")
        await self.rests()

    @property
    def people(self) -> list[WhatsAppPhone | TelegramPhone]:
        return [*self.citizens, self.ani]

    async def opens(self) -> None:
        """A new core on what the old one has left."""
        settings = settings_for(self.database_url, self.folder, self.graph, self.telegram, "webhook")
        self._open = contextlib.AsyncExitStack()
        self.core: Core
        self.core, port = await self._open.enter_async_context(running(settings, SERVED, self.clock))
        self.leads_to(f"http://127.0.0.1:{port}")

    def leads_to(self, url: str) -> None:
        self.graph.webhook_url = f"{url}/webhooks/whatsapp"
        for phone in self.people:
            channel = "whatsapp" if isinstance(phone, WhatsAppPhone) else "telegram"
            phone.door_url = f"{url}/webhooks/{channel}"

    async def crashes(self) -> None:
        """Whatever the office was doing is not done; a commit that is under way happens or does not.

        Who waits for an answer at its door gets none.
        """
        assert self._open is not None
        self.leads_to(NOBODY)
        while doing := [task for task in asyncio.all_tasks() if _is_of_the_office(task)]:
            for task in doing:
                task.cancel()
            await asyncio.wait(doing)
        await self._open.aclose()
        self._open = None

    async def closes(self) -> None:
        if self._open is not None:
            await self._open.aclose()
        await self.graph.stop()
        await self.telegram.stop()
        self._looks.close()

    async def wakes_the_desk(self) -> None:
        """A new code for Ani, as on any morning: her chat falls asleep after twelve silent hours."""
        _, code = await transaction(lambda: staff.renew_code("Ani", self.clock()))
        await self.ani.says(f"/masuk {code}")

    async def time_passes(self, seconds: float) -> None:
        """Also backwards."""
        self.clock.advance(seconds=seconds)
        await tick(self.clock())
        self.core.delivery.wake()

    async def rests(self) -> Rows:
        """Time passes where only time helps: for a next try, or for the lease of a dead process."""
        before, looks, passing = {}, 0, A_WHILE
        for _ in range(LONGEST):
            await self.graph.redelivers()
            for phone in self.people:
                await phone.redelivers()
            left = await waiting(self.database_url, self.clock())
            if not left:
                rows = await Rows.read(self.database_url, self.folder / "keys.json")
                if not rows.unfinished:
                    return rows
            looks = looks + 1 if left == before else 0
            before = left
            if looks >= STUCK:
                await self.time_passes(passing)
                looks, passing = 0, min(passing * 2, LONGEST_WHILE)
            self.core.delivery.wake()
            await asyncio.sleep(0.01)
        raise AssertionError(f"no rest at {self.clock()}: {before}; {await unsent(self.database_url)}")

    async def holds(self) -> list[Finding]:
        """Raises: `audit_check.Tampered`, where a crash has torn the audit."""
        rows = await self.rests()
        await audit_check.check(office())
        ledgers = {"whatsapp": self.graph.ledger, "telegram": self.telegram.ledger}
        return check(rows, ledgers, self.people)


def _is_of_the_office(task: asyncio.Task[object]) -> bool:
    """Its own, or a server's that stands in its code; a transaction is the database's."""
    files = list(_stands_in(task))
    return not files[0].startswith(DATABASE) and any(file.startswith(OURS) for file in files)


def _stands_in(task: asyncio.Task[object]) -> Iterator[str]:
    """The files of the coroutines that await one another, the task's own first."""
    awaited: object = task.get_coro()
    while isinstance(awaited, CoroutineType):
        yield awaited.cr_code.co_filename
        awaited = awaited.cr_await
