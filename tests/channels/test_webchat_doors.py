"""The web chat over real sockets: what is taken, what is refused, and who sees what."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import headers, ids
from bot.channels.webchat import cookie
from models.contacts import Contact
from models.inbox import InboxEvent
from models.outbox import OutboxMessage
from tests.fakes import pictures
from tests.patience import PATIENCE
from tests.web_phone import WebPhone
from tests.webchat_counter import OFFICE, Counter, open_counter


@pytest.fixture
async def counter(database: str, tmp_path: Path) -> AsyncIterator[Counter]:
    async with open_counter(tmp_path) as counter:
        yield counter


@pytest.fixture
async def citizen(counter: Counter) -> AsyncIterator[WebPhone]:
    async with WebPhone(counter.url) as phone:
        yield phone


async def post(citizen: WebPhone, told: dict[str, str] | None = None, **request: Any) -> tuple[int, str]:
    async with citizen.http.post(f"{citizen.url}/chat/messages", headers=told, **request) as answer:
        return answer.status, (await answer.json()).get("error", "")


def ident() -> str:
    return str(uuid.uuid4())


# ---------------------------------------------------------------- a conversation


async def test_a_person_speaks_taps_and_is_answered(citizen: WebPhone) -> None:
    assert citizen.office == OFFICE
    assert await citizen.says("mulai") == 200
    assert await citizen.hears() == "Selamat datang. Bapak/Ibu perlu apa?"
    assert citizen.buttons == ["KTP-el hilang", "Akta kelahiran", "Kartu keluarga"]
    assert await citizen.taps("Akta kelahiran") == 200
    assert await citizen.hears() == "Anda memilih: Akta kelahiran"
    assert await citizen.says("1") == 200  # typed, it means the only button
    assert await citizen.hears() == "Pilihan dicatat."


async def test_words_that_answer_a_tap_are_shown_once_and_stay_nowhere(citizen: WebPhone) -> None:
    await citizen.says("/salin")
    await citizen.hears()
    for label in ("Cepat", "Penting"):
        assert await citizen.taps(label) == 200
        await citizen._until(lambda: len(citizen.toasts) > 0, 10, "a toast")
        assert citizen.toasts.pop() == "Nomor <12> & salinannya"
    page = await citizen.history()
    citizen.cursor = page["cursor"]
    await citizen.listens()  # the page was loaded anew
    await citizen.says("halo")
    await citizen.hears(containing="halo")
    assert citizen.toasts == []
    assert "salinannya" not in json.dumps(page)


async def test_a_repeated_post_is_one_message(citizen: WebPhone, counter: Counter) -> None:
    await citizen.says("halo")
    assert await citizen.repeats(3) == [200, 200, 200]
    await citizen.hears()
    await citizen.sends_photo(pictures.jpeg())
    assert await citizen.repeats(2) == [200, 200]
    await citizen.hears()
    assert await InboxEvent.all().count() == 2
    assert len(set(counter.store.kept)) == 1


async def test_six_photos_with_two_duplicates_are_six_papers(citizen: WebPhone) -> None:
    assert await citizen.sends_album(pictures.photos(6), shuffle=3, twice=[1, 4]) == [200] * 8
    assert await citizen.hears() == "6 berkas diterima."


async def test_the_paper_is_the_one_that_was_sent(citizen: WebPhone) -> None:
    await citizen.sends_document(pictures.pdf(), 'surat "kuasa".pdf', caption="ini")
    await citizen.hears()
    [line, _] = (await citizen.history())["lines"]
    assert (line["from"], line["text"], line["files"][0]["name"]) == ("me", "ini", 'surat "kuasa".pdf')
    assert line["files"][0]["mime"] == "application/pdf"
    async with citizen.http.get(f"{citizen.url}/chat/files/{line['files'][0]['id']}") as answer:
        assert await answer.read() == pictures.pdf()
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == (
            "attachment; filename=\"berkas.pdf\"; filename*=UTF-8''surat%20%22kuasa%22.pdf"
        )


async def test_a_picture_is_shown_and_a_page_in_disguise_is_not(citizen: WebPhone) -> None:
    await citizen.sends_photo(pictures.jpeg())
    await citizen.hears()
    await citizen.sends_document(b"<script>alert(1)</script>", "x.jpg", "image/jpeg")
    await citizen.hears()
    lines = (await citizen.history())["lines"]
    files = [file["id"] for line in lines for file in line["files"]]
    shown = []
    for file in files:
        async with citizen.http.get(f"{citizen.url}/chat/files/{file}") as answer:
            assert answer.headers["Content-Security-Policy"] == headers.FILE_POLICY
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            shown.append((answer.content_type, answer.headers["Content-Disposition"].split(";")[0]))
    assert shown == [("image/jpeg", "attachment"), ("application/octet-stream", "attachment")]


async def test_one_persons_lines_and_files_are_nobody_elses(citizen: WebPhone, counter: Counter) -> None:
    await citizen.says("/lihat")
    await citizen.hears()
    [photo, _] = await citizen.receives(2)
    assert await citizen.opens_file(photo) == 200
    async with WebPhone(counter.url) as other:
        assert await other.opens_file(photo) == 404
        assert (await other.history())["lines"] == []
        await other.says("halo")
        await other.hears()
        assert await other.opens_file(photo) == 404
        assert other.everything == ["Anda menulis: halo"]
    async with aiohttp.ClientSession() as stranger:
        for path in ("chat/history", "chat/stream"):
            async with stranger.get(counter.url + path) as answer:
                assert answer.status == 403
        async with stranger.get(f"{counter.url}chat/files/{photo.request['files'][0]['id']}") as answer:
            assert answer.status == 404


async def test_a_broken_stream_misses_nothing_and_repeats_nothing(
    citizen: WebPhone, counter: Counter
) -> None:
    await citizen.says("satu")
    await citizen.hears()
    await citizen.goes_deaf()
    await citizen.says("dua")
    await citizen.says("tiga")
    await counter.lanes.settled()
    await citizen.listens()
    await citizen.says("empat")
    await citizen.hears(containing="empat")
    assert citizen.everything == [f"Anda menulis: {n}" for n in ("satu", "dua", "tiga", "empat")]


async def test_a_reload_shows_the_same_conversation(citizen: WebPhone) -> None:
    await citizen.says("mulai")
    await citizen.hears()
    await citizen.taps("KTP-el hilang")
    await citizen.hears()
    lines = (await citizen.history())["lines"]
    assert [(line["from"], line["text"]) for line in lines] == [
        ("me", "mulai"),
        ("office", "<b>Selamat datang.</b> Bapak/Ibu perlu apa?"),
        ("me", "KTP-el hilang"),
        ("office", "Anda memilih: KTP-el hilang"),
    ]


# ---------------------------------------------------------------- who is who


async def test_a_browser_is_a_person_until_it_asks_to_be_new(counter: Counter) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        first = await visit(browser, counter.url)
        assert await visit(browser, counter.url) == first
        assert await visit(browser, f"{counter.url}?new") != first


@pytest.mark.parametrize("told", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Purpose": "prefetch;prerender"}])
async def test_nobody_else_can_make_a_person_new(counter: Counter, told: dict[str, str]) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        first = await visit(browser, counter.url)
        assert await visit(browser, f"{counter.url}?new", told) == first


@pytest.mark.parametrize(("public_url", "secure"), [("https://loket.id", True), ("http://127.0.0.1", False)])
async def test_over_https_everything_is_stricter(
    database: str, tmp_path: Path, public_url: str, secure: bool
) -> None:
    async with (
        open_counter(tmp_path, public_url=public_url) as counter,
        aiohttp.ClientSession() as browser,
        browser.get(counter.url) as page,
    ):
        assert ("Secure" in page.headers["Set-Cookie"]) is secure
        told = page.headers.get("Strict-Transport-Security")
        assert told == ("max-age=31536000; includeSubDomains" if secure else None)
        named = {"Cookie": page.headers["Set-Cookie"].partition(";")[0]}
        async with browser.get(f"{counter.url}chat/history", headers=named) as known:
            assert known.status == 200


async def visit(browser: aiohttp.ClientSession, url: str, told: dict[str, str] | None = None) -> str:
    async with browser.get(url, headers=told) as page:
        assert page.status == 200
        assert page.url.query_string == ""
    return next(c.value for c in browser.cookie_jar if c.key == cookie.NAME)


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff", "not_json"),
        (b"[" * 60_000, "not_json"),
        (b"[]", "bad_id"),
        (b"{}", "bad_id"),
        (b'{"id":"x","text":"a"}', "bad_id"),
        (json.dumps({"id": str(uuid.UUID(int=1)), "text": ""}).encode(), "empty"),
        (json.dumps({"id": str(uuid.UUID(int=1)), "text": " \n "}).encode(), "empty"),
        (json.dumps({"id": str(uuid.UUID(int=1)), "text": ["a"]}).encode(), "empty"),
        (json.dumps({"id": str(uuid.UUID(int=1)), "tap": "x"}).encode(), "unknown_choice"),
        (
            json.dumps({"id": str(uuid.UUID(int=1)), "tap": "x", "message_id": "9" * 5_000}).encode(),
            "unknown_choice",
        ),
        (
            json.dumps({"id": str(uuid.UUID(int=1)), "tap": "x", "message_id": ids.OUT_BASE + 1}).encode(),
            "unknown_choice",
        ),
        (json.dumps({"id": str(uuid.UUID(int=1)), "tap": "x", "message_id": 7}).encode(), "unknown_choice"),
    ],
)
async def test_what_cannot_be_read_is_refused(citizen: WebPhone, body: bytes, refusal: str) -> None:
    told = {"Content-Type": "application/json"}
    assert await post(citizen, told, data=body) == (400, refusal)
    assert await InboxEvent.all().count() == 0
    assert await Contact.all().count() == 0


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_other_kinds_of_bodies_are_refused(citizen: WebPhone, kind: str) -> None:
    body = json.dumps({"id": ident(), "text": "halo"}).encode()
    assert await post(citizen, {"Content-Type": kind}, data=body) == (400, "content_type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\n",
        b"--y--\r\n",
        b"--x\r\n\r\n",
        b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
    ],
)
async def test_a_broken_form_is_refused(citizen: WebPhone, body: bytes) -> None:
    status, _ = await post(citizen, {"Content-Type": "multipart/form-data; boundary=x"}, data=body)
    assert status == 400
    status, _ = await post(citizen, {"Content-Type": "multipart/form-data"}, data=body)
    assert status == 400


async def test_a_nested_form_is_refused(citizen: WebPhone) -> None:
    with aiohttp.MultipartWriter("mixed") as inner:
        inner.append("x")
    with aiohttp.MultipartWriter("form-data") as form:
        form.append(inner)
    assert await post(citizen, data=form) == (400, "not_a_form")


async def test_a_tap_is_refused_that_nobody_offered(citizen: WebPhone, counter: Counter) -> None:
    await citizen.says("mulai")
    await citizen.hears()
    shown = citizen.last_message
    made_up = {"id": ident(), "tap": "pick:rahasia", "message_id": shown.id, "label": "x"}
    assert await post(citizen, json=made_up) == (400, "unknown_choice")
    async with WebPhone(counter.url) as other:
        await other.says("halo")
        stolen = {"id": ident(), "tap": "pick:KTP-el hilang", "message_id": shown.id, "label": "x"}
        assert await post(other, json=stolen) == (400, "unknown_choice")


async def test_a_post_from_another_site_is_refused(citizen: WebPhone) -> None:
    message = {"id": ident(), "text": "halo"}
    assert await post(citizen, {"Sec-Fetch-Site": "cross-site"}, json=message) == (403, "cross_site")
    assert await post(citizen, {"Origin": "https://evil.example"}, json=message) == (403, "cross_site")
    assert await post(citizen, {"Origin": citizen.url}, json=message) == (200, "")


async def test_who_has_no_cookie_of_ours_is_refused(counter: Counter) -> None:
    async with aiohttp.ClientSession(cookies={cookie.NAME: "guessed"}) as browser:
        posted = browser.post(f"{counter.url}chat/messages", json={"id": ident(), "text": "halo"})
        async with posted as answer:
            assert (answer.status, await answer.json()) == (403, {"error": "no_session"})


async def test_files_have_a_limit_and_a_content(citizen: WebPhone, counter: Counter) -> None:
    limit = 15 * 1024 * 1024
    assert await citizen.sends_document(bytes(limit + 1), "besar.pdf") == 413
    assert await citizen.sends_document(b"", "kosong.pdf") == 400
    assert citizen.errors == ["too_big", "empty"]
    assert counter.store.kept == []
    assert await citizen.sends_document(b"%PDF-" + bytes(limit - 5), "pas.pdf") == 200
    assert await citizen.hears() == "1 berkas diterima."


async def test_a_long_text_is_kept_whole_and_a_huge_one_refused(citizen: WebPhone) -> None:
    assert await citizen.says("a" * 60_000) == 200
    await citizen.hears()
    assert len((await InboxEvent.get()).facts["text"]) == 60_000
    assert await citizen.says("a" * 64 * 1024) == 413


async def test_what_no_database_holds_is_replaced(citizen: WebPhone) -> None:
    body = b'{"id":"%b","text":"a\\u0000b\\ud800c\\u000b"}' % ident().encode()
    assert await post(citizen, {"Content-Type": "application/json"}, data=body) == (200, "")
    assert await citizen.hears() == "Anda menulis: a\ufffdb\ufffdc\ufffd"


async def test_too_many_messages_are_asked_to_wait(database: str, tmp_path: Path) -> None:
    async with open_counter(tmp_path, per_minute=3) as counter, WebPhone(counter.url) as citizen:
        assert [await citizen.says(str(n)) for n in range(5)] == [200, 200, 200, 429, 429]
        assert citizen.errors == ["too_many", "too_many"]
        async with WebPhone(counter.url) as other:
            assert await other.says("halo") == 200


async def test_without_storage_nothing_is_acknowledged(citizen: WebPhone, counter: Counter) -> None:
    counter.store.away = True
    assert await citizen.sends_photo(pictures.jpeg()) == 503
    assert await InboxEvent.all().count() == 0
    counter.store.away = False
    assert await citizen.repeats() == [200]
    assert await citizen.hears() == "1 berkas diterima."


async def test_only_so_many_streams_a_person(citizen: WebPhone) -> None:
    async def stream() -> aiohttp.ClientResponse:
        return await citizen.http.get(f"{citizen.url}/chat/stream")

    opened = [await stream() for _ in range(8)]  # the phone itself has one
    assert [answer.status for answer in opened] == [200] * 7 + [429]
    for answer in opened:
        answer.close()


@pytest.mark.parametrize("path", ["chat/history?before=x", "chat/stream?after=x"])
async def test_a_place_that_is_none_is_refused(citizen: WebPhone, path: str) -> None:
    async with citizen.http.get(f"{citizen.url}/{path}") as answer:
        assert answer.status == 400


@pytest.mark.parametrize("path", ["..%2fadapter.py", "chat.py", "..", "%2e%2e%2f"])
async def test_the_pages_folder_holds_nothing_else(citizen: WebPhone, path: str) -> None:
    async with citizen.http.get(f"{citizen.url}/chat/static/{path}") as answer:
        assert answer.status == 404


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize(
    "path", ["", "chat/about", "chat/history", "chat/stream", "chat/static/chat.js", "nowhere"]
)
async def test_every_answer_carries_the_headers(citizen: WebPhone, path: str) -> None:
    async with citizen.http.get(f"{citizen.url}/{path}") as answer:
        assert answer.headers["Content-Security-Policy"] == headers.PAGE_POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] in ("no-store", "no-cache")


async def test_the_pages_files_are_small_and_asked_for_once(citizen: WebPhone) -> None:
    url = f"{citizen.url}/chat/static/chat.js"
    async with citizen.http.get(url, headers={"Accept-Encoding": "gzip"}) as first:
        assert first.headers["Content-Encoding"] == "gzip"
        assert int(first.headers["Content-Length"]) < 10_000
        tag = first.headers["ETag"]
    async with citizen.http.get(url, headers={"If-None-Match": tag}) as second:
        assert second.status == 304


async def test_a_stopping_server_sends_the_pages_home(database: str, tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        async with open_counter(tmp_path) as counter:
            phone = WebPhone(counter.url)
            await phone.opens()
        assert await phone.is_sent_home()
        await phone.closes()


async def test_nothing_of_ours_is_said_twice(citizen: WebPhone) -> None:
    for n in range(5):
        await citizen.says(str(n))
    await citizen.hears(containing="4")
    assert len(citizen.everything) == len(set(citizen.everything)) == 5
    assert await OutboxMessage.all().count() == 5
