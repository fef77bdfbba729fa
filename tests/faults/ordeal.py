"""One ordeal: a crowd, a busy desk, providers that fail by chance, and a server that is killed many times.

An ordeal has a database of its own, and is repeated by its seed: the same kills are planned, the same faults
drawn; what they hit differs by the turn of the scheduler.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import failpoints
from tests.faults.crowd import crowd, everybody_files
from tests.faults.desk import Desk
from tests.faults.invariants import acknowledged
from tests.faults.providers import Chaos
from tests.faults.rows import Rows
from tests.faults.servers import Server
from tests.faults.town import Town, open_town
from tests.flows.steps import files_a_lost_card
from tests.migrations.outside import query

SHARES = {
    "http500": 8,
    "http429": 8,
    "drop_before": 4,
    "drop_after": 6,
    "slow": 3,
    "hang": 1,
}  # of 1,000 sends
LONGEST_LIFE = 1.5  # seconds that a server serves before it is killed
LATEST_VISIT = 25  # of a fail-point
TURN = 0.2  # seconds between looks at rows of another process
REST = 180.0  # seconds in which everything must have come to rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    seed: int
    database: str
    kills: int
    messages: int
    notices: int
    people: int = 24
    requests: int = 20  # that the desk puts off and goes on with


@dataclass(slots=True, kw_only=True)
class Result:
    """What came of it.

    ``unknown``: messages on WhatsApp and Messenger of which nobody knew for a while whether they had left.
    Of them ``unknown_accepted`` were in the platform's ledger, and ``unknown_resolved`` are `sent` or, as it
    never named them, `failed` by the end.  ``unknown_without_key``: the same on Telegram.  ``unknown_left``:
    of all channels.
    """

    plan: Plan
    kills: int = 0
    at: dict[str, int] = field(default_factory=dict)  # fail-point or "any time" → kills
    messages: int = 0
    notices: int = 0
    sent: int = 0
    unknown: int = 0
    unknown_accepted: int = 0
    unknown_resolved: int = 0
    unknown_left: int = 0
    unknown_without_key: int = 0
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Ordeal:
    def __init__(self, plan: Plan, town: Town) -> None:
        self.plan = plan
        self.town = town
        self.result = Result(plan=plan)
        self._rng = random.Random(plan.seed)
        self._points = failpoints.names()
        self._once_unknown: dict[int, str] = {}  # outbox id → channel
        self._over = False

    async def runs(self) -> Result:
        began = time.monotonic()
        server = await self.town.serves()
        desk = await Desk.opens(self.town)
        filers = [self.town.on_whatsapp(n) for n in range(self.plan.requests)]
        await everybody_files(filers, files_a_lost_card)
        await desk.takes(self.plan.requests)
        people = crowd(self.town, self.plan.people, self.plan.seed)
        self._fails_by_chance(True)
        async with asyncio.TaskGroup() as together:
            for person in people:
                together.create_task(person.lives(lambda: self._over))
            together.create_task(self._staff_works(desk))
            together.create_task(self._providers_come_again())
            server = await self._is_killed_again_and_again(server)
            self._over = True
        self._fails_by_chance(False)
        if not server.lives:
            server = await self.town.serves()
        self._notes_unknown(await self.town.comes_to_rest(REST))
        server = await self._a_day_passes(server)
        await self._judges(await self.town.comes_to_rest(REST))
        assert await server.stop() == 0
        self.result.seconds = round(time.monotonic() - began, 1)
        return self.result

    async def _a_day_passes(self, server: Server) -> Server:
        """Time for the platforms to name what they took; then people write on each, and are answered."""
        assert await server.stop() == 0
        self.town.time_passes(hours=25)
        server = await self.town.serves()
        await asyncio.gather(*(phone.says("status") for phone in self.town.people))
        return server

    def _fails_by_chance(self, yes: bool) -> None:
        for n, provider in enumerate((self.town.graph, self.town.page, self.town.telegram)):
            provider.chaos = Chaos(self.plan.seed * 10 + n, SHARES) if yes else None

    async def _is_killed_again_and_again(self, server: Server) -> Server:
        kills: Counter[str] = Counter()
        while self.result.kills < self.plan.kills or not await self._enough():
            if self.result.kills < self.plan.kills:
                point = f"{self._rng.choice(self._points)}:{self._rng.randint(1, LATEST_VISIT)}"
                point = point if self._rng.random() < 0.5 else ""
                await server.is_killed()
                server = await self.town.serves(point)
                await self._lives_for(server, self._rng.uniform(0.2, LONGEST_LIFE) * (2 if point else 1))
                kills["any time" if server.lives else point.partition(":")[0]] += 1
                self.result.kills += 1
            else:
                if not server.lives:
                    server = await self.town.serves()
                await asyncio.sleep(TURN)
        self.result.at = dict(sorted(kills.items()))
        return server

    @staticmethod
    async def _lives_for(server: Server, seconds: float) -> None:
        await asyncio.wait([server.ended], timeout=seconds)

    async def _enough(self) -> bool:
        return (
            len(acknowledged(self.town.people)) >= self.plan.messages
            and await self._notices() >= self.plan.notices
        )

    async def _notices(self) -> int:
        return int(
            (await query(self.town.database_url, "SELECT count(*) FROM outbox WHERE kind = 'notice'"))[0][0]
        )

    async def _staff_works(self, desk: Desk) -> None:
        while not self._over:
            if await self._notices() < self.plan.notices:
                await desk.tells(f"1-{self.plan.requests}")
                await desk.waits()
            else:
                await asyncio.sleep(TURN)

    async def _providers_come_again(self) -> None:
        """As they do, and what is `unknown` just now is noted: most of it will not stay so."""
        while not self._over:
            await self.town.providers_come_again()
            unknown = "SELECT id, channel FROM outbox WHERE state = 'unknown'"
            self._once_unknown |= {
                int(n): channel for n, channel in await query(self.town.database_url, unknown)
            }
            await asyncio.sleep(TURN)

    def _notes_unknown(self, rows: Rows) -> None:
        self._once_unknown |= {row.id: row.channel for row in rows.unknown}

    async def _judges(self, rows: Rows) -> None:
        self._notes_unknown(rows)
        with_key = {n for n, channel in self._once_unknown.items() if channel != "telegram"}
        ledgers = (self.town.graph.ledger, self.town.page.ledger)
        accepted = {
            int(one.callback_data) for ledger in ledgers for one in ledger.messages if one.callback_data
        }
        left = {row.id for row in rows.unknown}
        result = self.result
        result.messages = len(acknowledged(self.town.people))
        result.notices = sum(row.kind == "notice" for row in rows.outbox)
        result.sent = sum(row.state == "sent" for row in rows.outbox)
        result.unknown = len(with_key)
        result.unknown_accepted = len(with_key & accepted)
        result.unknown_resolved = len(with_key - left)
        result.unknown_left = len(left)
        result.unknown_without_key = len(self._once_unknown) - len(with_key)
        result.findings = [f"{found.invariant}: {found.what}" for found in await self.town.holds(rows)]


async def undergo(plan: Plan, database_url: str, folder: Path) -> Result:
    async with open_town(database_url, folder) as town:
        return await Ordeal(plan, town).runs()
