"""Fetching what people sent to a Page: links that die, and hosts that are not Meta's."""

from datetime import timedelta

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port

from bot.channels.base import MediaGone, MediaRef, MediaUnreachable
from bot.channels.messenger.adapter import MessengerAdapter
from bot.channels.messenger.settings import MessengerSettings
from tests.channels import office
from tests.fakes import pictures
from tests.fakes.messenger import FakeMessenger

LIMIT = 15 * 1024**2
PHOTO = pictures.jpeg(3)


async def fetch(adapter: MessengerAdapter, link: str, limit: int = LIMIT) -> bytes:
    return await adapter.fetch(MediaRef(external_id=link), limit)


async def gone(adapter: MessengerAdapter, link: str, limit: int = LIMIT) -> str:
    with pytest.raises(MediaGone) as error:
        await fetch(adapter, link, limit)
    return error.value.problem


def photo(page: FakeMessenger, content: bytes = PHOTO) -> str:
    return page.link_to(page.add_media(content, "image/jpeg").id)


async def test_a_photo_comes_whole_and_without_our_token(
    messenger: MessengerAdapter, page: FakeMessenger
) -> None:
    assert await fetch(messenger, photo(page)) == PHOTO


async def test_a_link_that_has_died_is_gone(messenger: MessengerAdapter, page: FakeMessenger) -> None:
    link = photo(page)
    page.clock = lambda: office.NOW + page.link_lives + timedelta(seconds=1)
    assert await gone(messenger, link) == "gone"
    assert await gone(messenger, f"{page.base_url}/v/t1.15752-9/x.jpg?oh=forged") == "gone"


@pytest.mark.parametrize("fault", ["http500", "drop", "truncated"])
async def test_what_later_may_help_is_told_apart(
    messenger: MessengerAdapter, page: FakeMessenger, fault: str
) -> None:
    link = photo(page)
    page.next_download(fault)
    with pytest.raises(MediaUnreachable):
        await fetch(messenger, link)
    assert await fetch(messenger, link) == PHOTO


async def test_too_much_and_nothing(messenger: MessengerAdapter, page: FakeMessenger) -> None:
    link = photo(page)
    assert await gone(messenger, link, len(PHOTO) - 1) == "too_big"
    assert await fetch(messenger, link, len(PHOTO)) == PHOTO
    assert await gone(messenger, photo(page, b"")) == "empty"


async def test_nobody_listening(http: ClientSession) -> None:
    base = f"http://127.0.0.1:{unused_port()}"
    adapter = MessengerAdapter(MessengerSettings.model_validate(office.MESSENGER | {"api_base": base}), http)
    with pytest.raises(MediaUnreachable):
        await fetch(adapter, f"{base}/v/photo.jpg")


@pytest.mark.parametrize(
    "link",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/",
        "http://127.0.0.1:1/",
        "https://localhost/",
        "http://scontent.xx.fbcdn.net/x",  # not https
        "https://scontent.xx.fbcdn.net:8443/x",
        "https://evil.example/scontent.xx.fbcdn.net",
        "https://scontent.xx.fbcdn.net.evil.example/",
        "https://evilfbcdn.net/",
        "https://fbcdn.net@evil.example/",
        "https://evil.example#.fbcdn.net",
        "https://user:pass@scontent.xx.fbcdn.net/",
        "file:///etc/passwd",
        "https://[::1]/",
        "https://[",
        "https://scontent.xx.fbcdn.net:x/",
        "IMAGE_URL",
        "",
    ],
)
async def test_nobody_but_meta_is_asked(messenger: MessengerAdapter, page: FakeMessenger, link: str) -> None:
    assert await gone(messenger, link) == "foreign_host"
    assert page.downloads == []


async def test_no_redirect_is_followed(http: ClientSession) -> None:
    async def away(request: web.Request) -> web.StreamResponse:
        assert "Authorization" not in request.headers
        return web.Response(status=302, headers={"Location": "http://169.254.169.254/"})

    app = web.Application()
    app.router.add_get("/photo.jpg", away)
    async with TestServer(app) as server:
        base = str(server.make_url("/"))
        settings = MessengerSettings.model_validate(office.MESSENGER | {"api_base": base})
        assert await gone(MessengerAdapter(settings, http), f"{base}photo.jpg") == "redirect"
