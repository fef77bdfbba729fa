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
from tests.fakes import FakeBotApi, FakeGraph, FakeMessenger, pictures
from tests.flows.counter import TestClock
from tests.foreign.compare import AT, SECRET, settings
from tests.foreign.running import Hosted
from tests.messenger_phone import MessengerPhone
from tests.patience import PATIENCE
from tests.phones import TelegramPhone, WhatsAppPhone
from tests.web_phone import WebPhone

FOLDER = Path(__file__).parent / "a_bot"


@dataclass
class House:
    bot: Hosted
    page: WebPhone
    whatsapp: WhatsAppPhone
    messenger: MessengerPhone
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
            messenger.webhook_url = f"{hosted.url}/webhooks/messenger"
            page_visitor = MessengerPhone(messenger, messenger.webhook_url, name="Yakob Ndun")
            telegram = TelegramPhone(api, f"{hosted.url}/webhooks/telegram", SECRET, name="Ani Bessie")
            yield House(hosted, page, whatsapp, page_visitor, telegram, api)
        assert graph.ledger.refused == api.ledger.refused == messenger.ledger.refused == []


async def test_its_modules_are_its_own_and_ours_stay_ours(house: House) -> None:
    await house.page.says("/where")
    assert await house.page.hears() == "webchat hai mine True"
    assert sys.modules["bot"] is bot
    assert sys.modules["models"] is models


async def test_its_menu_of_commands_is_telegrams(house: House) -> None:
    async with asyncio.timeout(PATIENCE):
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


EVERYWHERE = ["page", "whatsapp", "messenger", "telegram"]


@pytest.mark.parametrize("where", EVERYWHERE)
async def test_a_number_typed_under_buttons_is_a_number(house: House, where: str) -> None:
    phone = getattr(house, where)
    await phone.says("/age")
    assert await phone.hears() == "How old?"
    await phone.says("2")
    assert await phone.hears() == "2 years"


@pytest.mark.parametrize("where", ["whatsapp", "messenger"])
async def test_a_number_that_stands_before_a_choice_is_that_choice(house: House, where: str) -> None:
    phone = getattr(house, where)
    await phone.says("/places")
    assert "4. Place 4\n" in await phone.hears()
    await phone.says("4")
    assert await phone.hears() == "picked Place 4"


@pytest.mark.parametrize("where", ["whatsapp", "messenger"])
async def test_a_day_of_a_calendar_is_typed_as_it_is(house: House, where: str) -> None:
    phone = getattr(house, where)
    await phone.says("/days")
    assert "\n\nMon\n01\n02\n" in await phone.hears()
    await phone.says("7")
    assert await phone.hears() == "picked 07"


@pytest.mark.parametrize("where", EVERYWHERE)
async def test_a_new_keyboard_brings_its_words_where_it_comes_anew(house: House, where: str) -> None:
    phone = getattr(house, where)
    await phone.says("/marks")
    await phone.hears()
    for label, expected in (("[ ] b", ["[ ] a", "[x] b"]), ("[ ] a", ["[x] a", "[x] b"])):
        await phone.taps(label)
        await house.bot.settled()
        await phone._until(lambda wanted=expected: phone.buttons == wanted, 10, str(expected))
        assert phone.last.strip("*") in ("Which?", "<b>Which?</b>")


@pytest.mark.parametrize("where", ["whatsapp", "messenger"])
async def test_what_a_key_hides_is_not_seen_and_comes_back(house: House, where: str) -> None:
    phone = getattr(house, where)
    await phone.says("/hidden")
    await phone.hears()
    assert phone.buttons == ["Buy", "Sell"]
    await phone.taps("Sell")
    assert await phone.hears() == "key Sell"
    await phone.says("/hidden")
    await phone.hears()
    await phone.says("buy")
    assert await phone.hears() == "key Buy"


@pytest.mark.parametrize("where", EVERYWHERE)
async def test_nothing_is_said_where_there_are_no_words(house: House, where: str) -> None:
    phone = getattr(house, where)
    await phone.says("/empty")
    assert (await phone.hears(3)).split("\n") == ["Bad Request: message text is empty"] * 3


@pytest.mark.parametrize("where", ["whatsapp", "messenger", "telegram"])
async def test_a_copy_of_what_was_no_markup_is_none(house: House, where: str) -> None:
    phone = getattr(house, where)
    await phone.says("/raw")
    assert (await phone.hears(2)).split("\n") == ["<b>as it is</b> & so on"] * 2


@pytest.mark.parametrize("where", EVERYWHERE)
async def test_a_changed_picture_is_one(house: House, where: str) -> None:
    phone = getattr(house, where)
    await phone.says("/picture")
    assert await phone.hears(containing="a picture") == "a picture: True"


@pytest.mark.parametrize("where", EVERYWHERE)
async def test_what_a_channel_leaves_out_does_not_stop_a_handler(house: House, where: str) -> None:
    phone = getattr(house, where)
    await phone.says("/like")
    assert "pinned" in await phone.hears(containing="pinned")


@pytest.mark.parametrize("where", EVERYWHERE)
async def test_each_photo_of_an_album_is_a_message(house: House, where: str) -> None:
    phone = getattr(house, where)
    photos = [pictures.jpeg(seed) for seed in (1, 2, 3)]
    assert set(await phone.sends_album(photos)) == {200}
    heard = (await phone.hears(3)).split("\n")
    assert sorted(heard) == sorted(f"a photo: {len(photo)}" for photo in photos)
