"""Telegram's updates: who speaks, what file it is, and what passes through untouched."""

from typing import Any

import pytest

from bot.channels.base import AddressKey, MalformedBody, News
from bot.channels.telegram import inbound
from models.inbox import InboxKind
from tests.channels import office

PETRUS: dict[str, Any] = {
    "id": 42,
    "is_bot": False,
    "first_name": "Petrus",
    "last_name": "Ndun",
    "language_code": "id",
}
PRIVATE: dict[str, Any] = {"id": 42, "type": "private", "first_name": "Petrus"}
GROUP: dict[str, Any] = {"id": -100, "type": "supergroup", "title": "Desa"}


def message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    return {"message_id": 9, "date": 1790000000, "chat": chat, "from": PETRUS} | content


def tap(**fields: Any) -> dict[str, Any]:
    carried_by = message(text="Pilih") | {"from": {"id": 7, "is_bot": True, "first_name": "Loket"}}
    return {"id": "4", "from": PETRUS, "chat_instance": "1", "data": "y", "message": carried_by} | fields


BOT = PETRUS | {"is_bot": True}
NOT_OURS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("callback_query", tap(message=None, inline_message_id="x")),
    ("callback_query", tap(message=message({"id": -5, "type": "channel"}))),
    ("message", message(text="halo") | {"from": BOT}),
    ("message", message(GROUP, text="halo") | {"from": BOT}),
    ("message", message(GROUP, text="siaran", is_automatic_forward=True)),
    ("message", message(GROUP | {"id": 100}, text="halo")),
    ("message", message(GROUP | {"id": "-100"}, text="halo")),
    ("message", {"message_id": 1, "date": 1, "chat": PRIVATE}),
    ("message", {"message_id": 1, "date": 1, "chat": GROUP}),
    ("channel_post", message({"id": -5, "type": "channel"}, text="x")),
    ("my_chat_member", {"chat": {"id": -5, "type": "channel"}, "from": PETRUS, "date": 1}),
    ("inline_query", {"id": "1", "from": PETRUS, "query": "x", "offset": ""}),
    ("poll", {"id": "1"}),
    ("brand_new", {"from": PETRUS, "chat": PRIVATE}),
)


@pytest.mark.parametrize(
    ("kind", "part", "whose"),
    [
        ("message", message(text="halo"), "42"),
        ("edited_message", message(text="halo", edit_date=1790000001), "42"),
        ("callback_query", tap(), "42"),
        ("callback_query", tap(message=None), "42"),  # Telegram leaves old messages out
        ("callback_query", tap(message={"chat": PRIVATE, "message_id": 9, "date": 0}), "42"),
        ("callback_query", tap(message=message(GROUP)), "-100"),
        ("callback_query", tap(message={"chat": GROUP, "message_id": 9, "date": 0}), "-100"),
        ("message", message(GROUP, text="selamat pagi"), "-100"),
        ("message", message(GROUP, text="x") | {"from": BOT | {"id": 1087968824}}, "-100"),  # its leader
        ("message", message(GROUP | {"type": "group"}, new_chat_members=[BOT]), "-100"),
    ],
)
def test_a_person_speaks_in_private_and_a_group_with_one_voice(
    kind: str, part: dict[str, Any], whose: str
) -> None:
    (event,) = inbound.read({"update_id": 5, kind: part})
    assert (event.external_id, event.kind) == ("5", InboxKind.MESSAGE)
    assert event.body == {"update_id": 5, kind: part}
    assert [(a.kind, a.value) for a in event.addresses] == [("telegram", whose)]
    assert event.name == ("Desa" if whose == "-100" else "Petrus Ndun")
    assert inbound.news(event.body) is None


@pytest.mark.parametrize(("kind", "part"), NOT_OURS)
def test_nobody_else_is_answered(kind: str, part: dict[str, Any]) -> None:
    (event,) = inbound.read({"update_id": 5, kind: part})
    assert (event.kind, event.addresses, event.name) == (InboxKind.OTHER, (), "")
    assert event.body == {"update_id": 5, kind: part}


@pytest.mark.parametrize("chat", [PRIVATE, GROUP])
@pytest.mark.parametrize(
    ("status", "reachable"),
    [
        ({"status": "member"}, True),
        ({"status": "administrator"}, True),
        ({"status": "restricted", "is_member": True}, True),
        ({"status": "restricted", "is_member": False}, False),
        ({"status": "kicked"}, False),
        ({"status": "left"}, False),
        ({}, False),
    ],
)
def test_who_lets_us_in_or_throws_us_out(
    chat: dict[str, Any], status: dict[str, Any], reachable: bool
) -> None:
    part = {"chat": chat, "from": PETRUS, "date": 1, "new_chat_member": {"user": BOT} | status}
    (event,) = inbound.read({"update_id": 5, "my_chat_member": part})
    assert event.kind is InboxKind.NEWS
    assert [a.value for a in event.addresses] == [str(chat["id"])]
    assert inbound.news(event.body) == News(reachable=reachable)


def test_a_group_that_becomes_a_supergroup_has_another_number() -> None:
    (event,) = inbound.read({"update_id": 5, "message": message(GROUP, migrate_to_chat_id=-1007)})
    assert (event.kind, event.addresses[0].value) == (InboxKind.NEWS, "-100")
    assert inbound.news(event.body) == News(addresses=(AddressKey("telegram", "-1007"),))
    (other,) = inbound.read({"update_id": 6, "message": message(GROUP, migrate_to_chat_id="-1007")})
    assert (other.kind, inbound.news(other.body)) == (InboxKind.MESSAGE, None)


def test_who_joins_a_group_is_its_event() -> None:
    part = {"chat": GROUP, "from": PETRUS, "date": 1, "new_chat_member": {"user": PETRUS, "status": "member"}}
    (event,) = inbound.read({"update_id": 5, "chat_member": part})
    assert (event.kind, event.addresses[0].value) == (InboxKind.OTHER, "-100")
    assert inbound.news(event.body) is None


def test_a_reaction_names_our_message_and_is_none_itself() -> None:
    part = {
        "chat": PRIVATE, "message_id": 9, "user": PETRUS, "date": 1,
        "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}],
    }  # fmt: skip
    (event,) = inbound.read({"update_id": 5, "message_reaction": part})
    assert (event.kind, event.addresses[0].value) == (InboxKind.OTHER, "42")
    assert inbound.replied_to(event.body) == "9"
    reacted = office.as_aiogram(inbound.update(event.body, office.scene(replied_to=2**40 + 3)))
    assert reacted.message_reaction is not None
    assert reacted.message_reaction.message_id == 2**40 + 3


@pytest.mark.parametrize(
    "payload",
    [None, [], {}, {"update_id": "5"}, {"update_id": True}, {"update_id": -1}, {"update_id": 2**63}],
)
def test_an_update_without_a_number_is_none(payload: object) -> None:
    with pytest.raises(MalformedBody, match="update_id"):
        inbound.read(payload)


def sizes(*pixels: tuple[int, int]) -> list[dict[str, Any]]:
    return [
        {"file_id": f"P{w}", "file_unique_id": f"u{w}", "width": w, "height": h, "file_size": w * h}
        for w, h in pixels
    ]


def test_the_largest_size_is_taken_wherever_it_stands() -> None:
    body = {
        "update_id": 5,
        "message": message(photo=sizes((90, 60), (1280, 960), (320, 240)), media_group_id="A1"),
    }
    (ref,) = inbound.media(body)
    assert (ref.external_id, ref.mime, ref.size) == ("P1280", "image/jpeg", 1280 * 960)
    said = office.as_aiogram(inbound.update(body, office.scene([ref]))).message
    assert said is not None
    assert said.photo is not None
    assert [(size.file_id, size.width) for size in said.photo] == [("wa-0", 1280)]
    assert said.media_group_id == "A1"


@pytest.mark.parametrize(
    "field", ["document", "video", "audio", "voice", "sticker", "animation", "video_note"]
)
def test_every_kind_of_file_goes_by_our_name(field: str) -> None:
    theirs = {
        "file_id": "T1", "file_unique_id": "u", "file_size": 5, "width": 1, "height": 1, "length": 1,
        "duration": 1, "type": "regular", "is_animated": False, "is_video": False, "mime_type": "a/b",
        "file_name": "KK.pdf",
        "thumbnail": {"file_id": "T2", "file_unique_id": "v", "width": 1, "height": 1},
    }  # fmt: skip
    body = {"update_id": 5, "message": message(**{field: theirs})}
    (ref,) = inbound.media(body)
    assert (ref.external_id, ref.mime, ref.name, ref.size) == ("T1", "a/b", "KK.pdf", 5)
    plain = inbound.update(body, office.scene([ref]))
    assert "T1" not in str(plain)
    assert "T2" not in str(plain)
    said = office.as_aiogram(plain).message
    assert said is not None
    assert getattr(said, field).file_id == "wa-0"


def test_telegrams_ids_stay_where_we_know_none() -> None:
    body = {"update_id": 5, "message": message(text="ini", reply_to_message=message(text="Pilih"))}
    assert inbound.replied_to(body) == "9"
    for ours, shown in ((None, 9), (2**40 + 3, 2**40 + 3)):
        said = office.as_aiogram(inbound.update(body, office.scene(replied_to=ours))).message
        assert said is not None
        assert said.reply_to_message is not None
        assert said.reply_to_message.message_id == shown
        assert (said.message_id, said.chat.id) == (9, 42)


def test_a_tap_keeps_its_query_and_names_our_message() -> None:
    body = {"update_id": 5, "callback_query": tap()}
    assert inbound.replied_to(body) == "9"
    pressed = office.as_aiogram(inbound.update(body, office.scene(replied_to=2**40 + 3))).callback_query
    assert pressed is not None
    assert pressed.message is not None
    assert (pressed.id, pressed.data, pressed.message.message_id) == ("4", "y", 2**40 + 3)


def test_words_lose_what_nobody_can_print_and_data_keeps_it() -> None:
    keys = {"inline_keyboard": [[{"text": "Ya", "callback_data": "a\x1db"}]]}
    part = tap(data="a\x1db\x00", message=message(text="x\x0by", reply_markup=keys))
    pressed = inbound.update({"update_id": 5, "callback_query": part}, office.scene())["callback_query"]
    assert pressed["data"] == "a\x1db�"
    assert pressed["message"]["text"] == "x�y"
    assert pressed["message"]["reply_markup"] == keys


@pytest.mark.parametrize(
    ("said", "heard", "marks"),
    [
        ("/status@Loket_Bot R-1 *", "/status R-1 *", [(0, 7), (12, 1)]),
        ("/status@loket_bot", "/status", [(0, 7)]),
        ("/status@loket_bot2 R-1", "/status@loket_bot2 R-1", [(0, 18), (22, 1)]),
        ("/status R-1 *", "/status R-1 *", [(0, 7), (12, 1)]),
        ("tanya @loket_bot", "tanya @loket_bot", []),
    ],
)
def test_our_own_name_is_taken_off_a_command(said: str, heard: str, marks: list[tuple[int, int]]) -> None:
    command = said.split(maxsplit=1)[0]
    entities = [{"type": "bot_command", "offset": 0, "length": len(command)}] if said[0] == "/" else []
    if " " in said and entities:
        entities.append({"type": "bold", "offset": said.index("*") if "*" in said else 22, "length": 1})
    body = {"update_id": 5, "message": message(GROUP, text=said, entities=entities)}
    told = office.as_aiogram(inbound.update(body, office.scene(), "loket_bot")).message
    assert told is not None
    assert told.text == heard
    assert [(mark.offset, mark.length) for mark in told.entities or ()] == marks
    assert inbound.update(body, office.scene())["message"]["text"] == said


@pytest.mark.parametrize(
    "entities", [None, "x", [None], [{"offset": "0"}], [{"offset": 0, "length": 2}], [{}]]
)
def test_odd_marks_behind_a_command_break_nothing(entities: Any) -> None:
    body = {"update_id": 5, "message": message(GROUP, text="/status@loket_bot", entities=entities)}
    assert inbound.update(body, office.scene(), "loket_bot")["message"]["text"] == "/status"
