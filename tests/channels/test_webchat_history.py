"""A conversation read back from its rows, on both databases."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import ids
from bot.channels.webchat.lines import Line, Writer
from bot.history import AT_ONCE, OVERLAP, START, BadMark, Cursor, History, Mark
from models.contacts import Contact
from models.files import FileState, StoredFile
from models.inbox import InboxEvent, InboxKind, InboxState
from models.outbox import OutboxKind, OutboxMessage, OutboxState
from tests.webchat_counter import render

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
HISTORY = History("webchat", "web")
WRITER = Writer(render)
OF_THE_WEB_CHAT = {"office_id": 1, "channel": "webchat", "account": "web"}

pytestmark = pytest.mark.usefixtures("database")


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def person() -> int:
    return int((await Contact.create(office_id=1, created_at=NOW)).id)


async def heard(contact: int, text: str, seconds: float, **other: Any) -> InboxEvent:
    count = await InboxEvent.all().count()
    body = {"session": "s", "id": str(count), "kind": "text", "text": text}
    return await InboxEvent.create(
        **{
            **OF_THE_WEB_CHAT,
            "external_id": f"s:{count}",
            "kind": InboxKind.MESSAGE,
            "contact_id": contact,
            "body": json.dumps(body),
            "received_at": at(seconds),
            "state": InboxState.DONE,
            **other,
        }
    )


async def said(contact: int, payload: dict[str, Any], seconds: float | None, **other: Any) -> OutboxMessage:
    """A row of ours; ``seconds`` None: on its way."""
    return await OutboxMessage.create(
        **{
            **OF_THE_WEB_CHAT,
            "contact_id": contact,
            "kind": OutboxKind.REPLY,
            "name": "sendMessage",
            "payload": json.dumps(payload),
            "due_at": at(seconds or 0),
            "created_at": NOW,
            "sent_at": None if seconds is None else at(seconds),
            "state": OutboxState.SENDING if seconds is None else OutboxState.SENT,
            **other,
        }
    )


async def lines(contact: int, before: Mark | None = None) -> list[Line]:
    page = await HISTORY.page(contact, before=before)
    return [line for told in page.lines if (line := await WRITER.line(told, "id")) is not None]


async def words(contact: int) -> list[str]:
    return [f"{line['from']}: {line['text']}" for line in await lines(contact)]


async def test_both_sides_in_order_and_nobody_elses() -> None:
    me, other = await person(), await person()
    await said(me, {"text": "kedua"}, 2)
    await heard(me, "pertama", 1)
    await heard(me, "ketiga", 3)
    await said(me, {"text": "di perjalanan"}, None, due_at=at(4))
    await heard(other, "bukan saya", 1)
    await said(other, {"text": "bukan untuk saya"}, 2)
    await said(me, {"text": "lewat WhatsApp"}, 2, channel="whatsapp", account="1")
    for state in (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.FAILED, OutboxState.CANCELLED):
        await said(me, {"text": "belum"}, None, state=state)
    await heard(me, "halaman kita sendiri", 5, kind=InboxKind.INTERNAL)
    assert await words(me) == ["me: pertama", "office: kedua", "me: ketiga", "office: di perjalanan"]


async def test_an_answer_never_precedes_its_question() -> None:
    me = await person()
    await said(me, {"text": "jawab"}, 1)
    await heard(me, "tanya", 1)
    assert await words(me) == ["me: tanya", "office: jawab"]


async def test_what_is_shown_is_safe() -> None:
    me = await person()
    await heard(me, "<script>alert(1)</script>", 1)
    await said(me, {"text": "<b>a</b><img src=x>", "parse_mode": "HTML"}, 2)
    assert await words(me) == [
        "me: &lt;script&gt;alert(1)&lt;/script&gt;",
        "office: <b>a</b>&lt;img src=x&gt;",
    ]


async def test_edits_and_deletions_apply_to_the_message_they_name() -> None:
    me = await person()
    first = await said(me, {"text": "satu", "reply_markup": inline(("Ya", "yes"))}, 1)
    second = await said(me, {"text": "dua"}, 2)
    third = await said(me, {"text": "tiga", "reply_markup": inline(("A", "a"))}, 3)
    name = {"message_id": ids.message_id(first.id), "chat_id": 1}
    await said(
        me, name | {"text": "satu lagi", "reply_markup": inline(("Tidak", "no"))}, 4, name="editMessageText"
    )
    await said(me, {"message_ids": [ids.message_id(second.id)]}, 5, name="deleteMessages")
    await said(me, {"message_id": ids.message_id(third.id)}, 6, name="editMessageReplyMarkup")
    await said(me, name | {"text": "belum"}, None, name="editMessageText", state=OutboxState.QUEUED)

    told = await lines(me)
    assert [(line["text"], line["choices"], line["edited"]) for line in told if "text" in line] == [
        ("satu lagi", [["Tidak", "no", None]], True),
        ("tiga", [], False),
    ]
    assert [line["id"] for line in told if line.get("removed")] == [str(ids.message_id(second.id))]


async def test_a_tap_is_known_by_any_button_the_message_ever_had() -> None:
    me, other = await person(), await person()
    row = await said(me, {"text": "satu", "reply_markup": inline(("Ya", "yes"))}, 1)
    change = {"message_id": ids.message_id(row.id), "text": "x", "reply_markup": inline(("Tidak", "no"))}
    await said(me, change, 2, name="editMessageText")
    message = await HISTORY.message(me, row.id)
    assert message is not None
    offers = [await WRITER.offers(message, data, "id") for data in ("yes", "no", "admin")]
    assert offers == [True, True, False]
    assert await HISTORY.message(other, row.id) is None


async def test_a_notice_is_worded_when_it_is_read() -> None:
    me = await person()
    notice = {"kind": OutboxKind.NOTICE, "name": "ready_for_pickup"}
    await said(me, {"number": "K7Q2-M9FD-X"}, 1, **notice)
    await said(me, {}, 2, kind=OutboxKind.NOTICE, name="of_an_older_version")
    await said(me, {"text": "sesudahnya"}, 3)
    told = await lines(me)
    assert [line["text"] for line in told] == ["<b>K7Q2-M9FD-X</b> siap diambil (id).", "sesudahnya"]
    assert told[0]["choices"] == [["Terima kasih", "thanks", None]]


async def test_keyboards_links_places_and_cards() -> None:
    me = await person()
    keys = {"keyboard": [[{"text": "Selesai"}, "Batal"]]}
    links = {
        "inline_keyboard": [[{"text": "Peta", "url": "https://x.id"}, {"text": "!", "url": "javascript:x"}]]
    }
    await said(me, {"text": "a", "reply_markup": keys}, 1)
    await said(me, {"text": "b", "reply_markup": links}, 2)
    await said(
        me, {"latitude": -10.7, "longitude": 123.1, "title": "Kantor", "address": "Ba'a"}, 3, name="sendVenue"
    )
    await said(me, {"phone_number": "+62812", "first_name": "Loket"}, 4, name="sendContact")
    await said(me, {"text": "t", "name": "ready", "language": "id", "parameters": {}}, 5, name="sendTemplate")
    told = await lines(me)
    assert told[0]["choices"] == [["Selesai", None, None], ["Batal", None, None]]
    assert told[1]["choices"] == [["Peta", None, "https://x.id"]]
    assert told[2]["text"].startswith(
        'Kantor\nBa&#x27;a\n<a href="https://www.openstreetmap.org/?mlat=-10.7&amp;'
    )
    assert told[3]["text"] == "Loket\n+62812"
    assert told[4]["text"] == "t"


async def test_files_of_both_sides_and_who_may_read_them() -> None:
    me, other = await person(), await person()
    event = await heard(
        me, "", 1, body=json.dumps({"id": "1", "kind": "file", "mime": "x/y", "name": "k", "size": 1})
    )
    waiting = await heard(
        me, "", 2, body=json.dumps({"id": "2", "kind": "file", "mime": "x/y", "name": "w", "size": 1})
    )
    await file("wc-mine", event_id=event.id, mime="image/jpeg", name="ktp.jpg")
    await file("wc-ours")
    await file("wc-secret")
    await file("wc-refused", event_id=waiting.id, state=FileState.REFUSED, problem="empty")
    await said(me, {"photo": "wc-ours", "caption": "KK", "chat_id": 1}, 3, name="sendPhoto")
    await said(me, {"text": 'the words "wc-secret" are no file'}, 4)
    told = await lines(me)
    assert [f["id"] for line in told for f in line["files"]] == ["wc-mine", None, "wc-ours"]
    allowed = {
        name: await HISTORY.may_read(me, name) for name in ("wc-mine", "wc-ours", "wc-secret", "wc-refused")
    }
    assert allowed == {"wc-mine": True, "wc-ours": True, "wc-secret": False, "wc-refused": False}
    assert not await HISTORY.may_read(other, "wc-mine")
    assert not await HISTORY.may_read(other, "wc-ours")


async def test_pages_meet_without_gap_or_overlap() -> None:
    """Twelve lines a second, so that a page's edge falls within one instant."""
    me = await person()
    for n in range(60):
        await heard(me, f"h{n}", n // 12)
        await said(me, {"text": f"s{n}"}, n // 12)
    pages, before = [], None
    for _ in range(5):
        page = await HISTORY.page(me, before=before)
        pages.append([str(line.mark) for line in page.lines])
        before = page.before
        if before is None:
            break
    assert [len(page) for page in pages] == [50, 50, 20]
    every = [mark for page in reversed(pages) for mark in page]
    assert len(set(every)) == 120
    assert every == sorted(every, key=Mark.parse)


async def test_news_since_a_cursor_whatever_the_order_of_ids_and_clocks() -> None:
    me = await person()
    late = await said(me, {"text": "terlambat"}, None, state=OutboxState.QUEUED)
    first = await said(me, {"text": "lama"}, 10)
    page = await HISTORY.page(me)
    cursor = page.cursor
    assert cursor == Cursor(at(10), 0, first.id)

    far = at(10) + OVERLAP + timedelta(seconds=1)
    await OutboxMessage.filter(id=late.id).update(
        state=OutboxState.SENT, sent_at=far
    )  # an older id, a later time
    back = await said(me, {"text": "jam mundur"}, -3600)  # a newer id, an earlier time
    way = await said(me, {"text": "di jalan"}, None)
    await heard(me, "saya", -3600)
    news = await HISTORY.since(me, cursor)
    assert news is not None
    told = {line.mark.row for line in news.lines if line.mark.ours}
    assert {late.id, back.id, way.id} <= told
    assert [line.mark.ours for line in news.lines].count(False) == 1
    assert news.cursor.at == far
    assert news.cursor.said == way.id


async def test_an_edit_is_news_of_the_message_it_changes() -> None:
    me = await person()
    old = await said(me, {"text": "satu"}, 0)
    cursor = (await HISTORY.page(me)).cursor
    cursor = Cursor(cursor.at + OVERLAP * 2, cursor.heard, cursor.said)
    assert (await told_since(me, cursor)) == []
    await said(me, {"message_id": ids.message_id(old.id), "text": "dua"}, 600, name="editMessageText")
    assert (await told_since(me, cursor)) == [(str(ids.message_id(old.id)), "dua")]


async def test_too_much_news_is_said_so() -> None:
    me = await person()
    for n in range(AT_ONCE + 1):
        await said(me, {"text": str(n)}, n)
    assert await HISTORY.since(me, START) is None


@pytest.mark.parametrize(
    "text",
    ["", "1", "1.2", "a.b.c", "1.2.3.4", "-1.0.0", "9" * 19 + ".0.0", "999999999999999999.1.1", "١.0.0"],
)
def test_a_place_that_is_none(text: str) -> None:
    for kind in (Mark, Cursor):
        with pytest.raises(BadMark):
            kind.parse(text)


def test_places_survive_being_written() -> None:
    assert Mark.parse(str(Mark(at(1.000001), True, 7))) == Mark(at(1.000001), True, 7)
    assert Cursor.parse(str(Cursor(at(1.5), 2, 3))) == Cursor(at(1.5), 2, 3)


async def told_since(contact: int, cursor: Cursor) -> list[tuple[str, str]]:
    news = await HISTORY.since(contact, cursor)
    assert news is not None
    return [(line["id"], line["text"]) for told in news.lines if (line := await WRITER.line(told, "id"))]


async def file(file_id: str, **other: Any) -> None:
    await StoredFile.create(office_id=1, file_id=file_id, size=1, created_at=NOW, **other)


def inline(*buttons: tuple[str, str]) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": label, "callback_data": data}] for label, data in buttons]}
