"""Setting the webhook, or fetching updates ourselves: nothing is confirmed before it is stored."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import unused_port

from bot.channels.base import ChannelAdapter, Finding
from bot.channels.telegram import upkeep
from bot.channels.telegram.adapter import TelegramAdapter
from bot.channels.telegram.api import BotApi
from bot.channels.telegram.inbound import ALLOWED_UPDATES
from bot.channels.telegram.settings import TelegramSettings
from tests.channels import office
from tests.fakes import FakeBotApi
from tests.patience import PATIENCE


class Enough(Exception):
    """The test has seen what it wanted."""


class Door:
    """Answers with the given statuses in turn, then with 200, until ``enough`` updates are stored."""

    def __init__(self, *statuses: int, enough: int) -> None:
        self.statuses, self.enough = list(statuses), enough
        self.seen: list[int] = []
        self.stored: list[int] = []
        self.done = asyncio.Event()

    async def accept(self, adapter: ChannelAdapter, raw: bytes) -> web.Response:
        number = json.loads(raw)["update_id"]
        self.seen.append(number)
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 200:
            self.stored.append(number)
        if len(self.stored) == self.enough:
            self.done.set()
        return web.Response(status=status)


class Pauses:
    """Takes the place of `asyncio.sleep`: notes the seconds, lets something happen, and goes on at once."""

    def __init__(self, then: Callable[[int], None] = lambda _: None) -> None:
        self.seconds: list[float] = []
        self._then = then

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self._then(len(self.seconds))


def api_of(bot_api: FakeBotApi, http: ClientSession) -> BotApi:
    return BotApi(_settings(bot_api.base_url), http)


def _settings(api_base: str, mode: str = "polling") -> TelegramSettings:
    return TelegramSettings.model_validate(
        {
            "token": office.TELEGRAM_TOKEN,
            "secret_token": "new-secret,old-secret",
            "api_base": api_base,
            "mode": mode,
        }
    )


async def poll_until(door: Door, bot_api: FakeBotApi, http: ClientSession, pauses: Pauses) -> None:
    adapter = office.telegram(bot_api, http, mode="polling")
    task = asyncio.create_task(upkeep.poll(adapter, api_of(bot_api, http), door.accept, pauses))
    done = asyncio.create_task(door.done.wait())
    await asyncio.wait({task, done}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    assert door.done.is_set()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def queue(bot_api: FakeBotApi, *numbers: int) -> None:
    for number in numbers:
        bot_api.queue({"update_id": number, "message": {"text": "halo é"}})


async def test_updates_are_handed_on_one_by_one_in_order(bot_api: FakeBotApi, http: ClientSession) -> None:
    queue(bot_api, 5, 6, 9)
    door = Door(enough=3)
    await poll_until(door, bot_api, http, Pauses())
    assert door.seen == [5, 6, 9]
    assert bot_api.allowed_updates == list(ALLOWED_UPDATES)


async def test_what_was_not_stored_comes_again(bot_api: FakeBotApi, http: ClientSession) -> None:
    queue(bot_api, 5, 6, 7)
    door, pauses = Door(200, 503, 503, enough=3), Pauses()
    await poll_until(door, bot_api, http, pauses)
    assert door.stored == [5, 6, 7]
    assert door.seen == [5, 6, 6, 6, 7]
    first, second = pauses.seconds
    assert 1 <= first <= 2
    assert 2 <= second <= 4


async def test_what_will_never_be_stored_blocks_nobody(bot_api: FakeBotApi, http: ClientSession) -> None:
    queue(bot_api, 5, 6)
    door = Door(400, enough=1)
    await poll_until(door, bot_api, http, Pauses())
    assert door.seen == [5, 6]


async def test_a_second_poller_and_a_webhook_are_waited_out(bot_api: FakeBotApi, http: ClientSession) -> None:
    queue(bot_api, 5)
    bot_api.webhook_url = "https://elsewhere.example/hook"  # getUpdates is 409 while it stands

    def the_webhook_goes(pauses: int) -> None:
        if pauses == 3:
            bot_api.webhook_url = ""

    pauses = Pauses(the_webhook_goes)
    door = Door(enough=1)
    await poll_until(door, bot_api, http, pauses)
    assert door.stored == [5]
    assert len(pauses.seconds) == 3


async def test_an_outage_is_waited_out_ever_longer(http: ClientSession) -> None:
    def enough(pauses: int) -> None:
        if pauses == 12:
            raise Enough

    pauses = Pauses(enough)
    settings = _settings(f"http://127.0.0.1:{unused_port()}")
    with pytest.raises(Enough):
        await upkeep.set_up(BotApi(settings, http), settings, None, {}, pauses)
    assert pauses.seconds[0] <= 2
    assert 30 <= pauses.seconds[-1] <= 60


async def set_up(bot_api: FakeBotApi, http: ClientSession, mode: str, public_url: str | None) -> list[Any]:
    pauses = Pauses()
    settings = _settings(bot_api.base_url, mode)
    commands = {"mulai": "Menu utama"}
    await upkeep.set_up(BotApi(settings, http), settings, public_url, commands, pauses)
    return pauses.seconds


async def test_the_webhook_is_set_with_the_current_secret(bot_api: FakeBotApi, http: ClientSession) -> None:
    assert await set_up(bot_api, http, "webhook", "https://loket.rotendao.go.id/") == []
    assert bot_api.webhook_url == "https://loket.rotendao.go.id/webhooks/telegram"
    assert bot_api.webhook_secret == "new-secret"
    assert bot_api.allowed_updates == list(ALLOWED_UPDATES)
    assert bot_api.commands == [{"command": "mulai", "description": "Menu utama"}]


async def test_without_a_public_address_the_webhook_is_left_alone(
    bot_api: FakeBotApi, http: ClientSession
) -> None:
    bot_api.webhook_url = "https://by.hand.example/webhooks/telegram"
    await set_up(bot_api, http, "webhook", None)
    assert bot_api.webhook_url == "https://by.hand.example/webhooks/telegram"


async def test_polling_takes_the_webhook_down_and_drops_nothing(
    bot_api: FakeBotApi, http: ClientSession
) -> None:
    bot_api.webhook_url = "https://elsewhere.example/hook"
    queue(bot_api, 5)
    await set_up(bot_api, http, "polling", None)
    assert bot_api.webhook_url == ""
    assert len(bot_api.pending) == 1


async def test_an_address_that_telegram_refuses_stops_nothing(
    bot_api: FakeBotApi, http: ClientSession
) -> None:
    assert await set_up(bot_api, http, "webhook", "http://127.0.0.1:8080") == []
    assert bot_api.webhook_url == ""
    assert bot_api.commands


async def test_run_sets_up_and_returns_in_webhook_mode(bot_api: FakeBotApi, http: ClientSession) -> None:
    adapter = office.telegram(bot_api, http, public_url="https://loket.rotendao.go.id")
    await adapter.run(Door(enough=1).accept)
    assert bot_api.webhook_url.endswith("/webhooks/telegram")
    assert [command["command"] for command in bot_api.commands] == ["mulai", "status"]


def findings(found: Sequence[Finding]) -> list[tuple[str, bool, str]]:
    return [(one.name.removeprefix("telegram."), one.ok, one.detail) for one in found]


async def test_doctor_is_told_what_is_wrong(bot_api: FakeBotApi, http: ClientSession) -> None:
    adapter = office.telegram(bot_api, http, public_url="https://loket.rotendao.go.id")
    assert findings(await adapter.check())[:2] == [("token", True, ""), ("webhook", False, "unset")]
    await adapter.run(Door(enough=1).accept)
    assert all(finding.ok for finding in await adapter.check())
    bot_api.webhook_url = "https://elsewhere.example/hook"
    assert findings(await adapter.check())[1] == ("webhook", False, "other_address")
    bot_api.token = "7042:AnotherToken"
    assert findings(await adapter.check()) == [("token", False, "401")]


async def test_doctor_is_told_of_updates_that_do_not_come(bot_api: FakeBotApi, http: ClientSession) -> None:
    adapter = office.telegram(bot_api, http, public_url="https://loket.rotendao.go.id")
    await adapter.run(Door(enough=1).accept)
    bot_api.allowed_updates = ["message", "callback_query"]
    assert findings(await adapter.check())[2] == ("updates", False, "not_asked_for: edited_message")
    queue(bot_api, 5, 6)
    assert findings(await adapter.check())[2][1:] == (False, "not_asked_for: edited_message")
    bot_api.webhook_failed_at = office.NOW
    assert findings(await adapter.check())[2] == ("updates", False, "not_taken: 2 waiting")


async def test_doctor_is_told_who_else_polls(bot_api: FakeBotApi, http: ClientSession) -> None:
    settings, api = _settings(bot_api.base_url), api_of(bot_api, http)
    assert findings(await upkeep.check(api, settings, None, listen=0))[1] == ("polling", True, "")
    bot_api.webhook_url = "https://elsewhere.example/hook"
    assert findings(await upkeep.check(api, settings, None))[1] == ("polling", False, "webhook_set")
    bot_api.webhook_url = ""
    asked = asyncio.create_task(upkeep.check(api, settings, None, listen=50))
    await bot_api.polling.wait()
    await api.call("getUpdates")
    name, ok, detail = findings(await asked)[1]
    assert (name, ok, detail.partition(":")[0]) == ("polling", True, "somebody_polls")


async def test_handlers_may_want_more_kinds_of_updates(bot_api: FakeBotApi, http: ClientSession) -> None:
    settings = _settings(bot_api.base_url, "webhook")
    wanted = ["message", "message_reaction"]
    adapter = TelegramAdapter(settings, http, public_url="https://loket.id", updates=wanted)
    await adapter.run(Door(enough=1).accept)
    assert bot_api.allowed_updates == [*ALLOWED_UPDATES, "message_reaction"]
    assert all(finding.ok for finding in await adapter.check())
