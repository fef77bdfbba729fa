"""The one-time page for the NIK: from the link in the chat to the next question in the chat."""

import io
import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp
import pytest
import structlog

from models.inbox import InboxEvent, InboxKind
from models.outbox import OutboxMessage
from models.requests import Request
from tests.flows.counter import Counter
from tests.flows.steps import NIK, comes_to_the_nik, says
from tests.phones import WhatsAppPhone

UNUSUAL = "5314015513900001"  # a month 13
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


async def gets_the_link(counter: Counter, citizen: WhatsAppPhone) -> str:
    """The page's address as this test reaches it; in the chat it stands under the public one."""
    text = await comes_to_the_nik(citizen)
    assert "bukan di percakapan ini" in text
    link = next(word for word in text.split() if word.startswith("https://loket.test/f/"))
    return counter.url + urlsplit(link).path


async def opens(page: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(page) as answer:
        return answer.status, await answer.text()


async def sends(
    page: str, nik: str, headers: Mapping[str, str] = FROM_OUR_PAGE, **fields: str
) -> tuple[int, str]:
    posted = {"nik": nik} | fields
    async with aiohttp.ClientSession() as http, http.post(page, data=posted, headers=headers) as answer:
        return answer.status, await answer.text()


async def test_a_nik_typed_on_the_page_lets_the_chat_go_on_by_itself(counter: Counter) -> None:
    citizen = counter.citizen()
    page = await gets_the_link(counter, citizen)

    for _ in range(2):  # chat apps fetch links for a preview: looking spends nothing
        status, shown = await opens(page)
        assert (status, "<form" in shown) == (200, True)
    status, shown = await sends(page, NIK[:-1])
    assert status == 422
    assert "16" in shown
    assert "<form" in shown
    assert (await Request.get()).nik is None
    heard = len(citizen.everything)
    status, shown = await sends(page, f"{NIK[:6]} {NIK[6:12]} {NIK[12:]}")
    assert status == 200
    assert "<form" not in shown
    await citizen.hears(containing="NIK sudah kami terima")
    assert "desa/kelurahan" in citizen.last
    assert len(citizen.everything) == heard + 1

    request = await Request.get()
    assert (request.nik, request.nik_source) == (NIK, "form")
    assert "Metina" in await says(citizen, "metina")


async def test_a_page_is_filled_in_once(counter: Counter) -> None:
    citizen = counter.citizen()
    page = await gets_the_link(counter, citizen)
    assert (await sends(page, NIK))[0] == 200
    await citizen.hears(containing="desa/kelurahan")
    for status, shown in (await sends(page, "5314014101900002"), await opens(page)):
        assert status == 410
        assert "sudah diisi" in shown
        assert "<form" not in shown
    await counter.core.lanes.settled()
    assert (await Request.get()).nik == NIK
    assert await InboxEvent.filter(kind=InboxKind.INTERNAL).count() == 1


async def test_a_page_lives_thirty_minutes(counter: Counter) -> None:
    page = await gets_the_link(counter, counter.citizen())
    counter.clock.advance(minutes=29, seconds=59)
    assert (await opens(page))[0] == 200
    counter.clock.advance(seconds=1)
    for status, shown in (await opens(page), await sends(page, NIK)):
        assert status == 410
        assert "tidak berlaku" in shown
    assert (await Request.get()).nik is None


async def test_a_newer_page_voids_the_older_one(counter: Counter) -> None:
    citizen = counter.citizen()
    old = await gets_the_link(counter, citizen)
    again = await says(citizen, "hm")  # the step is asked again, with a link of its own
    new = counter.url + urlsplit(next(w for w in again.split() if "/f/" in w)).path
    assert new != old
    assert (await opens(old))[0] == 410
    assert (await sends(new, NIK))[0] == 200


async def test_only_our_own_page_may_send_it(counter: Counter) -> None:
    page = await gets_the_link(counter, counter.citizen())
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        assert (await sends(page, NIK, headers))[0] == 403
    assert (await Request.get()).nik is None
    assert (await sends(page, NIK, {"Origin": "https://loket.test"}))[0] == 200


async def test_what_nobody_asked_for_is_not_taken(counter: Counter) -> None:
    """Other fields, the same field in the address, and in a cookie."""
    page = await gets_the_link(counter, counter.citizen())
    before = await Request.get()
    there = f"{page}?nik=5314014101900002&sure=1"
    told = {**FROM_OUR_PAGE, "Cookie": "nik=5314014101900002; sure=1"}
    assert (await sends(there, UNUSUAL, told))[0] == 422  # `sure` counts in the form alone
    more = {"state": "closed", "office_id": "2", "contact_id": "9", "subject_name": "Penipu", "id": "9"}
    assert (await sends(there, NIK, told, **more))[0] == 200
    after = await Request.get()
    assert after.nik == NIK
    assert [after.state, after.office_id, after.contact_id, after.subject_name] == [
        before.state, before.office_id, before.contact_id, before.subject_name
    ]  # fmt: skip


async def test_an_unusual_nik_is_taken_once_it_is_said_to_be_right(counter: Counter) -> None:
    citizen = counter.citizen()
    page = await gets_the_link(counter, citizen)
    status, shown = await sends(page, UNUSUAL)
    assert status == 422
    assert 'type="checkbox"' in shown
    assert (await Request.get()).nik is None
    assert (await sends(page, UNUSUAL, sure="1"))[0] == 200
    await citizen.hears(containing="desa/kelurahan")
    request = await Request.get()
    assert request.nik == UNUSUAL
    assert request.nik_flags


async def test_nonsense_on_the_page_is_shown_as_text_and_never_breaks_it(counter: Counter) -> None:
    page = await gets_the_link(counter, counter.citizen())
    for typed in (
        "",
        "'\"><script>alert(1)</script>",
        "\x00\x01",
        "9" * 5_000,
        "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦",
        "{{7*7}}",
    ):
        status, shown = await sends(page, typed)
        assert status == 422, typed[:20]
        assert "<script" not in shown
        assert "49" not in shown.split("<form")[1].split("hint")[0]
    async with aiohttp.ClientSession() as http:
        for body, kind in (
            (b"nik=1", "text/plain"),
            (b"\xff\xfe", "application/x-www-form-urlencoded"),
            (b"nik=1", "application/x-www-form-urlencoded; charset=nope"),
            (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
            (b"nik=1", "multipart/form-data"),
        ):
            headers = {"Content-Type": kind, **FROM_OUR_PAGE}
            async with http.post(page, data=body, headers=headers) as answer:
                assert answer.status == 422
    for guess in ("x", "%00", "a" * 2_000):
        assert (await opens(f"{counter.url}/f/{guess}"))[0] in (404, 410)


async def test_the_page_tells_a_browser_to_keep_it_to_itself(counter: Counter) -> None:
    page = await gets_the_link(counter, counter.citizen())
    async with aiohttp.ClientSession() as http, http.get(page) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "same-origin"  # the token stays with us
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_nik_is_in_no_message_and_no_log_line(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    out = io.StringIO()
    caplog.set_level(logging.DEBUG)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(out), cache_logger_on_first_use=False)
    try:
        citizen, ani = counter.citizen(), await counter.operator("Ani")
        page = await gets_the_link(counter, citizen)
        await sends(page, NIK[:-1])
        await sends(page, NIK)
        await citizen.hears(containing="desa/kelurahan")
        assert (await sends(page, NIK))[0] == 410
        await says(ani, "/antrean")
        await counter.core.lanes.settled()
    finally:
        structlog.reset_defaults()
    said = "\n".join([*citizen.everything, *ani.everything])
    said += "\n".join([row.payload for row in await OutboxMessage.all()])
    said += "\n".join([row.body for row in await InboxEvent.all()])
    logged = out.getvalue() + "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith(("bot", "office", "pages"))
    )
    for written in (said, logged):
        assert NIK not in written
        assert NIK[:-1] not in written
