"""The doors of WhatsApp and Telegram: who gets in with which bytes."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.base import ChannelAdapter
from bot.channels.telegram.adapter import TelegramAdapter
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from bot.channels.whatsapp.settings import WhatsAppSettings
from tests.channels import office
from tests.fakes import bodies

BODY = bodies.as_meta_writes({"object": "whatsapp_business_account", "entry": [{"nama": "Ndao 😀 a/b@c"}]})
SIGNATURE = "X-Hub-Signature-256"
NEW = "new-secret"
SECRET = "X-Telegram-Bot-Api-Secret-Token"


class Doors:
    """What came through, byte for byte, and a client that stands outside."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.client: TestClient[web.Request, web.Application]

    async def accept(self, adapter: ChannelAdapter, raw: bytes) -> web.Response:
        self.taken.append((adapter.channel, raw))
        return web.Response()

    async def whatsapp(self, body: bytes, signature: str | None) -> int:
        headers = {} if signature is None else {SIGNATURE: signature}
        async with self.client.post("/webhooks/whatsapp", data=body, headers=headers) as answer:
            return answer.status

    async def telegram(self, body: bytes, secret: str | None) -> int:
        headers = {} if secret is None else {SECRET: secret}
        async with self.client.post("/webhooks/telegram", data=body, headers=headers) as answer:
            return answer.status


@pytest.fixture
async def doors(http: ClientSession) -> AsyncIterator[Doors]:
    here = Doors()
    telegram = {"token": office.TELEGRAM_TOKEN, "secret_token": "new-secret,old-secret"}
    app = web.Application(client_max_size=4 * 1024**2)
    app.add_routes(
        WhatsAppAdapter(WhatsAppSettings.model_validate(office.WHATSAPP), http).routes(here.accept)
    )
    app.add_routes(TelegramAdapter(TelegramSettings.model_validate(telegram), http).routes(here.accept))
    async with TestClient(TestServer(app)) as client:
        here.client = client
        yield here


def signed(body: bytes, secret: str = NEW) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("secret", ["new-secret", "old-secret"])
async def test_a_signed_body_gets_in_as_it_came(doors: Doors, secret: str) -> None:
    assert await doors.whatsapp(BODY, signed(BODY, secret)) == 200
    assert doors.taken == [("whatsapp", BODY)]


def _sha1(body: bytes) -> str:
    return "sha1=" + hmac.new(b"new-secret", body, hashlib.sha1).hexdigest()


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        _sha1(BODY),
        signed(BODY, "another-secret"),
        signed(BODY, ""),
        signed(BODY, "new-secret,old-secret"),
        signed(json.dumps(json.loads(BODY)).encode()),  # written anew by something in between
        signed(BODY)[:-1],
        signed(BODY).removeprefix("sha256="),
        "sha256=" + "é" * 64,
    ],
)
async def test_any_other_signature_is_refused(doors: Doors, signature: str | None) -> None:
    assert await doors.whatsapp(BODY, signature) == 401
    assert doors.taken == []


async def test_the_old_signature_header_is_not_looked_at(doors: Doors) -> None:
    headers = {"X-Hub-Signature": _sha1(BODY)}
    async with doors.client.post("/webhooks/whatsapp", data=BODY, headers=headers) as answer:
        assert answer.status == 401


async def test_one_byte_more_is_another_body(doors: Doors) -> None:
    assert await doors.whatsapp(BODY + b" ", signed(BODY)) == 401


async def test_a_body_of_five_megabytes_is_refused(doors: Doors) -> None:
    large = b" " * (5 * 1024**2)
    assert await doors.whatsapp(large, signed(large)) == 413
    assert doors.taken == []


async def ask(doors: Doors, **query: str) -> tuple[int, str, str]:
    params = {"hub." + key: value for key, value in query.items()}
    async with doors.client.get("/webhooks/whatsapp", params=params) as answer:
        return answer.status, await answer.text(), answer.content_type


async def test_meta_subscribes(doors: Doors) -> None:
    told = await ask(doors, mode="subscribe", verify_token="silakan", challenge="1158201444")
    assert told == (200, "1158201444", "text/plain")


@pytest.mark.parametrize(
    "query",
    [
        {"mode": "subscribe", "verify_token": "salah", "challenge": "1"},
        {"mode": "subscribe", "verify_token": "sílakan", "challenge": "1"},
        {"mode": "subscribe", "verify_token": "", "challenge": "1"},
        {"mode": "subscribe", "challenge": "1"},
        {"mode": "unsubscribe", "verify_token": "silakan", "challenge": "1"},
        {"mode": "subscribe", "verify_token": "silakan", "challenge": "<script>"},
        {"mode": "subscribe", "verify_token": "silakan", "challenge": "١٢"},
        {"mode": "subscribe", "verify_token": "silakan"},
        {},
    ],
)
async def test_any_other_handshake_is_refused_and_repeats_nothing(
    doors: Doors, query: dict[str, str]
) -> None:
    status, said, _ = await ask(doors, **query)
    assert (status, said) == (403, "")


@pytest.mark.parametrize("secret", ["new-secret", "old-secret"])
async def test_telegram_gets_in_with_its_secret(doors: Doors, secret: str) -> None:
    assert await doors.telegram(b'{"update_id": 1}', secret) == 200
    assert doors.taken == [("telegram", b'{"update_id": 1}')]


@pytest.mark.parametrize("secret", [None, "", "wrong", "new-secret,old-secret", "new-secré"])
async def test_telegram_without_its_secret_stays_outside(doors: Doors, secret: str | None) -> None:
    assert await doors.telegram(b'{"update_id": 1}', secret) == 401
    assert doors.taken == []


async def test_a_webhook_without_a_secret_is_no_setting() -> None:
    with pytest.raises(ValueError, match="secret_token"):
        TelegramSettings.model_validate({"token": office.TELEGRAM_TOKEN})
    with pytest.raises(ValueError, match="secret_token"):
        TelegramSettings.model_validate({"token": office.TELEGRAM_TOKEN, "secret_token": ""})


async def test_polling_without_a_secret_opens_no_door(http: ClientSession) -> None:
    here = Doors()
    settings = TelegramSettings.model_validate({"token": office.TELEGRAM_TOKEN, "mode": "polling"})
    app = web.Application()
    app.add_routes(TelegramAdapter(settings, http).routes(here.accept))
    async with TestClient(TestServer(app)) as client:
        here.client = client
        assert await here.telegram(b"{}", "") == 401
        assert await here.telegram(b"{}", None) == 401


@pytest.mark.parametrize("token", ["", "abc", "12 34:x", "1234", "1234:", ":x", "1234:a b", "١٢:x"])
def test_a_token_that_is_none_is_named(token: str) -> None:
    with pytest.raises(ValueError, match="token"):
        TelegramSettings.model_validate({"token": token, "mode": "polling"})


def test_no_secret_shows_when_settings_are_printed() -> None:
    whatsapp = WhatsAppSettings.model_validate(office.WHATSAPP)
    telegram = TelegramSettings.model_validate({"token": office.TELEGRAM_TOKEN, "secret_token": "geheim-9"})
    printed = repr(whatsapp) + str(whatsapp) + repr(telegram) + str(telegram)
    for secret in ("EAAG", "new-secret", "old-secret", "silakan", "AAtestToken", "geheim-9"):
        assert secret not in printed
