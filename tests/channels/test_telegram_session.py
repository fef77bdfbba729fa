"""Sending and fetching on Telegram, with a Bot API that refuses what Telegram refuses."""

import io
from datetime import timedelta
from typing import Any

import pytest
from aiogram.methods import (
    AnswerCallbackQuery,
    AnswerWebAppQuery,
    BanChatMember,
    CopyMessage,
    DeleteMessage,
    DeleteMessages,
    EditMessageMedia,
    EditMessageText,
    ForwardMessage,
    GetChat,
    GetMe,
    LeaveChat,
    SendChatAction,
    SendDice,
    SendDocument,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    SendPoll,
    SendVideo,
    SetMessageReaction,
    SetMyCommands,
    SetWebhook,
    StopPoll,
    TelegramMethod,
)
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultContact,
    InputMediaPhoto,
    InputMediaVideo,
    InputPollOption,
    ReactionTypeEmoji,
    ReplyParameters,
)
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port
from PIL import Image

from bot.channels.base import (
    AddressKey,
    Degree,
    DeliveryFailed,
    Fault,
    HeldFile,
    MediaGone,
    MediaRef,
    MediaUnreachable,
    Recipient,
    Sent,
)
from bot.channels.telegram.adapter import TelegramAdapter
from bot.channels.telegram.settings import TelegramSettings
from bot.methods import SendTemplate
from tests.channels import office
from tests.channels.office import Shelf, on_telegram
from tests.fakes import FakeBotApi, pictures


def a_long_strip() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2100, 100), "white").save(file, "JPEG")
    return file.getvalue()


def shelf() -> Shelf:
    return Shelf(
        {
            "foto": HeldFile(pictures.jpeg(1), "image/jpeg", "KTP.jpg"),
            "foto-2": HeldFile(pictures.jpeg(2), "image/jpeg", "KK.jpg"),
            "pdf": HeldFile(pictures.pdf(1), "application/pdf", "KK keluarga.pdf"),
            "besar": HeldFile(pictures.huge(1, size=11 * 1024**2), "image/jpeg", "besar.jpg"),
            "strip": HeldFile(a_long_strip(), "image/jpeg", "layar.jpg"),
        }
    )


async def deliver(adapter: TelegramAdapter, method: TelegramMethod[Any], to: int = 42) -> Sent:
    assert adapter.session.degree(method) is not Degree.REFUSED
    return await adapter.session.deliver(method, on_telegram(to), "4711", shelf().read)


async def fails(adapter: TelegramAdapter, method: TelegramMethod[Any], to: int = 42) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        await deliver(adapter, method, to)
    assert failed.value.__cause__ is None  # nothing with the token in it hangs on
    return failed.value


def text(words: str = "Halo", **more: Any) -> SendMessage:
    return SendMessage(chat_id=1, text=words, **more)


async def test_a_text_goes_to_the_person_and_comes_back_with_its_id(
    telegram: TelegramAdapter, bot_api: FakeBotApi
) -> None:
    keyboard = InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="Ya", callback_data="y\x1d")]]
    )
    sent = await deliver(telegram, text("<b>Siap</b>", parse_mode="HTML", reply_markup=keyboard))
    (line,) = bot_api.ledger.messages
    assert (line.to, line.text, sent) == ("42", "Siap", Sent(line.id))
    assert [(b.title, b.id) for b in line.buttons] == [("Ya", "y\x1d")]


async def test_our_files_are_uploaded_and_telegrams_own_pass_through(
    telegram: TelegramAdapter, bot_api: FakeBotApi
) -> None:
    await deliver(telegram, SendPhoto(chat_id=1, photo="foto", caption="KTP"))
    await deliver(telegram, SendDocument(chat_id=1, document="pdf"))
    photo, document = bot_api.ledger.messages
    assert (photo.type, photo.media, photo.text) == ("sendPhoto", pictures.jpeg(1), "KTP")
    assert (document.media, document.filename) == (pictures.pdf(1), "KK keluarga.pdf")
    known = next(file.id for file in bot_api.files.values() if file.kind == "document")
    await deliver(telegram, SendDocument(chat_id=1, document=known))
    assert bot_api.ledger.messages[-1].media == pictures.pdf(1)


@pytest.mark.parametrize("file", ["besar", "strip", "pdf"])
async def test_what_is_no_photo_to_telegram_goes_as_a_file(
    telegram: TelegramAdapter, bot_api: FakeBotApi, file: str
) -> None:
    await deliver(telegram, SendPhoto(chat_id=1, photo=file, caption="KTP"))
    (line,) = bot_api.ledger.messages
    assert (line.type, line.text, line.filename) == ("sendDocument", "KTP", shelf().files[file].name)
    assert line.media == shelf().files[file].content


async def test_an_album_is_one_call(telegram: TelegramAdapter, bot_api: FakeBotApi) -> None:
    album = SendMediaGroup(
        chat_id=1,
        media=[
            InputMediaPhoto(media="foto", caption="<b>a", parse_mode="HTML"),
            InputMediaPhoto(media="foto-2"),
        ],
    )
    sent = await deliver(telegram, album)  # the first try fails at its markup
    first, second = bot_api.ledger.messages
    assert (first.media, second.media) == (pictures.jpeg(1), pictures.jpeg(2))
    assert (first.text, sent) == ("a", Sent(first.id))


async def test_markup_that_telegram_cannot_read_goes_as_plain_text(
    telegram: TelegramAdapter, bot_api: FakeBotApi
) -> None:
    await deliver(telegram, text("<b>Nama: <Budi>", parse_mode="HTML"))
    assert [line.text for line in bot_api.ledger.messages] == ["Nama: <Budi>"]
    await deliver(telegram, SendPhoto(chat_id=1, photo="foto", caption="a_b", parse_mode="MarkdownV2"))
    assert bot_api.ledger.messages[-1].text == "a_b"


async def test_no_mark_anywhere_costs_the_message(telegram: TelegramAdapter, bot_api: FakeBotApi) -> None:
    sent = await deliver(telegram, SendPhoto(chat_id=1, photo="foto"))
    broken = InputMediaPhoto(media="foto-2", caption="<b>Nama: <Budi>", parse_mode="HTML")
    await deliver(telegram, EditMessageMedia(chat_id=1, message_id=int(sent.external_id or 0), media=broken))
    poll = SendPoll(
        chat_id=1,
        question="a_b?",
        question_parse_mode="MarkdownV2",
        options=[InputPollOption(text="ya"), InputPollOption(text="tidak")],
    )
    await deliver(telegram, poll)
    assert [line.text for line in bot_api.ledger.messages[1:]] == ["Nama: <Budi>", "a_b?\nya\ntidak"]


@pytest.mark.parametrize("file", ["besar", "strip"])
async def test_an_album_with_no_photo_to_telegram_goes_as_files(
    telegram: TelegramAdapter, bot_api: FakeBotApi, file: str
) -> None:
    items = [
        InputMediaPhoto(media="foto", caption="<b>KTP</b>", parse_mode="HTML"),
        InputMediaPhoto(media=file),
    ]
    await deliver(telegram, SendMediaGroup(chat_id=1, media=list(items)))
    first, second = bot_api.ledger.messages
    assert (first.text, first.media, second.media) == ("KTP", pictures.jpeg(1), shelf().files[file].content)
    assert "document" in bot_api.message(42, int(second.id))


async def test_an_album_with_a_video_cannot_be_files(telegram: TelegramAdapter, bot_api: FakeBotApi) -> None:
    photo, video = InputMediaPhoto(media="strip"), InputMediaVideo(media="pdf")
    failed = await fails(telegram, SendMediaGroup(chat_id=1, media=[photo, video]))
    assert (failed.fault, failed.code) == (Fault.GIVE_UP, "no_photo")


async def test_a_preview_is_uploaded_with_its_video(telegram: TelegramAdapter, bot_api: FakeBotApi) -> None:
    video = SendVideo(chat_id=1, video="pdf", caption="rumah")
    await deliver(telegram, video.model_copy(update={"thumbnail": "foto"}))  # as the outbox names it
    (line,) = bot_api.ledger.messages
    assert (line.type, line.text, line.media) == ("sendVideo", "rumah", pictures.pdf(1))


async def test_a_template_is_its_text(telegram: TelegramAdapter, bot_api: FakeBotApi) -> None:
    method = SendTemplate(chat_id=1, name="siap", language="id", parameters={}, text="<b>Siap</b> diambil")
    await deliver(telegram, method)
    assert [line.text for line in bot_api.ledger.messages] == ["Siap diambil"]


OURS = 2**40 + 7


def knowing(messages: dict[int, str], to: int = 42) -> Recipient:
    return Recipient(addresses=(AddressKey("telegram", str(to)),), messages=messages)


async def test_our_ids_become_telegrams(telegram: TelegramAdapter, bot_api: FakeBotApi) -> None:
    first, second = [await deliver(telegram, text(words)) for words in ("satu", "dua")]
    known = knowing({OURS: str(first.external_id), OURS + 1: str(second.external_id)})
    for method in (
        text("jawab", reply_parameters=ReplyParameters(message_id=OURS)),
        text("jawab", reply_to_message_id=OURS),
        text("sendiri", reply_to_message_id=OURS + 5),
        EditMessageText(chat_id=1, message_id=OURS, text="satu!"),
        SetMessageReaction(chat_id=1, message_id=OURS, reaction=[ReactionTypeEmoji(emoji="👍")]),
        DeleteMessages(chat_id=1, message_ids=[OURS, OURS + 1, OURS + 5]),
    ):
        await telegram.session.deliver(method, known, "1", shelf().read)
    assert bot_api.ledger.refused == []
    assert [line.reply_to for line in bot_api.ledger.messages[2:5]] == [first.external_id] * 2 + [""]
    assert bot_api.ledger.messages[5].id == first.external_id
    assert bot_api.reactions[42, int(first.external_id or 0)] == ["👍"]
    assert not any(bot_api.has(42, int(sent.external_id or 0)) for sent in (first, second))


async def test_deleting_what_was_never_sent_asks_nobody(
    telegram: TelegramAdapter, bot_api: FakeBotApi
) -> None:
    method = DeleteMessages(chat_id=1, message_ids=[OURS])
    assert await telegram.session.deliver(method, knowing({}), "1", shelf().read) == Sent(None)
    assert list(bot_api.ledger) == []


async def test_a_group_is_written_to_under_its_number(telegram: TelegramAdapter, bot_api: FakeBotApi) -> None:
    bot_api.meet({"id": -4001, "type": "group", "title": "Desa"})
    await deliver(telegram, text(), to=-4001)
    bot_api.upgrade(-4001, -1001999000111)
    failed = await fails(telegram, text(), to=-4001)
    assert (failed.fault, failed.moved_to) == (Fault.MOVED, AddressKey("telegram", "-1001999000111"))
    await deliver(telegram, text("lagi"), to=-1001999000111)
    bot_api.kicked.add(-1001999000111)
    failed = await fails(telegram, text(), to=-1001999000111)
    assert (failed.fault, failed.code) == (Fault.UNREACHABLE, "kicked")


async def test_no_number_no_message(telegram: TelegramAdapter) -> None:
    for odd in ("", "-", "--5", "4 2", "maria"):
        with pytest.raises(DeliveryFailed) as failed:
            to = Recipient(addresses=(AddressKey("telegram", odd),))
            await telegram.session.deliver(text(), to, "1", shelf().read)
        assert failed.value.code == "no_address"


@pytest.mark.parametrize("message_id", [999_999, 2**40 + 1])
async def test_an_answer_to_a_message_that_is_not_there_stands_alone(
    telegram: TelegramAdapter, bot_api: FakeBotApi, message_id: int
) -> None:
    await deliver(telegram, text("Ya", reply_parameters=ReplyParameters(message_id=message_id)))
    assert [line.text for line in bot_api.ledger.messages] == ["Ya"]


async def test_what_is_so_already_is_done(telegram: TelegramAdapter) -> None:
    sent = await deliver(telegram, text("sama"))
    same = EditMessageText(chat_id=1, message_id=int(sent.external_id or 0), text="sama")
    assert await deliver(telegram, same) == Sent(None)
    assert await deliver(telegram, AnswerCallbackQuery(callback_query_id="1")) == Sent(None)  # too old
    assert await deliver(telegram, DeleteMessage(chat_id=1, message_id=5)) == Sent(None)


async def test_an_edit_changes_the_message(telegram: TelegramAdapter, bot_api: FakeBotApi) -> None:
    sent = await deliver(telegram, text("lama"))
    edit = EditMessageText(chat_id=1, message_id=int(sent.external_id or 0), text="baru")
    assert await deliver(telegram, edit) == sent
    assert bot_api.ledger.messages[-1].text == "baru"


@pytest.mark.parametrize(
    ("fault", "send", "edit"),
    [
        ("http500", Fault.RETRY, Fault.RETRY),
        ("http502", Fault.UNKNOWN, Fault.RETRY),
        ("drop_before", Fault.UNKNOWN, Fault.RETRY),
        ("drop_after", Fault.UNKNOWN, Fault.RETRY),
        ("http429", Fault.RETRY, Fault.RETRY),
        ("http401", Fault.PAUSE, Fault.PAUSE),
        ("http403", Fault.UNREACHABLE, Fault.UNREACHABLE),
        ("http409", Fault.RETRY, Fault.RETRY),
    ],
)
async def test_each_failure_asks_for_the_right_thing(
    telegram: TelegramAdapter, bot_api: FakeBotApi, fault: str, send: Fault, edit: Fault
) -> None:
    sent = await deliver(telegram, text("lama"))
    for method, expected in (
        (text("rahasia"), send),
        (EditMessageText(chat_id=1, message_id=int(sent.external_id or 0), text=f"baru {fault}"), edit),
    ):
        bot_api.next_send(fault, retry_after=7)
        failed = await fails(telegram, method)
        assert failed.fault is expected
        assert bot_api.token not in str(failed)
        if fault == "http429":
            assert failed.retry_after == timedelta(seconds=7)


@pytest.mark.parametrize("who", ["stranger", "blocked", "deactivated"])
async def test_a_person_who_takes_nothing(telegram: TelegramAdapter, bot_api: FakeBotApi, who: str) -> None:
    if who == "stranger":
        assert (await fails(telegram, text(), to=4242)).code == "chat_not_found"
        return
    {"blocked": bot_api.blocked, "deactivated": bot_api.deactivated}[who].add(42)
    failed = await fails(telegram, text())
    assert (failed.fault, failed.code) == (Fault.UNREACHABLE, who)


@pytest.mark.parametrize(
    ("method", "code"),
    [
        (text("x" * 5000), "too_long"),
        (SendDocument(chat_id=1, document="tidak-ada"), "wrong_file"),
        (SendPhoto(chat_id=1, photo="foto", caption="x" * 1025), "too_long"),
    ],
)
async def test_what_can_never_be_taken_is_given_up(
    telegram: TelegramAdapter, method: TelegramMethod[Any], code: str
) -> None:
    failed = await fails(telegram, method)
    assert (failed.fault, failed.code) == (Fault.GIVE_UP, code)


def elsewhere(http: ClientSession, api_base: str) -> TelegramAdapter:
    settings = {"token": office.TELEGRAM_TOKEN, "secret_token": "s", "api_base": api_base}
    return TelegramAdapter(TelegramSettings.model_validate(settings), http)


async def test_nobody_listening_means_not_sent(http: ClientSession) -> None:
    adapter = elsewhere(http, f"http://127.0.0.1:{unused_port()}")
    failed = await fails(adapter, text())
    assert (failed.fault, failed.code) == (Fault.RETRY, "not_connected")
    with pytest.raises(MediaUnreachable):
        await adapter.fetch(MediaRef(external_id="1"), 1000)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (web.Response(text="<html>ok</html>"), Fault.UNKNOWN),
        (web.Response(status=502, text="<html>"), Fault.UNKNOWN),
        (web.Response(status=503, text="<html>"), Fault.RETRY),
        (web.Response(status=404, text="not found"), Fault.PAUSE),
        (web.json_response({"ok": False, "error_code": 403, "description": None}), Fault.UNREACHABLE),
        (web.json_response({"ok": False, "error_code": 418, "description": "teapot"}), Fault.GIVE_UP),
        (web.Response(status=302, headers={"Location": "https://example.org"}), Fault.GIVE_UP),
    ],
)
async def test_an_odd_answer_is_not_taken_for_a_yes(
    http: ClientSession, answer: web.Response, expected: Fault
) -> None:
    async def answers(_: web.Request) -> web.Response:
        return answer

    app = web.Application()
    app.router.add_post("/{tail:.*}", answers)
    async with TestServer(app) as server:
        assert (await fails(elsewhere(http, str(server.make_url("/"))), text())).fault is expected


async def test_a_sent_message_that_aiogram_could_not_read_is_sent(http: ClientSession) -> None:
    async def answers(_: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": {"message_id": 7, "chat": "new in Bot API 11"}})

    app = web.Application()
    app.router.add_post("/{tail:.*}", answers)
    async with TestServer(app) as server:
        assert await deliver(elsewhere(http, str(server.make_url("/"))), text()) == Sent("7")


CARD = InlineQueryResultContact(id="1", phone_number="+62", first_name="Loket")


async def test_no_address_no_message(telegram: TelegramAdapter) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        await telegram.session.deliver(text(), office.on_whatsapp(), "1", shelf().read)
    assert failed.value.fault is Fault.UNREACHABLE


@pytest.mark.parametrize(
    ("method", "accepted", "cosmetic"),
    [
        (text(), True, False),
        (SendDice(chat_id=1), True, False),
        (SendChatAction(chat_id=1, action="typing"), True, True),
        (AnswerCallbackQuery(callback_query_id="1"), True, False),
        (SetMyCommands(commands=[]), True, False),
        (SetWebhook(url="https://elsewhere.example"), False, False),
        (GetMe(), False, False),
        (GetChat(chat_id=1), False, False),
        (CopyMessage(chat_id=1, from_chat_id=1, message_id=1), False, False),
        (ForwardMessage(chat_id=1, from_chat_id=1, message_id=1), False, False),
        (SetMessageReaction(chat_id=1, message_id=1), True, False),
        (BanChatMember(chat_id=1, user_id=2), True, False),
        (LeaveChat(chat_id=1), True, False),
        (StopPoll(chat_id=1, message_id=1), False, False),  # its answer is the poll's result
        (AnswerWebAppQuery(web_app_query_id="1", result=CARD), False, False),
    ],
)
async def test_what_may_go_through_the_outbox(
    telegram: TelegramAdapter, method: TelegramMethod[Any], accepted: bool, cosmetic: bool
) -> None:
    degree = telegram.session.degree(method)
    assert (degree is not Degree.REFUSED) is accepted
    assert (degree is Degree.COSMETIC) is cosmetic


# ---------------------------------------------------------------------- files


async def problem(adapter: TelegramAdapter, ref: MediaRef, limit: int) -> str:
    with pytest.raises(MediaGone) as gone:
        await adapter.fetch(ref, limit)
    return gone.value.problem


async def test_a_photo_comes_whole(telegram: TelegramAdapter, bot_api: FakeBotApi) -> None:
    file = bot_api.add_file(pictures.jpeg(3), "photo", mime_type="image/jpeg")
    ref = MediaRef(external_id=file.id)
    assert await telegram.fetch(ref, 15 * 1024**2) == pictures.jpeg(3)
    assert await problem(telegram, ref, 100) == "too_big"
    assert await problem(telegram, MediaRef(external_id="tidak-ada"), 100) == "gone"


async def test_beyond_twenty_megabytes_nobody_is_asked(
    telegram: TelegramAdapter, bot_api: FakeBotApi
) -> None:
    claimed = MediaRef(external_id="1", size=21 * 1024**2)
    assert await problem(telegram, claimed, 30 * 1024**2) == "too_big"
    assert list(bot_api.ledger) == []
    unclaimed = bot_api.add_file(pictures.huge(1, size=21 * 1024**2), "document")
    assert await problem(telegram, MediaRef(external_id=unclaimed.id), 30 * 1024**2) == "too_big"


async def test_an_empty_file_is_named(telegram: TelegramAdapter, bot_api: FakeBotApi) -> None:
    file = bot_api.add_file(b"", "document")
    assert await problem(telegram, MediaRef(external_id=file.id), 100) == "empty"


async def test_a_path_that_has_died_is_asked_for_anew_once(http: ClientSession) -> None:
    paths: list[str] = []

    async def get_file(_: web.Request) -> web.Response:
        paths.append(f"photos/{len(paths)}.jpg")
        return web.json_response({"ok": True, "result": {"file_path": paths[-1]}})

    async def content(request: web.Request) -> web.Response:
        lives = request.match_info["path"] == "photos/1.jpg"
        return web.Response(body=b"foto") if lives else web.Response(status=404)

    app = web.Application()
    app.router.add_post("/bot{token}/getFile", get_file)
    app.router.add_get("/file/bot{token}/{path:.+}", content)
    async with TestServer(app) as server:
        adapter = elsewhere(http, str(server.make_url("/")))
        assert await adapter.fetch(MediaRef(external_id="1"), 100) == b"foto"
        assert await problem(adapter, MediaRef(external_id="1"), 100) == "gone"
    assert len(paths) == 4
