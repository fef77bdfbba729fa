"""The office, running: real sockets, a real database, fake providers that refuse what platforms refuse."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.service import Core
from models.database import transaction
from models.staff import Role
from office import staff, templates
from scheduler.ticks import tick
from tests.an_office import SERVED
from tests.fakes import FakeBotApi, FakeGraph
from tests.fakes.messenger import FakeMessenger
from tests.messenger_phone import MessengerPhone
from tests.phone import Phone
from tests.phones import TelegramPhone, WhatsAppPhone
from wiring.serve import running
from wiring.settings import Settings

APP_SECRET = "app-secret"
TELEGRAM_SECRET = "telegram-secret"
MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 09.00 WITA, a Tuesday
QUIET = 0.25  # seconds after the last photo of a burst
PLENTY: Mapping[str, int] = {
    # what these tests send in a blink, people send in an hour
    **dict.fromkeys(
        ("messages_per_minute", "address_posts_per_minute", "address_newcomers_per_minute"), 60_000
    ),
    **dict.fromkeys(("papers_per_day", "requests_per_day", "megabytes_per_day"), 10_000),
}
PLENTY_SET = {f"LOKET_LIMITS__{name.upper()}": str(most) for name, most in PLENTY.items()}


class TestClock:
    """Stands still until told otherwise."""

    __test__ = False

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **spans: float) -> None:
        self.now += timedelta(**spans)


async def a_code(name: str, now: datetime) -> str:
    """By which somebody new at the desk binds a chat."""
    _, code = await transaction(lambda: staff.add(name, Role.OPERATOR, now))
    return code


async def time_passes(core: Core, clock: TestClock, **spans: float) -> None:
    """The clock moves, and the scheduler ticks once."""
    clock.advance(**spans)
    await tick(clock())
    core.delivery.wake()


@dataclass
class Counter:
    """The running office and everybody around it."""

    url: str
    core: Core
    clock: TestClock
    graph: FakeGraph
    telegram: FakeBotApi
    page: FakeMessenger | None = None

    def citizen(self, name: str = "Maria", wa_id: str = "6281234567890") -> WhatsAppPhone:
        return WhatsAppPhone(
            self.graph, f"{self.url}/webhooks/whatsapp", APP_SECRET, wa_id=wa_id, bsuid=None, name=name
        )

    def on_messenger(self, name: str = "Yohana", psid: str = "7411000000000001") -> MessengerPhone:
        """Where the office has a Page: see `counter_before`."""
        assert self.page is not None
        return MessengerPhone(self.page, f"{self.url}/webhooks/messenger", APP_SECRET, psid=psid, name=name)

    async def operator(self, name: str = "Ani", user_id: int = 4242) -> TelegramPhone:
        """A member of staff, already bound on Telegram."""
        phone = TelegramPhone(
            self.telegram, f"{self.url}/webhooks/telegram", TELEGRAM_SECRET, user_id=user_id, name=name
        )
        await phone.says(f"/masuk {await a_code(name, self.clock())}")
        await phone.hears(containing=name)
        return phone

    async def wakes(self, phone: Phone, name: str = "Ani") -> None:
        """A new code for a staff chat that was silent for long."""
        _, code = await transaction(lambda: staff.renew_code(name, self.clock()))
        await phone.says(f"/masuk {code}")
        await phone.hears(containing=name)

    async def time_passes(self, **spans: float) -> None:
        await time_passes(self.core, self.clock, **spans)


@contextlib.asynccontextmanager
async def providers() -> AsyncIterator[tuple[TestClock, FakeGraph, FakeBotApi, FakeMessenger]]:
    """All that there are, by one clock."""
    clock = TestClock(MORNING)
    async with (
        FakeGraph(app_secret=APP_SECRET) as graph,
        FakeBotApi() as telegram,
        FakeMessenger(app_secret=APP_SECRET) as page,
    ):
        graph.clock = telegram.clock = page.clock = clock
        yield clock, graph, telegram, page


@contextlib.asynccontextmanager
async def open_counter(
    database_url: str,
    folder: Path,
    *,
    telegram_mode: str = "webhook",
    papers: str = "chat",
    limits: Mapping[str, int] = PLENTY,
    **more: Any,
) -> AsyncIterator[Counter]:
    """``more``: settings by their names."""
    clock = TestClock(MORNING)
    async with FakeGraph(app_secret=APP_SECRET) as graph, FakeBotApi() as telegram:
        graph.clock = telegram.clock = clock
        async with counter_before(
            graph,
            telegram,
            clock,
            database_url,
            folder,
            telegram_mode=telegram_mode,
            papers=papers,
            limits=limits,
            **more,
        ) as counter:
            yield counter


@contextlib.asynccontextmanager
async def counter_before(
    graph: FakeGraph,
    telegram: FakeBotApi,
    clock: TestClock,
    database_url: str,
    folder: Path,
    *,
    telegram_mode: str = "webhook",
    page: FakeMessenger | None = None,
    papers: str = "chat",
    limits: Mapping[str, int] = PLENTY,
    **more: Any,
) -> AsyncIterator[Counter]:
    """The office in front of providers that were there before, and stay when it closes."""
    settings = settings_for(
        database_url, folder, graph, telegram, telegram_mode, page=page, papers=papers, limits=limits, **more
    )
    async with running(settings, SERVED, clock) as (core, port):
        submit_templates(graph)
        url = f"http://127.0.0.1:{port}"
        graph.webhook_url = f"{url}/webhooks/whatsapp"
        if page is not None:
            page.webhook_url = f"{url}/webhooks/messenger"
        yield Counter(url, core, clock, graph, telegram, page)


def submit_templates(graph: FakeGraph) -> None:
    """Every template of the catalogue, judged as Meta would and approved."""
    for template in templates.all_templates():
        for language in templates.LANGUAGES:
            graph.register_template(template.name, template.body.in_language(language), language=language)


def settings_for(
    database_url: str,
    folder: Path,
    graph: FakeGraph,
    telegram: FakeBotApi,
    telegram_mode: str,
    *,
    page: FakeMessenger | None = None,
    papers: str = "chat",
    limits: Mapping[str, int] = PLENTY,
    **more: Any,
) -> Settings:
    return Settings(
        _env_file=None,
        env="test",
        data_dir=folder,
        database_url=database_url,
        storage_url=more.pop("storage_url", f"file://{folder}/papers"),
        public_url="https://loket.test",
        http={"port": 0},
        gather_seconds=QUIET,
        pacing="off",
        tick_seconds=more.pop("tick_seconds", 60),
        limits=limits,
        whatsapp={
            "phone_number_id": graph.phone_number_id,
            "waba_id": graph.waba_id,
            "access_token": graph.access_token,
            "app_secret": APP_SECRET,
            "verify_token": "verify",
            "api_base": graph.base_url,
            "papers": papers,
        },
        telegram={
            "token": telegram.token,
            "secret_token": TELEGRAM_SECRET,
            "api_base": telegram.base_url,
            "mode": telegram_mode,
        },
        messenger=None
        if page is None
        else {
            "page_id": page.page_id,
            "access_token": page.access_token,
            "app_secret": APP_SECRET,
            "verify_token": "verify",
            "api_base": page.base_url,
        },
        **more,
    )
