"""One office for the whole table, the people who try it, and what must hold after each of them."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import structlog

from bot.channels.base import ChannelAdapter, MediaRef
from bot.reading.table_reader import TableReader
from bot.sealed_storage import SealedStorage
from bot.service import Core
from bot.storage import Storage
from models.database import transaction
from models.files import StoredFile
from models.inbox import InboxEvent
from models.outbox import OutboxMessage
from models.staff import Role
from office import staff
from office.purge import purge_all
from office.purge_kinds import MESSAGES
from scheduler.lists import Lists
from tests.an_office import SERVED
from tests.bad_inputs.relay import Relay, relay
from tests.fakes.clamd import FakeClamd
from tests.faults.invariants import check
from tests.faults.rows import Rows
from tests.flows.counter import (
    TELEGRAM_SECRET,
    Counter,
    providers,
    settings_for,
    submit_templates,
)
from tests.flows.steps import said
from tests.phones import TelegramPhone, WhatsAppPhone
from tests.web_phone import WebPhone
from wiring.logs import set_up_logs
from wiring.serve import running

LONGEST = 15.0  # seconds for one file
MORE = 100 * 1024  # kB by which the process may grow while one bad input is handled
GATHER = 0.05  # seconds after a file in which others may follow


@dataclass
class Town(Counter):
    """The counter behind a relay; nobody here is met twice, as the rows of the table share it."""

    relay: Relay = field(kw_only=True)
    folder: Path = field(kw_only=True)
    logs: io.StringIO = field(kw_only=True)
    database_url: str = field(kw_only=True)
    clamd: FakeClamd = field(kw_only=True)
    tables: TableReader = field(default_factory=TableReader, kw_only=True)
    taken: list[tuple[int, float]] = field(default_factory=list, kw_only=True)
    numbers: Iterator[int] = field(default_factory=lambda: count(1), kw_only=True)
    people: list[WhatsAppPhone | TelegramPhone] = field(default_factory=list, kw_only=True)

    def on_whatsapp(self, name: str = "Warga") -> WhatsAppPhone:
        phone = self.citizen(name, f"62812{next(self.numbers):08}")
        self.people.append(phone)
        return phone

    def on_telegram(self, name: str = "Warga") -> TelegramPhone:
        door = f"{self.url}/webhooks/telegram"
        phone = TelegramPhone(
            self.telegram, door, TELEGRAM_SECRET, user_id=70_000 + next(self.numbers), name=name
        )
        self.people.append(phone)
        return phone

    @contextlib.asynccontextmanager
    async def in_a_browser(self) -> AsyncIterator[WebPhone]:
        async with WebPhone(self.url) as phone:
            yield phone

    async def at_the_desk(self, role: Role = Role.OPERATOR, unit: str | None = None) -> TelegramPhone:
        """Somebody new, bound on Telegram."""
        name = f"Petugas{next(self.numbers)}"
        _, code = await transaction(lambda: staff.add(name, role, self.clock(), unit))
        phone = self.on_telegram(name)
        await phone.says(f"/masuk {code}")
        await phone.hears(containing="Selamat datang" if role is Role.VILLAGE_HEAD else "Selamat bekerja")
        return phone

    async def reads_lists(self) -> None:
        """As its clock does, beside the beat."""
        papers = SealedStorage(Storage.open(f"file://{self.folder}/papers"))
        await Lists(papers, self.tables)(self.clock())
        self.core.delivery.wake()

    async def get(self, path: str, **told: Any) -> tuple[int, str]:
        return await self.asks("GET", path, **told)

    async def asks(self, method: str, path: str, **told: Any) -> tuple[int, str]:
        """By somebody without any cookie."""
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
            http.request(method, f"{self.url}{path}", allow_redirects=False, **told) as answer,
        ):
            return answer.status, await answer.text(errors="replace")

    async def speaks(self, *lines: bytes, body: bytes = b"") -> tuple[int, bool]:
        """Bytes of somebody's own making: the status of the first answer, and whether the office hung up."""
        host, port = self.relay.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"\r\n".join([*lines, b"", b""]) + body)
        heard = b""
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(2):
                while piece := await reader.read(64 * 1024):
                    heard += piece
        closed = reader.at_eof()
        writer.close()
        found = re.match(rb"HTTP/1\.[01] (\d{3})", heard)
        return int(found[1]) if found else 0, closed

    async def metric(self, name: str) -> float:
        """The sum of all lines of this name."""
        _, text = await self.get("/metrics")
        lines = [line for line in text.splitlines() if re.match(rf"{name}(\{{| )", line)]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    async def forgets_what_came(self, now: datetime) -> None:
        """As the night of ``now`` does; whoever wrote so far is in no row any more."""
        await purge_all(now, [kind for kind in MESSAGES if kind.name in ("inbox", "quarantine")])
        self.people.clear()

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.logs.getvalue().splitlines()]

    # ------------------------------------------------------------------ around every row

    @contextlib.asynccontextmanager
    async def holds(self) -> AsyncIterator[None]:
        """No 5xx, no trace before anybody, no partial state, no more than `MORE` kB and `LONGEST` a file."""
        self.taken.clear()
        self.relay.heard.clear()
        shown = {id(phone): len(phone.everything) for phone in self.people}
        before = _smallest_and_reset()
        yield
        grown = _memory()["VmHWM"] - before
        assert grown <= MORE, f"the process grew by {grown} kB"
        assert [one for one in self.taken if one[1] > one[0] * LONGEST] == []
        assert max(self.relay.statuses(), default=0) < 500, self.relay.statuses()
        assert not self.relay.traces()
        told = [text for phone in self.people for text in phone.everything[shown.get(id(phone), 0) :]]
        assert not [text for text in told if re.search(r"Traceback|Error\b|Exception\b|\.py[:\"]", text)]
        await said(self)
        rows = await Rows.read(self.database_url, self.folder / "keys.json")
        ledgers = {"whatsapp": self.graph.ledger, "telegram": self.telegram.ledger}
        if self.page is not None:
            ledgers["messenger"] = self.page.ledger
        assert check(rows, ledgers, self.people) == []
        assert not await OutboxMessage.filter(state="failed").exists()
        assert [line for line in self.log_lines() if "exception" in line] == []


def _timed(core: Core, taken: list[tuple[int, float]]) -> None:
    """Notes of every message how many files it brought, and in how many seconds they were fetched, opened and
    kept."""
    take = core._intake.take

    async def timed(adapter: ChannelAdapter, event: InboxEvent, refs: Sequence[MediaRef]) -> list[StoredFile]:
        begun = time.monotonic()
        files = await take(adapter, event, refs)
        if files:
            taken.append((len(files), time.monotonic() - begun))
        return files

    core._intake.take = timed  # type: ignore[method-assign]


def _memory() -> dict[str, int]:
    """In kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return {
        name: int(kb.split()[0]) for name, _, kb in (line.partition(":") for line in lines) if " kB" in kb
    }


def _smallest_and_reset() -> int:
    """What the process takes up now; from now on its peak is counted anew."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory()["VmRSS"]


@contextlib.contextmanager
def _logs_kept() -> Iterator[io.StringIO]:
    """What the product's own logs say; the test run's loggers come back afterwards."""
    root, out = logging.getLogger(), io.StringIO()
    handlers, level, configured = root.handlers, root.level, structlog.get_config()
    set_up_logs("INFO")
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(out)
    yield out
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**configured)


@contextlib.asynccontextmanager
async def open_town(database_url: str, folder: Path) -> AsyncIterator[Town]:
    """Every channel that posts is on, and a scanner."""
    clamd = FakeClamd()
    async with providers() as (clock, graph, telegram, page), clamd.on_port() as scanner:
        settings = settings_for(database_url, folder, graph, telegram, "webhook", page=page)
        settings = settings.model_copy(update={"gather_seconds": GATHER, "clamd": scanner})
        with _logs_kept() as logs:
            async with running(settings, SERVED, clock) as (core, port):
                submit_templates(graph)
                async with relay(f"http://127.0.0.1:{port}") as between:
                    graph.webhook_url = f"{between.url}/webhooks/whatsapp"
                    page.webhook_url = f"{between.url}/webhooks/messenger"
                    town = Town(
                        between.url, core, clock, graph, telegram, page,
                        relay=between, folder=folder, logs=logs, database_url=database_url, clamd=clamd,
                    )  # fmt: skip
                    _timed(core, town.taken)
                    try:
                        yield town
                    finally:
                        await town.tables.close()
    assert clamd.broken == []


Headers = Mapping[str, str]
