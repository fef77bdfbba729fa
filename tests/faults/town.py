"""A town around the office: providers, people, and server processes that may be killed anywhere.

The office's clock starts at nine in the morning and runs; a server that starts anew goes on where it stands.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from tests.faults.invariants import Finding, check
from tests.faults.providers import Chaos, RestlessBotApi, RestlessGraph, RestlessMessenger
from tests.faults.rows import Rows, unsent, waiting
from tests.faults.servers import EndedBeforeServing, Nursery, Server
from tests.flows.counter import APP_SECRET, PLENTY_SET, TELEGRAM_SECRET, submit_templates
from tests.flows.test_messenger_citizen import submit_templates as submit_to_page
from tests.messenger_phone import MessengerPhone
from tests.migrations.outside import keeps_looking
from tests.patience import PATIENCE
from tests.phones import TelegramPhone, WhatsAppPhone
from tests.posted_phone import PostedPhone

NAME = "Maria Kenari"
NIK = "5314015506900001"
SECRET_WORDS = "kenari-di-tambang"  # a text that no log may hold
LEASE = 1.0  # seconds
P = TypeVar("P", bound=PostedPhone)


class Town:
    """Everything outside the office, and its processes.  See `open_town`."""

    def __init__(
        self,
        database_url: str,
        graph: RestlessGraph,
        telegram: RestlessBotApi,
        page: RestlessMessenger,
        nursery: Nursery,
    ) -> None:
        self.database_url = database_url
        self.graph, self.telegram, self.page = graph, telegram, page
        self.nursery = nursery
        self.keys = Path(nursery.settings["LOKET_DATA_DIR"]) / "keys.json"
        self.people: list[PostedPhone] = []
        self.url = "http://127.0.0.1:9"  # nobody's, until somebody serves
        today = datetime.now(UTC).date()
        self._morning = datetime(today.year, today.month, today.day, 1, 0, tzinfo=UTC)  # 09.00 WITA
        self._began = time.monotonic()
        graph.clock = telegram.clock = page.clock = self.clock

    def clock(self) -> datetime:
        return self._morning + timedelta(seconds=time.monotonic() - self._began)

    def time_passes(self, **spans: float) -> None:
        """For the providers at once, for the office with its next server."""
        self._morning += timedelta(**spans)

    # ------------------------------------------------------------------ the office

    async def starts(self, failpoint: str = "", run: Sequence[str] = ("serve",), **env: str) -> Server:
        """A process of the office; nobody is led to its doors yet."""
        return await self.nursery.start(failpoint, run, LOKET_CLOCK=self.clock().isoformat(), **env)

    async def serves(self, failpoint: str = "", run: Sequence[str] = ("serve",), **env: str) -> Server:
        """A process behind the doors that everybody knows; it may die before it opens them."""
        server = await self.starts(failpoint, run, **env)
        with contextlib.suppress(EndedBeforeServing):
            self.leads_to(await server.serves())
        return server

    def leads_to(self, url: str) -> None:
        """Everybody knocks there from now on."""
        self.url = url
        self.graph.webhook_url = f"{url}/webhooks/whatsapp"
        self.page.webhook_url = f"{url}/webhooks/messenger"
        for phone in self.people:
            self._shows_the_way(phone)

    def _shows_the_way(self, phone: PostedPhone) -> None:
        channel = {WhatsAppPhone: "whatsapp", TelegramPhone: "telegram", MessengerPhone: "messenger"}
        phone.door_url = f"{self.url}/webhooks/{channel[type(phone)]}"

    # ------------------------------------------------------------------ people

    def on_whatsapp(self, n: int, name: str = NAME) -> WhatsAppPhone:
        return self._comes(
            WhatsAppPhone(self.graph, "", APP_SECRET, wa_id=f"62812{n:07}", bsuid=None, name=name)
        )

    def on_messenger(self, n: int, name: str = NAME) -> MessengerPhone:
        return self._comes(MessengerPhone(self.page, "", APP_SECRET, psid=f"7411{n:012}", name=name))

    def on_telegram(self, n: int, name: str = NAME) -> TelegramPhone:
        return self._comes(TelegramPhone(self.telegram, "", TELEGRAM_SECRET, user_id=501_000 + n, name=name))

    def _comes(self, phone: P) -> P:
        self.people.append(phone)
        self._shows_the_way(phone)
        return phone

    # ------------------------------------------------------------------ coming to rest

    async def providers_come_again(self) -> None:
        """What was not answered with 200 is brought once more."""
        for phone in self.people:
            if phone.not_taken:
                await phone.redelivers()
        await self.graph.redelivers()
        await self.page.redelivers()

    async def comes_to_rest(self, within: float = PATIENCE) -> Rows:
        """Everything, once every event was taken and handled and nothing due waits to be sent."""
        rows = await self.rests_unless(lambda: False, within)
        assert rows is not None
        return rows

    async def rests_unless(self, over: Callable[[], bool], within: float = PATIENCE) -> Rows | None:
        """The same, unless it is ``over`` before; then None."""
        deadline = time.monotonic() + within
        while not over():
            await self.providers_come_again()
            await asyncio.gather(self.graph.settled(), self.page.settled())
            left = self._not_taken() | await waiting(self.database_url, self.clock())
            if not left and not (rows := await Rows.read(self.database_url, self.keys)).unfinished:
                return rows  # nor has a receipt come between the two looks
            if time.monotonic() > deadline:
                raise AssertionError(f"no rest after {within} s: {left}; {await unsent(self.database_url)}")
            await asyncio.sleep(0.05)  # rows of another process: no event of ours tells
        return None

    def _not_taken(self) -> dict[str, int]:
        what = {
            "not taken": sum(len(phone.not_taken) for phone in self.people),
            "not told": len(self.graph.undelivered) + len(self.page.undelivered),
        }
        return {name: left for name, left in what.items() if left}

    async def holds(self, rows: Rows | None = None) -> list[Finding]:
        """What the invariants find; an empty list is what everybody hopes for."""
        found = rows or await self.comes_to_rest()
        ledgers = {
            "whatsapp": self.graph.ledger,
            "messenger": self.page.ledger,
            "telegram": self.telegram.ledger,
        }
        return check(found, ledgers, self.people, logs=self.nursery.logs, secrets=self.secrets())

    def secrets(self) -> set[str]:
        """What no log may hold."""
        numbers = {phone.wa_id for phone in self.people if isinstance(phone, WhatsAppPhone) and phone.wa_id}
        tokens = {
            self.graph.access_token,
            self.page.access_token,
            self.telegram.token,
            APP_SECRET,
            TELEGRAM_SECRET,
        }
        return {NAME, NAME.split()[1], NIK, SECRET_WORDS} | numbers | tokens


def settings_of(
    database_url: str, folder: Path, graph: RestlessGraph, telegram: RestlessBotApi, page: RestlessMessenger
) -> dict[str, str]:
    """The environment of the office's processes."""
    return {
        "LOKET_ENV": "test",
        "LOKET_DATA_DIR": str(folder),
        "LOKET_DATABASE_URL": database_url,
        "LOKET_STORAGE_URL": f"file://{folder}/papers",
        "LOKET_PUBLIC_URL": "https://loket.test",
        "LOKET_HTTP__PORT": "0",
        "LOKET_PACING": "off",
        **PLENTY_SET,
        "LOKET_LOG_LEVEL": "INFO",
        "LOKET_GATHER_SECONDS": "0.1",
        "LOKET_LEASE_SECONDS": str(LEASE),
        "LOKET_WHATSAPP__PHONE_NUMBER_ID": graph.phone_number_id,
        "LOKET_WHATSAPP__WABA_ID": graph.waba_id,
        "LOKET_WHATSAPP__ACCESS_TOKEN": graph.access_token,
        "LOKET_WHATSAPP__APP_SECRET": APP_SECRET,
        "LOKET_WHATSAPP__VERIFY_TOKEN": "verify",
        "LOKET_WHATSAPP__API_BASE": graph.base_url,
        "LOKET_MESSENGER__PAGE_ID": page.page_id,
        "LOKET_MESSENGER__ACCESS_TOKEN": page.access_token,
        "LOKET_MESSENGER__APP_SECRET": APP_SECRET,
        "LOKET_MESSENGER__VERIFY_TOKEN": "verify",
        "LOKET_MESSENGER__API_BASE": page.base_url,
        "LOKET_TELEGRAM__TOKEN": telegram.token,
        "LOKET_TELEGRAM__SECRET_TOKEN": TELEGRAM_SECRET,
        "LOKET_TELEGRAM__API_BASE": telegram.base_url,
    }


@contextlib.asynccontextmanager
async def open_town(
    database_url: str, folder: Path, *, chaos: Chaos | None = None, **settings: str
) -> AsyncIterator[Town]:
    """A town whose office is closed: see `Town.serves`.  ``settings``: of its processes, beside the usual."""
    async with (
        RestlessGraph(app_secret=APP_SECRET) as graph,
        RestlessBotApi() as telegram,
        RestlessMessenger(app_secret=APP_SECRET) as page,
    ):
        submit_templates(graph)
        submit_to_page(page)
        usual = settings_of(database_url, folder, graph, telegram, page)
        with keeps_looking(database_url):
            async with Nursery(usual | settings) as nursery:
                town = Town(database_url, graph, telegram, page, nursery)
                graph.chaos = telegram.chaos = page.chaos = chaos
                yield town
