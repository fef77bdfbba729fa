"""Limits through the real doors: nothing that was sent is lost, and a no says when it goes on."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

from models.audit import AuditRow
from models.calls import Alert
from models.counters import Counter as Counted
from models.files import FileState, StoredFile
from models.outbox import OutboxMessage
from models.requests import Paper, PaperState, Request
from tests.an_office import SERVED
from tests.fakes import pictures
from tests.flows.counter import MORNING, PLENTY, Counter, TestClock, open_counter
from tests.flows.steps import comes_to_the_papers, said, says, settled
from tests.web_phone import WebPhone
from wiring.limits import restraint
from wiring.serve import running
from wiring.settings import HttpSettings, Settings

PROXY = "127.0.0.1/32"
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


async def test_who_writes_too_fast_is_told_once_and_everything_is_handled(
    database_url: str, tmp_path: Path
) -> None:
    """Also by the process after this one, which knows the minute before by the rows."""
    limits = {**PLENTY, "messages_per_minute": 20}
    async with open_counter(database_url, tmp_path, limits=limits) as counter:
        waits = stands_still(counter)
        maria, yusuf = counter.citizen(), counter.citizen("Yusuf", "6281234567891")
        await says(maria, *["status"] * 20)
        assert waits == []
        assert [await maria.says("status") for _ in range(4)] == [200] * 4
        await settled(counter)
        await said(counter)
        told = [line.text for line in counter.graph.ledger.to("6281234567890")]
        assert sum("Tidak perlu dikirim ulang" in text for text in told) == 1
        assert await OutboxMessage.filter(name="too_fast").count() == 1
        assert await OutboxMessage.filter(kind="reply").count() == 24
        assert len(waits) == 4
        await yusuf.says("halo")
        await yusuf.hears()
        assert len(waits) == 4
    async with open_counter(database_url, tmp_path, limits=limits) as counter:
        waits = stands_still(counter)
        yusuf = counter.citizen("Yusuf", "6281234567891")
        for phone in (yusuf, counter.citizen()):
            await says(phone, "status")
            assert len(waits) == (0 if phone is yusuf else 1)


def stands_still(counter: Counter) -> list[float]:
    """Time of the lanes passes while somebody has to wait, and only then; gives how long each waited."""
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    core = counter.core
    core.lanes.pause = pause
    core.lanes.restrain = restraint(counter.clock, core.delivery.wake, lambda: sum(waits)).wait
    return waits


async def test_papers_beyond_the_days_number_wait_and_are_put_in_the_day_after(
    database_url: str, tmp_path: Path
) -> None:
    limits = {**PLENTY, "papers_per_day": 1}
    async with open_counter(database_url, tmp_path, limits=limits) as counter:
        citizen = counter.citizen()
        await comes_to_the_papers(citizen)
        await citizen.sends_photo(pictures.jpeg(1))
        await citizen.hears(containing="1 dari 2")
        await citizen.sends_photo(pictures.jpeg(2))
        told = await citizen.hears(containing="1 berkas sehari")
        assert "tidak perlu dikirim lagi" in told
        assert await Paper.filter(state=PaperState.WAITING).count() == 1
        await counter.time_passes(hours=24)
        await says(citizen, "selesai")
        await citizen.hears(containing="KIRIM")
        assert await Request.filter(submitted_at=None).count() == 1


async def test_bytes_beyond_a_day_are_refused_with_when_to_send_again(
    database_url: str, tmp_path: Path
) -> None:
    limits = {**PLENTY, "megabytes_per_day": 16}
    async with open_counter(database_url, tmp_path, limits=limits) as counter:
        citizen = counter.citizen()
        await comes_to_the_papers(citizen)
        await citizen.sends_document(bytes(14_000_000), "besar.bin", "application/octet-stream")
        await citizen.hears(containing="bukan foto atau PDF")
        await citizen.sends_photo(pictures.jpeg(1))
        await citizen.hears(containing="1 dari 2")
        await citizen.sends_document(bytes(14_000_000), "besar.bin", "application/octet-stream")
        assert "besok, mulai tengah malam" in await citizen.hears(containing="batas ukuran harian")
        refused = await StoredFile.get(state=FileState.REFUSED)
        assert (refused.problem, refused.storage_key, refused.sent_size) == ("quota", None, 0)
        assert [alert.about.split(":")[0] for alert in await Alert.all()] == ["bytes"]
        counter.clock.advance(hours=24)
        await citizen.sends_photo(pictures.jpeg(2))
        await citizen.hears(containing="2 dari 2")


# ------------------------------------------------------------------ by address


@contextlib.asynccontextmanager
async def web_office(
    database_url: str, folder: Path, *, proxies: str = PROXY, **limits: int
) -> AsyncIterator[str]:
    """The office with its web chat alone, behind a proxy that it knows; gives its address."""
    settings = Settings(
        _env_file=None,
        env="test",
        data_dir=folder,
        database_url=database_url,
        storage_url=f"file://{folder}/papers",
        public_url="http://loket.test",
        http=HttpSettings(port=0, trusted_proxies=proxies),
        limits={**PLENTY, **limits},
        pacing="off",
        tick_seconds=60,
    )
    async with running(settings, SERVED, TestClock(MORNING)) as (_, port):
        yield f"http://127.0.0.1:{port}"


async def post(page: WebPhone, sender: str, text: str = "halo") -> int:
    said = {"id": str(uuid.uuid4()), "text": text}
    headers = {"X-Forwarded-For": sender}
    async with page.http.post(f"{page.url}/chat/messages", json=said, headers=headers) as answer:
        if answer.status == 429:
            assert (await answer.json(), "Retry-After" in answer.headers) == ({"error": "too_many"}, True)
        return answer.status


async def test_one_address_posts_so_much_and_others_as_before(database_url: str, tmp_path: Path) -> None:
    async with (
        web_office(database_url, tmp_path, address_posts_per_minute=3) as url,
        WebPhone(url) as one,
        WebPhone(url) as other,
    ):
        assert [await post(one, "203.0.113.9") for _ in range(4)] == [200, 200, 200, 429]
        assert await post(other, "203.0.113.9") == 429  # another browser at the same address
        assert await post(other, "203.0.113.10") == 200
        async with aiohttp.ClientSession(headers={"X-Forwarded-For": "203.0.113.9"}) as http:
            statuses = []
            for _ in range(4):  # the one-time page has an allowance of its own
                async with http.post(f"{url}/f/unknown", data={"nik": "1"}, headers=FROM_OUR_PAGE) as page:
                    statuses.append(page.status)
                    shown = await page.text()
            assert statuses == [410, 410, 410, 429]
            assert "Tautan ini tetap berlaku" in shown
            async with http.get(f"{url}/f/unknown") as page:
                assert page.status == 410  # looking is free


async def test_who_is_no_proxy_of_ours_cannot_say_who_calls(database_url: str, tmp_path: Path) -> None:
    async with (
        web_office(database_url, tmp_path, proxies="10.0.0.0/8", address_posts_per_minute=3) as url,
        WebPhone(url) as one,
    ):
        assert [await post(one, f"203.0.113.{n}") for n in range(4)] == [200, 200, 200, 429]


async def test_new_browsers_of_one_address_begin_one_by_one(database_url: str, tmp_path: Path) -> None:
    async with web_office(database_url, tmp_path, address_newcomers_per_minute=2) as url:
        people = [WebPhone(url) for _ in range(3)]
        async with people[0], people[1], people[2]:
            assert [await post(one, "203.0.113.9") for one in people] == [200, 200, 429]
            assert [await post(one, "203.0.113.9") for one in people] == [200, 200, 429]
            assert await post(people[2], "203.0.113.10") == 200


async def test_new_cookies_guess_no_more_numbers(database_url: str, tmp_path: Path) -> None:
    """Ten people of one address miss a number each: from then on every number waits there, and only there."""
    async with web_office(database_url, tmp_path, address_misses_per_hour=10) as url:
        async with contextlib.AsyncExitStack() as stack:
            for n in range(11):
                guesser = await stack.enter_async_context(WebPhone(url))
                assert await post(guesser, "2001:db8:1:2::" + str(n), "0000-0000-0") == 200
                told = await guesser.hears()
                assert ("Dari jaringan internet ini" in told) == (n == 10)
            elsewhere = await stack.enter_async_context(WebPhone(url))
            await post(elsewhere, "2001:db8:1:3::1", "0000-0000-0")
            assert "jaringan internet" not in await elsewhere.hears()
        assert await AuditRow.filter(reason="too_many_misses_near").count() == 1
        near = [row.name for row in await Counted.filter(name__startswith="near:")]
        assert len(near) == 2
        assert not any("2001" in name for name in near)
