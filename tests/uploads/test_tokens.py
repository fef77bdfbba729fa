"""A page's address: of one request and one conversation, for a short time, and dead for good."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from bot import stray_files
from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from models.contacts import Conversation
from models.database import transaction
from models.forms import FormToken, Upload
from models.keys import PaperKey
from models.requests import Paper, Request
from office.context import at_office, office
from office.forgetting import forget_request
from office.purge import purge_all
from tests.fakes import pictures
from tests.flows.counter import Counter
from tests.flows.steps import comes_to_the_papers, says
from tests.uploads.page import link_in, opened, page_of

PHOTO = pictures.jpeg(1)


async def test_a_page_lives_while_something_comes_in_and_six_hours_at_most(counter: Counter) -> None:
    async with opened(counter, counter.citizen()) as page:
        _, upload = await page.begins(1000)
        for n in range(12):  # every half an hour but a second; looking prolongs nothing
            counter.clock.advance(minutes=29, seconds=59)
            assert (await page.asks("GET"))[0] == 200
            assert (await page.sends(upload, n, b"x"))[0] == (204 if n < 12 else 410)
        counter.clock.advance(seconds=12)
        for status in (
            (await page.sends(upload, 12, b"x"))[0],
            (await page.come(upload))[0],
            (await page.begins(1000))[0],
            (await page.asks("DELETE", upload))[0],
            await page.finishes(),
            (await page.state())["status"],
        ):
            assert status == 410
        assert (await page.asks("GET"))[0] == 410
    assert await Paper.all().count() == 0


async def test_half_an_hour_of_silence_ends_it_and_what_had_come_is_purged(
    counter: Counter, tmp_path: Path
) -> None:
    async with opened(counter, counter.citizen()) as page:
        _, upload = await page.begins(len(PHOTO))
        await page.sends(upload, 0, PHOTO[:5000])
        counter.clock.advance(minutes=30)
        assert (await page.sends(upload, 5000, PHOTO[5000:]))[0] == 410
    with at_office(office().office_id):
        await purge_all(counter.clock() + timedelta(days=2))
    assert await Upload.all().count() == await FormToken.all().count() == await PaperKey.all().count() == 0
    (piece,) = [path for path in (tmp_path / "papers").rglob("*") if path.is_file()]
    storage = SealedStorage(Storage.open(f"file://{tmp_path}/papers"))
    later = datetime.now(UTC) + timedelta(days=1)  # the files' times are the machine's
    assert [count async for count in stray_files.sweep(storage, later)] == [1]
    assert not piece.exists()


async def test_a_page_is_nothing_in_another_conversation(counter: Counter) -> None:
    maria, yusuf = counter.citizen(), counter.citizen("Yusuf", "6281299998888")
    async with opened(counter, maria) as hers, opened(counter, yusuf) as his:
        _, upload = await hers.begins(len(PHOTO))
        await hers.sends(upload, 0, PHOTO[:5000])
        stolen = his.url + upload.removeprefix(hers.url)
        assert (await his.come(stolen))[0] == (await his.sends(stolen, 5000, PHOTO[5000:]))[0] == 404
        assert (await his.asks("DELETE", stolen))[0] == 404

        request = await Request.all().order_by("id").first()
        assert request is not None
        here = Conversation.filter(contact_id=request.contact_id)
        await here.update(reverify_since=counter.clock())
        assert (await hers.sends(upload, 5000, PHOTO[5000:]))[0] == 410  # her number may be another's now
        await here.update(reverify_since=None)
        assert (await hers.come(upload)) == (200, 5000)

        again = await says(maria, "hm")
        assert (await hers.sends(upload, 5000, PHOTO[5000:]))[0] == 410  # a newer page took its place
        newer = page_of(counter, link_in(again), hers.http)
        assert (await newer.come(newer.url + upload.removeprefix(hers.url)))[0] == 404
        await newer.sends_whole(PHOTO)
        await counter.core.lanes.settled()
        assert (await Paper.get()).request_id == request.id


async def test_a_page_dies_with_its_form_and_with_what_is_known_of_the_person(counter: Counter) -> None:
    citizen = counter.citizen()
    link = link_in(await comes_to_the_papers(citizen))
    async with aiohttp.ClientSession() as http:
        page = page_of(counter, link, http)
        _, upload = await page.begins(len(PHOTO))
        await page.sends(upload, 0, PHOTO[:5000])
        for n in (2, 3):
            await citizen.sends_photo(pictures.jpeg(n))
            await citizen.hears(containing=f"{n - 1} dari 2")
        await says(citizen, "selesai")
        await citizen.taps("KIRIM")
        await citizen.hears(containing="sudah diterima")
        assert (await page.sends(upload, 5000, PHOTO[5000:]))[0] == (await page.begins(9))[0] == 410
        assert await PaperKey.filter(storage_key__startswith="part/").exists()
        with at_office(office().office_id):
            request = await Request.get()
            await transaction(lambda: forget_request(request, counter.clock()))
        assert await Upload.all().count() == await FormToken.all().count() == 0
        assert not await PaperKey.filter(storage_key__startswith="part/").exists()
        assert (await page.asks("GET"))[0] == 410


async def test_the_token_stands_nowhere(counter: Counter) -> None:
    async with opened(counter, counter.citizen()) as page:
        token = page.url.rpartition("/")[2]
        assert token not in [one.token_hash for one in await FormToken.all()]
        _, _, shown = await page.asks("GET")
        assert token not in shown
        _, headers, _ = await page.asks("GET")
        assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "same-origin"
        assert "script-src 'self'" in headers["Content-Security-Policy"]
