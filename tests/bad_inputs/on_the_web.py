"""Rows 47 to 58: what browsers and programs ask for over HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from yarl import URL

from bot.channels.webchat import cookie
from models.files import FileState, StoredFile
from models.inbox import InboxEvent
from models.requests import Request
from tests.bad_inputs.row import row
from tests.bad_inputs.town import Town
from tests.channels.test_public_names import PUBLIC, called
from tests.console.browser import PASSWORD, Browser, enrolled
from tests.fakes import bodies, messenger_bodies
from tests.flows import doors
from tests.flows.counter import APP_SECRET
from tests.flows.steps import NIK, comes_to_the_nik, comes_to_the_papers, files_a_lost_card, says, settled
from tests.phones import WhatsAppPhone

EVIL = "https://evil.example"
LOGINS = ("/login", "/masuk", "/admin", "/konsol", "/logout", "/api/login", "/session", "/totp")


async def a_page_of(town: Town, citizen: WhatsAppPhone) -> str:
    """The path of the one-time page where the NIK is typed."""
    told = await comes_to_the_nik(citizen)
    return urlsplit(next(word for word in told.split() if "/f/" in word)).path


@row(
    47,
    "a login by brute force, from a thousand addresses",
    "five in a quarter of an hour; whoever is signed in goes on",
)
async def brute_force(town: Town) -> None:
    name = f"Konsol{next(town.numbers)}"
    phone, _ = await enrolled(town.url, town.clock, name)
    inside, right = Browser(town.url), phone.shows(1)
    assert (await inside.signs_in(name, right)).status == 303
    answers = []
    for n in range(12):
        robot = Browser(town.url, address=f"10.0.{n}.1")
        answers.append((await robot.signs_in(name, f"{n:06}", f"kata sandi {n}")).status)
    assert answers == [422] * 5 + [429] * 7
    assert (await inside.opens("/console")).status == 200
    for path in LOGINS:  # there is no other door
        assert (await town.asks("POST", path, data={"user": name, "password": PASSWORD}))[0] == 404, path
    for n in range(20):
        told = {"Authorization": f"Basic {n}", "X-Forwarded-For": f"10.0.0.{n}"}
        assert (await town.get("/console", headers=told))[0] == 303


@row(48, "a user that exists and one that does not", "the same words, after the same work")
async def who_is_there(town: Town) -> None:
    name, other = f"Konsol{next(town.numbers)}", f"Tiada{next(town.numbers)}"
    await enrolled(town.url, town.clock, name)
    browser, told, took = Browser(town.url), set(), dict[str, list[float]]()
    for _ in range(3):
        for who in (name, other):
            begun = time.perf_counter()
            answer = await browser.signs_in(who, "000000", "bukan ini kata sandinya")
            took.setdefault(who, []).append(time.perf_counter() - begun)
            told.add((answer.status, answer.text.replace(who, "")))
    assert len(told) == 1
    assert median(took[other]) > median(took[name]) / 3  # a password is looked at, too
    stranger = town.on_telegram()
    said = {await says(stranger, f"/masuk {typed}") for typed in (name, "nobody", "K7Q2M-9FDX3-TR800")}
    assert len(said) == 1


@row(49, "a TOTP used before, and one that is two steps old", "refused; the last step is kept")
async def one_time_passwords(town: Town) -> None:
    name = f"Konsol{next(town.numbers)}"
    phone, _ = await enrolled(town.url, town.clock, name)
    used, ahead = phone.shows(), phone.shows(1)
    browser = Browser(town.url)
    for code in (used, phone.shows(-2), phone.shows(2)):
        assert (await browser.signs_in(name, code)).status == 422, code
    both = await asyncio.gather(*(Browser(town.url).signs_in(name, ahead) for _ in range(2)))
    assert sorted(one.status for one in both) == [303, 422]  # at once, and it counts once


@row(50, "a form posted from another origin, without its token, from a subdomain", "403")
async def cross_site(town: Town) -> None:
    page = await a_page_of(town, town.on_whatsapp())
    citizen = town.on_whatsapp()
    await says(citizen, "halo", "data saya")
    await citizen.taps("Salinan data")
    export = urlsplit(
        next(word for word in (await citizen.hears(containing="/d/")).split() if "/d/" in word)
    ).path
    foreign: tuple[dict[str, str], ...] = (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": EVIL},
        {"Origin": "https://x.loket.test"},
        {"Origin": "null"},
    )
    for told in foreign:
        assert (await town.asks("POST", page, data={"nik": NIK}, headers=told))[0] == 403
        assert (await town.asks("POST", export, headers=told))[0] == 403
    assert (await town.asks("POST", f"/f/{'A' * 43}", data={"nik": NIK}))[0] == 410
    assert (await Request.all().order_by("-id").first()).nik is None
    for told in (*foreign, {}):
        assert (await town.asks("POST", "/console/masuk", data={"name": "x"}, headers=told))[0] == 403
    async with town.in_a_browser() as browser:
        message = {"id": str(uuid.uuid4()), "text": "halo"}
        for told in foreign:
            post = browser.http.post(f"{town.url}/chat/messages", json=message, headers=told)
            async with post as answer:
                assert (answer.status, (await answer.json())["error"]) == (403, "cross_site")
        assert (await browser.history())["lines"] == []
    assert (await town.asks("POST", page, data={"nik": NIK}, headers={"Origin": "https://loket.test"}))[
        0
    ] == 200


@row(
    51,
    "a session that somebody else chose; a cookie from before",
    "ours alone counts; the old one stays behind",
)
async def sessions(town: Town) -> None:
    name = f"Konsol{next(town.numbers)}"
    phone, _ = await enrolled(town.url, town.clock, name)
    staff = Browser(town.url, token="A" * 43)
    assert (await staff.opens("/console")).status == 303
    assert (await staff.signs_in(name, phone.shows(1))).status == 303
    assert staff.token != "A" * 43
    before = staff.token
    await staff.sends("/console/keluar")
    staff.token = before
    assert (await staff.opens("/console")).status == 303
    async with town.in_a_browser() as browser:
        await says(browser, "halo")
        before = await browser.history()
        async with browser.http.get(f"{town.url}/?new") as page:
            assert page.status == 200
        after = await browser.history()
        assert after["who"] != before["who"] and after["lines"] == []
    for chosen in ("guessed", "a" * 43, "", "x" * 5000):
        async with (
            aiohttp.ClientSession(cookies={cookie.NAME: chosen}) as http,
            http.get(f"{town.url}/") as page,
        ):
            given = SimpleCookie(page.headers.get("Set-Cookie", ""))
            assert page.status == 200
            assert all(morsel.value != chosen for morsel in given.values()) or len(chosen) == 43
            assert all(morsel["httponly"] and morsel["samesite"] for morsel in given.values())


@row(52, "the web chat: another's session, a WebSocket of a foreign origin, 10 MB, 1,000 messages a second",
     "128 bits, our own pages, 64 kB of words, a minute's allowance")  # fmt: skip
async def web_chat(town: Town) -> None:
    async with town.in_a_browser() as maria, town.in_a_browser() as other:
        await says(maria, "halo")
        for guessed in ("guessed", "A" * 43, maria.cursor):
            async with aiohttp.ClientSession(cookies={cookie.NAME: guessed}) as http:
                for path in ("history", "stream"):
                    async with http.get(
                        f"{town.url}/chat/{path}", timeout=aiohttp.ClientTimeout(5)
                    ) as answer:
                        seen = await answer.content.read(2_000) if path == "history" else b""
                        assert answer.status in (200, 403) and b"halo" not in seen
        known = {morsel.value for morsel in maria.http.cookie_jar}
        assert all(len(value) >= 22 for value in known)  # of 64 signs: 128 bits and more
        assert (await other.history())["lines"] == []
        shake = {
            "Upgrade": "websocket", "Connection": "Upgrade", "Origin": EVIL,
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
        }  # fmt: skip
        for path in ("/chat/stream", "/chat/messages", "/ws"):
            assert (await town.get(path, headers=shake))[0] in (403, 404, 405)
        assert await maria.says("a" * 10 * 1024**2) == 413
        frame = len(json.dumps({"id": str(uuid.uuid4()), "text": ""}))
        assert await maria.says("a" * (64 * 1024 - frame + 1)) == 413
        assert await maria.says("a" * (64 * 1024 - frame)) == 200
        await maria.hears()
        events = await InboxEvent.all().count()
        statuses = await asyncio.gather(*(_posts(town, other.http, n) for n in range(1_000)))
        assert set(statuses) == {200, 429}
        taken = statuses.count(200)
        assert taken <= 70 and await InboxEvent.all().count() == events + taken
        assert await maria.says("masih ada?") == 200  # nobody else has to wait
        await maria.hears()


async def _posts(town: Town, http: aiohttp.ClientSession, number: int) -> int:
    message = {"id": str(uuid.UUID(int=number, version=4)), "text": "halo"}
    async with http.post(f"{town.url}/chat/messages", json=message) as answer:
        return answer.status


LINKS = (
    "http://169.254.169.254/latest/meta-data",
    "https://169.254.169.254/",
    "http://127.0.0.1:1/",
    "https://localhost/",
    "file:///etc/passwd",
    "https://evil.example/lookaside.fbsbx.com",
    "https://lookaside.fbsbx.com.evil.example/",
    "https://fbsbx.com@evil.example/",
    "https://user:pass@lookaside.fbsbx.com/x",
    "http://lookaside.fbsbx.com/x",
    "https://lookaside.fbsbx.com:8443/x",
    "https://[::1]/",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "//lookaside.fbsbx.com/x",
)


@dataclass
class Trap:
    port: int
    callers: int = 0


@contextlib.asynccontextmanager
async def a_trap() -> AsyncIterator[Trap]:
    """Counts who calls."""
    trap = Trap(0)

    async def caught(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        trap.callers += 1
        writer.close()

    server = await asyncio.start_server(caught, "127.0.0.1", 0)
    trap.port = server.sockets[0].getsockname()[1]
    async with server:
        yield trap


@contextlib.contextmanager
def names_lead_to(address: str, port: int) -> Iterator[None]:
    """Whatever name the machine's resolver is asked for; addresses in digits stay what they are."""
    known = socket.getaddrinfo

    def lied(host: Any, *asked: Any, **how: Any) -> Any:
        if host is None or str(host).replace(".", "").isdigit():
            return known(host, *asked, **how)
        return known(address, port, type=socket.SOCK_STREAM)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", lied)
        yield


@row(53, "a link to a file that leads to 169.254.169.254, 127.0.0.1, file:, user:pass@, or is sent on; a "
     "name that leads home, or elsewhere from one question to the next",
     "only Meta's own hosts, by https, nowhere from there, at the address that was looked at")  # fmt: skip
async def links_to_files(town: Town) -> None:
    """A link stands in Messenger's bodies; on WhatsApp and Telegram an id is all that people send."""
    assert town.page is not None
    fetched = len(town.page.downloads), len(town.graph.downloads)
    citizen = town.on_messenger(psid="7411000000000053")
    await comes_to_the_papers(citizen)
    for link in LINKS:
        assert await citizen._sends({"attachments": [messenger_bodies.file_attachment("image", link)]}) == 200
        assert "tidak sampai kepada kami" in await citizen.hears(), link
    refused = await StoredFile.filter(state=FileState.REFUSED).order_by("-id").limit(len(LINKS))
    assert {one.problem for one in refused} == {"foreign_host"}
    on_whatsapp = town.on_whatsapp()
    await comes_to_the_papers(on_whatsapp)
    for ident in ("../../me", "https://evil.example/x", "1?access_token=x"):
        image = {"id": ident, "mime_type": "image/jpeg", "sha256": "x"}
        said = doors.message(town, on_whatsapp.wa_id or "", "image", image)
        assert await doors.whatsapp(town, doors.written_by(town, on_whatsapp.wa_id or "", said)) == 200
        await settled(town)
    assert (len(town.page.downloads), len(town.graph.downloads)) == fetched

    async with a_trap() as trap:  # the names are Meta's, and somebody has them lead to this machine
        for address in ("127.0.0.1", "::ffff:127.0.0.1"):
            with names_lead_to(address, trap.port):
                link = f"https://{address.count(':')}.fbsbx.com/x"
                await citizen._sends({"attachments": [messenger_bodies.file_attachment("image", link)]})
                assert "tidak sampai kepada kami" in await citizen.hears()
        assert trap.callers == 0
    assert (await StoredFile.all().order_by("-id").first()).problem == "foreign_host"
    # One question for each call, and nobody is called but whom it named.
    assert await called("https://lookaside.fbsbx.com/x", [PUBLIC], ["127.0.0.1"]) == (
        [PUBLIC], ["no_answer", "foreign_host"],
    )  # fmt: skip


@row(54, "?next=//evil, /\\evil, javascript:", "nothing sends anybody anywhere but to our own front page")
async def sent_on(town: Town) -> None:
    for target in ("//evil.example", "/\\evil.example", "javascript:alert(1)", EVIL, "%2f%2fevil.example"):
        for query in (
            f"next={target}",
            f"new&next={target}",
            f"new={target}",
            f"redirect={target}",
            f"url={target}",
        ):
            async with (
                aiohttp.ClientSession() as http,
                http.get(URL(f"{town.url}/?{query}", encoded=True), allow_redirects=False) as answer,
            ):
                assert answer.status in (200, 303)
                assert answer.headers.get("Location", "/") == "/"
    for path in ("//evil.example", "//evil.example/%2f..", "/\\evil.example", "/%5cevil.example"):
        status, _ = await town.speaks(
            f"GET {path} HTTP/1.1".encode(), b"Host: 127.0.0.1", b"Connection: close"
        )
        assert status in (400, 404)
    assert b"evil.example" not in b"".join(_locations(town))


def _locations(town: Town) -> list[bytes]:
    return [line for line in town.relay.heard.split(b"\r\n") if line.lower().startswith(b"location:")]


@row(55, "a forged Host", "421; links come from the settings")
async def forged_host(town: Town) -> None:
    for host in (
        "evil.example",
        "evil.example:443",
        "loket.test.evil.example",
        "xloket.test",
        "a@b",
        "[::1",
        "_",
    ):
        for path in ("/", "/chat/about", "/f/form.css", "/webhooks/whatsapp", "/nowhere"):
            assert (await town.get(path, headers={"Host": host}))[0] == 421, (host, path)
    citizen = town.on_whatsapp()
    said = doors.message(town, citizen.wa_id or "", "text", {"body": "data saya"})
    raw = bodies.as_meta_writes(doors.written_by(town, citizen.wa_id or "", said))
    told = bodies.signed(raw, APP_SECRET)
    assert await doors.post(f"{town.url}/webhooks/whatsapp", raw, told | {"Host": "evil.example"}) == 421
    ours = {"Host": "loket.test", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    assert await doors.post(f"{town.url}/webhooks/whatsapp", raw, told | ours) == 200
    await citizen.hears()
    await citizen.taps("Salinan data")
    assert "https://loket.test/d/" in await citizen.hears(containing="/d/")
    for host in ("loket.test", "LOKET.TEST", "loket.test:443", "127.0.0.1", "[::1]", "localhost:8080"):
        assert (await town.get("/", headers={"Host": host}))[0] == 200, host
    assert (await town.get("/healthz", headers={"Host": "whatever"}))[0] == 200


@row(56, "a length and chunks at once, a broken chunk, a folded header", "400, and the connection is closed")
async def smuggled(town: Town) -> None:
    post, host = b"POST /webhooks/whatsapp HTTP/1.1", b"Host: 127.0.0.1"
    chunked = b"Transfer-Encoding: chunked"
    events = await InboxEvent.all().count()
    second = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    tried: dict[str, tuple[tuple[bytes, ...], bytes]] = {
        "CL and TE": ((post, host, b"Content-Length: 5", chunked), b"0\r\n\r\n" + second),
        "TE and CL": ((post, host, chunked, b"Content-Length: 5"), b"0\r\n\r\n" + second),
        "two CL": ((post, host, b"Content-Length: 5", b"Content-Length: 6"), b"hello" + second),
        "bad chunk": ((post, host, chunked), b"zz\r\nhello\r\n0\r\n\r\n" + second),
        "negative chunk": ((post, host, chunked), b"-1\r\nhello\r\n0\r\n\r\n" + second),
        "another TE": ((post, host, b"Transfer-Encoding: xchunked"), b"0\r\n\r\n" + second),
        "TE twice": ((post, host, chunked, b"Transfer-Encoding: identity"), b"0\r\n\r\n" + second),
        "folded": ((post, host, b"X-A: a\r\n b", b"Content-Length: 0"), second),
        "space before colon": ((post, host, b"Content-Length : 5"), b"hello" + second),
        "no host": ((post, b"Content-Length: 0"), second),
        "two hosts": ((post, host, b"Host: evil.example", b"Content-Length: 0"), second),
        "NUL": ((post, host, b"X-A: \x00", b"Content-Length: 0"), second),
    }
    for name, (lines, body) in tried.items():
        town.relay.heard.clear()
        assert await town.speaks(*lines, body=body) == (400, True), name
        assert town.relay.heard.count(b"HTTP/1.") == 1, name  # nobody answered what was smuggled behind
    assert await InboxEvent.all().count() == events


@row(57, "TRACE and PUT, //, %2e%2e, an address of 8 kB, 200 headers", "405, 404, 414, 431")
async def odd_requests(town: Town) -> None:
    asked = (
        ("TRACE", "/healthz", (405,)),
        ("TRACE", "/", (405,)),
        ("PUT", "/webhooks/whatsapp", (405,)),
        ("DELETE", "/webhooks/telegram", (405,)),
        ("PATCH", "/chat/messages", (405,)),
        ("GET", "/webhooks/telegram", (405,)),
        ("POST", "/webhooks/whatsapp/", (404,)),
        ("POST", "/webhooks/nobody", (404,)),
        ("GET", "//", (404,)),
        ("GET", "//evil.example/", (404,)),
        ("GET", "/%2e%2e/%2e%2e/etc/passwd", (404,)),
        ("GET", "/f/%2e%2e%2f%2e%2e%2fetc%2fpasswd", (410,)),
        ("GET", "/chat/static/..%2f..%2fadapter.py", (404,)),
        ("GET", "/chat/static/%2e%2e%2f", (404,)),
        ("GET", "/chat/files/..%2f..%2fkeys.json", (404,)),
        ("GET", "/" + "a" * 8_000, (414,)),
        ("GET", "/?" + "a" * 8_000, (414,)),
    )
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        for method, path, expected in asked:
            url = URL(town.url + path, encoded=True)
            async with http.request(method, url, allow_redirects=False, max_line_size=16_000) as answer:
                assert answer.status in expected, (method, path[:40])
    many = [b"X-%d: 1" % n for n in range(200)]
    assert (await town.speaks(b"GET / HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close", *many))[0] == 431
    some = [b"X-%d: 1" % n for n in range(110)]
    status, _ = await town.speaks(b"GET / HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close", *some)
    assert status == 431
    long = b"GET /%b HTTP/1.1" % (b"a" * 20_000)
    assert (await town.speaks(long, b"Host: 127.0.0.1", b"Connection: close"))[0] == 414
    assert (await town.speaks(b"CONNECT evil.example:80 HTTP/1.1", b"Host: 127.0.0.1"))[0] in (400, 421)


@row(58, "a page of 10^9, sorted by `password`, a filter 50 deep", "bounded; nothing but what is on the list")
async def odd_lists(town: Town) -> None:
    async with town.in_a_browser() as browser:
        await says(browser, "halo")
        for before in ("x", "-1", "1e9", "9" * 40, "0.0", "'; DROP TABLE inbox; --", "{" * 50):
            async with browser.http.get(f"{town.url}/chat/history", params={"before": before}) as answer:
                assert answer.status in (200, 400), before
                assert len(await answer.read()) < 100_000
        query = {"limit": str(10**9), "sort": "password", "filter": json.dumps({"a": 1}) * 50}
        async with browser.http.get(f"{town.url}/chat/history", params=query) as answer:
            assert (answer.status, len((await answer.json())["lines"])) == (200, 2)
        for after in ("x", "9" * 40, "-"):
            async with browser.http.get(f"{town.url}/chat/stream", params={"after": after}) as answer:
                assert answer.status == 400, after
    await files_a_lost_card(town.on_telegram(), nik=NIK)
    ani = await town.at_the_desk()
    for typed in (f"{10**9}", "password", "1-1000000000", "1-99999999999", "{" * 50, "ktp " * 900):
        for command in ("antrean", "lihat"):
            told = await says(ani, f"/{command} {typed}")
            assert told and len(told) <= 4096, (command, typed[:20])
