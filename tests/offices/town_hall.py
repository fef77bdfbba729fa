"""Rote Ndao and Merauke in one process: real sockets, one database, fakes of each office's providers."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bot.service import Core
from office.context import at_office
from tests.an_office import SERVED
from tests.fakes import FakeBotApi, FakeGraph
from tests.flows.counter import (
    APP_SECRET,
    MORNING,
    TELEGRAM_SECRET,
    TestClock,
    a_code,
    settings_for,
    submit_templates,
    time_passes,
)
from tests.offices import merauke
from tests.phones import TelegramPhone, WhatsAppPhone
from tests.web_phone import WebPhone
from wiring.serve import running
from wiring.settings import HttpSettings

ROTE, MERAUKE = 5314, merauke.OFFICE_ID
NUMBER, WABA = "930100000000001", "930100000000002"
OTHER_SECRET = "secret-of-the-app-of-merauke"


@dataclass
class TownHall:
    """``graph`` and ``telegram``: by office.  ``urls``: where each is called."""

    core: Core
    clock: TestClock
    urls: dict[int, str]
    graph: dict[int, FakeGraph]
    telegram: dict[int, FakeBotApi]

    def citizen(self, office: int, name: str = "Maria", wa_id: str = "6281234567890") -> WhatsAppPhone:
        graph = self.graph[office]
        return WhatsAppPhone(graph, graph.webhook_url, wa_id=wa_id, bsuid=None, name=name)

    def browser(self, office: int) -> WebPhone:
        return WebPhone(self.urls[office])

    def on_telegram(self, office: int, name: str, user_id: int = 4242) -> TelegramPhone:
        door = f"{self.urls[office]}/webhooks/telegram"
        return TelegramPhone(self.telegram[office], door, TELEGRAM_SECRET, user_id=user_id, name=name)

    async def code(self, office: int, name: str) -> str:
        """A one-time code for somebody at that office's desk."""
        with at_office(office):
            return await a_code(name, self.clock())

    async def operator(self, office: int, name: str) -> TelegramPhone:
        """Bound at that office, on its bot."""
        phone = self.on_telegram(office, name)
        await phone.says(f"/masuk {await self.code(office, name)}")
        await phone.hears(containing=name)
        return phone

    async def time_passes(self, **spans: float) -> None:
        await time_passes(self.core, self.clock, **spans)


@contextlib.asynccontextmanager
async def open_both(database_url: str, folder: Path, *, secret: str = APP_SECRET) -> AsyncIterator[TownHall]:
    """``secret``: of Merauke's app; by default both offices' numbers belong to one app."""
    clock, port = TestClock(MORNING), _free_port()
    async with (
        FakeGraph(app_secret=APP_SECRET) as rote,
        FakeGraph(app_secret=secret, phone_number_id=NUMBER, waba_id=WABA) as merauke_,
        FakeBotApi() as bot_of_rote,
        FakeBotApi(token="9301:AAtestTokenOfMerauke", username="merauke_bot") as bot_of_merauke,
    ):
        for fake in (rote, merauke_, bot_of_rote, bot_of_merauke):
            fake.clock = clock
        there = f"http://merauke.test:{port}"
        env = _env(there, merauke_, bot_of_merauke)
        settings = settings_for(database_url, folder, rote, bot_of_rote, "webhook").model_copy(
            update={"offices": merauke.files_of(folder, env), "http": HttpSettings(port=port)}
        )
        async with running(settings, SERVED, clock) as (core, _):
            urls = {ROTE: f"http://127.0.0.1:{port}", MERAUKE: there}
            for office, graph in ((ROTE, rote), (MERAUKE, merauke_)):
                submit_templates(graph)
                graph.webhook_url = f"{urls[office]}/webhooks/whatsapp"
            yield TownHall(
                core,
                clock,
                urls,
                {ROTE: rote, MERAUKE: merauke_},
                {ROTE: bot_of_rote, MERAUKE: bot_of_merauke},
            )
        for fake in (rote, merauke_, bot_of_rote, bot_of_merauke):
            assert fake.ledger.refused == []


def _env(url: str, graph: FakeGraph, telegram: FakeBotApi) -> str:
    return f"""
LOKET_PUBLIC_URL={url}
LOKET_WHATSAPP__PHONE_NUMBER_ID={graph.phone_number_id}
LOKET_WHATSAPP__WABA_ID={graph.waba_id}
LOKET_WHATSAPP__ACCESS_TOKEN={graph.access_token}
LOKET_WHATSAPP__APP_SECRET={graph.app_secret}
LOKET_WHATSAPP__VERIFY_TOKEN=verify
LOKET_WHATSAPP__API_BASE={graph.base_url}
LOKET_TELEGRAM__TOKEN={telegram.token}
LOKET_TELEGRAM__SECRET_TOKEN={TELEGRAM_SECRET}
LOKET_TELEGRAM__API_BASE={telegram.base_url}
"""


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
