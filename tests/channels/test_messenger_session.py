"""Sending for a Page, to a Send API that refuses what Meta refuses."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiogram.methods import (
    AnswerCallbackQuery,
    DeleteMessage,
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    SendAnimation,
    SendAudio,
    SendChatAction,
    SendContact,
    SendDice,
    SendDocument,
    SendLocation,
    SendMediaGroup,
    SendMessage,
    SendPhoto,
    SendPoll,
    SendSticker,
    SendVenue,
    SendVideo,
    SendVoice,
    SetMessageReaction,
    TelegramMethod,
)
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    ReplyParameters,
)
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port

from bot.channels.base import AddressKey, Degree, DeliveryFailed, Fault, HeldFile, Recipient, Sent
from bot.channels.messenger import payloads
from bot.channels.messenger.adapter import MessengerAdapter
from bot.channels.messenger.settings import MessengerSettings
from bot.methods import HandOver, SendFlow, SendTemplate
from tests.channels import office
from tests.channels.office import NOW, PSID, Shelf, on_messenger
from tests.fakes import pictures
from tests.fakes.messenger import FakeMessenger
from tests.fakes.messenger_people import Comment

CHAT = 2**52 + 5
COMMENT = "9010_9034"


def shelf() -> Shelf:
    return Shelf(
        {
            "foto": HeldFile(pictures.jpeg(1), "image/jpeg", "KTP.jpg"),
            "kk": HeldFile(pictures.jpeg(2), "image/jpeg", "KK.jpg"),
            "pdf": HeldFile(pictures.pdf(1), "application/pdf", "KK keluarga.pdf"),
            "stiker": HeldFile(pictures.sticker(1), "image/webp", "stiker.webp"),
            "suara": HeldFile(pictures.ogg_voice(1), "audio/ogg", "suara.ogg"),
            "besar": HeldFile(pictures.huge(1, size=9 * 1024**2), "image/jpeg", "besar.jpg"),
            "raksasa": HeldFile(b"x" * (25 * 1024**2 + 1), "application/pdf", "raksasa.pdf"),
            "hampa": HeldFile(b"", "application/pdf", "hampa.pdf"),
        }
    )


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    rows = [[InlineKeyboardButton(text=label, callback_data=f"d:{label}")] for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=rows)


async def deliver(
    adapter: MessengerAdapter, method: TelegramMethod[Any], to: Recipient | None = None, tag: str = "4711"
) -> Sent:
    assert adapter.session.degree(method) is not Degree.REFUSED
    return await adapter.session.deliver(method, to or on_messenger(), tag, shelf().read)


async def fails(
    adapter: MessengerAdapter, method: TelegramMethod[Any], to: Recipient | None = None, tag: str = "4711"
) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as failed:
        await deliver(adapter, method, to, tag)
    assert failed.value.__cause__ is None  # nothing with a header or a text in it hangs on
    return failed.value


def text(words: str = "Halo", **more: Any) -> SendMessage:
    return SendMessage(chat_id=CHAT, text=words, **more)


def shown(page: FakeMessenger) -> list[tuple[str, str]]:
    assert page.ledger.refused == []
    return [(line.type, line.text) for line in page.ledger.messages]


async def test_a_text_carries_its_tag_and_comes_back_with_its_id(
    messenger: MessengerAdapter, page: FakeMessenger
) -> None:
    sent = await deliver(messenger, text("<b>Siap</b> diambil, <i>Ibu</i>", parse_mode="HTML"))
    (line,) = page.ledger.messages
    assert (line.to, line.text, line.callback_data) == (PSID, "Siap diambil, Ibu", "4711")
    assert line.request["messaging_type"] == "RESPONSE"
    assert sent == Sent(line.id)


async def test_buttons_bring_back_their_data_and_their_message(
    messenger: MessengerAdapter, page: FakeMessenger
) -> None:
    await deliver(messenger, text("Pilih", reply_markup=keyboard("Ya", "Tidak")))
    await deliver(messenger, text("Pilih", reply_markup=keyboard(*"abcde")))
    first, second = page.ledger.messages
    assert (first.type, second.type) == ("template.button", "text")
    tapped = [payloads.read(button.id) for button in (*first.buttons, *second.buttons)]
    assert [one.tap.data for one in tapped] == ["d:Ya", "d:Tidak", *(f"d:{letter}" for letter in "abcde")]
    assert {one.outbox for one in tapped} == {4711}


async def test_nobody_can_be_written_to_without_an_address(messenger: MessengerAdapter) -> None:
    failed = await fails(messenger, text(), Recipient(addresses=()))
    assert (failed.fault, failed.code) == (Fault.UNREACHABLE, "no_address")


async def test_an_answer_quotes_what_it_answers(messenger: MessengerAdapter, page: FakeMessenger) -> None:
    to = Recipient(addresses=on_messenger().addresses, messages={7: "m_first", 8: "sha256:ab", 9: "edit:1:m"})
    for ident in (7, 8, 9, 10):
        await deliver(messenger, text(reply_parameters=ReplyParameters(message_id=ident)), to)
    assert [line.reply_to for line in page.ledger.messages] == ["m_first", "", "", ""]
    assert page.ledger.refused == []


# ---------------------------------------------------------------------- files


@pytest.mark.parametrize(
    ("method", "kind", "file"),
    [
        (SendPhoto(chat_id=CHAT, photo="foto"), "image", "foto"),
        (SendPhoto(chat_id=CHAT, photo="pdf"), "file", "pdf"),
        (SendPhoto(chat_id=CHAT, photo="besar"), "file", "besar"),
        (SendDocument(chat_id=CHAT, document="pdf"), "file", "pdf"),
        (SendDocument(chat_id=CHAT, document="foto"), "file", "foto"),
        (SendVoice(chat_id=CHAT, voice="suara"), "audio", "suara"),
        (SendAudio(chat_id=CHAT, audio="suara"), "audio", "suara"),
        (SendVideo(chat_id=CHAT, video="pdf"), "file", "pdf"),
        (SendAnimation(chat_id=CHAT, animation="foto"), "image", "foto"),
        (SendSticker(chat_id=CHAT, sticker="stiker"), "file", "stiker"),
    ],
)
async def test_a_file_goes_out_as_what_can_carry_it(
    messenger: MessengerAdapter, page: FakeMessenger, method: TelegramMethod[Any], kind: str, file: str
) -> None:
    await deliver(messenger, method)
    (line,) = page.ledger.messages
    held = shelf().files[file]
    assert (line.type, line.media, line.filename) == (kind, held.content, held.name)
    assert (line.callback_data, page.ledger.refused) == ("4711", [])


async def test_words_about_a_file_are_a_text_of_their_own_and_the_tag_is_on_the_last(
    messenger: MessengerAdapter, page: FakeMessenger
) -> None:
    sent = await deliver(messenger, SendPhoto(chat_id=CHAT, photo="foto", caption="KK lama"))
    photo, words = page.ledger.messages
    assert (photo.type, words.text) == ("image", "KK lama")
    assert (photo.callback_data, words.callback_data) == ("", "4711")
    assert sent.external_id == words.id


async def test_choices_stand_under_their_photo(messenger: MessengerAdapter, page: FakeMessenger) -> None:
    markup = keyboard("Ya", "Tidak")
    await deliver(messenger, SendPhoto(chat_id=CHAT, photo="foto", caption="Ini?", reply_markup=markup))
    await deliver(messenger, SendVoice(chat_id=CHAT, voice="suara", reply_markup=markup))
    assert shown(page) == [("text", "Ini?"), ("image", ""), ("audio", "")]
    assert [len(line.buttons) for line in page.ledger.messages] == [0, 2, 2]


async def test_pictures_sent_together_are_one_message(
    messenger: MessengerAdapter, page: FakeMessenger
) -> None:
    album: list[Any] = [
        InputMediaPhoto(media="foto", caption="KTP"),
        InputMediaPhoto(media="kk", caption="KK"),
    ]
    await deliver(messenger, SendMediaGroup(chat_id=CHAT, media=album))
    assert shown(page) == [("images", ""), ("text", "KTP\n\nKK")]
    (line, _) = page.ledger.messages
    assert [file.data for file in page.files_of[line.id]] == [pictures.jpeg(1), pictures.jpeg(2)]


async def test_a_link_to_a_file_is_fetched_by_meta(messenger: MessengerAdapter, page: FakeMessenger) -> None:
    held = page.add_media(pictures.jpeg(7), "image/jpeg")
    await deliver(messenger, SendPhoto(chat_id=CHAT, photo=page.link_to(held.id)))
    assert [line.media for line in page.ledger.messages] == [pictures.jpeg(7)]


# ---------------------------------------------------------------------- other methods


async def test_places_and_cards_are_said_in_words(messenger: MessengerAdapter, page: FakeMessenger) -> None:
    place: dict[str, Any] = {"chat_id": CHAT, "latitude": -10.7, "longitude": 123.1}
    await deliver(messenger, SendVenue(**place, title="Kantor", address="Ba'a", reply_markup=keyboard("Ya")))
    await deliver(messenger, SendLocation(**place))
    await deliver(messenger, SendContact(chat_id=CHAT, phone_number="+62380", first_name="Loket"))
    (venue, location, card) = page.ledger.messages
    assert venue.text.startswith("Kantor\nBa'a\nhttps://") and [b.title for b in venue.buttons] == ["Ya"]
    assert "mlat=-10.7" in location.text and card.text == "Loket\n+62380"


async def test_what_is_edited_is_said_anew(messenger: MessengerAdapter, page: FakeMessenger) -> None:
    ident: dict[str, Any] = {"chat_id": CHAT, "message_id": 2**40 + 1}
    await deliver(messenger, EditMessageText(**ident, text="Baru", reply_markup=keyboard("Ya")))
    await deliver(messenger, EditMessageCaption(**ident, caption="Judul"))
    await deliver(messenger, EditMessageReplyMarkup(**ident, reply_markup=keyboard("Ya")))
    await deliver(messenger, EditMessageMedia(**ident, media=InputMediaPhoto(media="foto")))
    assert shown(page) == [
        ("template.button", "Baru"), ("text", "Judul"), ("template.button", "Pilih:"), ("image", ""),
    ]  # fmt: skip


async def test_an_alert_is_a_message(messenger: MessengerAdapter, page: FakeMessenger) -> None:
    await deliver(messenger, AnswerCallbackQuery(callback_query_id="1", text="Sudah tutup", show_alert=True))
    assert shown(page) == [("text", "Sudah tutup")]


async def test_typing_marks_as_seen_and_shows_the_dots(
    messenger: MessengerAdapter, page: FakeMessenger
) -> None:
    assert await deliver(messenger, SendChatAction(chat_id=CHAT, action="typing")) == Sent(None)
    assert [line.type for line in page.ledger.lines] == ["mark_seen", "typing_on"]
    page.clock = lambda: NOW + timedelta(days=2)  # refused, and nothing is lost
    assert await deliver(messenger, SendChatAction(chat_id=CHAT, action="typing")) == Sent(None)
    comment = Recipient(addresses=(AddressKey("comment", COMMENT),))
    assert await deliver(messenger, SendChatAction(chat_id=CHAT, action="typing"), comment) == Sent(None)


async def test_a_human_in_the_pages_inbox_takes_over(
    messenger: MessengerAdapter, page: FakeMessenger
) -> None:
    assert await deliver(messenger, HandOver(chat_id=CHAT, reason="minta petugas")) == Sent(None)
    failed = await fails(messenger, text())
    assert (failed.fault, failed.code) == (Fault.WAIT, "10/2018300")


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (text(), Degree.NATIVE),
        (text(reply_markup=keyboard(*"abcdefghijklm")), Degree.NATIVE),
        (text(reply_markup=keyboard(*"abcdefghijklmn")), Degree.DEGRADED),
        (text(reply_markup=keyboard("Kartu Keluarga hilang atau rusak")), Degree.DEGRADED),
        (SendPhoto(chat_id=CHAT, photo="foto"), Degree.NATIVE),
        (SendPhoto(chat_id=CHAT, photo="foto", reply_markup=keyboard("Ya")), Degree.NATIVE),
        (SendPhoto(chat_id=CHAT, photo="foto", caption="x"), Degree.DEGRADED),
        (SendSticker(chat_id=CHAT, sticker="stiker"), Degree.DEGRADED),
        (SendLocation(chat_id=CHAT, latitude=1, longitude=1), Degree.DEGRADED),
        (EditMessageText(chat_id=CHAT, message_id=1, text="x"), Degree.DEGRADED),
        (EditMessageReplyMarkup(chat_id=CHAT, message_id=1), Degree.COSMETIC),
        (AnswerCallbackQuery(callback_query_id="1", text="x"), Degree.COSMETIC),
        (DeleteMessage(chat_id=CHAT, message_id=1), Degree.COSMETIC),
        (SetMessageReaction(chat_id=CHAT, message_id=1), Degree.COSMETIC),
        (SendChatAction(chat_id=CHAT, action="typing"), Degree.NATIVE),
        (SendChatAction(chat_id=CHAT, action="upload_photo"), Degree.DEGRADED),
        (HandOver(chat_id=CHAT), Degree.NATIVE),
        (SendTemplate(chat_id=CHAT, name="x", language="id", parameters={}, text="x"), Degree.NATIVE),
        (SendMediaGroup(chat_id=CHAT, media=[InputMediaPhoto(media="foto")] * 2), Degree.NATIVE),
        (SendMediaGroup(chat_id=CHAT, media=[InputMediaDocument(media="pdf")] * 2), Degree.REFUSED),
        (SendFlow(chat_id=CHAT, flow_id="1", token="x", text="x", button="x"), Degree.REFUSED),
        (SendDice(chat_id=CHAT), Degree.REFUSED),
        (SendPoll(chat_id=CHAT, question="?", options=["a", "b"]), Degree.REFUSED),
    ],
)
def test_how_much_of_it_can_be_shown(
    messenger: MessengerAdapter, method: TelegramMethod[Any], expected: Degree
) -> None:
    assert messenger.session.degree(method) is expected


# ---------------------------------------------------------------------- the window


def ready(**more: Any) -> SendTemplate:
    values = {"nomor": "K7Q2-M9FD-X", "tempat": "Loket 2,\n  lantai   1"}
    given = {"name": "siap_diambil", "language": "id", "parameters": values, "text": "Siap."} | more
    return SendTemplate(chat_id=CHAT, **given)


async def test_a_template_outside_the_window(messenger: MessengerAdapter, page: FakeMessenger) -> None:
    page.register_template("siap_diambil", "Permohonan {{1}} siap diambil di {{2}}.", samples=("x", "y"))
    page.clock = lambda: NOW + timedelta(hours=25)
    closed = await fails(messenger, text())
    assert (closed.fault, closed.code) == (Fault.TEMPLATE, "10/2018278")
    await deliver(messenger, ready())
    (line,) = page.ledger.messages
    assert line.text == "Permohonan K7Q2-M9FD-X siap diambil di Loket 2, lantai 1."
    assert (line.request["messaging_type"], line.callback_data) == ("UTILITY", "4711")


@pytest.mark.parametrize("wrong", [{"name": "lain"}, {"language": "en"}, {"parameters": {"nomor": "x"}}])
async def test_a_template_that_does_not_fit_is_at_fault_itself(
    messenger: MessengerAdapter, page: FakeMessenger, wrong: dict[str, Any]
) -> None:
    page.register_template("siap_diambil", "Permohonan {{1}} siap diambil di {{2}}.", samples=("x", "y"))
    assert (await fails(messenger, ready(**wrong))).fault is Fault.TEMPLATE_FAULT


# ---------------------------------------------------------------------- comments


@pytest.fixture
async def asked(page: FakeMessenger) -> AsyncIterator[Recipient]:
    """Somebody whom the Page has no conversation with, and their comment."""
    author = page.people.meet("7499", "Yohana")
    page.commented(Comment(COMMENT, f"{page.page_id}_9010", author, NOW, "Syarat KTP?"))
    yield Recipient(addresses=(AddressKey("comment", COMMENT),))


async def test_a_comment_is_answered_in_private_once(
    messenger: MessengerAdapter, page: FakeMessenger, asked: Recipient
) -> None:
    sent = await deliver(messenger, text("Halo", reply_markup=keyboard("Menu")), asked)
    (line,) = page.ledger.messages
    assert line.request["recipient"] == {"comment_id": COMMENT}
    assert (line.text, [button.title for button in line.buttons]) == ("Halo", ["Menu"])
    assert sent.addresses == (AddressKey("psid", "7499"), AddressKey("comment_replied", COMMENT))

    nobody = Recipient(addresses=(*asked.addresses, AddressKey("comment_replied", COMMENT)))
    failed = await fails(messenger, text("Sekali lagi"), nobody)
    assert (failed.fault, failed.code) == (Fault.GIVE_UP, "comment_answered")
    page.heard_from("7499")
    known = Recipient(addresses=(*asked.addresses, *sent.addresses))
    assert await deliver(messenger, text("Silakan"), known)
    assert page.ledger.messages[-1].request["recipient"] == {"id": "7499"}
    assert page.ledger.refused == []


@pytest.mark.parametrize(
    "method",
    [
        text("x " * 3000, reply_markup=keyboard(*"abcdefghijklmnop")),
        text("x " * 2000),
        SendPhoto(chat_id=CHAT, photo="foto", caption="Brosur"),
        SendPhoto(chat_id=CHAT, photo="foto"),
        SendMediaGroup(chat_id=CHAT, media=[InputMediaPhoto(media="foto", caption="Brosur")] * 2),
    ],
)
async def test_the_one_answer_to_a_comment_is_one_message(
    messenger: MessengerAdapter, page: FakeMessenger, asked: Recipient, method: TelegramMethod[Any]
) -> None:
    await deliver(messenger, method, asked)
    assert (len(page.ledger.messages), page.ledger.refused) == (1, [])


async def test_after_seven_days_a_comment_takes_no_answer(
    messenger: MessengerAdapter, page: FakeMessenger, asked: Recipient
) -> None:
    page.clock = lambda: NOW + timedelta(days=7)
    assert (await fails(messenger, text(), asked)).fault is Fault.UNREACHABLE


# ---------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("http500", Fault.RETRY),
        ("http502", Fault.UNKNOWN),
        ("drop_before", Fault.UNKNOWN),
        ("drop_after", Fault.UNKNOWN),
        ("http429", Fault.RETRY),
        ("1200", Fault.RETRY),
        ("10/2018278@200", Fault.TEMPLATE),
        ("190/463", Fault.PAUSE),
        ("551", Fault.UNREACHABLE),
        ("200/1545041", Fault.UNREACHABLE),
        ("100/2018001@200", Fault.UNREACHABLE),
        ("10/2018300", Fault.WAIT),
        ("100", Fault.GIVE_UP),
    ],
)
async def test_each_failure_asks_for_the_right_thing(
    messenger: MessengerAdapter, page: FakeMessenger, fault: str, expected: Fault
) -> None:
    page.next_send(fault, retry_after=7)
    failed = await fails(messenger, text("Nomor rahasia"))
    assert failed.fault is expected
    assert "rahasia" not in str(failed)
    if fault == "http429":
        assert failed.retry_after == timedelta(seconds=7)
    await deliver(messenger, text(), tag="4712")


async def test_metas_own_header_says_how_long_to_wait(
    messenger: MessengerAdapter, page: FakeMessenger
) -> None:
    page.next_send("80006", retry_after=600)
    assert (await fails(messenger, text())).retry_after == timedelta(minutes=10)


async def test_a_further_try_begins_behind_what_has_gone_out(
    messenger: MessengerAdapter, page: FakeMessenger
) -> None:
    said = "\n".join(f"Baris {number}: permohonan Bapak/Ibu diproses." for number in range(90))
    real, refusals = page.fault_for, iter([None, "1200", None])

    def second_part_fails(to: str) -> Any:
        if name := next(refusals, None):
            page.next_send(name)
        return real(to)

    page.fault_for = second_part_fails  # type: ignore[method-assign]
    failed = await fails(messenger, text(said))
    assert (failed.fault, failed.shown) == (Fault.RETRY, 1)
    await deliver(messenger, text(said), replace(on_messenger(), shown=failed.shown))
    told = [line.text for line in page.ledger.messages]
    assert "\n".join(told) == said
    assert [line.callback_data for line in page.ledger.messages] == [""] * (len(told) - 1) + ["4711"]


async def test_meta_has_trouble_thrice_with_somebody_who_may_have_blocked_us(
    messenger: MessengerAdapter, page: FakeMessenger
) -> None:
    page.every_send_fails("2")
    tried = [await fails(messenger, text()) for _ in range(3)]
    assert [failed.fault for failed in tried] == [Fault.RETRY, Fault.RETRY, Fault.UNREACHABLE]
    assert tried[2].certain is False
    assert (await fails(messenger, text(), tag="4712")).fault is Fault.RETRY


def before(base: str) -> MessengerSettings:
    return MessengerSettings.model_validate(office.MESSENGER | {"api_base": base})


async def test_nobody_listening_means_not_sent(http: ClientSession) -> None:
    settings = before(f"http://127.0.0.1:{unused_port()}")
    failed = await fails(MessengerAdapter(settings, http), text())
    assert (failed.fault, failed.code) == (Fault.RETRY, "not_connected")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (web.Response(text="<html>ok</html>"), Fault.UNKNOWN),
        (web.json_response({}), Fault.UNKNOWN),
        (web.json_response({"message_id": None, "recipient_id": "1"}), Fault.UNKNOWN),
        (web.Response(status=302, headers={"Location": "https://example.org"}), Fault.PAUSE),
    ],
)
async def test_an_answer_without_an_id_is_not_taken_for_a_no(
    http: ClientSession, answer: web.Response, expected: Fault
) -> None:
    async def answers(_: web.Request) -> web.Response:
        return answer

    app = web.Application()
    app.router.add_post("/{tail:.*}", answers)
    async with TestServer(app) as server:
        adapter = MessengerAdapter(before(str(server.make_url("/"))), http)
        assert (await fails(adapter, text())).fault is expected


async def test_an_upload_that_fails_may_be_repeated(http: ClientSession) -> None:
    async def drops(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    app = web.Application()
    app.router.add_post("/{version}/{page}/message_attachments", drops)
    async with TestServer(app) as server:
        adapter = MessengerAdapter(before(str(server.make_url("/"))), http)
        assert (await fails(adapter, SendPhoto(chat_id=CHAT, photo="foto"))).fault is Fault.RETRY


@pytest.mark.parametrize(
    ("method", "code"),
    [
        (SendPhoto(chat_id=CHAT, photo="hilang"), "file_missing"),
        (SendDocument(chat_id=CHAT, document="hampa"), "file_empty"),
        (SendDocument(chat_id=CHAT, document="raksasa"), "file_too_big"),
        (text("<b> </b>", parse_mode="HTML"), "empty_text"),
        (text("Pilih", reply_markup=keyboard("x" * 80)), "callback_data_too_long"),
    ],
)
async def test_what_can_never_be_taken_is_given_up(
    messenger: MessengerAdapter, page: FakeMessenger, method: TelegramMethod[Any], code: str
) -> None:
    failed = await fails(messenger, method)
    assert (failed.fault, failed.code) == (Fault.GIVE_UP, code)
    assert page.ledger.messages == []


# ---------------------------------------------------------------------- doctor


async def found(adapter: MessengerAdapter) -> list[tuple[str, bool, str]]:
    return [(f.name, f.ok, f.detail) for f in await adapter.check()]


async def test_doctor_is_told_what_is_wrong(
    messenger: MessengerAdapter, page: FakeMessenger, http: ClientSession
) -> None:
    assert await found(messenger) == [
        ("messenger.token", True, ""),
        ("messenger.page", True, ""),
        ("messenger.subscription", True, ""),
    ]
    page.scopes -= {"pages_utility_messaging"}
    page.subscribed_fields -= {"feed", "message_reads"}
    assert await found(messenger) == [
        ("messenger.token", False, "lacks pages_utility_messaging"),
        ("messenger.page", True, ""),
        ("messenger.subscription", False, "lacks message_reads, feed"),
    ]
    page.subscribed_fields.clear()
    assert (await found(messenger))[2] == ("messenger.subscription", False, "no_app")
    assert page.ledger.refused == []
    old = MessengerSettings.model_validate(
        office.MESSENGER | {"access_token": "EAAPold", "api_base": page.base_url}
    )
    assert [(ok, detail) for _, ok, detail in await found(MessengerAdapter(old, http))] == [
        (False, "190")
    ] * 3


def test_no_secret_shows_when_settings_are_printed() -> None:
    printed = repr(MessengerSettings.model_validate(office.MESSENGER))
    assert all(secret not in printed for secret in ("EAAP", "new-secret", "old-secret", "silakan"))


@pytest.mark.parametrize("missing", list(office.MESSENGER))
def test_half_a_set_of_settings_is_none(missing: str) -> None:
    half = {name: value for name, value in office.MESSENGER.items() if name != missing}
    with pytest.raises(ValueError, match=missing):
        MessengerSettings.model_validate(half)
