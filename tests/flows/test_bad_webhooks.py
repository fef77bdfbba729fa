"""Forged, broken, repeated and foreign webhooks: the right status, never a 5xx, and nobody else suffers."""

import gzip
import hashlib
import hmac
import json

import aiohttp
import pytest
from yarl import URL

from models.contacts import Contact
from models.files import StoredFile
from models.inbox import InboxEvent, InboxKind, InboxState
from models.outbox import OutboxMessage
from models.quarantine import Quarantined, Reason
from tests.fakes import bodies, pictures
from tests.flows import doors
from tests.flows.counter import APP_SECRET, Counter
from tests.flows.steps import says

ALL_TAKEN = 4 * 1024**2  # bytes
SIGNATURE = bodies.WHATSAPP_HEADER


async def still_answers(counter: Counter, wa_id: str = "6281200000001") -> None:
    assert "layanan resmi" in await says(counter.citizen("Yakob", wa_id), "halo")


async def test_an_unsigned_or_forged_body_is_refused_and_not_kept(counter: Counter) -> None:
    said = doors.message(counter, "6281234567890", "text", {"body": "halo 😀"})
    raw = bodies.as_meta_writes(doors.written_by(counter, "6281234567890", said))
    genuine = bodies.signature(raw, APP_SECRET)
    sha1 = hmac.new(APP_SECRET.encode(), raw, hashlib.sha1).hexdigest()
    forged = {
        "unsigned": {},
        "empty": {SIGNATURE: ""},
        "another app's": {SIGNATURE: bodies.signature(raw, "another-secret")},
        "an empty secret's": {SIGNATURE: bodies.signature(raw, "")},
        "of the same JSON, written anew": {
            SIGNATURE: bodies.signature(json.dumps(json.loads(raw)).encode(), APP_SECRET)
        },
        "sha1": {SIGNATURE: f"sha1={sha1}"},
        "sha1 in the old header": {"X-Hub-Signature": f"sha1={sha1}"},
        "without its scheme": {SIGNATURE: genuine.removeprefix("sha256=")},
        "in capitals": {SIGNATURE: genuine.upper()},
        "one digit short": {SIGNATURE: genuine[:-1]},
        "not ASCII": {SIGNATURE: "sha256=" + "é" * 64},
    }

    statuses = {name: await doors.whatsapp(counter, raw, headers) for name, headers in forged.items()}

    assert statuses == dict.fromkeys(forged, 401)
    assert await InboxEvent.all().count() == 0
    assert await Contact.all().count() == 0
    assert await doors.whatsapp(counter, raw) == 200  # it was the signature and nothing else
    await counter.core.lanes.settled()
    assert await InboxEvent.filter(state=InboxState.DONE).count() == 1


async def test_telegram_without_its_secret_is_refused_and_not_kept(counter: Counter) -> None:
    update = {"update_id": 5, "message": {"message_id": 1, "date": 1, "text": "halo"}}
    header = bodies.TELEGRAM_HEADER
    forged = {
        "missing": {},
        "empty": {header: ""},
        "wrong": {header: "telegram-secreT"},
        "not ASCII": {header: "telegram-sécret"},
        "from Telegram's range, it says": {"X-Forwarded-For": "149.154.160.1"},
        "behind a broken proxy": {"X-Forwarded-For": "abc"},
    }

    statuses = {name: await doors.telegram(counter, update, headers) for name, headers in forged.items()}

    assert statuses == dict.fromkeys(forged, 401)
    assert await InboxEvent.all().count() == 0


async def test_what_is_no_json_is_said_to_be_none(counter: Counter) -> None:
    whatsapp = {name: await doors.whatsapp(counter, raw) for name, raw in doors.NO_JSON.items()}
    telegram = {name: await doors.telegram(counter, raw) for name, raw in doors.NO_JSON.items()}

    assert whatsapp == dict.fromkeys(doors.NO_JSON, 400)
    assert telegram == dict.fromkeys(doors.NO_JSON, 400)
    assert await InboxEvent.all().count() == 0
    assert set(await Quarantined.all().values_list("reason", flat=True)) == {Reason.NOT_JSON}
    assert await Quarantined.filter(times=1).count() == 2 * len(doors.NO_JSON)
    await still_answers(counter)


async def test_a_body_over_four_megabytes_is_refused_and_one_just_under_is_taken(counter: Counter) -> None:
    whole = bodies.as_meta_writes(counter.graph.webhook_body(errors=[{"code": 1}]))
    fits = whole + b" " * (ALL_TAKEN - len(whole))
    packed = gzip.compress(b" " * (50 * 1024**2))

    assert await doors.whatsapp(counter, fits) == 200
    assert await doors.whatsapp(counter, fits + b" ") == 413
    assert await doors.telegram(counter, b" " * (ALL_TAKEN + 1)) == 413
    bomb = bodies.signed(packed, APP_SECRET) | {"Content-Encoding": "gzip"}
    assert await doors.whatsapp(counter, packed, bomb) == 413
    assert await InboxEvent.all().count() == 1


async def test_the_content_type_is_not_believed(counter: Counter) -> None:
    said = doors.message(counter, "6281234567890", "text", {"body": "halo"})
    raw = bodies.as_meta_writes(doors.written_by(counter, "6281234567890", said))
    for kind in ("text/xml", "application/json; charset=nope", "multipart/form-data; boundary=x", "?"):
        headers = bodies.signed(raw, APP_SECRET) | {"Content-Type": kind}
        assert await doors.whatsapp(counter, raw, headers) == 200
    await counter.core.lanes.settled()
    assert await InboxEvent.all().count() == 1


async def test_other_methods_and_addresses_lead_nowhere(counter: Counter) -> None:
    asked = [
        ("PUT", "/webhooks/whatsapp", 405),
        ("DELETE", "/webhooks/telegram", 405),
        ("GET", "/webhooks/telegram", 405),
        ("TRACE", "/healthz", 405),
        ("POST", "/webhooks/whatsapp/", 404),
        ("POST", "/webhooks/nobody", 404),
        ("GET", "/f/%2e%2e%2f%2e%2e%2fetc%2fpasswd", 410),
        ("GET", "/chat/static/..%2f..%2fadapter.py", 404),
        ("GET", "//evil.example/", 404),
    ]
    async with aiohttp.ClientSession() as http:
        for method, path, expected in asked:
            async with http.request(
                method, URL(counter.url + path, encoded=True), allow_redirects=False
            ) as answer:
                assert answer.status == expected, (method, path)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": "verify", "hub.challenge": "11582"}, (200, "11582")),
        ({"hub.mode": "subscribe", "hub.verify_token": "wrong", "hub.challenge": "11582"}, (403, "")),
        ({"hub.mode": "subscribe", "hub.challenge": "11582"}, (403, "")),
        (
            {
                "hub.mode": "subscribe",
                "hub.verify_token": "verify",
                "hub.challenge": "<script>x</script>",
            },
            (403, ""),
        ),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_the_handshake_repeats_digits_to_who_knows_the_token(
    counter: Counter, query: dict[str, str], expected: tuple[int, str]
) -> None:
    url = f"{counter.url}/webhooks/whatsapp"
    async with aiohttp.ClientSession() as http, http.get(url, params=query) as answer:
        assert (answer.status, await answer.text()) == expected
        assert answer.content_type in ("text/plain", "application/octet-stream")


async def test_what_no_database_can_hold_is_kept_as_a_question_mark_and_answered(counter: Counter) -> None:
    citizen = counter.citizen()
    assert "teruskan" in await says(citizen, "mau tanya soal kartu \ud83d keluarga \x00 saya")
    at = int(counter.clock().timestamp())
    text = f'"date": {at}, ' + r'"text": "mau tanya \udc00 soal \u0000 akta"'
    sender = '"id": 77, "first_name": "Ndun \\ud800"'
    body = (
        '{"update_id": 9, "message": {"message_id": 3, "from": {"is_bot": false, ' + sender + "}, "
        '"chat": {"type": "private", ' + sender + "}, " + text + "}}"
    )
    counter.telegram.meet({"id": 77, "type": "private", "first_name": "Ndun"})
    assert await doors.telegram(counter, body.encode()) == 200
    await counter.core.lanes.settled()

    events = await InboxEvent.all().order_by("id")
    assert [event.state for event in events] == [InboxState.DONE] * 2
    assert events[0].facts["message"]["text"]["body"] == "mau tanya soal kartu � keluarga � saya"
    assert events[1].facts["message"]["text"] == "mau tanya � soal � akta"
    assert await OutboxMessage.all().count() == 2


async def test_a_body_that_comes_again_has_one_effect_even_eight_days_later(counter: Counter) -> None:
    citizen, telegram = counter.citizen(), doors.on_telegram(counter)
    for phone in (citizen, telegram):
        await says(phone, "halo")
        assert await phone.repeats(3) == [200, 200, 200]
    counter.clock.advance(days=8)
    assert await citizen.repeats() == [200]
    assert await telegram.repeats() == [200]
    await counter.core.lanes.settled()

    assert await InboxEvent.all().count() == 2
    assert await OutboxMessage.all().count() == 2
    assert len(citizen.everything) == len(telegram.everything) == 1


async def test_one_bad_entry_spoils_nothing_for_the_others_of_its_batch(counter: Counter) -> None:
    people = [f"62812000001{n:02}" for n in range(40)]
    phones = [counter.citizen("Warga", wa_id) for wa_id in people]
    good = [
        doors.written_by(counter, wa_id, doors.message(counter, wa_id, "text", {"body": "halo"}))
        for wa_id in people
    ]
    bad = counter.graph.webhook_body()
    spoilt = ["not a message", {"id": 7, "type": ["x"], "from": {}}]
    bad["entry"][0]["changes"][0]["value"]["messages"] = spoilt
    batch = bodies.one_batch([*good[:20], bad, *good[20:]])
    batch["entry"].insert(5, {"id": "1", "changes": "none"})
    batch["entry"].insert(9, None)

    assert await doors.whatsapp(counter, batch) == 200
    await counter.core.lanes.settled()
    for phone in phones:
        assert "layanan resmi" in await phone.hears()
    assert [len(phone.everything) for phone in phones] == [1] * len(phones)
    assert await InboxEvent.filter(kind=InboxKind.OTHER).count() == 0
    left = await Quarantined.all()
    assert [row.reason for row in left] == [Reason.UNREADABLE] * 4
    assert {
        json.dumps(json.loads(row.as_it_came)["message"])
        for row in left
        if b"not a message" in row.as_it_came
    } == {'"not a message"'}


async def test_one_bad_among_a_thousand(counter: Counter) -> None:
    good = counter.graph.webhook_body()
    good["entry"][0]["changes"][0]["value"]["messages"] = [
        *(doors.message(counter, f"6281300{n:06}", "text", {"body": "halo"}) for n in range(999)),
        None,
    ]
    counter.core.inbox.on_new = lambda row: None  # what is kept is looked at here, not what is answered
    assert await doors.whatsapp(counter, good) == 200
    assert await InboxEvent.filter(kind=InboxKind.MESSAGE, state=InboxState.NEW).count() == 999
    assert (await Quarantined.get()).reason is Reason.UNREADABLE


async def test_what_is_older_than_its_provider_would_bring_is_set_aside(counter: Counter) -> None:
    citizen = counter.citizen()
    said = doors.message(counter, citizen.wa_id, "text", {"body": "halo"})
    body = doors.written_by(counter, citizen.wa_id, said)
    counter.clock.advance(days=7, seconds=1)
    for _ in range(2):
        assert await doors.whatsapp(counter, body) == 200
    await counter.core.lanes.settled()

    assert await InboxEvent.all().count() == await OutboxMessage.all().count() == 0
    kept = await Quarantined.get()
    assert (kept.reason, kept.times) == (Reason.TOO_OLD, 2)
    assert json.loads(kept.as_it_came)["message"]["text"]["body"] == "halo"


async def test_what_waits_aside_is_counted(counter: Counter) -> None:
    await doors.telegram(counter, b"[NaN]")
    async with aiohttp.ClientSession() as http, http.get(f"{counter.url}/metrics") as answer:
        assert 'loket_quarantine_rows{channel="telegram",reason="not_json"} 1.0' in await answer.text()


async def test_news_for_another_number_is_kept_and_answered_by_nobody(counter: Counter) -> None:
    citizen = counter.citizen()
    citizen.phone_number_id = "999999999999"

    assert await citizen.says("halo") == 200
    await counter.core.lanes.settled()

    assert await InboxEvent.all().count() == 0
    assert (await Quarantined.get()).reason is Reason.FOREIGN_ACCOUNT
    assert await OutboxMessage.all().count() == 0
    assert await Contact.all().count() == 0


FOREIGN_UPDATES: tuple[object, ...] = (
    {"update_id": 1, "business_connection": {"id": "b"}},
    {"update_id": 2, "message": "not an object"},
    {"update_id": 3, "message": {"message_id": "x", "chat": [], "from": 7}},
    {"update_id": -4},
    {"update_id": 2**63},
    {},
    [],
)


def foreign_to_whatsapp(counter: Counter) -> list[object]:
    account_news = counter.graph.webhook_body()
    account_news["entry"][0]["changes"][0] = {"field": "flows", "value": {"event": "FLOW_STATUS_CHANGE"}}
    return [account_news, {"object": "page", "entry": []}, {"entry": {}}, [], "x", 7, None]


async def test_kinds_that_nobody_knows_yet_are_kept(counter: Counter) -> None:
    """What a person sent is answered in one sentence; what platforms say among themselves is only kept."""
    for phone in (counter.citizen(), doors.on_telegram(counter)):
        assert await phone.sends_unknown() == 200
        assert "belum dapat kami baca" in await phone.hears()
        assert len(phone.heard) == 1
    for body in foreign_to_whatsapp(counter):
        assert await doors.whatsapp(counter, bodies.as_meta_writes(body)) == 200
    for update in FOREIGN_UPDATES:
        assert await doors.telegram(counter, json.dumps(update).encode()) == 200
    await counter.core.lanes.settled()

    without_number, no_whatsapp = 4, 6  # not even the envelope can be read
    assert await Quarantined.filter(reason=Reason.UNREADABLE).count() == without_number + no_whatsapp
    assert await InboxEvent.all().count() == 2 + 7 + len(FOREIGN_UPDATES) - without_number - no_whatsapp
    assert await InboxEvent.exclude(state=InboxState.DONE).count() == 0
    assert await OutboxMessage.all().count() == 2


async def test_what_cannot_be_handled_for_good_is_set_aside_and_its_sender_is_told_once(
    counter: Counter,
) -> None:
    citizen = doors.on_telegram(counter)
    await says(citizen, "halo")
    at = int(counter.clock().timestamp())
    broken = {"message_id": "seven", "date": at, "from": citizen.user, "chat": citizen.chat, "text": "halo"}
    citizen._new_turn()
    for _ in range(2):
        assert await doors.telegram(counter, {"update_id": 8, "message": broken}) == 200
    told = await citizen.hears()
    await counter.core.lanes.settled()

    parked = await InboxEvent.get(state=InboxState.PARKED)
    assert (parked.error, parked.facts["message"]["message_id"]) == ("ValidationError", "seven")
    assert "petugas" in told
    assert "layanan resmi" in await says(citizen, "halo")  # the lane goes on
    assert citizen.everything.count(told) == 1


async def test_a_status_for_a_message_that_is_not_ours_changes_nothing(counter: Counter) -> None:
    citizen = counter.citizen()
    await says(citizen, "halo")
    ours = citizen.last_message
    for status in (
        bodies.whatsapp_status("failed", id="wamid.stranger", at=counter.clock(), wa_id=citizen.wa_id),
        bodies.whatsapp_status("dreamt", id=ours.id, at=counter.clock(), wa_id=citizen.wa_id),
        bodies.whatsapp_status(
            "failed", id="wamid.x", at=counter.clock(), wa_id="1", callback_data="9" * 400
        ),
    ):
        assert await doors.whatsapp(counter, counter.graph.webhook_body(statuses=[status])) == 200
    await counter.core.lanes.settled()

    assert (await OutboxMessage.get()).failure is None
    assert await InboxEvent.exclude(state=InboxState.DONE).count() == 0


async def test_a_photo_of_a_stranger_number_is_not_fetched(counter: Counter) -> None:
    citizen = counter.citizen()
    citizen.phone_number_id = "999999999999"
    await citizen.sends_photo(pictures.jpeg(1))
    await counter.core.lanes.settled()
    assert counter.graph.downloads == []
    assert await StoredFile.all().count() == 0
