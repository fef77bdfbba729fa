"""What aiogram's methods become on WhatsApp, and how much of each arrives: nothing that Meta would refuse."""

from datetime import timedelta
from typing import Any

import pytest
from aiogram.methods import (
    AnswerCallbackQuery,
    BanChatMember,
    CopyMessage,
    DeleteMessage,
    EditMessageCaption,
    EditMessageMedia,
    EditMessageReplyMarkup,
    EditMessageText,
    PinChatMessage,
    SendAnimation,
    SendAudio,
    SendChatAction,
    SendContact,
    SendDice,
    SendLocation,
    SendMessage,
    SendPhoto,
    SendPoll,
    SendSticker,
    SendVenue,
    SendVoice,
    SetMessageReaction,
    TelegramMethod,
)
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    InputPollOption,
    KeyboardButton,
    ReactionTypeCustomEmoji,
    ReactionTypeEmoji,
    ReactionTypeUnion,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)

from bot.channels.base import Degree, Fault, Recipient, Sent
from bot.channels.keyboard import decode
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from bot.methods import HandOver, SendFlow, SendTemplate
from tests.channels import office
from tests.channels.office import CITIZEN, on_whatsapp
from tests.channels.whatsapp_sending import CHAT, deliver, fails, keyboard, shelf, text
from tests.fakes import FakeGraph

THEIRS = "wamid.theirs"


def knowing(*, last: str | None = None, **messages: str) -> Recipient:
    """The citizen, and what the platform calls the messages ``m41``, ``m42`` …"""
    known = {int(name[1:]): wamid for name, wamid in messages.items()}
    return Recipient(addresses=on_whatsapp().addresses, messages=known, last=last)


@pytest.fixture
def graph(graph: FakeGraph) -> FakeGraph:
    graph.heard_from(wa_id=CITIZEN, message_id=THEIRS, at=office.NOW)
    return graph


def keys(*buttons: KeyboardButton) -> ReplyKeyboardMarkup:
    return ReplyKeyboardMarkup(keyboard=[[button] for button in buttons])


PLACE = KeyboardButton(text="Kirim lokasi saya", request_location=True)
NUMBER = KeyboardButton(text="Bagikan nomor", request_contact=True)
CANCEL = KeyboardButton(text="Batal")
LINK = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text="Ya", callback_data="y")],
        [InlineKeyboardButton(text="Peta", url="https://loket.id/peta")],
    ]
)
ONLY_LINK = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="Peta", url="https://loket.id/peta")]]
)
VOICE: dict[str, Any] = {"chat_id": CHAT, "voice": "suara"}
PHOTO: dict[str, Any] = {"chat_id": CHAT, "photo": "foto"}
EDIT: dict[str, Any] = {"chat_id": CHAT, "message_id": 2**40 + 1}
HERE: dict[str, Any] = {"chat_id": CHAT, "latitude": -10.7, "longitude": 123.1}
FORM: dict[str, Any] = {
    "chat_id": CHAT,
    "flow_id": "77",
    "token": "t-1",
    "text": "Mohon diisi",
    "button": "Isi formulir",
}
FIRST_SCREEN: dict[str, Any] = {"screen": "AWAL", "data": {"nama": "Yohana"}}
OF_TELEGRAM: list[ReactionTypeUnion] = [ReactionTypeCustomEmoji(custom_emoji_id="1")]
THUMB: list[ReactionTypeUnion] = [ReactionTypeEmoji(emoji="👍")]


@pytest.mark.parametrize(
    ("method", "degree"),
    [
        (text(), Degree.NATIVE),
        (text(reply_markup=keyboard("Ya", "Tidak")), Degree.NATIVE),
        (text(reply_markup=keyboard(*"abcdefghij")), Degree.NATIVE),
        (text(reply_markup=keyboard(*"abcdefghijk")), Degree.DEGRADED),  # numbers to type
        (text(reply_markup=ONLY_LINK), Degree.NATIVE),
        (text(reply_markup=LINK), Degree.DEGRADED),  # the link is a line of the text
        (text(reply_markup=ReplyKeyboardRemove(remove_keyboard=True)), Degree.NATIVE),
        (text(reply_markup=keys(PLACE)), Degree.NATIVE),
        (text(reply_markup=keys(NUMBER)), Degree.NATIVE),
        (text(reply_markup=keys(PLACE, CANCEL)), Degree.DEGRADED),
        (text(reply_markup=keyboard("x" * 80)), Degree.NATIVE),  # refused elsewhere, for every channel alike
        (SendPhoto(**PHOTO), Degree.NATIVE),
        (SendPhoto(**PHOTO, reply_markup=keyboard("Ya")), Degree.NATIVE),
        (SendPhoto(**PHOTO, reply_markup=keyboard(*"abcd")), Degree.DEGRADED),
        (SendPhoto(**PHOTO, reply_markup=keyboard("x" * 21)), Degree.DEGRADED),
        (SendPhoto(**PHOTO, reply_markup=LINK), Degree.DEGRADED),
        (SendAnimation(chat_id=CHAT, animation="film"), Degree.DEGRADED),
        (SendVoice(**VOICE), Degree.NATIVE),
        (SendVoice(**VOICE, caption="dengar"), Degree.DEGRADED),
        (SendLocation(**HERE), Degree.NATIVE),
        (SendLocation(**HERE, reply_markup=keyboard("Ya")), Degree.DEGRADED),
        (SendLocation(**HERE, reply_markup=ReplyKeyboardRemove(remove_keyboard=True)), Degree.NATIVE),
        (SendContact(chat_id=CHAT, phone_number="+62812", first_name="Loket"), Degree.NATIVE),
        (SendFlow(**FORM), Degree.NATIVE),
        (SendTemplate(chat_id=CHAT, name="x", language="id", parameters={}, text="x"), Degree.NATIVE),
        (EditMessageText(**EDIT, text="x"), Degree.DEGRADED),
        (EditMessageCaption(**EDIT, caption="x"), Degree.DEGRADED),
        (EditMessageCaption(**EDIT), Degree.COSMETIC),
        (EditMessageMedia(**EDIT, media=InputMediaPhoto(media="foto")), Degree.DEGRADED),
        (EditMessageReplyMarkup(**EDIT), Degree.COSMETIC),
        (EditMessageReplyMarkup(**EDIT, reply_markup=keyboard("Ya")), Degree.DEGRADED),
        (DeleteMessage(**EDIT), Degree.COSMETIC),
        (PinChatMessage(**EDIT), Degree.COSMETIC),
        (SendChatAction(chat_id=CHAT, action="typing"), Degree.NATIVE),
        (SendChatAction(chat_id=CHAT, action="upload_photo"), Degree.DEGRADED),
        (SetMessageReaction(**EDIT, reaction=THUMB), Degree.NATIVE),
        (SetMessageReaction(**EDIT), Degree.NATIVE),
        (
            SetMessageReaction(**EDIT, reaction=[ReactionTypeCustomEmoji(custom_emoji_id="1")]),
            Degree.COSMETIC,
        ),
        (AnswerCallbackQuery(callback_query_id="1"), Degree.COSMETIC),
        (AnswerCallbackQuery(callback_query_id="1", text="Dicatat"), Degree.COSMETIC),
        (AnswerCallbackQuery(callback_query_id="1", text="Loket tutup", show_alert=True), Degree.DEGRADED),
        (CopyMessage(chat_id=CHAT, from_chat_id=CHAT, message_id=1), Degree.REFUSED),
        (SendDice(chat_id=CHAT), Degree.REFUSED),
        (SendPoll(chat_id=CHAT, question="?", options=[InputPollOption(text="a")]), Degree.REFUSED),
        (BanChatMember(chat_id=CHAT, user_id=1), Degree.REFUSED),
        (HandOver(chat_id=CHAT), Degree.REFUSED),
    ],
)
def test_how_much_of_a_method_arrives(
    whatsapp: WhatsAppAdapter, method: TelegramMethod[Any], degree: Degree
) -> None:
    assert whatsapp.session.degree(method) is degree


@pytest.mark.parametrize(
    ("button", "kind", "asks"),
    [
        (PLACE, "interactive.location_request_message", "send_location"),
        (NUMBER, "interactive.request_contact_info", "request_contact_info"),
    ],
)
async def test_a_key_that_asks_is_whatsapps_own_button(
    whatsapp: WhatsAppAdapter, graph: FakeGraph, button: KeyboardButton, kind: str, asks: str
) -> None:
    await deliver(whatsapp, text("Di mana?", reply_markup=keys(button)))
    await deliver(whatsapp, text("Di mana?", reply_markup=keys(CANCEL, button)))
    await deliver(whatsapp, text("x" * 4000, reply_markup=keys(button)))
    alone, among, long = graph.ledger.messages
    assert (alone.type, alone.text, alone.buttons[0].asks) == (kind, "Di mana?", asks)
    assert (among.type, among.text) == (kind, f"Di mana?\n\n1. Batal\n2. {button.text}")
    assert (long.type, len(long.text)) == (kind, 1024)
    assert graph.ledger.refused == []


async def test_a_form(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    await deliver(whatsapp, SendFlow(**FORM))
    await deliver(whatsapp, SendFlow(**FORM | FIRST_SCREEN | {"button": "x" * 30}))
    await deliver(whatsapp, SendFlow(**FORM | {"screen": "AWAL", "text": "x" * 2000}))
    bare, filled, long = graph.ledger.messages
    assert (bare.type, bare.text, bare.buttons[0].flow) == ("interactive.flow", "Mohon diisi", "77")
    parameters = filled.request["interactive"]["action"]["parameters"]
    assert parameters["flow_action_payload"] == FIRST_SCREEN
    assert (parameters["flow_token"], len(parameters["flow_cta"])) == ("t-1", 20)
    assert len(long.text) == 1024
    assert graph.ledger.refused == []


async def test_an_answer_quotes_the_message_it_names(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    quoting = text("Ini", reply_parameters=ReplyParameters(message_id=41))
    await deliver(whatsapp, quoting, knowing(m41=THEIRS))
    await deliver(whatsapp, text("Ini", reply_to_message_id=41), knowing(m41=THEIRS))
    await deliver(whatsapp, quoting)  # one that the platform does not know any more
    photo = SendPhoto(**PHOTO, reply_parameters=ReplyParameters(message_id=41), reply_markup=keyboard("Ya"))
    await deliver(whatsapp, photo, knowing(m41=THEIRS))
    assert [line.reply_to for line in graph.ledger.messages] == [THEIRS, THEIRS, "", THEIRS]
    assert graph.ledger.refused == []


async def test_a_reaction_lies_on_the_message_and_is_taken_back(
    whatsapp: WhatsAppAdapter, graph: FakeGraph
) -> None:
    for reaction in (THUMB, None):
        method = SetMessageReaction(chat_id=CHAT, message_id=41, reaction=reaction)
        assert await deliver(whatsapp, method, knowing(m41=THEIRS)) == Sent(None)
    assert [(line.type, line.text, line.reply_to, line.callback_data) for line in graph.ledger] == [
        ("reaction", "👍", THEIRS, "4711"),
        ("reaction", "", THEIRS, "4711"),
    ]
    await deliver(
        whatsapp, SetMessageReaction(chat_id=CHAT, message_id=42, reaction=THUMB), knowing(m41=THEIRS)
    )
    assert len(graph.ledger) == 2  # there is nothing to lay it on


async def test_typing_marks_the_last_message_as_read(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    typing = SendChatAction(chat_id=CHAT, action="typing")
    assert await deliver(whatsapp, typing, knowing(last=THEIRS)) == Sent(None)
    assert await deliver(whatsapp, typing) == Sent(None)
    assert [(line.type, line.reply_to) for line in graph.ledger] == [("read+typing", THEIRS)]


@pytest.mark.parametrize(
    "method",
    [SendChatAction(chat_id=CHAT, action="typing"), SetMessageReaction(**EDIT, reaction=THUMB)],
)
async def test_what_is_lost_without_harm_is_not_tried_again(
    whatsapp: WhatsAppAdapter, graph: FakeGraph, method: TelegramMethod[Any]
) -> None:
    gone = Recipient(addresses=on_whatsapp().addresses, messages={2**40 + 1: "wamid.gone"}, last="wamid.gone")
    assert await deliver(whatsapp, method, gone) == Sent(None)
    assert [line.outcome for line in graph.ledger] == ["refused"]
    graph.access_token = "another"
    assert (await fails(whatsapp, method, gone)).fault is Fault.PAUSE


@pytest.mark.parametrize(
    ("method", "first", "words"),
    [
        (SendVoice(**VOICE, caption="<b>Dengar</b>", parse_mode="HTML"), "audio", "*Dengar*"),
        (SendAudio(chat_id=CHAT, audio="suara", reply_markup=keyboard("Ya")), "audio", "Pilih"),
        (SendSticker(chat_id=CHAT, sticker="stiker", reply_markup=keyboard("Ya")), "sticker", "Pilih"),
        (SendLocation(**HERE, reply_markup=keyboard("Ya")), "location", "Pilih"),
        (
            SendVenue(**HERE, title="Kantor", address="Ba'a", reply_markup=keyboard("Ya")),
            "location",
            "Pilih",
        ),
        (
            SendContact(chat_id=CHAT, phone_number="+62812", first_name="L", reply_markup=keyboard("Ya")),
            "contacts",
            "Pilih",
        ),
    ],
)
async def test_words_that_find_no_room_follow(
    whatsapp: WhatsAppAdapter, graph: FakeGraph, method: TelegramMethod[Any], first: str, words: str
) -> None:
    sent = await deliver(whatsapp, method, on_whatsapp(bsuid=office.BSUID))
    one, two = graph.ledger.messages
    assert (one.type, two.text) == (first, words)
    assert one.callback_data == two.callback_data == "4711"
    assert sent == Sent(two.id)
    assert bool(two.buttons) is (words == "Pilih")


async def test_an_edit_is_a_new_message(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    photo = InputMediaPhoto(media="foto", caption="<i>KTP</i>", parse_mode="HTML")
    for method in (
        EditMessageText(**EDIT, text="Baru", reply_markup=keyboard("Ya")),
        EditMessageCaption(**EDIT, caption="<b>Baru</b>", parse_mode="HTML", reply_markup=keyboard("Ya")),
        EditMessageCaption(**EDIT, reply_markup=keyboard("Ya")),
        EditMessageMedia(**EDIT, media=photo, reply_markup=keyboard("Ya")),
        EditMessageMedia(**EDIT, media=InputMediaDocument(media="pdf")),
        EditMessageReplyMarkup(**EDIT, reply_markup=keyboard("Ya", "Tidak")),
        AnswerCallbackQuery(callback_query_id="1", text="Loket tutup", show_alert=True),
    ):
        await deliver(whatsapp, method)
    assert [(line.type, line.text, len(line.buttons)) for line in graph.ledger.messages] == [
        ("interactive.button", "Baru", 1),
        ("interactive.button", "*Baru*", 1),
        ("interactive.button", "Pilih", 1),
        ("interactive.button", "_KTP_", 1),
        ("document", "", 0),
        ("interactive.button", "Pilih", 2),
        ("text", "Loket tutup", 0),
    ]
    assert graph.ledger.messages[3].media == shelf().files["foto"].content
    assert graph.ledger.refused == []


async def test_beyond_ten_choices_every_one_can_be_typed(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    labels = [f"Layanan nomor {n}" for n in range(1, 26)]
    await deliver(whatsapp, text("Pilih layanan", reply_markup=keyboard(*labels)))
    await deliver(whatsapp, text("x" * 4096, reply_markup=keyboard(*labels)))
    short, long = graph.ledger.messages
    for line in (short, long):
        assert [row for row in line.text.splitlines() if row.startswith("25. ")] == ["25. Layanan nomor 25"]
    assert (short.type, short.buttons) == ("text", ())


async def test_a_template_by_name_by_number_and_with_data_behind_its_buttons(
    whatsapp: WhatsAppAdapter, graph: FakeGraph
) -> None:
    quick = [{"type": "QUICK_REPLY", "text": "Status"}, {"type": "QUICK_REPLY", "text": "Berhenti"}]
    graph.register_template("bernama", "Permohonan {{nomor}} siap di {{tempat}} hari ini.", buttons=quick)
    numbers = " ".join(f"kata ini {{{{{n}}}}}" for n in range(1, 12))
    graph.register_template("bernomor", f"Yang pertama {numbers} itu semua.")
    graph.register_template("tetap", "Loket tutup hari ini.")
    graph.clock = lambda: office.NOW + timedelta(hours=25)

    def template(name: str, parameters: dict[str, str], buttons: list[str] | None = None) -> SendTemplate:
        return SendTemplate(
            chat_id=CHAT, name=name, language="id", parameters=parameters, text="x", buttons=buttons
        )

    named = {"tempat": "Loket 2,\n\tlantai  1", "nomor": "K7Q2"}
    await deliver(whatsapp, template("bernama", named, ["status:K7Q2", "stop\x1d"]))
    await deliver(whatsapp, template("bernomor", {str(n): f"nilai{n}" for n in range(11, 0, -1)}))
    await deliver(whatsapp, template("tetap", {}))
    first, second, third = graph.ledger.messages
    assert first.text == "Permohonan K7Q2 siap di Loket 2, lantai 1 hari ini."
    assert [decode(button.id).data for button in first.buttons] == ["status:K7Q2", "stop\x1d"]
    assert second.template_values == tuple(f"nilai{n}" for n in range(1, 12))
    assert third.text == "Loket tutup hari ini."
    assert graph.ledger.refused == []


async def test_a_template_whose_values_do_not_fit_is_its_authors_fault(
    whatsapp: WhatsAppAdapter, graph: FakeGraph
) -> None:
    graph.register_template("siap", "Permohonan {{nomor}} sudah siap.")
    method = SendTemplate(chat_id=CHAT, name="siap", language="id", parameters={}, text="x")
    failed = await fails(whatsapp, method)
    assert (failed.fault, failed.code) == (Fault.TEMPLATE_FAULT, "132000")


async def test_plain_words_stay_plain(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    await deliver(whatsapp, SendMessage(chat_id=CHAT, text="1 < 2 & 3"))
    assert graph.ledger.messages[0].text == "1 < 2 & 3"
