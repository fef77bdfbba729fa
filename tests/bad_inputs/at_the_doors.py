"""Rows 1 to 14: what comes to the platforms' doors."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any

import pytest

from bot import jsontext
from models.calls import Alert, AlertKind
from models.contacts import Contact
from models.files import StoredFile
from models.inbox import InboxEvent, InboxKind, InboxState
from models.outbox import OutboxMessage
from models.quarantine import Quarantined, Reason
from models.sealing.rows import SCRUBBED
from office.context import office
from tests.bad_inputs.row import row
from tests.bad_inputs.town import Headers, Town
from tests.fakes import bodies, pictures
from tests.fakes.bodies import Json
from tests.flows import doors
from tests.flows.counter import APP_SECRET, TELEGRAM_SECRET
from tests.flows.steps import says, settled

ALL_TAKEN = 4 * 1024**2  # bytes
SIGNATURE = bodies.WHATSAPP_HEADER
META = ("whatsapp", "messenger")


async def kept(aside: bool = True) -> int:
    """Rows that a knock may leave behind."""
    found = await InboxEvent.all().count() + await Contact.all().count()
    return found + (await Quarantined.all().count() if aside else 0)


async def knocks(town: Town, channel: str, body: bytes, headers: Headers) -> int:
    return await doors.post(f"{town.url}/webhooks/{channel}", body, headers)


def a_message(town: Town, words: str = "halo 😀") -> tuple[str, bytes]:
    """Somebody new, and what Meta would post of them."""
    citizen = town.on_whatsapp()
    wa_id = citizen.wa_id or ""
    said = doors.message(town, wa_id, "text", {"body": words})
    return wa_id, bodies.as_meta_writes(doors.written_by(town, wa_id, said))


@row(1, "WhatsApp and Messenger without signature", "401, nothing stored, counted")
async def unsigned(town: Town) -> None:
    _, raw = a_message(town)
    before, counted = await kept(), await town.metric("loket_turned_away_total")
    for channel in META:
        assert await knocks(town, channel, raw, {"Content-Type": "application/json"}) == 401
    assert await kept() == before
    assert await town.metric("loket_turned_away_total") == counted + len(META)


@row(2, "signature over JSON written anew, or by another app's secret", "401; it is over the raw bytes")
async def signed_by_others(town: Town) -> None:
    wa_id, raw = a_message(town)
    before = await kept()
    anew = json.dumps(json.loads(raw)).encode()
    assert json.loads(anew) == json.loads(raw) and anew != raw
    for given in (bodies.signature(anew, APP_SECRET), bodies.signature(raw, "another-secret"),
                  bodies.signature(raw, "")):  # fmt: skip
        for channel in META:
            assert await knocks(town, channel, raw, {SIGNATURE: given}) == 401
    assert await knocks(town, "whatsapp", raw + b" ", {SIGNATURE: bodies.signature(raw, APP_SECRET)}) == 401
    assert await kept() == before
    assert await doors.whatsapp(town, raw) == 200  # it was the signature and nothing else
    await settled(town)
    assert await InboxEvent.all().order_by("-id").first().values_list("state", flat=True) == InboxState.DONE
    assert town.graph.people is not None and wa_id


@row(3, "sha1= header, an empty one, one that is not ASCII", "401, not 500")
async def odd_signatures(town: Town) -> None:
    _, raw = a_message(town)
    before, genuine = await kept(), bodies.signature(raw, APP_SECRET)
    sha1 = hmac.new(APP_SECRET.encode(), raw, hashlib.sha1).hexdigest()
    forged: list[Headers] = [
        {SIGNATURE: f"sha1={sha1}"},
        {"X-Hub-Signature": f"sha1={sha1}"},
        {SIGNATURE: ""},
        {SIGNATURE: "sha256="},
        {SIGNATURE: "sha256=" + "é" * 64},
        {SIGNATURE: genuine.removeprefix("sha256=")},
        {SIGNATURE: genuine.upper()},
        {SIGNATURE: genuine[:-1]},
    ]
    for channel in META:
        assert [await knocks(town, channel, raw, headers) for headers in forged] == [401] * len(forged)
    assert await kept() == before


@row(
    4,
    "a genuine body again after 1 hour, 8 days and 30 days",
    "200, no second effect; older than 7 days: aside",
)
async def replayed(town: Town) -> None:
    people = town.on_whatsapp(), town.on_telegram()
    for phone in people:
        await says(phone, "halo")
        assert await phone.repeats(3) == [200, 200, 200]
    late, raw = a_message(town)
    events, replies = await InboxEvent.all().count(), await OutboxMessage.all().count()
    for span in (timedelta(hours=1), timedelta(days=8), timedelta(days=22)):
        town.clock.now += span
        if span.days == 22:  # the night has come in which nothing knows their ids any more
            await town.forgets_what_came(town.clock())
        for phone in people:
            assert await phone.repeats() == [200]
    for _ in range(2):
        assert await doors.whatsapp(town, raw) == 200
    await settled(town)
    town.clock.now -= timedelta(days=22)  # else the nights in between would be made up for in another row
    assert (await InboxEvent.all().count(), await OutboxMessage.all().count()) == (events, replies)
    assert [len(phone.everything) for phone in people] == [1, 1]
    aside = await Quarantined.filter(reason=Reason.TOO_OLD)
    assert sorted(one.times for one in aside) == [2, 2, 2]  # theirs, and what was never heard before
    assert [one.times for one in aside if late.encode() in one.as_it_came] == [2]


@row(5, "Telegram without its secret, with a wrong one, one that is not ASCII", "401")
async def telegram_unknown(town: Town) -> None:
    update = {"update_id": 5, "message": {"message_id": 1, "date": 1, "text": "halo"}}
    before, header = await kept(), bodies.TELEGRAM_HEADER
    forged: list[Headers] = [
        {}, {header: ""}, {header: "telegram-secreT"}, {header: "telegram-sécret"},
        {header: TELEGRAM_SECRET[:-1]}, {header: f"{TELEGRAM_SECRET},{TELEGRAM_SECRET}"},
    ]  # fmt: skip
    assert [await doors.telegram(town, update, headers) for headers in forged] == [401] * len(forged)
    assert await kept() == before


@row(6, "X-Forwarded-For of Telegram's or Meta's range", "ignored")
async def from_their_range_it_says(town: Town) -> None:
    _, raw = a_message(town)
    before = await kept()
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP"):
        for told in ("149.154.160.1", "31.13.24.1", "abc", "::1", "for=149.154.160.1;host=x"):
            assert await doors.telegram(town, b'{"update_id": 6}', {name: told}) == 401
            assert await doors.whatsapp(town, raw, {name: told}) == 401
    assert await kept() == before


@row(
    7, "the handshake with a wrong token, or a challenge that is a script", "403; digits alone, as text/plain"
)
async def handshake(town: Town) -> None:
    right = {"hub.mode": "subscribe", "hub.verify_token": "verify", "hub.challenge": "11582"}
    wrong = [
        right | {"hub.verify_token": "wrong"},
        right | {"hub.verify_token": "vérify"},
        right | {"hub.verify_token": ""},
        right | {"hub.mode": "unsubscribe"},
        right | {"hub.challenge": "<script>alert(1)</script>"},
        right | {"hub.challenge": "١٢"},
        {key: value for key, value in right.items() if key != "hub.verify_token"},
        {},
    ]
    for channel in META:
        path = f"/webhooks/{channel}"
        assert await town.get(path, params=right) == (200, "11582")
        assert b"text/plain" in town.relay.heard
        for query in wrong:
            assert await town.get(path, params=query) == (403, ""), query


@row(8, "Content-Type text/xml, charset=nope, a body in UTF-16, a packed one", "415 or 400")
async def of_another_kind(town: Town) -> None:
    _, raw = a_message(town)
    before = await kept(aside=False)
    packed = gzip.compress(raw)
    tried = {
        ("text/xml", raw): 415,
        ("application/json; charset=nope", raw): 415,
        ("application/json; charset=utf-16", raw): 415,
        ("multipart/form-data; boundary=x", raw): 415,
        ("application/json; x=y;0*", raw): 415,  # Python's parser raises
        ("application/x-www-form-urlencoded", raw): 415,
        ("application/json", raw.decode().encode("utf-16")): 400,
        ("application/json", b'{"entry": ["\xff\xfe"]}'): 400,
    }
    for (kind, body), status in tried.items():
        signed = bodies.signed(body, APP_SECRET) | {"Content-Type": kind}
        assert await doors.whatsapp(town, body, signed) == status, kind
    for coding in ("gzip", "deflate", "br", "nope"):
        for over in (raw, packed):
            signed = bodies.signed(over, APP_SECRET) | {"Content-Encoding": coding}
            assert await doors.whatsapp(town, packed, signed) in (400, 415)
    assert await kept(aside=False) == before
    plain = bodies.signed(raw, APP_SECRET) | {"Content-Type": "application/json; charset=UTF-8"}
    assert await doors.whatsapp(town, raw, plain) == 200


@row(9, "a body of 5 MB, a false Content-Length, trailers", "413 or 400, and the connection is closed")
async def too_much(town: Town) -> None:
    whole = bodies.as_meta_writes(town.graph.webhook_body(errors=[{"code": 1}]))
    fits, large = whole + b" " * (ALL_TAKEN - len(whole)), b" " * (5 * 1024**2)
    events = await InboxEvent.all().count()
    assert await doors.whatsapp(town, fits) == 200
    assert await InboxEvent.all().count() == events + 1
    assert await doors.whatsapp(town, fits + b" ") == 413
    assert await doors.telegram(town, large) == 413

    head = b"POST /webhooks/whatsapp HTTP/1.1", b"Host: 127.0.0.1", b"Content-Type: application/json"
    signed = f"{SIGNATURE}: {bodies.signature(whole, APP_SECRET)}".encode()
    assert await town.speaks(*head, signed, b"Content-Length: %d" % len(large), body=large) == (413, True)
    assert await town.speaks(*head, signed, b"Content-Length: +5", body=whole) == (400, True)
    assert await town.speaks(*head, signed, b"Content-Length: 5", b"Content-Length: 6", body=whole) == (
        400,
        True,
    )
    cut = await town.speaks(*head, signed, b"Content-Length: %d" % (len(whole) - 1), body=whole)
    assert cut in ((400, True), (401, True))  # another body than was signed, and a byte behind it
    chunked = b"%x\r\n%b\r\n0\r\nX-Role: admin\r\n\r\n" % (len(whole), whole)
    trailing = (*head, signed, b"Transfer-Encoding: chunked", b"Trailer: X-Role", b"Connection: close")
    assert await town.speaks(*trailing, body=chunked) == (400, True)
    assert await InboxEvent.all().count() == events + 1


@row(10, "100,000 nested brackets; a megabyte of keys", "400, kept aside, within 50 ms")
async def deep_and_wide(town: Town) -> None:
    wide = b"{" + b",".join(b'"%d":0' % n for n in range(110_000)) + b"}"
    assert len(wide) > 1024**2
    events = await InboxEvent.all().count()
    for body in (doors.BRACKETS, doors.NO_JSON["100,000 brackets and an escape"], wide):
        took = []
        for _ in range(3):
            begun = time.thread_time()
            with pytest.raises(jsontext.NotJson):
                jsontext.loads(body)
            took.append(time.thread_time() - begun)
        assert min(took) < 0.05
        for knock in (doors.whatsapp, doors.telegram):
            assert await knock(town, body) == 400
    assert await InboxEvent.all().count() == events


@row(11, "NaN, Infinity, a number of 5,000 digits, a key twice, no JSON at all", "400, each once aside")
async def no_json(town: Town) -> None:
    before = await Quarantined.filter(reason=Reason.NOT_JSON).count()
    fresh = {name: raw + b" " for name, raw in doors.NO_JSON.items()}  # not those of the row before
    for knock in (doors.whatsapp, doors.telegram):
        assert {name: await knock(town, raw) for name, raw in fresh.items()} == dict.fromkeys(fresh, 400)
    assert await Quarantined.filter(reason=Reason.NOT_JSON).count() == before + 2 * len(fresh)
    assert await town.metric("loket_quarantine_rows") >= before + 2 * len(fresh)


FOREIGN_UPDATES: tuple[object, ...] = (
    {"update_id": 901, "business_connection": {"id": "b"}},
    {"update_id": 902, "message": "not an object"},
    {"update_id": 903, "message": {"message_id": "x", "chat": [], "from": 7}},
    {"update_id": -4},
    {"update_id": 2**63},
    {},
    [],
)


def foreign_to_whatsapp(town: Town) -> list[object]:
    account_news = town.graph.webhook_body()
    account_news["entry"][0]["changes"][0] = {"field": "flows", "value": {"event": "FLOW_STATUS_CHANGE"}}
    return [account_news, {"object": "page", "entry": []}, {"entry": {}}, [], "x", 7, None]


@row(12, "a kind of update, field or status that nobody knows", "kept as it came for 30 days, counted, 200")
async def unknown_kinds(town: Town) -> None:
    """What a person sent is answered in one sentence; what platforms say among themselves is only kept."""
    citizen = town.on_whatsapp()
    for phone in (citizen, town.on_telegram()):
        assert await phone.sends_unknown() == 200
        assert "belum dapat kami baca" in await phone.hears()
        assert len(phone.heard) == 1
    events, replies = await InboxEvent.all().count(), await OutboxMessage.all().count()
    aside = await Quarantined.filter(reason=Reason.UNREADABLE).count()
    counted = await town.metric("loket_inbox_rows") + await town.metric("loket_quarantine_rows")
    for body in foreign_to_whatsapp(town):
        assert await doors.whatsapp(town, bodies.as_meta_writes(body)) == 200
    for update in FOREIGN_UPDATES:
        assert await doors.telegram(town, json.dumps(update).encode()) == 200
    dreamt = bodies.whatsapp_status("dreamt", id="wamid.x", at=town.clock(), wa_id=citizen.wa_id)
    assert await doors.whatsapp(town, town.graph.webhook_body(statuses=[dreamt])) == 200
    await settled(town)

    without_number, no_whatsapp = 4, 6  # not even the envelope can be read
    unread = without_number + no_whatsapp
    read = 7 + len(FOREIGN_UPDATES) + 1 - unread
    assert await Quarantined.filter(reason=Reason.UNREADABLE).count() == aside + unread
    assert await InboxEvent.all().count() == events + read
    assert await OutboxMessage.all().count() == replies
    now = await town.metric("loket_inbox_rows") + await town.metric("loket_quarantine_rows")
    assert now == counted + unread + read
    await kept_for_thirty_days(town, dict(await last_heard(read)), dict(await last_aside(unread)))


async def last_heard(count: int) -> list[tuple[int, Any]]:
    return [(one.id, one.facts) for one in await InboxEvent.all().order_by("-id").limit(count)]


async def last_aside(count: int) -> list[tuple[int, bytes]]:
    unread = Quarantined.filter(reason=Reason.UNREADABLE).order_by("-id").limit(count)
    return [(one.id, one.as_it_came) for one in await unread]


async def kept_for_thirty_days(town: Town, heard: dict[int, Any], aside: dict[int, bytes]) -> None:
    """What was noted lies as it came until the last night before thirty days are over, and not a day more."""
    assert heard and aside
    thirty = town.clock() + timedelta(days=office().office.days_of_messages)
    assert thirty - town.clock() == timedelta(days=30)
    await town.forgets_what_came(thirty - timedelta(days=1, minutes=1))
    assert dict(await last_heard(len(heard))) == heard
    assert dict(await last_aside(len(aside))) == aside
    await town.forgets_what_came(thirty)
    gone = await InboxEvent.filter(id__in=heard)
    assert {one.body for one in gone} == {SCRUBBED}
    assert not await Quarantined.filter(id__in=aside).exists()


@row(13, "a batch of 1,000 entries with bad ones in it", "the good are handled, the bad lie aside")
async def one_bad_entry(town: Town) -> None:
    phones = [town.on_whatsapp() for _ in range(12)]
    good = [
        doors.written_by(
            town, phone.wa_id or "", doors.message(town, phone.wa_id or "", "text", {"body": "halo"})
        )
        for phone in phones
    ]
    bad = town.graph.webhook_body()
    bad["entry"][0]["changes"][0]["value"]["messages"] = [
        "not a message", {"id": 7, "type": ["x"], "from": {}}
    ]  # fmt: skip
    batch = bodies.one_batch([*good[:7], bad, *good[7:]])
    batch["entry"].insert(5, {"id": "1", "changes": "none"})
    batch["entry"].insert(9, None)
    aside = await Quarantined.filter(reason=Reason.UNREADABLE).count()
    assert await doors.whatsapp(town, batch) == 200
    for phone in phones:
        assert "layanan resmi" in await phone.hears()
    assert [len(phone.everything) for phone in phones] == [1] * len(phones)
    assert await Quarantined.filter(reason=Reason.UNREADABLE).count() == aside + 4

    whole: Json = town.graph.webhook_body()
    whole["entry"][0]["changes"][0]["value"]["messages"] = [
        *(doors.message(town, f"6281300{n % 5:06}", "text", {"body": "halo"}) for n in range(999)), None
    ]  # fmt: skip
    heard, town.core.inbox.on_new = town.core.inbox.on_new, lambda row: None  # kept here, not answered
    assert await doors.whatsapp(town, whole) == 200
    town.core.inbox.on_new = heard
    new = InboxEvent.filter(kind=InboxKind.MESSAGE, state=InboxState.NEW)
    assert await new.count() == 999
    assert await Quarantined.filter(reason=Reason.UNREADABLE).count() == aside + 5
    await new.update(state=InboxState.DONE)


@row(14, "an entry for another number, another Page", "aside, nobody is answered, staff are told")
async def for_somebody_else(town: Town) -> None:
    assert town.page is not None
    citizen, on_messenger = town.on_whatsapp(), town.on_messenger(psid="7411000000000014")
    citizen.phone_number_id = "999999999999"
    town.people.remove(citizen)  # what is acknowledged of theirs is in no inbox
    people, files = await Contact.all().count(), await StoredFile.all().count()
    assert await citizen.says("halo") == 200
    assert await citizen.sends_photo(pictures.jpeg(1)) == 200
    item = {"sender": {"id": on_messenger.psid}, "message": {"mid": "m_14", "text": "halo"}}
    item |= {"recipient": {"id": "999"}, "timestamp": int(town.clock().timestamp()) * 1000}
    raw = bodies.as_meta_writes({"object": "page", "entry": [{"id": "999999999999", "messaging": [item]}]})
    assert await knocks(town, "messenger", raw, bodies.signed(raw, APP_SECRET)) == 200
    await settled(town)
    aside = await Quarantined.filter(reason=Reason.FOREIGN_ACCOUNT)
    assert sorted(one.channel for one in aside) == ["messenger", "whatsapp", "whatsapp"]
    assert await Contact.all().count() == people
    assert (await StoredFile.all().count(), town.graph.downloads) == (files, [])
    assert citizen.everything == on_messenger.everything == []
    assert any(line["event"] == "door.set_aside" and line["level"] == "error" for line in town.log_lines())
    await town.time_passes(minutes=1)
    told = await Alert.filter(kind=AlertKind.FOREIGN).values_list("about", flat=True)
    assert {str(about).split(":")[0] for about in told} == {"messenger", "whatsapp"}
