"""What a Page is told, as the core and aiogram's handlers know it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiogram.types import Update

from bot import ids
from bot.channels.base import AddressKey, Incoming, MalformedBody
from bot.channels.keyboard import Choice
from bot.channels.messenger import inbound, payloads
from models.inbox import InboxKind
from models.outbox import Receipt
from models.quarantine import Reason
from tests.channels import office
from tests.channels.office import NOW, PAGE_ID, PSID
from tests.fakes import messenger_bodies
from tests.fakes.bodies import Json

BOT = 7
MILLISECONDS = 1764000000123
AT = datetime(2025, 11, 24, 16, 0, 0, 123000, tzinfo=UTC)


def item(**part: object) -> Json:
    return messenger_bodies.item(PSID, PAGE_ID, MILLISECONDS, **part)


def body(*items: Json, key: str = "messaging") -> Json:
    return messenger_bodies.page_body(items, page_id=PAGE_ID, at=NOW, key=key)


def events(*items: Json) -> list[Incoming]:
    return inbound.read(body(*items), PAGE_ID)


def event(**part: object) -> Incoming:
    (only,) = events(item(**part))
    return only


def update(given: Incoming, *, part: int = 0, replied_to: int | None = None, **how: Any) -> Update | None:
    scene = office.scene(inbound.media(given.body), replied_to=replied_to)
    plain = inbound.update(given.body, replace(scene, part=part), bot_id=BOT, **how)
    return None if plain is None else office.as_aiogram(plain)


def heard(given: Incoming, *, part: int = 0, replied_to: int | None = None) -> Any:
    """The message that handlers are handed."""
    found = update(given, part=part, replied_to=replied_to)
    assert found is not None and found.message is not None
    return found.message


def is_silent(given: Incoming) -> bool:
    """Kept, from nobody, for nobody to answer."""
    return given.kind is InboxKind.OTHER and given.addresses == () and update(given) is None


# ---------------------------------------------------------------------- texts and who says them


def test_a_text_is_a_text() -> None:
    said = event(message={"mid": "m_1", "text": "Selamat pagi 🙏"})
    assert (said.external_id, said.kind, said.sent_at) == ("m_1", InboxKind.MESSAGE, AT)
    assert said.addresses == (AddressKey("psid", PSID),)
    assert heard(said).text == "Selamat pagi 🙏"
    assert heard(said).chat.id == heard(said).from_user.id == office.scene().chat_id


@pytest.mark.parametrize(("stamp", "at"), [(1764000000, AT.replace(microsecond=0)), (MILLISECONDS, AT)])
def test_times_come_in_seconds_too(stamp: int, at: datetime) -> None:
    (said,) = events(messenger_bodies.item(PSID, PAGE_ID, stamp, message={"mid": "m_1", "text": "x"}))
    assert said.sent_at == at


def test_old_bodies_have_numbers_for_ids() -> None:
    old = messenger_bodies.item(int(PSID), int(PAGE_ID), MILLISECONDS, message={"mid": "m_1", "text": "x"})
    whole = {"object": "page", "entry": [{"id": int(PAGE_ID), "time": 1, "messaging": [old]}]}
    (said,) = inbound.read(whole, PAGE_ID)
    assert said.addresses == (AddressKey("psid", PSID),)


def test_every_item_of_every_entry_is_read() -> None:
    first = body(item(message={"mid": "m_1", "text": "a"}), item(message={"mid": "m_2", "text": "b"}))
    second = body(item(message={"mid": "m_3", "text": "c"}))
    joined = {"object": "page", "entry": [*first["entry"], *second["entry"]]}
    assert [e.external_id for e in inbound.read(joined, PAGE_ID)] == ["m_1", "m_2", "m_3"]


def test_a_quoted_message_is_named() -> None:
    said = event(message={"mid": "m_2", "text": "ya", "reply_to": {"mid": "m_1"}})
    assert inbound.replied_to(said.body) == "m_1"
    assert heard(said, replied_to=2**40 + 9).reply_to_message.message_id == 2**40 + 9


# ---------------------------------------------------------------------- what is ours, or nobody's


def test_an_echo_of_our_own_settles_what_was_sent() -> None:
    echo = {"mid": "m_9", "is_echo": True, "app_id": 1, "metadata": "4711", "text": "Halo"}
    (told,) = events(messenger_bodies.item(PAGE_ID, PSID, MILLISECONDS, message=echo))
    assert (told.kind, told.addresses) == (InboxKind.RECEIPT, ())
    (receipt,) = inbound.receipts(told.body)
    assert (receipt.external_id, receipt.tag, receipt.receipt) == ("m_9", "4711", Receipt.TAKEN)


@pytest.mark.parametrize("metadata", [None, "", "dari staf", "-1", "١٢", "9" * 19])
def test_what_somebody_else_says_for_the_page_is_nobodys_message(metadata: str | None) -> None:
    echo = {"mid": "m_9", "is_echo": True, "text": "Besok tutup", "metadata": metadata}
    (told,) = events(messenger_bodies.item(PAGE_ID, PSID, MILLISECONDS, message=echo))
    assert is_silent(told)


def test_the_page_itself_is_never_a_citizen_even_without_the_mark_of_an_echo() -> None:
    ours = messenger_bodies.item(PAGE_ID, PSID, MILLISECONDS, message={"mid": "m_9", "text": "Halo"})
    assert is_silent(events(ours)[0])


def test_another_page_s_events_are_kept_aside() -> None:
    theirs = messenger_bodies.page_body([item(message={"mid": "m_1", "text": "x"})], page_id="999", at=NOW)
    (kept,) = inbound.read(theirs, PAGE_ID)
    assert is_silent(kept)
    assert kept.aside is Reason.FOREIGN_ACCOUNT


def test_while_another_app_has_the_conversation_nothing_is_answered() -> None:
    (kept,) = inbound.read(body(item(message={"mid": "m_1", "text": "x"}), key="standby"), PAGE_ID)
    assert is_silent(kept)


@pytest.mark.parametrize(
    "part",
    [
        {"optin": {"ref": "x"}},
        {"referral": {"ref": "ktp", "source": "SHORTLINK", "type": "OPEN_THREAD"}},
        {"account_linking": {"status": "linked"}},
        {"pass_thread_control": {"new_owner_app_id": "1"}},
        {"take_thread_control": {"previous_owner_app_id": "1"}},
        {"request_thread_control": {"requested_owner_app_id": "1"}},
        {"policy_enforcement": {"action": "warning", "reason": "…"}},
        {"app_roles": {"1": ["primary_receiver"]}},
        {"message": {"mid": "m_1", "is_deleted": True}},
        {"message": {}},
        {"postback": {"mid": "m_1"}},
        {"message_edit": {"mid": "m_1", "num_edit": 1}},
        {"tomorrow": {"mid": "m_1"}},
    ],
    ids=lambda part: next(iter(part)),
)
def test_what_nobody_waits_for_is_kept_in_silence(part: Json) -> None:
    assert is_silent(event(**part))


def test_somebody_known_only_to_a_plugin_cannot_be_answered() -> None:
    said = {"sender": {"user_ref": "x"}, "recipient": {"id": PAGE_ID}, "optin": {"user_ref": "x"}}
    assert is_silent(events(said)[0])


@pytest.mark.parametrize("broken", [{}, [], {"entry": 5}, {"object": "instagram", "entry": []}])
def test_what_is_no_page_s_body_is_named_as_broken(broken: Any) -> None:
    with pytest.raises(MalformedBody):
        inbound.read(broken, PAGE_ID)


def test_what_has_no_shape_is_set_aside_and_what_is_only_new_is_not() -> None:
    entries = [None, {"id": PAGE_ID, "messaging": [None, item(tomorrow={"mid": "m_1"})]}]
    kept = inbound.read({"object": "page", "entry": entries}, PAGE_ID)
    assert [one.aside for one in kept] == [Reason.UNREADABLE, Reason.UNREADABLE, None]


@pytest.mark.parametrize("entry", [None, 5, {}, {"id": PAGE_ID}, {"id": PAGE_ID, "messaging": [None, 5, []]}])
def test_an_entry_that_says_nothing_makes_nobody_speak(entry: Any) -> None:
    kept = inbound.read({"object": "page", "entry": [entry]}, PAGE_ID)
    assert kept and all(is_silent(one) for one in kept)


# ---------------------------------------------------------------------- attachments


def attached(*attachments: Json, **more: Any) -> Incoming:
    return event(message={"mid": "m_1", "attachments": list(attachments), **more})


URL = "https://scontent.xx.fbcdn.net/v/t1.15752-9/"


def test_three_photos_in_one_message_are_three_messages_of_an_album() -> None:
    photos = [messenger_bodies.file_attachment("image", f"{URL}{n}_n.jpg?oh=1") for n in range(3)]
    said = attached(*photos, text="KTP dan KK")
    refs = inbound.media(said.body)
    assert [(ref.external_id, ref.mime, ref.name) for ref in refs] == [
        (f"{URL}{n}_n.jpg?oh=1", "image/jpeg", None) for n in range(3)
    ]
    shown = [heard(said, part=part) for part in range(3)]
    assert [message.photo[0].file_id for message in shown] == ["wa-0", "wa-1", "wa-2"]
    assert [message.caption for message in shown] == ["KTP dan KK", None, None]


def test_files_of_several_kinds_each_come_as_what_they_are() -> None:
    said = attached(
        messenger_bodies.file_attachment("file", f"{URL}surat%20pengantar.pdf?oh=1"),
        messenger_bodies.file_attachment("video", f"{URL}1.mp4"),
        messenger_bodies.file_attachment("audio", f"{URL}audioclip-1764.mp4"),
        messenger_bodies.file_attachment("audio", f"{URL}lagu.mp3"),
    )
    assert inbound.media(said.body)[0].name == "surat pengantar.pdf"
    shown = [heard(said, part=part) for part in range(4)]
    assert shown[0].document and shown[1].video and shown[2].voice and shown[3].audio


@pytest.mark.parametrize("as_image", [True, False])
def test_the_thumb_is_a_sticker_and_no_yes(as_image: bool) -> None:
    for ident in messenger_bodies.THUMBS:
        said = attached(messenger_bodies.sticker(f"{URL}t.png", ident, as_image=as_image), sticker_id=ident)
        assert heard(said).sticker.emoji == "👍"
        assert heard(said).text is None
    other = attached(messenger_bodies.sticker(f"{URL}t.png", 5, as_image=as_image))
    assert heard(other).sticker is not None and heard(other).sticker.emoji is None


def test_a_place_is_a_place_beside_a_photo_too() -> None:
    place = messenger_bodies.location(0.0, 123.07)
    assert (heard(attached(place)).location.latitude, heard(attached(place)).location.longitude) == (
        0.0,
        123.07,
    )
    both = attached(messenger_bodies.file_attachment("image", f"{URL}1.jpg"), place)
    assert heard(both).photo and heard(both).location.longitude == 123.07


@pytest.mark.parametrize(
    "attachment",
    [
        {"type": "location", "payload": {"coordinates": {"lat": "x", "long": 1}}},
        {"type": "location", "payload": {"coordinates": {"lat": 91, "long": 1}}},
        {"type": "location", "payload": None},
        {"type": "image", "payload": None},
        {"type": "image", "payload": {"url": "  "}},
        {"type": "image", "payload": {"url": "x" * 5000}},
        {"type": "fallback", "payload": None},
        {"type": "hologram", "payload": {"light": 1}},
        None,
        5,
    ],
)
def test_what_cannot_be_read_is_a_message_without_content(attachment: Any) -> None:
    said = attached(attachment)
    assert (said.kind, said.addresses) == (InboxKind.OTHER, (AddressKey("psid", PSID),))
    assert inbound.media(said.body) == []
    assert heard(said).text is None and heard(said).photo is None and heard(said).location is None


def test_what_meta_does_not_pass_on_is_a_message_without_content() -> None:
    said = event(message={"mid": "m_1", "is_unsupported": True})
    assert said.kind is InboxKind.OTHER and heard(said).text is None


@pytest.mark.parametrize(
    ("attachment", "text"),
    [
        ({"type": "fallback", "title": "Dukcapil", "url": "https://a.id", "payload": None}, "Dukcapil\nhttps://a.id"),
        ({"type": "fallback", "payload": "https://a.id/x"}, "https://a.id/x"),
        ({"type": "fallback", "payload": {"url": "https://a.id", "title": "https://a.id"}}, "https://a.id"),
        ({"type": "fallback", "title": "Judul", "URL": "<URL>", "payload": None}, "Judul"),
        ({"type": "share", "payload": {"url": "https://fb.com/1"}}, "https://fb.com/1"),
        ({"type": "reel", "payload": {"url": "https://fb.com/r", "title": "Cara buat KTP"}}, "Cara buat KTP\nhttps://fb.com/r"),
        ({"type": "ig_reel", "payload": {"url": "https://ig.com/r"}}, "https://ig.com/r"),
        ({"type": "template", "title": "Kartu", "payload": {"template_type": "generic"}}, "Kartu"),
    ],
)  # fmt: skip
def test_what_is_shared_without_a_word_says_what_it_is(attachment: Json, text: str) -> None:
    said = attached(attachment)
    assert (said.kind, heard(said).text) == (InboxKind.MESSAGE, text)
    assert heard(attached(attachment, text="lihat ini")).text == "lihat ini"


# ---------------------------------------------------------------------- taps


@pytest.mark.parametrize("data", ["menu:1", " spasi ", "intent\x1dwidget", "é🙏", "x" * 64, "", "/start"])
def test_a_tap_brings_back_its_data_and_its_message(data: str) -> None:
    payload = payloads.write("4711", 2, Choice("Ya", data=data))
    tapped = {
        "postback": event(postback={"title": "Ya", "payload": payload, "mid": "m_5"}),
        "quick reply": event(message={"mid": "m_6", "text": "Ya", "quick_reply": {"payload": payload}}),
    }
    for kind, said in tapped.items():
        found = update(said)
        assert found is not None and found.callback_query is not None, kind
        assert found.callback_query.data == data
        assert found.callback_query.message is not None
        assert found.callback_query.message.message_id == ids.message_id(4711)
    assert [said.external_id for said in tapped.values()] == ["m_5", "m_6"]


def test_a_ready_made_answer_counts_as_typed() -> None:
    payload = payloads.write("4711", 1, Choice("Saya sendiri, bukan wakil saya"))
    tapped = event(
        message={"mid": "m_6", "text": "Saya sendiri, bukan…", "quick_reply": {"payload": payload}}
    )
    assert heard(tapped).text == "Saya sendiri, bukan wakil saya"


def test_somebody_else_s_button_is_its_own_data() -> None:
    found = update(event(postback={"title": "Bayar", "payload": "PAY_1", "mid": "m_1"}))
    assert found is not None and found.callback_query is not None and found.callback_query.data == "PAY_1"
    assert heard(event(postback={"title": "Menu"})).text == "Menu"


@pytest.mark.parametrize(
    ("postback", "text"),
    [
        ({"title": "Mulai", "payload": "GET_STARTED"}, "/start"),
        (
            {"title": "Mulai", "payload": "GET_STARTED", "referral": {"ref": "ktp-hilang"}},
            "/start ktp-hilang",
        ),
        ({"title": "Mulai", "payload": "GET_STARTED", "referral": {"ref": "a b; drop"}}, "/start"),
        ({"title": "Cek status", "payload": "/status"}, "/status"),
    ],
)
def test_the_first_button_and_the_menu_say_commands(postback: Json, text: str) -> None:
    assert heard(event(postback=postback)).text == text


def test_a_tap_without_an_id_is_one_tap_however_often_it_comes() -> None:
    old = item(postback={"title": "Ya", "payload": "x"})
    again = json.loads(json.dumps(old | {"recipient": {"id": PAGE_ID}, "new_key": 1}))
    later = messenger_bodies.item(PSID, PAGE_ID, MILLISECONDS + 1, postback={"title": "Ya", "payload": "x"})
    first, second, third = events(old, again, later)
    assert first.external_id == second.external_id != third.external_id


# ---------------------------------------------------------------------- edits and reactions


def test_a_corrected_message_is_an_edited_message() -> None:
    said = event(message_edit={"mid": "m_1", "text": "Maria Ndun", "num_edit": 2})
    found = update(said)
    assert found is not None and found.edited_message is not None
    assert (found.edited_message.text, found.message) == ("Maria Ndun", None)
    assert said.external_id != event(message_edit={"mid": "m_1", "text": "M", "num_edit": 3}).external_id
    assert said.external_id != "m_1"


def test_a_reaction_opens_the_window_and_is_heard_only_by_who_wants_to() -> None:
    said = event(reaction={"mid": "m_9", "action": "react", "emoji": "❤", "reaction": "love"})
    assert (said.kind, said.addresses) == (InboxKind.OTHER, (AddressKey("psid", PSID),))
    assert inbound.replied_to(said.body) == "m_9"
    assert update(said, replied_to=2**40) is None
    assert update(said, reactions=True) is None  # on a message that we do not know
    found = update(said, replied_to=2**40, reactions=True)
    assert found is not None and found.message_reaction is not None
    assert [r.emoji for r in found.message_reaction.new_reaction] == ["❤"]  # type: ignore[union-attr]
    gone = event(reaction={"mid": "m_9", "action": "unreact"})
    found = update(gone, replied_to=2**40, reactions=True)
    assert found is not None and found.message_reaction is not None
    assert found.message_reaction.new_reaction == []


# ---------------------------------------------------------------------- receipts


def test_a_delivery_names_messages_and_a_watermark() -> None:
    told = event(delivery={"mids": ["m_1", "m_2", "", 5, None], "watermark": MILLISECONDS})
    assert (told.kind, told.addresses) == (InboxKind.RECEIPT, (AddressKey("psid", PSID),))
    named = [(r.external_id, r.until, r.receipt) for r in inbound.receipts(told.body)]
    until = AT + timedelta(seconds=1)
    arrived = Receipt.ARRIVED
    assert named == [
        ("m_1", None, arrived),
        ("m_2", None, arrived),
        ("5", None, arrived),
        (None, until, arrived),
    ]


@pytest.mark.parametrize("watermark", [MILLISECONDS, 1764000000])
def test_a_read_is_of_everything_until_its_watermark(watermark: int) -> None:
    (receipt,) = inbound.receipts(event(read={"watermark": watermark}).body)
    assert receipt.receipt is Receipt.SEEN and receipt.external_id is None
    assert receipt.until is not None
    assert timedelta(0) < receipt.until - AT.replace(microsecond=0) <= timedelta(seconds=2)


def test_the_same_receipt_is_the_same_event() -> None:
    one, two = events(*[item(read={"watermark": MILLISECONDS})] * 2)
    assert one.external_id == two.external_id


# ---------------------------------------------------------------------- comments


def change(**value: Any) -> Json:
    told = messenger_bodies.comment(
        comment_id="9010_9034", post_id=f"{PAGE_ID}_9010", text="Syarat KTP?", at=NOW, author=("55", "Yohana")
    )
    return messenger_bodies.change_body("feed", told | value, page_id=PAGE_ID, at=NOW)


def test_a_comment_is_heard_as_an_answer_to_a_post() -> None:
    (said,) = inbound.read(change(), PAGE_ID)
    assert said.addresses == (AddressKey("comment", "9010_9034"),)
    assert (said.kind, said.external_id, said.name, said.sent_at) == (
        InboxKind.MESSAGE, "comment:9010_9034", "Yohana", NOW,
    )  # fmt: skip
    message = heard(said)
    assert message.text == "Syarat KTP?"
    assert message.external_reply is not None and message.external_reply.origin.type == "channel"


def test_who_wrote_a_comment_may_be_hidden() -> None:
    hidden = change()
    del hidden["entry"][0]["changes"][0]["value"]["from"]
    (said,) = inbound.read(hidden, PAGE_ID)
    assert (said.kind, said.name) == (InboxKind.MESSAGE, "")


@pytest.mark.parametrize(
    "value",
    [
        {"verb": "edited"},
        {"verb": "edit"},
        {"verb": "hide"},
        {"verb": "remove"},
        {"item": "reaction"},
        {"item": "post"},
        {"item": "like"},
        {"from": {"id": PAGE_ID, "name": "Kami"}},
        {"sender_id": int(PAGE_ID)},
        {"message": "  "},
        {"comment_id": ""},
        {"comment_id": "x" * 200},
    ],
)
def test_all_else_under_a_post_is_kept_in_silence(value: Json) -> None:
    (kept,) = inbound.read(change(**value), PAGE_ID)
    assert is_silent(kept)


def test_a_verdict_on_a_template_is_kept() -> None:
    told = messenger_bodies.change_body(
        "message_template_status_update", {"event": "APPROVED"}, page_id=PAGE_ID, at=NOW
    )
    (kept,) = inbound.read(told, PAGE_ID)
    assert is_silent(kept)
