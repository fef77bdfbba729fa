"""Every answer of the whole server: what it says it is, and what it tells a browser not to do."""

import asyncio
import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from bot import headers
from bot.doorkeeper import SILENT
from tests.flows.counter import Counter

PAGES = ("/", "/?new", "/chat/about", "/chat/static/chat.js", "/chat/static/chat.css", "/f/form.css")
REFUSALS = ("/chat/history", "/chat/stream", "/chat/files/x", "/f/x", "/d/x", "/webhooks/whatsapp")
UPKEEP = ("/healthz", "/readyz", "/metrics")
NOTHING = (
    "/nowhere",
    "/chat/static/",
    "/chat/static",
    "/.git/config",
    "/.env",
    "/data/keys.json",
    "/docs",
    "/admin",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE")


@pytest.fixture
def engine() -> str:
    """None of it depends on the database."""
    return "sqlite"


@pytest.mark.parametrize("method", METHODS)
async def test_every_answer_says_what_it_is_and_what_a_browser_may_not(counter: Counter, method: str) -> None:
    told = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "X-Canary": "canary"}
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        for path in (*PAGES, *REFUSALS, *UPKEEP, *NOTHING):
            asked = http.request(
                method, URL(counter.url + path, encoded=True), headers=told, allow_redirects=False
            )
            async with asked as answer:
                where = (method, path, answer.status)
                assert answer.status < 500, where
                policy = answer.headers["Content-Security-Policy"]
                for rule in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
                    assert rule in policy, where
                assert "unsafe" not in policy and "*" not in policy, where
                assert answer.headers["X-Content-Type-Options"] == "nosniff", where
                assert answer.headers["Referrer-Policy"] in ("no-referrer", "same-origin"), where
                assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000"), where
                assert answer.headers["Cache-Control"] in ("no-store", "no-cache"), where
                assert (answer.headers["Cache-Control"] == "no-store") or "static" in path, where
                assert "Server" not in answer.headers, where
                assert answer.headers.get("Location", "/") == "/", where
                assert not [name for name in answer.headers if name.startswith("Access-Control-")], where
                body = await answer.text(errors="replace")
                assert "canary" not in body and "Traceback" not in body and "aiohttp" not in body, where
                if body:
                    said = answer.headers["Content-Type"]
                    assert "charset=utf-8" in said.lower() or not re.match(r"text/|application/json", said), (
                        where
                    )
            if method == "TRACE" or path in NOTHING:
                assert answer.status in (404, 405), where


async def test_a_cookie_is_for_this_host_alone_and_no_script(counter: Counter) -> None:
    async with aiohttp.ClientSession() as http, http.get(counter.url) as page:
        [told] = page.headers.getall("Set-Cookie")
    name, _, rest = told.partition("=")
    assert name == "__Host-loket_chat"
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"} <= set(rest.split("; "))
    assert "Domain" not in rest


# ------------------------------------------------------------------ what goes wrong inside


@pytest.fixture
async def broken() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    async def breaks(_: web.Request) -> web.Response:
        raise RuntimeError("Key (nik)=(5314015506900001) of Maria already exists")

    app = web.Application()
    app.router.add_get("/", breaks)
    headers.install(app, public_url="https://loket.test")
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
async def test_a_fault_of_ours_tells_nobody_what_it_is(
    broken: TestClient[web.Request, web.Application], accept: str
) -> None:
    async with broken.get("/", headers={"Accept": accept}) as answer:
        assert answer.status == 500
        said = await answer.text()
        assert answer.headers["Content-Security-Policy"] == headers.PAGE_POLICY
    for secret in ("Maria", "5314", "RuntimeError", "Traceback", "test_answers"):
        assert secret not in said


# ------------------------------------------------------------------ where a message ends


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nX: a\r\n folded\r\n",
        "Content-Length : 5\r\n",
    ],
)
async def test_where_a_message_ends_is_never_a_guess(counter: Counter, head: str) -> None:
    """What two servers could read in two ways is refused, and the line closed: nothing hides behind it."""
    port = URL(counter.url).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"POST /webhooks/whatsapp HTTP/1.1\r\nHost: loket.test\r\n{head}\r\n0\r\n\r\n"
    behind = "GET /healthz HTTP/1.1\r\nHost: loket.test\r\n\r\n"
    writer.write(f"{request}{behind}".encode())
    said = (await asyncio.wait_for(reader.read(), SILENT)).decode()  # sooner than for its silence
    writer.close()
    assert said.startswith(("HTTP/1.1 400", "HTTP/1.0 400")), said[:200]
    assert said.count("HTTP/1.") == 1
