"""Thousands of notices at the provider's limit, through the real delivery to a fake on a socket.

Time is fake and jumps; what is asserted is what the provider's ledger saw, by the provider's clock.
"""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiogram.methods import SendMessage
from aiohttp import web

from bot import ids
from bot.channels.base import ChannelAdapter
from bot.delivery import Delivery
from bot.directory import Directory
from bot.files import Files
from bot.notices import Template, Wording
from bot.pacing import Pacing
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.contacts import Address, Contact, Conversation
from models.outbox import OutboxKind, OutboxMessage, OutboxState
from tests.channels import office
from tests.core.channel import NOW
from tests.core.fake_time import FakeTime
from tests.fakes import FakeBotApi, FakeGraph
from tests.fakes.ledger import Sent
from tests.faults.short_form import SOAKING

DAY = timedelta(days=1)
THOUSANDS = 5_000 if SOAKING else 1_000
STUCK = 30.0  # seconds of real time in which nothing is sent
TEMPLATE = "Kabar untuk {{name}} dari Disdukcapil Rote Ndao."


async def render(name: str, facts: Any, language: str) -> Wording:
    template = Template(name="loket_kabar", language="id", parameters={"name": facts["to"]})
    return Wording(text=f"Kabar untuk {facts['to']}.", template=template)


class SlowGraph(FakeGraph):
    """The network takes its time on the way there and back; time is the tests' own."""

    time: FakeTime | None = None
    dice = random.Random(3)

    async def _messages(self, request: web.Request) -> Any:
        if self.time is None:
            return await super()._messages(request)
        await self.time.pause(self.dice.random() * 0.2)
        answer = await super()._messages(request)
        await self.time.pause(self.dice.random() * 0.2)
        return answer


class Campaign:
    """People with an address each, and a delivery in fake time."""

    def __init__(self, time: FakeTime, adapter: ChannelAdapter, folder: Path, kind: str) -> None:
        self.time, self.adapter, self.kind = time, adapter, kind
        self.place = {"office_id": 1, "channel": str(adapter.channel), "account": adapter.account}
        self.delivery = Delivery(
            {(str(adapter.channel), adapter.account): adapter},
            Directory(1, {"telegram": "telegram"}),
            Files(SealedStorage(Storage.open(f"file://{folder}/papers"))),
            render,
            Pacing(monotonic=time.monotonic, sleep=time.pause),
            time.clock,
        )
        self.talking = 0  # people who take part: time does not pass while they do something
        time.running = lambda: 1 + len(self.delivery._carrying) + self.talking

    async def people(self, addresses: Sequence[str], *, window: bool = False) -> list[int]:
        """The ids of new contacts."""
        first = (await Contact.all().order_by("-id").first() or Contact(id=0)).id + 1
        ids_ = list(range(first, first + len(addresses)))
        await Contact.bulk_create([Contact(id=n, office_id=1, created_at=NOW) for n in ids_])
        until = NOW + DAY if window else None
        await Conversation.bulk_create(
            [Conversation(contact_id=n, window_expires_at=until, **self.place) for n in ids_]
        )
        await Address.bulk_create(
            [
                Address(contact_id=n, kind=self.kind, value=value, created_at=NOW, **self.place)
                for n, value in zip(ids_, addresses, strict=True)
            ]
        )
        return ids_

    async def notices(self, contacts: Sequence[int]) -> None:
        await OutboxMessage.bulk_create(
            [
                self._row(n, kind=OutboxKind.NOTICE, name="kabar", payload=f'{{"to": "{n}"}}', key=f"k{n}")
                for n in contacts
            ]
        )

    async def replies(self, contact: int, *texts: str) -> None:
        for text in texts:
            said = SendMessage(chat_id=ids.chat_id(contact), text=text, parse_mode=None)
            payload = said.model_dump_json(include={"chat_id", "text"})
            row = self._row(contact, kind=OutboxKind.REPLY, name="sendMessage", payload=payload)
            await row.save(force_create=True)
        self.delivery.wake()

    def _row(self, contact: int, **fields: Any) -> OutboxMessage:
        now = self.time.clock()
        return OutboxMessage(contact_id=contact, due_at=now, created_at=now, **fields, **self.place)

    @contextlib.asynccontextmanager
    async def runs(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.delivery.run())
        try:
            async with self.time.runs():
                yield
                self.delivery.stop()
                await task
        finally:
            task.cancel()

    async def until_sent(self, count: int) -> None:
        done, left = asyncio.Event(), {"n": count}

        async def sent(_: OutboxMessage) -> None:
            left["n"] -= 1
            if not left["n"]:
                done.set()

        self.delivery.on_sent = sent
        async with self.runs():
            while not done.is_set():
                before = left["n"]
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(done.wait(), STUCK)
                assert left["n"] < before, f"{before} were never sent"


def seconds(lines: Sequence[Sent]) -> list[float]:
    return sorted((line.at - NOW).total_seconds() for line in lines)


def most_in_a_second(moments: Sequence[float]) -> int:
    """The most in any window of one second; ``moments`` in order."""
    most, first = 0, 0
    for n, moment in enumerate(moments):
        while moment - moments[first] >= 1.0:
            first += 1
        most = max(most, n - first + 1)
    return most


async def states() -> Counter[OutboxState]:
    return Counter([row.state for row in await OutboxMessage.all()])


@pytest.fixture
async def graph() -> AsyncIterator[SlowGraph]:
    async with SlowGraph() as graph:
        graph.register_template("loket_kabar", TEMPLATE)
        graph.pair_limit = True
        yield graph


@pytest.fixture
async def on_whatsapp(database: str, graph: SlowGraph, tmp_path: Path) -> AsyncIterator[Campaign]:
    time = FakeTime(NOW)
    graph.clock = time.clock
    async with aiohttp.ClientSession() as http:
        yield Campaign(time, office.whatsapp(graph, http), tmp_path, "wa_id")


def phones(count: int) -> list[str]:
    return [f"62812{n:08}" for n in range(count)]


async def test_thousands_of_notices_at_eighty_a_second(on_whatsapp: Campaign, graph: SlowGraph) -> None:
    count = THOUSANDS
    await on_whatsapp.notices(await on_whatsapp.people(phones(count)))
    graph.next_send("130429")
    graph.next_send("130429", to=phones(count)[count // 3])
    graph.next_send("130429", to=phones(count)[count // 2])
    await on_whatsapp.until_sent(count)
    assert await states() == {OutboxState.SENT: count}
    assert Counter(line.to for line in graph.ledger.messages) == dict.fromkeys(phones(count), 1)
    assert {line.template for line in graph.ledger.messages} == {"loket_kabar"}
    assert graph.ledger.refused == []
    assert sum(line.outcome == "ordered" for line in graph.ledger) == 3
    every = seconds([line for line in graph.ledger if line.shown])
    assert most_in_a_second(every) == 80
    assert count / every[-1] >= 0.9 * 80  # the three throttles cost their seconds


async def test_at_the_limit_and_no_faster(on_whatsapp: Campaign, graph: SlowGraph) -> None:
    await on_whatsapp.notices(await on_whatsapp.people(phones(240)))
    await on_whatsapp.until_sent(240)
    moments = seconds(graph.ledger.messages)
    assert most_in_a_second(moments) == 80
    assert (240 - 80) / moments[-1] >= 0.99 * 80


async def test_whatever_the_network_does(on_whatsapp: Campaign, graph: SlowGraph) -> None:
    graph.time = on_whatsapp.time
    await on_whatsapp.notices(await on_whatsapp.people(phones(240)))
    await on_whatsapp.until_sent(240)
    moments = seconds(graph.ledger.messages)
    assert len(moments) == 240
    assert most_in_a_second(moments) <= 80
    assert 240 / moments[-1] >= 80 / 1.4


async def test_a_broadcast_delays_nobodys_answer(on_whatsapp: Campaign, graph: SlowGraph) -> None:
    await on_whatsapp.notices(await on_whatsapp.people(phones(400)))
    talker, chatty = await on_whatsapp.people(["6281999000001", "6281999000002"], window=True)
    for wa_id in ("6281999000001", "6281999000002"):
        graph.heard_from(wa_id=wa_id)
    asked: list[float] = []

    async def talks() -> None:
        await on_whatsapp.time.pause(2.5)
        asked.append(on_whatsapp.time.passed)
        await on_whatsapp.replies(talker, "satu", "dua")
        await on_whatsapp.replies(chatty, *(str(n) for n in range(45)))
        on_whatsapp.talking = 0

    on_whatsapp.talking = 1
    talking = asyncio.create_task(talks())
    await on_whatsapp.until_sent(400 + 2 + 40)
    await talking
    said = graph.ledger.to("6281999000001")
    assert [line.text for line in said] == ["satu", "dua"]
    # the next places that come round are theirs: one whole second of the line at most
    assert seconds(said)[-1] - asked[0] <= 1.2
    assert most_in_a_second(seconds(graph.ledger.messages)) <= 80
    assert graph.ledger.refused == []


async def test_telegram_takes_thirty_a_second_and_its_own_word_for_it(database: str, tmp_path: Path) -> None:
    async with FakeBotApi() as bot_api, aiohttp.ClientSession() as http:
        time = FakeTime(NOW)
        bot_api.clock = time.clock
        bot_api.chat_limit = True
        adapter = office.telegram(bot_api, http)
        campaign = Campaign(time, adapter, tmp_path, "telegram")
        chats = [str(500_000 + n) for n in range(120)]
        for chat in chats:
            bot_api.meet({"id": int(chat), "type": "private", "first_name": "Warga"})
        contacts = await campaign.people(chats)
        await campaign.notices(contacts)
        for text in ("a", "b", "c", "d", "e", "f"):
            await campaign.replies(contacts[0], text)
        bot_api.next_send("http429", to=chats[60], retry_after=9)
        await campaign.until_sent(126)
        lines = [line for line in bot_api.ledger if line.type == "sendMessage"]
        throttled = next(line for line in lines if line.outcome == "ordered")
        told = (throttled.at - NOW).total_seconds()
        moments = seconds(lines)
        assert most_in_a_second(moments) <= 30
        assert [moment for moment in moments if told < moment < told + 9.0] == []
        assert Counter(line.to for line in bot_api.ledger.messages) == {
            chats[0]: 7,
            **dict.fromkeys(chats[1:], 1),
        }
        assert bot_api.ledger.refused == []
