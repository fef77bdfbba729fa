"""Fetching what people sent on WhatsApp: links that die, files that lie, hosts that are not Meta's."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port

from bot.channels.base import MediaGone, MediaRef, MediaUnreachable
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from bot.channels.whatsapp.settings import WhatsAppSettings
from tests.channels import office
from tests.fakes import FakeGraph, pictures

LIMIT = 15 * 1024**2
PHOTO = pictures.jpeg(3)


async def fetch(adapter: WhatsAppAdapter, ident: str, limit: int = LIMIT) -> bytes:
    return await adapter.fetch(MediaRef(external_id=ident), limit)


async def gone(adapter: WhatsAppAdapter, ident: str, limit: int = LIMIT) -> str:
    with pytest.raises(MediaGone) as error:
        await fetch(adapter, ident, limit)
    return error.value.problem


async def test_a_photo_comes_whole(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    assert await fetch(whatsapp, graph.add_media(PHOTO, "image/jpeg").id) == PHOTO


async def test_an_id_older_than_seven_days_is_gone(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    media = graph.add_media(PHOTO, "image/jpeg")
    graph.clock = lambda: office.NOW + timedelta(days=7, seconds=1)
    assert await gone(whatsapp, media.id) == "gone"
    assert await gone(whatsapp, "../../me") == "gone"


async def test_a_dead_link_is_asked_for_anew_once(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    media = graph.add_media(PHOTO, "image/jpeg")
    graph.next_download("http404")
    assert await fetch(whatsapp, media.id) == PHOTO
    graph.next_download("http404", "http404", "http404")
    assert await gone(whatsapp, media.id) == "gone"


@pytest.mark.parametrize("fault", ["http500", "drop", "truncated", "other_bytes"])
async def test_what_later_may_help_is_told_apart(
    whatsapp: WhatsAppAdapter, graph: FakeGraph, fault: str
) -> None:
    media = graph.add_media(PHOTO, "image/jpeg")
    graph.next_download(fault)
    with pytest.raises(MediaUnreachable):
        await fetch(whatsapp, media.id)
    assert await fetch(whatsapp, media.id) == PHOTO


async def test_too_much_and_nothing(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    media = graph.add_media(PHOTO, "image/jpeg")
    assert await gone(whatsapp, media.id, len(PHOTO) - 1) == "too_big"
    assert graph.downloads == []  # Meta told the size
    assert await fetch(whatsapp, media.id, len(PHOTO)) == PHOTO
    assert await gone(whatsapp, graph.add_media(b"", "image/jpeg").id) == "empty"


async def test_nobody_listening(http: ClientSession) -> None:
    settings = WhatsAppSettings.model_validate(
        office.WHATSAPP | {"api_base": f"http://127.0.0.1:{unused_port()}"}
    )
    with pytest.raises(MediaUnreachable):
        await fetch(WhatsAppAdapter(settings, http), "1")


class Liar:
    """An API whose links lead anywhere, and whose bytes do not end where they say."""

    def __init__(self, adapter: WhatsAppAdapter) -> None:
        self.adapter = adapter
        self.about: dict[str, object] = {}
        self.bytes: Callable[[web.Request], Awaitable[web.StreamResponse]] = _photo


async def _photo(_: web.Request) -> web.StreamResponse:
    return web.Response(body=PHOTO)


@pytest.fixture
async def liar(http: ClientSession) -> AsyncIterator[Liar]:
    async def about(_: web.Request) -> web.Response:
        return web.json_response(here.about)

    async def content(request: web.Request) -> web.StreamResponse:
        return await here.bytes(request)

    app = web.Application()
    app.router.add_get("/v25.0/{id}", about)
    app.router.add_get("/bytes", content)
    async with TestServer(app) as server:
        base = str(server.make_url("/"))
        settings = WhatsAppSettings.model_validate(office.WHATSAPP | {"api_base": base})
        here = Liar(WhatsAppAdapter(settings, http))
        here.about = {"url": base + "bytes"}
        yield here


async def test_a_link_to_the_api_itself_is_followed(liar: Liar) -> None:
    assert await fetch(liar.adapter, "1") == PHOTO


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/",
        "http://127.0.0.1:1/",
        "https://localhost/",
        "http://lookaside.fbsbx.com/x",  # not https
        "https://lookaside.fbsbx.com:8443/x",
        "https://evil.example/lookaside.fbsbx.com",
        "https://lookaside.fbsbx.com.evil.example/",
        "https://evilfbsbx.com/",
        "https://fbsbx.com@evil.example/",
        "https://evil.example#.fbsbx.com",
        "https://user:pass@lookaside.fbsbx.com/",
        "file:///etc/passwd",
        "https://[::1]/",
        "https://lookaside.fbsbx.com:x/",
        "//lookaside.fbsbx.com/x",
        "",
        None,
        7,
    ],
)
async def test_the_token_goes_to_nobody_else(liar: Liar, url: object) -> None:
    liar.about = {"url": url}
    assert await gone(liar.adapter, "1") == "foreign_host"


async def test_no_redirect_is_followed(liar: Liar) -> None:
    async def away(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "http://169.254.169.254/"})

    liar.bytes = away
    assert await gone(liar.adapter, "1") == "redirect"


async def test_bytes_without_an_end_are_cut_off(liar: Liar) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()  # no Content-Length
        await response.prepare(request)
        for _ in range(10_000):
            await response.write(b"x" * 65536)
        return response

    liar.bytes = endless
    assert await gone(liar.adapter, "1", 1024**2) == "too_big"


@pytest.mark.parametrize(
    ("sha256", "taken"),
    [
        ("4654+8g=", True),  # as some bodies have it: not a SHA-256 at all
        (None, True),
        ("0" * 64, False),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", False),
    ],
)
async def test_a_checksum_counts_if_it_is_one(liar: Liar, sha256: object, taken: bool) -> None:
    liar.about["sha256"] = sha256
    if taken:
        assert await fetch(liar.adapter, "1") == PHOTO
        return
    with pytest.raises(MediaUnreachable):
        await fetch(liar.adapter, "1")
