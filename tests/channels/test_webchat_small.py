"""The web chat's small parts: the bell, the allowance, the cookie, what a post becomes."""

import asyncio
import uuid
from datetime import UTC, datetime

import pytest
from aiogram.methods import AnswerCallbackQuery, DeleteMessage, SendChatAction, SendDice, SendMessage
from aiogram.types import Update
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from bot import ids
from bot.allowance import Allowance
from bot.bell import Bell, TooManyListeners
from bot.channels.base import AddressKey, Degree, HeldFile, MalformedBody, Recipient, Scene
from bot.channels.webchat import cookie, inbound
from bot.channels.webchat.session import WebChatSession
from bot.headers import from_our_page
from models.files import StoredFile

AT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
SESSION = cookie.session_of("a" * 43)
IDENT = str(uuid.UUID(int=7))
FOR_ALL = {"session": SESSION, "id": IDENT}


def scene(**known: object) -> Scene:
    return Scene(update_id=9, chat_id=ids.chat_id(4), message_id=9, name="", language="id", at=AT, **known)  # type: ignore[arg-type]


# ---------------------------------------------------------------- the bell


async def test_a_ring_while_nobody_waits_is_not_lost() -> None:
    bell = Bell()
    with bell.listen("a") as rung:
        bell.ring("a")
        assert await rung.wait(0)
        assert not await rung.wait(0)


async def test_a_bell_rings_for_its_key_only() -> None:
    bell = Bell()
    with bell.listen("a") as mine, bell.listen("b") as other:
        waiting = asyncio.create_task(mine.wait(10))
        await asyncio.sleep(0)
        bell.ring("a")
        assert await waiting
        assert not await other.wait(0)


async def test_a_closed_bell_sends_everyone_home() -> None:
    bell = Bell()
    with bell.listen("a") as early:
        bell.close()
        assert await early.wait(0)
        assert early.over
    with bell.listen("a") as late:
        assert await late.wait(0)
        assert late.over


async def test_only_so_many_listen_to_one_key() -> None:
    bell = Bell(most=2)
    with bell.listen("a"), bell.listen("a"), pytest.raises(TooManyListeners), bell.listen("a"):
        pass
    with bell.listen("a"):
        pass


# ---------------------------------------------------------------- the allowance


def test_a_minutes_worth_at_once_and_then_evenly() -> None:
    now = 100.0
    allowance = Allowance(6, lambda: now)
    assert [allowance.take("a") for _ in range(6)] == [0.0] * 6
    assert allowance.take("a") == pytest.approx(10.0)
    assert allowance.take("b") == 0.0
    now += 10.0
    assert allowance.take("a") == 0.0
    assert allowance.take("a") > 0


@given(st.lists(st.floats(0, 30), max_size=200))
def test_never_more_than_two_minutes_worth_in_a_minute(pauses: list[float]) -> None:
    now, taken = 0.0, []
    allowance = Allowance(10, lambda: now)
    for pause in pauses:
        now += pause
        if allowance.take("a") == 0:
            taken.append(now)
    assert all(sum(start <= at < start + 60 for at in taken) <= 20 for start in taken)


# ---------------------------------------------------------------- the cookie


def test_a_cookie_is_a_secret_of_its_own() -> None:
    first, second = cookie.new(), cookie.new()
    assert first != second
    asked = make_mocked_request("GET", "/", {"Cookie": f"loket_chat={first}; __Host-loket_chat={second}"})
    assert cookie.read(asked, secure=False) == first
    assert cookie.read(asked, secure=True) == second  # what a neighbouring host may have set is not looked at
    assert len(cookie.session_of(first)) == 64
    assert first not in cookie.session_of(first)


@pytest.mark.parametrize("value", ["", "short", "a" * 44, "a" * 42 + "/", "ä" * 43])
def test_a_cookie_that_we_did_not_make_is_none(value: str) -> None:
    assert (
        cookie.read(make_mocked_request("GET", "/", {"Cookie": f"loket_chat={value}"}), secure=False) is None
    )


@pytest.mark.parametrize("secure", [True, False])
def test_what_the_browser_is_told_of_the_cookie(secure: bool) -> None:
    response = web.Response()
    cookie.set_on(response, cookie.new(), secure=secure)
    [told] = response.cookies.values()
    set_cookie = told.OutputString()
    assert set_cookie.startswith("__Host-loket_chat=") is secure
    assert "Path=/" in set_cookie and "Domain" not in set_cookie  # or a browser refuses such a name
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie
    assert "Max-Age=31536000" in set_cookie
    assert ("Secure" in set_cookie) is secure


# ---------------------------------------------------------------- where a post comes from


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://loket.id"}, False),
        ({"Origin": "https://loket.id"}, True),
        ({"Origin": "http://127.0.0.1:8080"}, True),
        ({"Origin": "https://loket.id.evil.example"}, False),
        ({"Origin": "http://loket.id"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://[::1"}, False),
    ],
)
def test_only_our_page_may_post(told: dict[str, str], ours: bool) -> None:
    request = make_mocked_request("POST", "/chat/messages", {"Host": "127.0.0.1:8080"} | told)
    assert from_our_page(request, "https://loket.id") is ours


# ---------------------------------------------------------------- what a post becomes


def test_the_same_post_has_the_same_name() -> None:
    event = inbound.incoming(FOR_ALL | {"kind": "text", "text": "halo"})
    assert event.external_id == f"{SESSION[:16]}:{IDENT}"
    assert inbound.client_id(event.external_id) == IDENT
    assert event.addresses == (AddressKey("session", SESSION),)


@pytest.mark.parametrize("payload", [None, [], "x", {}, FOR_ALL, FOR_ALL | {"kind": "dance"}])
def test_a_body_that_the_door_did_not_write(payload: object) -> None:
    with pytest.raises(MalformedBody):
        inbound.incoming(payload)


def test_a_text_reaches_handlers_cut_and_stays_whole_in_the_row() -> None:
    body = FOR_ALL | {"kind": "text", "text": "a" * 100_000}
    update = Update.model_validate(inbound.update(body, scene(), bot_id=1))
    assert update.message is not None
    assert update.message.text == "a" * 4096
    assert len(body["text"]) == 100_000


def test_a_tap_names_the_message_of_ours() -> None:
    body = FOR_ALL | {"kind": "tap", "data": "pick:1", "message_id": ids.message_id(5), "label": "Satu"}
    assert inbound.tapped(body) == 5
    update = Update.model_validate(inbound.update(body, scene(replied_to=ids.message_id(5)), bot_id=1))
    assert update.callback_query is not None
    assert update.callback_query.data == "pick:1"
    assert update.callback_query.message is not None
    assert update.callback_query.message.message_id == ids.message_id(5)
    assert update.callback_query.from_user.id == ids.chat_id(4)


def test_separators_that_nobody_can_print_survive_a_tap() -> None:
    body = FOR_ALL | {"kind": "tap", "data": "dlg\x1dpick\x1d2", "message_id": ids.message_id(5), "label": ""}
    update = Update.model_validate(inbound.update(body, scene(), bot_id=1))
    assert update.callback_query is not None
    assert update.callback_query.data == "dlg\x1dpick\x1d2"


@pytest.mark.parametrize(("mime", "kind"), [("image/png", "photo"), ("application/pdf", "document")])
def test_a_picture_is_a_photo_and_all_else_a_document(mime: str, kind: str) -> None:
    file = StoredFile(file_id="wc-1", mime=mime, size=3, name="ktp", created_at=AT)
    body = FOR_ALL | {"kind": "file", "held": "webchat/1", "mime": "x/claimed", "caption": "KTP saya"}
    [ref] = inbound.media(body)
    assert (ref.held, ref.mime) == ("webchat/1", "x/claimed")
    update = Update.model_validate(inbound.update(body, scene(files=[file]), bot_id=1))
    assert update.message is not None
    assert update.message.content_type == kind
    assert update.message.caption == "KTP saya"


# ---------------------------------------------------------------- delivery


async def test_delivery_rings_for_every_browser_of_a_person() -> None:
    bell = Bell()
    session = WebChatSession(bell)
    to = Recipient(
        addresses=(AddressKey("session", "a"), AddressKey("wa_id", "b"), AddressKey("session", "c"))
    )
    with bell.listen("a") as a, bell.listen("b") as b, bell.listen("c") as c:
        sent = await session.deliver(SendMessage(chat_id=1, text="x"), to, "17", no_files)
        assert sent.external_id == "17"
        assert [await one.wait(0) for one in (a, b, c)] == [True, False, True]


def test_what_the_page_can_show() -> None:
    session = WebChatSession(Bell())
    assert session.degree(SendMessage(chat_id=1, text="x")) is Degree.NATIVE
    assert session.degree(DeleteMessage(chat_id=1, message_id=1)) is Degree.NATIVE
    assert session.degree(SendDice(chat_id=1)) is Degree.REFUSED
    assert session.degree(SendChatAction(chat_id=1, action="typing")) is Degree.COSMETIC
    assert session.degree(AnswerCallbackQuery(callback_query_id="1")) is Degree.COSMETIC


async def no_files(file_id: str) -> HeldFile:
    raise FileNotFoundError(file_id)
