"""WhatsApp's webhooks: what becomes an event, whose it is, and what aiogram gets to see."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiogram.types import Message, ReactionTypeEmoji, Update

from bot.channels.base import Incoming, MalformedBody
from bot.channels.keyboard import Choice, encode
from bot.channels.whatsapp import inbound
from models.files import FileState
from models.inbox import InboxKind
from tests.channels import office
from tests.fakes import bodies
from tests.fakes.bodies import Json

NUMBER = office.PHONE_NUMBER_ID
BOT_ID = 7


def of_message(kind: str, part: object, **more: Any) -> Json:
    fields: dict[str, Any] = {"id": "wamid.1", "at": office.NOW, "wa_id": office.CITIZEN} | more
    return bodies.whatsapp_message(kind, part, **fields)


def whole(*messages: Json, contacts: tuple[Json, ...] = (), **more: Any) -> Json:
    return bodies.whatsapp_body(list(messages), contacts=contacts, phone_number_id=NUMBER, **more)


def read(*messages: Json, **more: Any) -> list[Incoming]:
    return inbound.read(whole(*messages, **more), NUMBER)


def one(*messages: Json, **more: Any) -> Incoming:
    (event,) = read(*messages, **more)
    return event


def addresses(event: Incoming) -> list[tuple[str, str]]:
    return [(address.kind, address.value) for address in event.addresses]


def told(kind: str, part: object, *, replied_to: int | None = None, **more: Any) -> Update | None:
    event = one(of_message(kind, part, **more))
    refs = inbound.media(event.body)
    plain = inbound.update(event.body, office.scene(refs, replied_to=replied_to), bot_id=BOT_ID)
    return None if plain is None else office.as_aiogram(plain)


def message(kind: str, part: object, **more: Any) -> Message:
    update = told(kind, part, **more)
    assert update is not None
    assert update.message is not None
    return update.message


def test_a_text() -> None:
    event = one(
        of_message("text", {"body": "KTP hilang"}),
        contacts=(bodies.whatsapp_contact(name="Mama Welmince", wa_id=office.CITIZEN),),
    )
    assert event.external_id == "wamid.1"
    assert event.kind is InboxKind.MESSAGE
    assert addresses(event) == [("wa_id", office.CITIZEN)]
    assert event.name == "Mama Welmince"
    assert event.sent_at == office.NOW
    said = message("text", {"body": "KTP hilang"})
    assert said.text == "KTP hilang"
    assert said.chat.id == 2**52 + 5
    assert said.from_user is not None
    assert said.from_user.id == said.chat.id
    assert said.chat.type == "private"


def test_a_batch_of_a_thousand_with_a_bad_one() -> None:
    messages: list[Any] = [of_message("text", {"body": str(n)}, id=f"wamid.{n}") for n in range(1000)]
    messages[500] = "bad"
    events = read(*messages)
    assert len(events) == len({event.external_id for event in events}) == 1000
    assert [n for n, event in enumerate(events) if event.kind is InboxKind.OTHER] == [500]
    assert not events[500].addresses
    assert len(json.dumps(events[0].body)) < 500  # each keeps its own part, not the whole batch


def test_several_entries_and_changes_are_all_read() -> None:
    batch = bodies.one_batch([whole(of_message("text", {"body": "a"}, id=f"wamid.{n}")) for n in range(3)])
    batch["entry"][0]["changes"] *= 2
    assert [event.external_id for event in inbound.read(batch, NUMBER)] == [
        "wamid.0",
        "wamid.0",
        "wamid.1",
        "wamid.2",
    ]


@pytest.mark.parametrize(
    "field",
    [
        "account_alerts", "account_update", "brand_new", "business_capability_update",
        "message_template_quality_update", "message_template_status_update", "phone_number_quality_update",
        "security", "smb_message_echoes", "template_category_update", "user_preferences",
    ],
)  # fmt: skip
def test_other_fields_are_kept_and_not_answered(field: str) -> None:
    body = whole(of_message("text", {"body": "a"}), field=field)
    (event,) = inbound.read(body, NUMBER)
    assert (event.kind, event.addresses) == (InboxKind.OTHER, ())


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("reaction", {"message_id": "wamid.0", "emoji": "👍"}),
        ("reaction", {"message_id": "wamid.0"}),
        ("revoke", {"original_message_id": "wamid.0"}),
        ("request_welcome", None),
        ("system", {"type": "group_created"}),
        ("system", None),
    ],
)
def test_what_nobody_waits_for_an_answer_to_is_kept_in_silence(kind: str, part: Json | None) -> None:
    event = one(of_message(kind, part))
    assert (event.kind, event.addresses) == (InboxKind.OTHER, ())
    assert told(kind, part) is None


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("unsupported", {"type": "poll"}),
        ("unknown", None),
        ("order", {"catalog_id": "1", "product_items": []}),
        ("hologram", {"depth": 3}),
        ("text", {}),
        ("text", None),
        ("image", {"mime_type": "image/jpeg"}),
        ("document", None),
        ("interactive", {}),
        ("interactive", {"type": "call_permission_reply"}),
        ("interactive", {"button_reply": {"title": "x"}}),
        ("button", {}),
        ("location", {"latitude": "selatan", "longitude": 123}),
        ("contacts", []),
        ("contacts", [{"name": {"formatted_name": "Petrus"}}]),
    ],
)
def test_what_a_person_sent_and_we_cannot_read_reaches_the_handler_empty(kind: str, part: object) -> None:
    event = one(of_message(kind, part))
    assert event.kind is InboxKind.OTHER
    assert addresses(event) == [("wa_id", office.CITIZEN)]
    said = message(kind, part)
    assert said.content_type == "unknown"


def test_errors_in_every_place_are_kept() -> None:
    error = bodies.whatsapp_error(131051, "Message type unknown", "not supported")
    failing = of_message("unsupported", None, errors=[error])
    events = read(failing, errors=[error])
    assert [event.kind for event in events] == [InboxKind.OTHER, InboxKind.OTHER]
    assert [bool(event.addresses) for event in events] == [True, False]


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("image", "photo"),
        ("document", "document"),
        ("video", "video"),
        ("audio", "audio"),
        ("sticker", "sticker"),
        ("voice", "voice"),
    ],
)
def test_a_file_reaches_the_handler_by_our_name(kind: str, field: str) -> None:
    part = {
        "id": "5544",
        "mime_type": "audio/ogg; codecs=opus",
        "sha256": "x",
        "caption": "",
        "filename": "KK.pdf",
    }
    event = one(of_message(kind, part))
    assert event.kind is InboxKind.MESSAGE
    (ref,) = inbound.media(event.body)
    assert (ref.external_id, ref.mime, ref.name) == ("5544", "audio/ogg", "KK.pdf")
    shown = getattr(message(kind, part), field)
    assert (shown[-1] if field == "photo" else shown).file_id == "wa-0"


def test_a_recording_is_a_voice_message() -> None:
    assert message("audio", {"id": "1", "mime_type": "audio/ogg", "voice": True}).voice is not None
    assert message("voice", {"id": "1"}).voice is not None
    assert message("audio", {"id": "1", "voice": False}).audio is not None


def test_a_refused_file_is_seen_to_have_come() -> None:
    event = one(of_message("image", {"id": "1", "caption": "KTP saya"}))
    scene = office.scene(inbound.media(event.body))
    scene.files[0].state, scene.files[0].problem = FileState.REFUSED, "too_big"
    plain = inbound.update(event.body, scene, bot_id=BOT_ID)
    assert plain is not None
    said = office.as_aiogram(plain).message
    assert said is not None
    assert said.photo is not None
    assert (said.photo[0].file_id, said.photo[0].width, said.caption) == ("wa-0", 0, "KTP saya")


@pytest.mark.parametrize("kind", ["button_reply", "list_reply"])
def test_a_tap_brings_back_its_data_and_the_message_it_was_under(kind: str) -> None:
    ident = encode(2, Choice("Ya", data="svc:KTP\x1d"))
    part = {"type": kind, kind: {"id": ident, "title": "Ya"}}
    context = {"id": "wamid.0", "from": "628"}
    assert inbound.replied_to(one(of_message("interactive", part, context=context)).body) == "wamid.0"
    update = told("interactive", part, context=context, replied_to=2**40 + 9)
    assert update is not None
    tap = update.callback_query
    assert tap is not None
    assert tap.message is not None
    assert (tap.data, tap.message.message_id) == ("svc:KTP\x1d", 2**40 + 9)
    assert tap.from_user.id == tap.message.chat.id == 2**52 + 5


def test_data_of_the_office_comes_back_from_a_tap() -> None:
    part = {
        "type": "button_reply",
        "button_reply": {"id": encode(1, Choice("Ya", data="ya ö")), "title": "Ya"},
    }
    update = told("interactive", part)
    assert update is not None
    assert update.callback_query is not None
    assert update.callback_query.data == "ya ö"


def test_a_ready_made_answer_is_as_if_typed() -> None:
    whole_label = "Saya mengurus untuk anggota keluarga saya"
    part = {
        "type": "list_reply",
        "list_reply": {"id": encode(1, Choice(whole_label)), "title": "Saya mengurus…"},
    }
    assert message("interactive", part).text == whole_label
    very_long = {"type": "list_reply", "list_reply": {"id": encode(1, Choice("x" * 200)), "title": "xx…"}}
    assert message("interactive", very_long).text == "xx…"


@pytest.mark.parametrize(
    ("part", "data", "text"),
    [
        ({"text": "Ya", "payload": "confirm:1"}, "confirm:1", None),
        ({"text": "Ya", "payload": encode(1, Choice("Ya", data="y"))}, "y", None),
        ({"text": "Ya", "payload": "Ya"}, None, "Ya"),  # Meta repeats the label where we gave no payload
        ({"text": "Ya"}, None, "Ya"),
    ],
)
def test_a_templates_button(part: Json, data: str | None, text: str | None) -> None:
    update = told("button", part)
    assert update is not None
    assert (update.callback_query.data if update.callback_query else None) == data
    assert (update.message.text if update.message else None) == text


@pytest.mark.parametrize("answers", ['{"a": 1}', "[1]", "", None, 7])
def test_a_form_of_whatsapp(answers: object) -> None:
    part = {"type": "nfm_reply", "nfm_reply": {"response_json": answers, "name": "flow", "body": "Terkirim"}}
    said = message("interactive", part)
    assert said.web_app_data is not None
    assert said.web_app_data.data == (answers if isinstance(answers, str) else "")
    assert said.text == "Terkirim"


def test_a_place_at_zero_is_a_place() -> None:
    said = message("location", {"latitude": 0.0, "longitude": "123.05", "name": "Kantor", "address": "Ba'a"})
    assert said.location is not None
    assert said.venue is not None
    assert (said.location.latitude, said.location.longitude, said.venue.title) == (0.0, 123.05, "Kantor")


@pytest.mark.parametrize(("origin", "own"), [("contact_request", True), ("", False)])
def test_a_card(origin: str, own: bool) -> None:
    card = {"name": {"formatted_name": "Petrus"}, "phones": [{}, {"phone": "+62 812"}], "origin": origin}
    contact = message("contacts", [card]).contact
    assert contact is not None
    assert (contact.phone_number, contact.first_name) == ("+62 812", "Petrus")
    assert (contact.user_id is not None) is own


def test_an_edit_is_an_edited_message() -> None:
    changed = {"type": "text", "text": {"body": "KTP rusak"}}
    part = {"original_message_id": "wamid.0", "message": changed}
    event = one(of_message("edit", part))
    assert (event.kind, addresses(event)) == (InboxKind.MESSAGE, [("wa_id", office.CITIZEN)])
    assert inbound.replied_to(event.body) == "wamid.0"
    for known, shown in ((41, 41), (None, 78)):
        update = told("edit", part, replied_to=known)
        assert update is not None
        assert update.message is None
        assert update.edited_message is not None
        assert (update.edited_message.text, update.edited_message.message_id) == ("KTP rusak", shown)


def test_words_changed_under_a_file() -> None:
    changed = {"type": "image", "image": {"id": "1", "mime_type": "image/jpeg", "caption": "KK baru"}}
    part = {"original_message_id": "wamid.0", "message": changed}
    assert inbound.media(one(of_message("edit", part)).body) == []  # the file is the one that we have
    update = told("edit", part)
    assert update is not None
    assert update.edited_message is not None
    assert (update.edited_message.caption, update.edited_message.text) == ("KK baru", None)


@pytest.mark.parametrize(
    "part", [None, {}, {"message": "x"}, {"original_message_id": "wamid.0", "message": {}}]
)
def test_an_edit_that_says_nothing_is_not_handled(part: object) -> None:
    assert one(of_message("edit", part)).kind is InboxKind.OTHER
    assert told("edit", part) is None


@pytest.mark.parametrize(("emoji", "shown"), [("👍", ["👍"]), ("", []), (None, [])])
def test_a_reaction_reaches_handlers_that_want_it(emoji: str | None, shown: list[str]) -> None:
    said = of_message("reaction", {"message_id": "wamid.0", "emoji": emoji})
    (event,) = inbound.read(whole(said), NUMBER, reactions=True)
    assert (event.kind, addresses(event)) == (InboxKind.MESSAGE, [("wa_id", office.CITIZEN)])
    assert inbound.replied_to(event.body) == "wamid.0"
    assert inbound.update(event.body, office.scene(), bot_id=BOT_ID) is None  # on a message we do not know
    plain = inbound.update(event.body, office.scene(replied_to=2**40 + 9), bot_id=BOT_ID)
    assert plain is not None
    reaction = office.as_aiogram(plain).message_reaction
    assert reaction is not None
    assert (reaction.message_id, reaction.old_reaction) == (2**40 + 9, [])
    assert [new.emoji for new in reaction.new_reaction if isinstance(new, ReactionTypeEmoji)] == shown


def test_what_was_passed_on_is_read_as_said() -> None:
    said = message("text", {"body": "gratis"}, context={"forwarded": True, "frequently_forwarded": True})
    assert (said.text, said.reply_to_message) == ("gratis", None)


def test_a_quote_names_our_message() -> None:
    update = told("text", {"body": "ini"}, context={"id": "wamid.0"}, replied_to=2**40 + 1)
    assert update is not None
    assert update.message is not None
    assert update.message.reply_to_message is not None
    assert update.message.reply_to_message.message_id == 2**40 + 1


def test_text_fit_for_rows() -> None:
    said = message("text", {"body": "a\x00b\ud800c" + "x" * 100_000})
    assert said.text is not None
    assert said.text.startswith("a�b�cx")
    assert len(said.text) == 4096


@pytest.mark.parametrize(
    "payload",
    [None, [], "x", 1, {}, {"entry": {}}, {"entry": None}, {"object": "page", "entry": []}],
)
def test_what_is_no_whatsapp_body_is_named(payload: object) -> None:
    with pytest.raises(MalformedBody):
        inbound.read(payload, NUMBER)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("1697043223", datetime(2023, 10, 11, 16, 53, 43, tzinfo=UTC)),
        (1697043223, datetime(2023, 10, 11, 16, 53, 43, tzinfo=UTC)),
        ("1697043223000", datetime(2023, 10, 11, 16, 53, 43, tzinfo=UTC)),
        ("kemarin", None),
        ("9" * 5000, None),
        (None, None),
        (-5, None),
        ("١", None),
    ],
)
def test_any_time_stamp_can_be_read(stamp: object, expected: datetime | None) -> None:
    said = of_message("text", {"body": "a"}) | {"timestamp": stamp}
    assert one(said).sent_at == expected


def test_an_id_that_fits_no_column_gets_a_name_of_its_own() -> None:
    first, again, other = (
        one(of_message("text", {"body": body}, id="w" * 300)).external_id for body in ("a", "a", "b")
    )
    assert first == again != other
    assert len(first) <= 255
