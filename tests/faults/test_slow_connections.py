"""Fault 24: hundreds of connections that say nothing, or not enough."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.faults.load import Load, people
from tests.faults.short_form import only_in_the_soak
from tests.faults.town import Town

HALF_A_HEADER = b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: loket.test\r\nContent-Le"
HALF_A_BODY = b"POST /webhooks/whatsapp HTTP/1.1\r\nHost: loket.test\r\nContent-Length: 5000\r\n\r\n{"
COUNT = 600
SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def silent(url: str, count: int) -> list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    where = urlsplit(url)
    lines = [await asyncio.open_connection(where.hostname, where.port) for _ in range(count)]
    for n, (_, telling) in enumerate(lines):
        telling.write(HALF_A_HEADER if n % 2 else HALF_A_BODY)
    return lines


@SQLITE
async def test_hundreds_of_silent_connections_delay_nobody(town: Town) -> None:
    await town.serves()
    alone, beside_them, crowd = Load(), Load(), people(town, 9)
    await alone.goes_on(crowd, lambda: len(alone.statuses) >= 60, per_second=20)
    lines = await silent(town.url, COUNT)
    await beside_them.goes_on(crowd, lambda: len(beside_them.statuses) >= 60, per_second=20)
    assert set(beside_them.statuses) == {200}
    assert beside_them.percentile(0.5) < 3 * alone.percentile(0.5) + 0.1
    for _, telling in lines:
        telling.close()
    assert await town.holds() == []


@SQLITE
@only_in_the_soak
async def test_who_says_nothing_for_long_is_shown_the_door(town: Town) -> None:
    await town.serves()
    lines = await silent(town.url, 20)
    ended = asyncio.gather(*(asking.read() for asking, _ in lines))
    with suppress(TimeoutError):
        await asyncio.wait_for(ended, 35)
    assert ended.done()
    assert not ended.cancelled()
