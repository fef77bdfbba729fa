"""A bot like those in the wild: modules named like ours, a global bot, waiting, failing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import bot
import models
from models.inbox import InboxEvent, InboxState
from tests.fakes import FakeBotApi, FakeGraph, FakeMessenger
from tests.flows.counter import TestClock
from tests.foreign.compare import AT, SECRET, settings
from tests.foreign.running import Hosted
from tests.phones import TelegramPhone, WhatsAppPhone
from tests.web_phone import WebPhone

FOLDER = Path(__file__).parent / "a_bot"


@dataclass
class House:
    bot: Hosted
    page: WebPhone
    whatsapp: WhatsAppPhone
    telegram: TelegramPhone
    api: FakeBotApi


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    clock = TestClock(AT)
    async with FakeGraph(app_secret=SECRET) as graph, FakeBotApi() as api, FakeMessenger() as messenger:
        graph.clock = api.clock = messenger.clock = clock
        hosted = Hosted(settings(tmp_path, database_url, graph, api, messenger), clock)
        async with hosted.run("bot", FOLDER, hosted.serve), WebPhone(hosted.url) as page:
            whatsapp = WhatsAppPhone(graph, f"{hosted.url}/webhooks/whatsapp", SECRET, name="Maria Adu")
            telegram = TelegramPhone(api, f"{hosted.url}/webhooks/telegram", SECRET, name="Ani Bessie")
            yield House(hosted, page, whatsapp, telegram, api)
        assert graph.ledger.refused == api.ledger.refused == []


async def test_its_modules_are_its_own_and_ours_stay_ours(house: House) -> None:
    await house.page.says("/where")
    assert await house.page.hears() == "webchat hai mine True"
    assert sys.modules["bot"] is bot
    assert sys.modules["models"] is models


async def test_its_menu_of_commands_is_telegrams(house: House) -> None:
    async with asyncio.timeout(10):
        while not house.api.commands:
            await asyncio.sleep(0)
    assert [command["command"] for command in house.api.commands] == ["count"]


async def test_its_states_keep_dataclasses_dates_and_numbers_as_keys(house: House) -> None:
    await house.whatsapp.says("/count")
    await house.whatsapp.hears()
    await house.whatsapp.says("/count")
    assert await house.whatsapp.hears() == "2026-11-24 *2*"


async def test_a_task_that_it_leaves_behind_may_speak_when_the_step_is_over(house: House) -> None:
    await house.page.says("/later")
    assert await house.page.hears() == "soon"
    await house.page.says("/open")
    assert sorted((await house.page.hears(2)).split("\n")) == ["later", "opened"]


async def test_what_it_says_before_a_long_wait_goes_out_at_once(house: House) -> None:
    await house.page.says("/slow")
    assert await house.page.hears() == "please wait"
    await house.telegram.says("/open")
    assert await house.telegram.hears() == "opened"
    assert await house.page.hears(containing="done") == "done"


async def test_a_handler_that_fails_has_said_what_it_said_and_holds_up_nobody(house: House) -> None:
    await house.page.says("/break")
    assert await house.page.hears() == "before"
    await house.page.says("/returned")
    assert await house.page.hears() == "returned"

    async def parked() -> list[tuple[str, str | None]]:
        return [(str(e.state), e.error) for e in await InboxEvent.filter(state=InboxState.PARKED)]

    assert await house.bot.there(parked) == [("parked", "OSError")]


async def test_a_file_from_memory_arrives(house: House) -> None:
    await house.whatsapp.says("/file")
    assert (await house.whatsapp.receives())[0].media == b"isi"


@pytest.mark.parametrize("where", ["page", "whatsapp", "telegram"])
async def test_a_tapped_message_comes_with_its_words_and_buttons(house: House, where: str) -> None:
    phone = getattr(house, where)
    await phone.says("/keys")
    await phone.hears()
    for expected in ("list +1", "list +1 +1"):
        await phone.taps("Add")
        assert await phone.hears() == expected


async def test_messages_are_forwarded_and_copied_to_people_on_other_channels(house: House) -> None:
    await house.page.says("/id")
    number = await house.page.hears()
    await house.telegram.says(f"/tell {number}")
    assert await house.telegram.hears() == "told"
    told = f"/tell {number}"
    heard = await house.page.hears(4)
    assert heard.split("\n") == [number, told, told, "from Ani Bessie"]


async def test_strangers_and_lost_messages_are_refused_in_telegrams_words(house: House) -> None:
    await house.page.says("/nobody")
    heard = (await house.page.hears(2)).split("\n")
    assert heard == ["Bad Request: chat not found", "Bad Request: message to copy not found"]
