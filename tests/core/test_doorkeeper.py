"""Who says nothing is shown the door; who is slow is not."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot import doorkeeper
from bot.doorkeeper import SILENT, Doorkeeper
from tests.patience import PATIENCE

HEADERS = b"POST / HTTP/1.1\r\nHost: loket.test\r\nContent-Length: 10\r\n\r\n"


class Door:
    """A server that answers with the body, and the time by which its keeper goes."""

    def __init__(self) -> None:
        self.now = 0.0
        self.keeper = Doorkeeper(lambda: self.now)
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        app = web.Application(middlewares=[self.keeper.middleware])
        app.router.add_post("/", self._answer)
        self.runner = web.AppRunner(app)
        self.port, self._heard = 0, 0

    async def _answer(self, request: web.Request) -> web.Response:
        self.request = request
        self.asked.set()
        said = await request.read()
        await self.may_answer.wait()
        return web.Response(body=said)

    async def opens(self) -> None:
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.port = self.runner.addresses[0][1]

    def looks_after(self, seconds: float) -> None:
        self.now += seconds
        assert self.runner.server is not None
        self.keeper.look(self.runner.server)

    async def says(self, words: bytes) -> "Guest":
        guest = Guest(*await asyncio.open_connection("127.0.0.1", self.port))
        guest.says(words)
        while len(self._connections()) < 1:
            await asyncio.sleep(0)
        return guest

    async def hears_more(self) -> None:
        """Until a further byte has arrived."""
        before = self._heard
        while (heard := self.request.content.total_bytes) == before:
            await asyncio.sleep(0)
        self._heard = heard

    def _connections(self) -> list[object]:
        assert self.runner.server is not None
        return list(self.runner.server.connections)


class Guest:
    def __init__(self, hears: asyncio.StreamReader, speaks: asyncio.StreamWriter) -> None:
        self._hears, self._speaks = hears, speaks

    def says(self, words: bytes) -> None:
        self._speaks.write(words)

    async def is_shown_the_door(self) -> bool:
        try:
            return await asyncio.wait_for(self._hears.read(), PATIENCE) == b""
        except ConnectionResetError:  # what we said last was not even read
            return True

    async def is_answered(self, body: bytes) -> bool:
        head = await asyncio.wait_for(self._hears.readuntil(b"\r\n\r\n"), PATIENCE)
        return b"200 OK" in head and await self._hears.readexactly(len(body)) == body


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    made = Door()
    await made.opens()
    yield made
    made.may_answer.set()
    await made.runner.cleanup()


@pytest.mark.parametrize("words", [b"", b"POST / HTTP/1.1\r\nHost: lok"])
async def test_who_never_ends_a_header_is_shown_the_door(door: Door, words: bytes) -> None:
    guest = await door.says(words)
    door.looks_after(0)
    door.looks_after(SILENT)
    assert await guest.is_shown_the_door()


async def test_a_body_may_take_long_while_something_arrives(door: Door) -> None:
    guest = await door.says(HEADERS)
    await asyncio.wait_for(door.asked.wait(), PATIENCE)
    door.looks_after(0)
    for _ in range(9):
        guest.says(b"a")
        await door.hears_more()
        door.looks_after(SILENT)
    guest.says(b"a")
    assert await guest.is_answered(b"a" * 10)


async def test_a_body_that_stops_in_the_middle_is_not_waited_for(door: Door) -> None:
    guest = await door.says(HEADERS + b"abc")
    await asyncio.wait_for(door.asked.wait(), PATIENCE)
    door.looks_after(0)
    door.looks_after(SILENT)
    assert await guest.is_shown_the_door()


async def test_who_waits_for_our_answer_and_who_comes_again_may_stay(door: Door) -> None:
    door.may_answer.clear()
    guest = await door.says(HEADERS + b"abcdefghij")
    await asyncio.wait_for(door.asked.wait(), PATIENCE)
    door.looks_after(0)
    door.looks_after(10 * SILENT)
    door.may_answer.set()
    assert await guest.is_answered(b"abcdefghij")
    door.looks_after(10 * SILENT)  # idle, and known
    guest.says(HEADERS + b"0123456789")
    assert await guest.is_answered(b"0123456789")


async def test_of_too_many_those_leave_who_have_said_nothing(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await door.says(HEADERS + b"abcdefghij")
    assert await known.is_answered(b"abcdefghij")
    monkeypatch.setattr(doorkeeper, "MOST", 1)
    stranger = await door.says(b"")
    while len(door._connections()) < 2:
        await asyncio.sleep(0)
    door.looks_after(0)
    assert await stranger.is_shown_the_door()
    known.says(HEADERS + b"0123456789")
    assert await known.is_answered(b"0123456789")
