"""Every HTTP route and who may: a route that the table lacks fails here."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from bot.sealed_storage import SealedStorage
from bot.storage import Storage
from console.app import AT, console
from models.inbox import InboxEvent
from models.requests import Request
from office.context import office
from pages.export import ExportPage
from pages.one_time import OneTimePages
from tests.an_office import SERVED
from tests.fakes import pictures
from tests.flows.counter import Counter, providers, settings_for
from tests.flows.steps import comes_to_the_papers, says
from tests.roles.table import CONSOLE
from tests.web_phone import WebPhone
from wiring.serve import running

NEVER: Final = "A" * 43
ANYBODY, NOBODY = "anybody", "nobody"

# Method and path -> what somebody with nothing in hand is answered there; by whom it may be used at all
_ROUTES: Final = {
    ("GET", "/healthz"): (200, ANYBODY),
    ("GET", "/readyz"): (200, ANYBODY),
    ("GET", "/metrics"): (200, ANYBODY),
    ("GET", "/"): (200, ANYBODY),
    ("GET", "/chat/static/{name}"): (200, ANYBODY),
    ("GET", "/chat/about"): (200, ANYBODY),
    ("GET", "/chat/history"): (403, "a session, of its own lines"),
    ("GET", "/chat/stream"): (403, "a session, of its own lines"),
    ("GET", "/chat/files/{file_id}"): (404, "a session, of its own files"),
    ("POST", "/chat/messages"): (403, "a session, from our own page"),
    ("GET", "/f/form.css"): (200, ANYBODY),
    ("GET", "/f/{token}"): (410, "whoever was given the token"),
    ("POST", "/f/{token}"): (410, "whoever was given the token, from our own page"),
    ("GET", "/f/form.js"): (200, ANYBODY),
    ("GET", "/f/{token}/papers"): (410, "whoever was given the token"),
    ("OPTIONS", "/f/{token}/uploads"): (204, ANYBODY),
    ("POST", "/f/{token}/uploads"): (410, "whoever was given the token, from our own page"),
    ("HEAD", "/f/{token}/uploads/{upload}"): (410, "whoever was given the token"),
    ("PATCH", "/f/{token}/uploads/{upload}"): (410, "whoever was given the token, from our own page"),
    ("DELETE", "/f/{token}/uploads/{upload}"): (410, "whoever was given the token, from our own page"),
    ("GET", "/d/{token}"): (410, "whoever was given the token"),
    ("POST", "/d/{token}"): (410, "whoever was given the token, from our own page"),
    ("GET", "/console/look.css"): (200, ANYBODY),
    ("GET", "/console/icon.svg"): (200, ANYBODY),
    ("GET", "/console/masuk"): (200, ANYBODY),
    ("POST", "/console/masuk"): (403, "whoever has both factors, from our own page"),
    ("GET", "/console/mulai/{token}"): (410, "whoever was given the link"),
    ("POST", "/console/mulai/{token}"): (403, "whoever was given the link, from our own page"),
    **{
        (method, f"/console{path}"): (303 if method == "GET" else 403, "staff, see CONSOLE")
        for method, path in CONSOLE
    },
    ("GET", "/webhooks/whatsapp"): (403, "Meta"),
    ("POST", "/webhooks/whatsapp"): (401, "Meta"),
    ("GET", "/webhooks/messenger"): (403, "Meta"),
    ("POST", "/webhooks/messenger"): (401, "Meta"),
    ("POST", "/webhooks/telegram"): (401, "Telegram"),
    ("POST", "/webhooks/sms"): (401, "the gateway"),
}
ROUTES: Final = _ROUTES | {("HEAD", path): may for (method, path), may in _ROUTES.items() if method == "GET"}
FILLED_IN: Final = {
    "{name}": "chat.js", "{file_id}": "1", "{token}": NEVER, "{upload}": "0", "{session}": "1", "{chat}": "1",
    "{key}": "1", "{number}": "1", "{to}": "warga",
}  # fmt: skip
TUS: Final = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
async def counter(database_url: str, tmp_path: Path) -> AsyncIterator[Counter]:
    """The office on every channel that there is."""
    async with providers() as (clock, graph, telegram, page):
        settings = settings_for(database_url, tmp_path, graph, telegram, "webhook", page=page)
        sms = {"url": "http://127.0.0.1:9", "username": "x", "password": "x", "signing_key": "x"}
        settings = type(settings)(
            _env_file=None, **settings.model_dump(exclude={"sms"}), sms={**sms, "number": "+6281200000099"}
        )
        async with running(settings, SERVED, clock) as (core, port):
            yield Counter(f"http://127.0.0.1:{port}", core, clock, graph, telegram, page)


def there(counter: Counter, folder: Path) -> set[tuple[str, str]]:
    storage = SealedStorage(Storage.open(f"file://{folder}/none"))
    ours = OneTimePages(storage, counter.core.inbox, counter.clock, office()).routes()
    copies = ExportPage(storage, counter.clock, office()).routes()
    app = counter.core.application([("", ours), ("", copies)])
    app.add_subapp(AT, console({"": office()}, counter.clock, None, storage))
    return {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}


async def test_every_route_is_in_the_table_and_refuses_whoever_has_nothing_in_hand(
    counter: Counter, tmp_path: Path
) -> None:
    assert there(counter, tmp_path) == set(ROUTES)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as nobody:
        for (method, path), (status, _) in ROUTES.items():
            url = path
            for name, value in FILLED_IN.items():
                url = url.replace(name, value)
            body = b"{}" if method == "POST" else None
            asked = nobody.request(method, counter.url + url, data=body, headers=TUS, allow_redirects=False)
            async with asked as answer:
                assert answer.status == status, (method, path)
    assert await InboxEvent.all().count() == await Request.all().count() == 0


async def test_a_session_reads_its_own_and_anothers_is_as_none(counter: Counter) -> None:
    async with WebPhone(counter.url) as maria, WebPhone(counter.url) as other:
        await comes_to_the_papers(maria, nik="5314015506900001")
        await maria.sends_photo(pictures.jpeg(1))
        await maria.hears(containing="1 dari 2")
        await says(other, "halo")
        history = await maria.history()
        (file,) = [file["id"] for line in history["lines"] for file in line["files"]]
        answers = {}
        for name, who, file_id in (
            ("own", maria, file), ("another's", other, file), ("none", other, "nothing")
        ):  # fmt: skip
            async with who.http.get(f"{counter.url}/chat/files/{file_id}") as answer:
                answers[name] = (answer.status, len(await answer.read()), answer.content_type)
        assert answers["own"][0] == 200
        assert answers["another's"] == answers["none"] and answers["none"][0] == 404
        assert "Maria" not in str(await other.history())
