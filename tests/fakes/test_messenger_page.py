"""The pretend Page: its files, its templates, its token and subscription, and who holds a conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from tests.fakes import FakeMessenger, bodies, pictures
from tests.fakes.messenger_client import CITIZEN, MessengerClient, open_page
from tests.fakes.messenger_errors import MessengerRefusal
from tests.fakes.messenger_threads import PAGE_INBOX

READY = "Permohonan {{1}} siap diambil di loket {{2}}, jam kerja."


@pytest.fixture
async def page() -> AsyncIterator[MessengerClient]:
    async with open_page() as client:
        yield client


# ---------------------------------------------------------------------- files out


async def test_a_file_goes_out_with_the_message_and_may_be_kept(page: MessengerClient) -> None:
    status, body = await page.send_file(
        "file", pictures.pdf(), "application/pdf", "akta.pdf", is_reusable=True
    )
    assert status == 200
    (sent,) = page.messenger.ledger.messages
    assert (sent.type, sent.media, sent.filename) == ("file", pictures.pdf(), "akta.pdf")
    again = {"attachment": {"type": "file", "payload": {"attachment_id": body["attachment_id"]}}}
    assert (await page.send(again))[0] == 200
    assert page.messenger.ledger.messages[-1].media == pictures.pdf()


async def test_an_uploaded_picture_is_sent_by_its_id_for_ninety_days(page: MessengerClient) -> None:
    status, body = await page.upload("image", pictures.jpeg(), "image/jpeg")
    assert status == 200
    (upload,) = page.messenger.ledger.lines
    assert (upload.type, upload.shown, upload.id) == ("upload", False, body["attachment_id"])
    picture = {"attachment": {"type": "image", "payload": {"attachment_id": upload.id}}}
    assert (await page.send(picture))[0] == 200
    as_file = {"attachment": {"type": "file", "payload": {"attachment_id": upload.id}}}
    assert await page.refused(as_file) == "100/2018047"
    card = {"media_type": "image", "attachment_id": upload.id}
    media = {"template_type": "media", "elements": [card]}
    assert (await page.send({"attachment": {"type": "template", "payload": media}}))[0] == 200
    assert page.messenger.ledger.messages[-1].media == pictures.jpeg()
    page.time_passes(days=90)
    page.messenger.heard_from(CITIZEN)
    assert await page.refused(picture) == "100/2018074"


async def test_several_pictures_go_in_one_message(page: MessengerClient) -> None:
    ids = [
        (await page.upload("image", photo, "image/jpeg"))[1]["attachment_id"] for photo in pictures.photos(3)
    ]
    attachments = [{"type": "image", "payload": {"attachment_id": ident}} for ident in ids]
    status, body = await page.send({"attachments": attachments})
    assert status == 200
    held = page.messenger.files_of[body["message_id"]]
    assert [file.data for file in held] == pictures.photos(3)


@pytest.mark.parametrize(
    ("kind", "data", "mime", "refusal"),
    [
        ("image", bytes(8 * 1024 * 1024 + 1), "image/jpeg", "100/2018109"),
        ("file", bytes(25 * 1024 * 1024 + 1), "application/pdf", "100/2018109"),
        ("video", bytes(25 * 1024 * 1024 + 1), "video/mp4", "100/2018109"),
        ("image", pictures.pdf(), "application/pdf", "100/2018047"),
        ("image", pictures.pdf(), "image/jpeg", "100/2018047"),
        ("image", pictures.sticker(), "image/webp", "100/2018047"),
        ("audio", pictures.jpeg(), "image/jpeg", "100/2018047"),
        ("file", b"", "application/pdf", "100/2018047"),
        ("sticker", pictures.jpeg(), "image/jpeg", "100"),
    ],
)
async def test_a_file_too_large_or_of_another_kind_is_refused(
    page: MessengerClient, kind: str, data: bytes, mime: str, refusal: str
) -> None:
    assert page.refusal_in(*await page.upload(kind, data, mime)) == refusal
    assert page.refusal_in(*await page.send_file(kind, data, mime)) == refusal
    assert page.messenger.ledger.messages == []


async def test_the_largest_files_are_taken(page: MessengerClient) -> None:
    picture = pictures.jpeg().ljust(8 * 1024 * 1024, b"\0")
    assert (await page.send_file("image", picture, "image/jpeg"))[0] == 200
    assert (await page.send_file("file", bytes(25 * 1024 * 1024), "application/pdf"))[0] == 200


async def test_an_upload_without_a_file_is_refused(page: MessengerClient) -> None:
    edge = f"{page.messenger.page_id}/message_attachments"
    empty: list[dict[str, Any]] = [{}, {"message": {}}, {"message": {"attachment": {"type": "file"}}}]
    for payload in empty:
        assert page.refusal_in(*await page.call("POST", edge, json=payload)) == "100"


async def test_meta_fetches_what_stands_behind_a_link(page: MessengerClient) -> None:
    async def akta(_: web.Request) -> web.Response:
        return web.Response(body=pictures.pdf(), content_type="application/pdf")

    app = web.Application()
    app.router.add_get("/akta lahir.pdf", akta)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    there = f"http://127.0.0.1:{runner.addresses[0][1]}"
    linked = {"attachment": {"type": "file", "payload": {"url": f"{there}/akta%20lahir.pdf"}}}
    assert (await page.send(linked))[0] == 200
    (sent,) = page.messenger.ledger.messages
    assert (sent.media, sent.mime_type, sent.filename) == (
        pictures.pdf(),
        "application/pdf",
        "akta lahir.pdf",
    )
    as_picture = {"attachment": {"type": "image", "payload": {"url": f"{there}/akta%20lahir.pdf"}}}
    assert await page.refused(as_picture) == "100/2018047"
    missing = {"attachment": {"type": "file", "payload": {"url": f"{there}/hilang.pdf"}}}
    assert await page.refused(missing) == "100/2018008"
    await runner.cleanup()
    assert await page.refused(linked) == "100/2018008"


# ---------------------------------------------------------------------- files in


async def test_a_cdn_link_needs_no_token_and_dies(page: MessengerClient) -> None:
    held = page.messenger.add_media(pictures.pdf(), "application/pdf", filename="kartu keluarga.pdf")
    link = page.messenger.link_to(held.id)
    assert "/kartu%20keluarga.pdf?" in link
    assert await page.call("GET", link, token="") == (200, pictures.pdf())
    assert page.messenger.downloads == [held.id]
    assert await page.call("GET", link.replace("oh=", "oh=0"), token="") == (403, b"Bad URL hash")
    assert await page.call("GET", link.replace("oe=", "oe=F"), token="") == (403, b"URL signature expired")
    page.now += page.messenger.link_lives - timedelta(seconds=1)
    assert (await page.call("GET", link, token=""))[0] == 200
    page.time_passes(seconds=1)
    assert await page.call("GET", link, token="") == (403, b"URL signature expired")


async def test_a_download_breaks_on_order(page: MessengerClient) -> None:
    held = page.messenger.add_media(pictures.pdf(), "application/pdf")
    link = page.messenger.link_to(held.id)
    page.messenger.next_download("http500", "other_bytes")
    assert (await page.call("GET", link, token=""))[0] == 500
    assert (await page.call("GET", link, token=""))[1] == bytes(len(pictures.pdf()))
    assert (await page.call("GET", link, token=""))[1] == pictures.pdf()
    with pytest.raises(ValueError, match="no such fault"):
        page.messenger.next_download("slow")


# ---------------------------------------------------------------------- utility templates


def utility(name: str = "siap", language: str = "id", **parts: Any) -> dict[str, Any]:
    payload = {"template_type": "utility_messages", "name": name, "language": {"code": language}} | parts
    return {"attachment": {"type": "template", "payload": payload}}


def body_of(*values: str) -> list[dict[str, Any]]:
    return [{"type": "body", "parameters": [{"type": "text", "text": value} for value in values]}]


async def test_a_utility_template_reaches_a_person_outside_the_window(page: MessengerClient) -> None:
    page.messenger.register_template("siap", READY)
    page.time_passes(days=30)
    status, _ = await page.send(utility(components=body_of("AK-2041", "3")), messaging_type="UTILITY")
    assert status == 200
    (sent,) = page.messenger.ledger.messages
    assert sent.text == "Permohonan AK-2041 siap diambil di loket 3, jam kerja."
    assert (sent.type, sent.template, sent.template_values) == ("utility", "siap", ("AK-2041", "3"))


async def test_buttons_of_a_utility_template_get_their_values(page: MessengerClient) -> None:
    buttons = (
        {"type": "POSTBACK", "text": "Lihat status", "payload": "status {{1}}"},
        {"type": "URL", "text": "Buka", "url": "https://loket.test/r/{{1}}"},
    )
    page.messenger.register_template("siap", "Permohonan Anda siap.", buttons=buttons)
    status = {"type": "button", "sub_type": "postback", "index": 0, "parameters": [text("AK-2041")]}
    link = {"type": "button", "sub_type": "url", "index": 1, "parameters": [text("abc")]}
    assert (await page.send(utility(components=[status, link]), messaging_type="UTILITY"))[0] == 200
    (sent,) = page.messenger.ledger.messages
    assert [(b.title, b.id, b.url) for b in sent.buttons] == [
        ("Lihat status", "status AK-2041", ""),
        ("Buka", "", "https://loket.test/r/abc"),
    ]
    for wrong in (status | {"index": 2}, status | {"sub_type": "url"}, status | {"parameters": []}):
        assert await page.refused(utility(components=[wrong, link]), messaging_type="UTILITY") == "100"


def text(value: str) -> dict[str, str]:
    return {"type": "text", "text": value}


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (utility("siapa", components=body_of("a", "b")), "The template cannot be found"),
        (utility(language="en", components=body_of("a", "b")), "The template cannot be found"),
        (utility("belum"), "The template cannot be found"),
        (utility(), "number of parameters (0) does not match the expected 2"),
        (utility(components=body_of("a")), "number of parameters (1)"),
        (utility(components=body_of("a", "b", "c")), "number of parameters (3)"),
        (utility(components=body_of("a", "b\nc")), "new-line/tab"),
        (utility(components=body_of("a", "b     c")), "consecutive spaces"),
        (utility(components=body_of("a", "")), "must be a non-empty"),
        (utility(components=body_of("a", "x" * 1024)), "longer than 1024"),
        (utility(components=[{"type": "header"}]), "component[type] must be one of"),
        (utility(components="body"), "must be an array"),
        (utility(components=[{"type": "body", "parameters": [{"type": "currency"}] * 2}]), "parameter[type]"),
        ({"text": "siap"}, "go together"),
    ],
)
async def test_a_utility_message_that_does_not_fit_its_template_is_refused(
    page: MessengerClient, message: Any, words: str
) -> None:
    page.messenger.register_template("siap", READY)
    page.messenger.register_template("belum", "Belum disetujui.", status="PENDING")
    assert await page.refused(message, saying=words, messaging_type="UTILITY") == "100"


async def test_a_utility_template_is_not_an_ordinary_answer(page: MessengerClient) -> None:
    page.messenger.register_template("siap", READY)
    assert await page.refused(utility(components=body_of("a", "b")), saying="go together") == "100"


def submission(body: str = READY, samples: Any = ("AK-1", "3"), **parts: Any) -> dict[str, Any]:
    component = {"type": "BODY", "text": body} | ({"example": {"body_text": [samples]}} if samples else {})
    whole = {"name": "siap", "language": "id", "category": "UTILITY", "components": [component]}
    return whole | parts


async def test_a_template_is_submitted_listed_and_deleted(page: MessengerClient) -> None:
    edge = f"{page.messenger.page_id}/message_templates"
    status, made = await page.call("POST", edge, json=submission())
    assert (status, made["status"]) == (200, "APPROVED")
    assert page.refusal_in(*await page.call("POST", edge, json=submission())) == "100"
    await page.call("POST", edge, json=submission(language="en"))
    _, rejected = await page.call("POST", edge, json=submission(samples=(), name="tanpa_contoh"))
    assert rejected["status"] == "REJECTED"
    page.messenger.reviewed = False
    _, waiting = await page.call("POST", edge, json=submission(name="nanti"))
    assert waiting["status"] == "PENDING"
    _, listed = await page.call("GET", f"{edge}?limit=3")
    assert [(t["name"], t["language"], t["status"]) for t in listed["data"]] == [
        ("siap", "id", "APPROVED"),
        ("siap", "en", "APPROVED"),
        ("tanpa_contoh", "id", "REJECTED"),
    ]
    assert listed["data"][0]["components"][0]["text"] == READY
    assert listed["data"][2]["rejected_reason"] == "TEMPLATE_VARIABLES_MISSING_SAMPLE_VALUES"
    _, rest = await page.call("GET", listed["paging"]["next"])
    assert [t["name"] for t in rest["data"]] == ["nanti"]
    assert "next" not in rest["paging"]
    page.messenger.review("nanti", "APPROVED")
    _, one = await page.call("GET", f"{edge}?name=nanti&status=APPROVED")
    assert [t["id"] for t in one["data"]] == [waiting["id"]]
    assert (await page.call("DELETE", f"{edge}?hsm_id={made['id']}"))[0] == 200
    assert (await page.call("DELETE", f"{edge}?name=siap"))[0] == 200
    assert {name for name, _ in page.messenger.templates} == {"tanpa_contoh", "nanti"}
    assert page.refusal_in(*await page.call("DELETE", f"{edge}?name=siap")) == "100"


def with_buttons(*those: dict[str, str]) -> dict[str, Any]:
    components = [{"type": "BODY", "text": "Siap."}, {"type": "BUTTONS", "buttons": list(those)}]
    return submission(components=components)


@pytest.mark.parametrize(
    ("payload", "refusal", "words"),
    [
        (submission(name="Siap!"), "100", "lower-case letters"),
        (submission(language="Indonesian"), "100", "supported locale"),
        (submission(category="MARKETING"), "100", "category must be one of"),
        (submission(components=[]), "100", "components must be non-empty"),
        (submission(components=[{"type": "HEADER", "text": "x"}]), "100/2018416", "type HEADER"),
        (submission("x" * 1025), "100", "less than or equal to 1024"),
        (submission(""), "100", "must be a non-empty"),
        (submission("Siap, {{2}} dan {{3}}."), "100", "without a gap"),
        (submission("Siap, {{nama}}."), "100", "without a gap"),
        (submission("Siap, {{Nama}}."), "100", "A variable is"),
        (with_buttons({"type": "QUICK_REPLY", "text": "Ya"}), "100/2018416", "QUICK_REPLY"),
        (with_buttons({"type": "POSTBACK", "text": "x" * 21}), "100", "less than or equal to 20"),
        (with_buttons(*({"type": "POSTBACK", "text": t} for t in "abcd")), "105", "too many elements"),
        (with_buttons(*({"type": "POSTBACK", "text": t} for t in "aa")), "100/2018416", "no two alike"),
        (with_buttons({"type": "URL", "text": "Buka", "url": "loket"}), "100", "a valid URL"),
    ],
)
async def test_a_template_out_of_shape_is_refused(
    page: MessengerClient, payload: Any, refusal: str, words: str
) -> None:
    status, body = await page.call("POST", "me/message_templates", json=payload)
    assert page.refusal_in(status, body) == refusal
    assert words in body["error"]["message"]
    assert page.messenger.templates == {}


async def test_a_token_without_the_permission_submits_nothing(page: MessengerClient) -> None:
    page.messenger.scopes.discard("pages_utility_messaging")
    assert page.refusal_in(*await page.call("POST", "me/message_templates", json=submission())) == "200"
    with pytest.raises(MessengerRefusal):
        page.messenger.register_template("siap", "")


# ---------------------------------------------------------------------- the Page, its token, its people


async def test_what_the_doctor_asks(page: MessengerClient) -> None:
    ident = page.messenger.page_id
    assert await page.call("GET", "me?fields=id,name") == (
        200,
        {"name": "Disdukcapil Rote Ndao", "id": ident},
    )
    assert await page.call("GET", f"{ident}?fields=id") == (200, {"id": ident})
    _, told = await page.call("GET", f"debug_token?input_token={page.messenger.access_token}")
    assert (told["data"]["is_valid"], told["data"]["profile_id"]) == (True, ident)
    assert "pages_messaging" in told["data"]["scopes"]
    _, told = await page.call("GET", "debug_token?input_token=stolen")
    assert (told["data"]["is_valid"], told["data"]["error"]["code"]) == (False, 190)


async def test_the_app_is_subscribed_by_fields(page: MessengerClient) -> None:
    edge = f"{page.messenger.page_id}/subscribed_apps"
    page.messenger.subscribed_fields = set()
    assert (await page.call("GET", edge))[1] == {"data": []}
    assert page.refusal_in(*await page.call("POST", edge)) == "100"
    assert page.refusal_in(*await page.call("POST", f"{edge}?subscribed_fields=messages,everything")) == "100"
    assert (await page.call("POST", edge, json={"subscribed_fields": ["messages", "feed"]}))[0] == 200
    _, told = await page.call("GET", edge)
    assert told["data"][0]["subscribed_fields"] == ["feed", "messages"]
    assert (await page.call("POST", f"{edge}?subscribed_fields=messages"))[0] == 200
    assert page.messenger.subscribed_fields == {"messages"}


async def test_a_profile_is_told_or_refused(page: MessengerClient) -> None:
    fields = f"{CITIZEN}?fields=first_name,last_name"
    assert (await page.call("GET", fields))[1] == {
        "first_name": "Yohana",
        "last_name": "Ndolu",
        "id": CITIZEN,
    }
    page.messenger.people.meet(CITIZEN).has_profile = False
    assert page.refusal_in(*await page.call("GET", fields)) == "100/2018218"
    assert page.refusal_in(*await page.call("GET", "7499?fields=first_name")) == "100/33"


async def test_get_started_comes_before_the_menu(page: MessengerClient) -> None:
    menu = {"persistent_menu": [{"locale": "default", "call_to_actions": []}]}
    assert page.refusal_in(*await page.call("POST", "me/messenger_profile", json=menu)) == "100"
    started = {"get_started": {"payload": "MULAI"}}
    assert (await page.call("POST", "me/messenger_profile", json=started))[0] == 200
    assert (await page.call("POST", "me/messenger_profile", json=menu))[0] == 200
    assert (await page.call("GET", "me/messenger_profile?fields=get_started"))[1] == {"data": [started]}
    assert page.refusal_in(*await page.call("POST", "me/messenger_profile", json={"halo": 1})) == "100"


async def test_a_conversation_is_passed_and_taken_back(page: MessengerClient) -> None:
    about = {"recipient": {"id": CITIZEN}}
    asked = f"me/thread_owner?recipient={CITIZEN}"
    passed = about | {"target_app_id": PAGE_INBOX, "metadata": "minta orang"}
    assert await page.call("POST", "me/pass_thread_control", json=passed) == (200, {"success": True})
    owner = (await page.call("GET", asked))[1]["data"][0]["thread_owner"]["app_id"]
    assert owner == PAGE_INBOX
    assert await page.refused({"text": "x"}) == "10/2018300"
    assert page.refusal_in(*await page.call("POST", "me/pass_thread_control", json=passed)) == "10/2018300"
    assert (await page.call("POST", "me/take_thread_control", json=about))[0] == 200
    assert (await page.send({"text": "x"}))[0] == 200
    assert (await page.call("POST", "me/release_thread_control", json=about))[0] == 200
    assert await page.refused({"text": "x"}) == "10/2018300"
    nobody = {"recipient": {"id": "7499"}, "target_app_id": PAGE_INBOX}
    assert page.refusal_in(*await page.call("POST", "me/pass_thread_control", json=nobody)) == "100/2018001"
    assert page.refusal_in(*await page.call("POST", "me/pass_thread_control", json=about)) == "100"
    assert page.refusal_in(*await page.call("GET", "me/thread_owner?recipient=7499")) == "100/2018001"


async def test_the_bodies_of_events_are_written_and_signed_as_meta_does() -> None:
    messenger = FakeMessenger(webhook_url="")
    person = messenger.heard_from(CITIZEN)
    raw = bodies.as_meta_writes(messenger.event(person, {"message": {"mid": "m_1", "text": "à/@"}}))
    assert rb'"text":"\u00e0\/\u0040"' in raw
    with pytest.raises(ValueError, match="webhook_url is not set"):
        await messenger.deliver({})
