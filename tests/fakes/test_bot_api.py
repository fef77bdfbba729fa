"""The pretend Bot API, spoken to by the real aiogram: what it takes, and what it refuses as Telegram does."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from aiohttp import ClientSession

from tests.fakes import FakeBotApi, pictures
from tests.fakes.conftest import NOW

CHAT = 501001


@pytest.fixture
async def bot(bot_api: FakeBotApi) -> AsyncIterator[Bot]:
    """The real client; the citizen has pressed Start."""
    bot_api.meet({"id": CHAT, "type": "private", "first_name": "Maria"})
    session = AiohttpSession(api=TelegramAPIServer.from_base(bot_api.base_url))
    bot = Bot(bot_api.token, session=session)
    yield bot
    await bot.session.close()


def keys(*buttons: tuple[str, str]) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(text=title, callback_data=data) for title, data in buttons]
    return InlineKeyboardMarkup(inline_keyboard=[row])


def file(data: bytes, name: str = "berkas") -> BufferedInputFile:
    return BufferedInputFile(data, filename=name)


async def test_aiogram_knows_who_it_is_and_sends_a_text(bot: Bot, bot_api: FakeBotApi) -> None:
    me = await bot.me()
    assert (me.is_bot, me.id) == (True, 7042)
    message = await bot.send_message(
        CHAT, "<b>Halo</b> &amp; selamat", parse_mode="HTML", reply_markup=keys(("Ya", "y"))
    )
    assert (message.text, message.date, message.chat.id) == ("Halo & selamat", NOW, CHAT)
    (sent,) = bot_api.ledger.messages
    assert (sent.to, sent.type, sent.text, sent.id) == (
        str(CHAT),
        "sendMessage",
        "Halo & selamat",
        str(message.message_id),
    )
    assert [(b.title, b.id) for b in sent.buttons] == [("Ya", "y")]


@pytest.mark.parametrize(
    ("text", "parse_mode", "words"),
    [
        (" \n", None, "message text is empty"),
        ("<b> </b>", "HTML", "message text is empty"),
        ("x" * 4097, None, "message is too long"),
        ("Bapak <Yohanes>", "HTML", "can't parse entities: Unsupported start tag"),
        ("2 < 3", "HTML", "can't parse entities"),
        ("<b>halo", "HTML", "can't parse entities: Can't find end tag"),
        ("halo</b>", "HTML", "can't parse entities: Unexpected end tag"),
        ("<b><i>x</b></i>", "HTML", "can't parse entities: Unmatched end tag"),
        ("<span>x</span>", "HTML", "can't parse entities"),
        ("Selesai.", "MarkdownV2", "can't parse entities: Character '.' is reserved"),
        ("*tebal", "MarkdownV2", "can't parse entities"),
        ("[a](b", "MarkdownV2", "can't parse entities"),
        ("`x", "MarkdownV2", "can't parse entities"),
        ("K7_Q2", "Markdown", "can't parse entities"),
        ("x", "BBCode", "unsupported parse_mode"),
    ],
)
async def test_a_text_out_of_shape_is_refused(
    bot: Bot, bot_api: FakeBotApi, text: str, parse_mode: str | None, words: str
) -> None:
    with pytest.raises(TelegramBadRequest) as no:
        await bot.send_message(CHAT, text, parse_mode=parse_mode)
    assert words in no.value.message
    assert words in bot_api.ledger.refused[0].refusal
    assert bot_api.ledger.messages == []


@pytest.mark.parametrize(
    ("text", "parse_mode", "plain"),
    [
        ("x" * 4096, None, "x" * 4096),
        ("<b>" + "x" * 4096 + "</b>", "HTML", "x" * 4096),
        ("2 &lt; 3 & 4", "HTML", "2 < 3 & 4"),
        ('<a href="https://a.id/?b=1&c=2">di sini</a>', "HTML", "di sini"),
        (
            "*tebal* _miring_ `kode` [a](https://b.id) selesai\\.",
            "MarkdownV2",
            "tebal miring kode a selesai.",
        ),
        ("*tebal* \\_", "Markdown", "tebal _"),
    ],
)
async def test_length_counts_after_the_entities(
    bot: Bot, text: str, parse_mode: str | None, plain: str
) -> None:
    assert (await bot.send_message(CHAT, text, parse_mode=parse_mode)).text == plain


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (keys(("Ya", "x" * 65)), "BUTTON_DATA_INVALID"),
        (keys(("Ya", "é" * 33)), "BUTTON_DATA_INVALID"),
        (keys(("", "y")), "non-empty"),
        ({"inline_keyboard": [[{"text": "Ya"}]]}, "Text buttons are unallowed"),
        ({"inline_keyboard": [[{"text": "Ya", "callback_data": "y", "url": "https://a.id"}]]}, "exactly one"),
        ({"inline_keyboard": [[{"text": "Ya", "url": "bukan alamat"}]]}, "Wrong HTTP URL"),
        ({"inline_keyboard": [[{"text": "Ya", "url": "http://localhost/f/1"}]]}, "Wrong HTTP URL"),
        ({"inline_keyboard": [{"text": "Ya", "callback_data": "y"}]}, "rows must be arrays"),
        ({"keyboard": [[{"text": ""}]]}, "non-empty"),
        ({"tombol": 1}, "can't parse reply keyboard markup"),
        ({"inline_keyboard": [[{"text": str(n), "callback_data": "y"}] for n in range(101)]}, "too long"),
    ],
)
async def test_a_keyboard_out_of_shape_is_refused(
    bot: Bot, bot_api: FakeBotApi, markup: Any, words: str
) -> None:
    written = markup if isinstance(markup, dict) else markup.model_dump(exclude_none=True)
    url = f"{bot_api.base_url}/bot{bot_api.token}/sendMessage"
    async with ClientSession() as http:
        call = {"chat_id": CHAT, "text": "x", "reply_markup": written}
        async with http.post(url, json=call) as answer:
            told = await answer.json()
    assert (answer.status, told["ok"], told["error_code"]) == (400, False, 400)
    assert words in told["description"]


async def test_the_blanks_of_a_calendar_are_taken(bot: Bot, bot_api: FakeBotApi) -> None:
    await bot.send_message(CHAT, "x", reply_markup=keys((" ", ""), ("1", "day")))
    (line,) = bot_api.ledger.messages
    assert [button.title for button in line.buttons] == [" ", "1"]


async def test_callback_data_of_64_bytes_is_taken(bot: Bot, bot_api: FakeBotApi) -> None:
    await bot.send_message(CHAT, "x", reply_markup=keys(("Ya", "é" * 32)))
    (line,) = bot_api.ledger.messages
    assert [button.id for button in line.buttons] == ["é" * 32]


async def test_who_cannot_be_reached(bot: Bot, bot_api: FakeBotApi) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(999, "x")
    bot_api.blocked.add(CHAT)
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(CHAT, "x")
    bot_api.blocked.clear()
    bot_api.deactivated.add(CHAT)
    with pytest.raises(TelegramForbiddenError, match="user is deactivated"):
        await bot.send_chat_action(CHAT, "typing")


async def test_a_wrong_token_and_an_unknown_method(bot: Bot, bot_api: FakeBotApi) -> None:
    stranger = Bot("7042:wrong", session=bot.session)
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.get_me()
    with pytest.raises(TelegramNotFound, match="has not learnt"):
        await bot.send_game(CHAT, "catur")
    assert [line.type for line in bot_api.ledger.refused] == ["getMe", "sendGame"]


async def test_photos_and_documents_carry_their_bytes(bot: Bot, bot_api: FakeBotApi) -> None:
    photo, document = pictures.jpeg(1), pictures.pdf(2)
    shown = await bot.send_photo(CHAT, file(photo), caption="<i>KTP</i>", parse_mode="HTML")
    sent = await bot.send_document(CHAT, file(document, "kk.pdf"))
    assert shown.photo is not None
    assert (shown.photo[0].width, shown.photo[0].height, shown.caption) == (640, 480, "KTP")
    assert sent.document is not None
    assert sent.document.file_name == "kk.pdf"
    assert [line.media for line in bot_api.ledger.messages] == [photo, document]
    again = await bot.send_document(CHAT, sent.document.file_id)
    assert again.document == sent.document
    got = io.BytesIO()
    await bot.download(sent.document.file_id, got)
    assert got.getvalue() == document


async def test_files_telegram_does_not_take(bot: Bot, bot_api: FakeBotApi) -> None:
    document = await bot.send_document(CHAT, file(pictures.pdf()))
    assert document.document is not None
    for photo, words in (
        (file(b"not a picture"), "IMAGE_PROCESS_FAILED"),
        (file(pictures.truncated()), "IMAGE_PROCESS_FAILED"),
        (file(b""), "file must be non-empty"),
        (file(pictures.huge(size=10 * 1024 * 1024 + 1)), "file is too big"),
        (file(pictures.jpeg(width=2000, height=90)), "PHOTO_INVALID_DIMENSIONS"),
        ("AgACunknown", "wrong file identifier"),
        (document.document.file_id, "can't use file of type Document as Photo"),
    ):
        with pytest.raises(TelegramBadRequest) as no:
            await bot.send_photo(CHAT, photo)
        assert words in no.value.message
    with pytest.raises(TelegramBadRequest, match="caption is too long"):
        await bot.send_photo(CHAT, file(pictures.jpeg()), caption="x" * 1025)
    assert len(bot_api.ledger.messages) == 1


async def test_a_file_over_20_mb_cannot_be_fetched_and_a_link_dies_after_an_hour(
    bot: Bot, bot_api: FakeBotApi
) -> None:
    big = bot_api.add_file(pictures.huge(), "document", mime_type="image/jpeg", filename="besar.jpg")
    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await bot.get_file(big.id)
    with pytest.raises(TelegramBadRequest, match="wrong file_id"):
        await bot.get_file("unknown")
    small = bot_api.add_file(b"isi", "document", filename="a.txt")
    path = (await bot.get_file(small.id)).file_path
    url = f"{bot_api.base_url}/file/bot{bot_api.token}/{path}"
    async with ClientSession() as http:
        async with http.get(url) as answer:
            assert await answer.read() == b"isi"
        bot_api.clock = lambda: NOW + timedelta(hours=1)
        async with http.get(url) as answer:
            assert answer.status == 404
        async with http.get(url.replace(bot_api.token, "1:x")) as answer:
            assert answer.status == 401


async def test_an_album_holds_two_to_ten_of_one_kind(bot: Bot, bot_api: FakeBotApi) -> None:
    photos = [
        InputMediaPhoto(media=file(data), caption=f"Foto {n}") for n, data in enumerate(pictures.photos(3))
    ]
    messages = await bot.send_media_group(CHAT, list(photos))
    assert len({message.media_group_id for message in messages}) == 1
    assert [line.text for line in bot_api.ledger.messages] == ["Foto 0", "Foto 1", "Foto 2"]
    assert [line.id for line in bot_api.ledger.messages] == [str(m.message_id) for m in messages]
    with pytest.raises(TelegramBadRequest, match="2 to 10"):
        await bot.send_media_group(CHAT, [photos[0]])
    with pytest.raises(TelegramBadRequest, match="can't be mixed"):
        await bot.send_media_group(CHAT, [photos[0], InputMediaDocument(media=file(pictures.pdf()))])


async def test_a_message_is_edited_until_nothing_changes(bot: Bot, bot_api: FakeBotApi) -> None:
    message = await bot.send_message(CHAT, "Satu", reply_markup=keys(("Ya", "y")))
    edited = await bot.edit_message_text(
        "Dua", chat_id=CHAT, message_id=message.message_id, reply_markup=keys(("Tidak", "t"))
    )
    assert isinstance(edited, Message)
    assert edited.text == "Dua"
    assert bot_api.buttons_under(CHAT, message.message_id)[0].title == "Tidak"
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text(
            "Dua", chat_id=CHAT, message_id=message.message_id, reply_markup=keys(("Tidak", "t"))
        )
    await bot.edit_message_reply_markup(chat_id=CHAT, message_id=message.message_id)
    assert bot_api.buttons_under(CHAT, message.message_id) == ()
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_reply_markup(chat_id=CHAT, message_id=message.message_id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("x", chat_id=CHAT, message_id=1)
    photo = await bot.send_photo(CHAT, file(pictures.jpeg()))
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("x", chat_id=CHAT, message_id=photo.message_id)


async def test_messages_are_deleted_copied_forwarded_and_replied_to(bot: Bot, bot_api: FakeBotApi) -> None:
    bot_api.meet({"id": 2, "type": "private", "first_name": "Petugas"})
    photo = await bot.send_photo(CHAT, file(pictures.jpeg(5)), caption="KTP")
    copied = await bot.copy_message(2, CHAT, photo.message_id, caption="Salinan")
    forwarded = await bot.forward_message(2, CHAT, photo.message_id)
    assert forwarded.forward_origin is not None
    first, second = bot_api.ledger.to("2")
    assert (first.text, first.media, first.id) == ("Salinan", pictures.jpeg(5), str(copied.message_id))
    assert (second.text, second.media) == ("KTP", pictures.jpeg(5))
    with pytest.raises(TelegramBadRequest, match="message to copy not found"):
        await bot.copy_message(2, CHAT, 1)
    answer = await bot.send_message(2, "Ya", reply_parameters=ReplyParameters(message_id=copied.message_id))
    assert bot_api.ledger.messages[-1].reply_to == str(copied.message_id)
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(2, "Ya", reply_parameters=ReplyParameters(message_id=1))
    await bot.delete_message(2, answer.message_id)
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(2, answer.message_id)
    bot_api.clock = lambda: NOW + timedelta(hours=49)
    with pytest.raises(TelegramBadRequest, match="can't be deleted"):
        await bot.delete_message(CHAT, photo.message_id)


async def test_a_tap_is_answered_once_known_and_not_too_late(bot: Bot, bot_api: FakeBotApi) -> None:
    query = bot_api.new_callback_query(CHAT)
    assert await bot.answer_callback_query(query, text="Baik")
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query("1")
    with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
        await bot.answer_callback_query(query, text="x" * 201)
    bot_api.clock = lambda: NOW + timedelta(minutes=16)
    with pytest.raises(TelegramBadRequest, match="query is too old"):
        await bot.answer_callback_query(query)


async def test_set_up_is_checked(bot: Bot, bot_api: FakeBotApi) -> None:
    for url, secret, words in (
        ("http://loket.id/webhooks/telegram", "abc", "HTTPS URL"),
        ("https://loket.id:8080/", "abc", "ports 80, 88, 443 or 8443"),
        ("https://localhost/", "abc", "Failed to resolve host"),
        ("https://loket.id/", "rahasia!", "unallowed characters"),
    ):
        with pytest.raises(TelegramBadRequest) as no:
            await bot.set_webhook(url, secret_token=secret)
        assert words in no.value.message
    await bot.set_webhook("https://loket.id/", secret_token="abc", allowed_updates=["message"])
    told = await bot.get_webhook_info()
    assert (told.url, told.allowed_updates) == ("https://loket.id/", ["message"])
    assert (bot_api.webhook_secret, bot_api.wants("message"), bot_api.wants("callback_query")) == (
        "abc",
        True,
        False,
    )
    with pytest.raises(TelegramConflictError):
        await bot.get_updates()
    await bot.delete_webhook()
    assert bot_api.webhook_url == ""
    await bot.set_my_commands([BotCommand(command="status", description="Sampai di mana")])
    assert [command.command for command in await bot.get_my_commands()] == ["status"]
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Status!", description="x")])
    with pytest.raises(TelegramBadRequest, match="wrong parameter action"):
        await bot.send_chat_action(CHAT, "dancing")


def update(number: int) -> dict[str, Any]:
    sender = {"id": CHAT, "is_bot": False, "first_name": "Maria"}
    chat = {"id": CHAT, "type": "private", "first_name": "Maria"}
    message = {"message_id": number, "date": 1, "from": sender, "chat": chat, "text": str(number)}
    return {"update_id": number, "message": message}


async def test_updates_come_again_until_they_are_confirmed(bot: Bot, bot_api: FakeBotApi) -> None:
    for number in (1, 2, 3):
        bot_api.queue(update(number))
    assert [u.update_id for u in await bot.get_updates(limit=2)] == [1, 2]
    assert [u.update_id for u in await bot.get_updates()] == [1, 2, 3]
    assert [u.update_id for u in await bot.get_updates(offset=3)] == [3]
    assert [u.update_id for u in await bot.get_updates()] == [3]
    assert await bot.get_updates(offset=4) == []


async def test_a_long_poll_wakes_when_an_update_comes(bot: Bot, bot_api: FakeBotApi) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=50))
    await bot_api.polling.wait()
    bot_api.queue(update(9))
    assert [u.update_id for u in await poll] == [9]


async def test_a_second_poller_ends_the_first(bot: Bot, bot_api: FakeBotApi) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=50))
    await bot_api.polling.wait()
    assert await bot.get_updates() == []
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates"):
        await first
    assert bot_api.ledger.refused == []


async def test_one_chat_gets_one_message_a_second(bot: Bot, bot_api: FakeBotApi) -> None:
    bot_api.chat_limit = True
    for n in range(3):
        await bot.send_message(CHAT, str(n))
    with pytest.raises(TelegramRetryAfter) as no:
        await bot.send_message(CHAT, "3")
    assert no.value.retry_after == 1
    bot_api.clock = lambda: NOW + timedelta(seconds=1)
    await bot.send_message(CHAT, "3")


async def test_faults_come_on_order(bot: Bot, bot_api: FakeBotApi) -> None:
    bot_api.next_send("http429", "http500", "drop_before", "drop_after", retry_after=7)
    with pytest.raises(TelegramRetryAfter) as no:
        await bot.send_message(CHAT, "1")
    assert no.value.retry_after == 7
    with pytest.raises(TelegramServerError):
        await bot.send_message(CHAT, "2")
    for text in ("3", "4"):
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(CHAT, text)
    await bot.send_message(CHAT, "5")
    outcomes = [line.outcome for line in bot_api.ledger]
    assert outcomes == ["ordered", "http500", "dropped_before", "dropped_after", "accepted"]
    assert [line.text for line in bot_api.ledger.messages] == ["4", "5"]
    assert bot_api.ledger.refused == []


async def test_a_reply_keyboard_is_a_keyboard_too(bot: Bot, bot_api: FakeBotApi) -> None:
    markup = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Status")]])
    message = await bot.send_message(CHAT, "x", reply_markup=markup)
    assert [b.title for b in bot_api.buttons_under(CHAT, message.message_id)] == ["Status"]


async def test_calls_may_come_as_a_form_json_or_query(bot: Bot, bot_api: FakeBotApi) -> None:
    url = f"{bot_api.base_url}/bot{bot_api.token}/sendmessage"
    call = {"chat_id": CHAT, "text": "x"}
    async with ClientSession() as http:
        ways: list[dict[str, Any]] = [{"data": call}, {"json": call}, {"params": call}]
        for given in ways:
            async with http.post(url, **given) as answer:
                assert (await answer.json())["result"]["text"] == "x"
        async with http.post(url, data=b"{", headers={"Content-Type": "application/json"}) as answer:
            assert json.loads(await answer.text())["error_code"] == 400
    assert [line.type for line in bot_api.ledger.messages] == ["sendMessage"] * 3
