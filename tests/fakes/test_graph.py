"""The pretend Graph API says yes to what Meta takes and no, by Meta's codes, to what it refuses."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientError

from tests.fakes import FakeGraph, pictures
from tests.fakes.conftest import CITIZEN, NOW, GraphClient
from tests.fakes.graph_templates import TemplateNotAccepted


def buttons(*titles: str, ids: list[str] | None = None, body: str = "Pilih", **more: Any) -> dict[str, Any]:
    replies = [
        {"type": "reply", "reply": {"id": (ids or list("abcdef"))[n], "title": title}}
        for n, title in enumerate(titles)
    ]
    return {"type": "button", "body": {"text": body}, "action": {"buttons": replies}} | more


def rows(count: int, **row: str) -> list[dict[str, str]]:
    return [{"id": f"r{n}", "title": f"Baris {n}"} | row for n in range(count)]


def menu(
    *sections: dict[str, Any], button: str = "Pilih", body: str = "Layanan", **more: Any
) -> dict[str, Any]:
    return {
        "type": "list",
        "body": {"text": body},
        "action": {"button": button, "sections": list(sections)},
    } | more


async def test_a_text_is_taken_and_stands_in_the_ledger(meta: GraphClient, graph: FakeGraph) -> None:
    status, body = await meta.send("text", {"body": "Selamat pagi"}, biz_opaque_callback_data="outbox-7")
    assert status == 200
    assert body["contacts"] == [{"input": f"+{CITIZEN}", "wa_id": CITIZEN}]
    (sent,) = graph.ledger.messages
    assert body["messages"] == [{"id": sent.id}]
    assert (sent.at, sent.to, sent.type, sent.text) == (NOW, CITIZEN, "text", "Selamat pagi")
    assert graph.ledger.of("outbox-7") == [sent]
    assert graph.ledger.refused == []


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"body": ""}, 131008),
        ({"body": "  \n"}, 131008),
        ({}, 131008),
        ({"body": 5}, 100),
        ({"body": "x" * 4097}, 100),
        ({"body": "x", "preview_url": "yes"}, 100),
        ({"body": "x", "parse_mode": "HTML"}, 100),
        ("x", 100),
    ],
)
async def test_a_text_out_of_shape_is_refused(meta: GraphClient, part: Any, code: int) -> None:
    assert await meta.refused("text", part) == code


async def test_the_longest_text_is_taken(meta: GraphClient) -> None:
    assert (await meta.send("text", {"body": "é" * 4096}))[0] == 200


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        ({"messaging_product": "sms"}, 100),
        ({"recipient_type": "group"}, 131009),
        ({"to": "081234567890"}, 100),
        ({"to": "ID.13491208655302741918"}, 100),
        ({"to": "+62 812 3456"}, 100),
        ({"to": 6281234567890}, 100),
        ({"to": "6281138100100"}, 131021),
        ({"biz_opaque_callback_data": "x" * 513}, 100),
        ({"biz_opaque_callback_data": 7}, 100),
        ({"type": "poll"}, 100),
        ({"chat_id": 5}, 100),
        ({"context": {"id": "wamid.1"}}, 131008),
    ],
)
async def test_a_wrong_envelope_is_refused(meta: GraphClient, envelope: dict[str, Any], code: int) -> None:
    assert await meta.refused("text", {"body": "x"}, **envelope) == code


async def test_a_person_without_a_number_is_reached_by_the_scoped_id(
    meta: GraphClient, graph: FakeGraph
) -> None:
    graph.heard_from(bsuid="ID.13491208655302741918")
    payload = {"messaging_product": "whatsapp", "type": "text", "text": {"body": "halo"}}
    status, body = await meta.post(payload | {"recipient": "ID.13491208655302741918"})
    assert status == 200
    assert body["contacts"] == [{"input": "ID.13491208655302741918", "user_id": "ID.13491208655302741918"}]
    for recipient, code in (("ID.999", 131026), ("62812", 100), (None, 131008)):
        _, body = await meta.post(payload | {"recipient": recipient})
        assert body["error"]["code"] == code


async def test_a_wrong_token_or_version_or_number_is_refused(meta: GraphClient, graph: FakeGraph) -> None:
    payload = {"messaging_product": "whatsapp", "to": CITIZEN, "type": "text", "text": {"body": "x"}}
    status, body = await meta.post(payload, token="stolen")
    assert (status, body["error"]["code"]) == (401, 190)
    status, body = await meta.post(payload, version="v19.0")
    assert (status, body["error"]["code"]) == (400, 2500)
    graph.phone_number_id = "1"
    url = f"{graph.base_url}/v25.0/2/messages"
    async with meta.http.post(
        url, json=payload, headers={"Authorization": f"Bearer {graph.access_token}"}
    ) as no:
        assert (await no.json())["error"]["error_subcode"] == 33
    assert len(graph.ledger.refused) == 3
    assert graph.ledger.messages == []


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (buttons(), 131009),
        (buttons("a", "b", "c", "d"), 131009),
        (buttons("x" * 21), 131009),
        (buttons(""), 131008),
        (buttons("Ya", "Ya"), 131009),
        (buttons("Ya", "Tidak", ids=["a", "a"]), 131009),
        (buttons("Ya", ids=["x" * 257]), 131009),
        (buttons("Ya", ids=[" a"]), 131009),
        (buttons("Ya", body="x" * 1025), 131009),
        (buttons("Ya", body=""), 131008),
        (buttons("Ya", footer={"text": "x" * 61}), 131009),
        (buttons("Ya", header={"type": "text", "text": "x" * 61}), 131009),
        (buttons("Ya", header={"type": "gif"}), 131009),
        ({"type": "button", "body": {"text": "x"}}, 131008),
        ({"type": "carousel"}, 131009),
        (menu(), 131009),
        (menu({"rows": rows(11)}), 131009),
        (menu({"title": "A", "rows": rows(6)}, {"title": "B", "rows": rows(5)}), 131009),
        (menu({"title": "A", "rows": rows(1)}, {"rows": [{"id": "z", "title": "Z"}]}), 131008),
        (menu({"title": "x" * 25, "rows": rows(1)}), 131009),
        (menu({"rows": []}), 131009),
        (menu({"rows": rows(1, title="x" * 25)}), 131009),
        (menu({"rows": rows(1, description="x" * 73)}), 131009),
        (menu({"rows": rows(1, description="")}), 131008),
        (menu({"rows": rows(1, id="x" * 201)}), 131009),
        (menu({"rows": rows(2, id="same")}), 131009),
        (menu({"rows": rows(1)}, button="x" * 21), 131009),
        (menu({"rows": rows(1)}, body="x" * 4097), 131009),
        (menu({"rows": rows(1)}, header={"type": "image", "image": {"id": "1"}}), 131009),
        (menu({"rows": rows(1, url="https://a.id")}), 100),
    ],
)
async def test_a_keyboard_beyond_the_limits_is_refused(meta: GraphClient, part: Any, code: int) -> None:
    assert await meta.refused("interactive", part) == code


async def test_keyboards_at_the_limits_are_taken(meta: GraphClient, graph: FakeGraph) -> None:
    three = buttons("x" * 20, "y" * 20, "z", body="x" * 1024, footer={"text": "x" * 60})
    ten = menu({"title": "A", "rows": rows(10, description="x" * 72)}, button="x" * 20, body="x" * 4096)
    link = {
        "type": "cta_url",
        "body": {"text": "Isi formulir"},
        "action": {"name": "cta_url", "parameters": {"display_text": "Buka", "url": "https://loket.id/f/1"}},
    }
    for part in (three, ten, link):
        assert (await meta.send("interactive", part))[0] == 200
    assert [sent.type for sent in graph.ledger] == [
        "interactive.button",
        "interactive.list",
        "interactive.cta_url",
    ]
    assert graph.ledger.lines[2].buttons[0].url == "https://loket.id/f/1"
    link["action"]["parameters"]["url"] = "loket.id"  # type: ignore[index]
    assert await meta.refused("interactive", link) == 131009


async def test_the_window_closes_24_hours_after_the_person_wrote(meta: GraphClient, graph: FakeGraph) -> None:
    graph.clock = lambda: NOW + timedelta(hours=23, minutes=59)
    assert (await meta.send("text", {"body": "masih"}))[0] == 200
    graph.clock = lambda: NOW + timedelta(hours=24)
    assert await meta.refused("text", {"body": "tutup"}) == 131047
    assert await meta.refused("text", {"body": "tak pernah menulis"}, to="6281200000000") == 131047
    graph.heard_from(wa_id=CITIZEN)
    assert (await meta.send("text", {"body": "buka lagi"}))[0] == 200


async def test_a_template_passes_the_closed_window_with_its_values_in_place(
    meta: GraphClient, graph: FakeGraph
) -> None:
    graph.register_template(
        "siap_diambil",
        "Halo, permohonan {{nomor}} siap diambil di {{tempat}} pada jam kerja.",
        header="Disdukcapil",
        footer="Gratis",
        buttons=[{"type": "QUICK_REPLY", "text": "Status"}],
    )
    graph.clock = lambda: NOW + timedelta(days=3)
    values = [
        {"type": "text", "parameter_name": "tempat", "text": "Ba'a"},
        {"type": "text", "parameter_name": "nomor", "text": "K7Q2"},
    ]
    part = {
        "name": "siap_diambil",
        "language": {"code": "id"},
        "components": [{"type": "body", "parameters": values}],
    }
    assert (await meta.send("template", part))[0] == 200
    (sent,) = graph.ledger.messages
    assert sent.text == "Disdukcapil\nHalo, permohonan K7Q2 siap diambil di Ba'a pada jam kerja.\nGratis"
    assert (sent.template, sent.template_values) == ("siap_diambil", ("K7Q2", "Ba'a"))
    assert sent.buttons[0].title == "Status"


def values(*texts: Any) -> dict[str, Any]:
    parameters = [{"type": "text", "text": text} for text in texts]
    return {
        "name": "pengingat",
        "language": {"code": "id"},
        "components": [{"type": "body", "parameters": parameters}],
    }


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (values("satu"), 132000),
        (values("satu", "dua", "tiga"), 132000),
        (values("satu", "dua\ntiga"), 132012),
        (values("satu", "dua\ttiga"), 132012),
        (values("satu", "dua     tiga"), 132012),
        (values("satu", ""), 131008),
        (values("satu", 2), 100),
        (values("satu", "x" * 1024), 132005),
        (values("satu", "dua") | {"language": {"code": "en"}}, 132001),
        (values("satu", "dua") | {"language": "id"}, 100),
        (values("satu", "dua") | {"name": "lain"}, 132001),
        (values("satu", "dua") | {"components": [{"type": "footer"}]}, 100),
    ],
)
async def test_a_template_out_of_shape_is_refused(
    meta: GraphClient, graph: FakeGraph, part: Any, code: int
) -> None:
    graph.register_template("pengingat", "Yang pertama {{1}} dan yang kedua {{2}} sudah siap.")
    assert (await meta.send("template", values("satu", "dua    tiga")))[0] == 200
    assert await meta.refused("template", part) == code


@pytest.mark.parametrize(
    ("status", "code"), [("PENDING", 132001), ("REJECTED", 132001), ("PAUSED", 132015), ("DISABLED", 132016)]
)
async def test_only_an_approved_template_is_sent(
    meta: GraphClient, graph: FakeGraph, status: str, code: int
) -> None:
    graph.register_template("pengingat", "Yang pertama {{1}} dan yang kedua {{2}} sudah siap.", status=status)
    assert await meta.refused("template", values("satu", "dua")) == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"body": "{{1}} sudah siap diambil di kantor"}, 2388299),
        ({"body": "Sudah siap diambil: {{1}}"}, 2388299),
        ({"body": "Siap {{1}} {{2}} ya"}, 2388293),
        ({"body": "x" * 1025}, 2388040),
        ({"body": "Halo {{Nama}} apa kabar hari ini"}, 100),
        ({"body": "Halo {{2}} apa kabar hari ini"}, 100),
        ({"body": "Halo", "name": "Pengingat"}, 100),
        ({"body": "Halo", "header": "x" * 61}, 2388040),
        ({"body": "Halo", "buttons": [{"type": "QUICK_REPLY", "text": "x" * 26}]}, 100),
    ],
)
async def test_what_meta_would_not_approve_cannot_be_registered(
    graph: FakeGraph, fields: dict[str, Any], code: int
) -> None:
    with pytest.raises(TemplateNotAccepted) as no:
        graph.register_template(**({"name": "pengingat"} | fields))
    assert no.value.code == code


async def test_the_templates_are_listed_page_by_page(meta: GraphClient, graph: FakeGraph) -> None:
    for n in range(3):
        graph.register_template(f"pesan_{n}", "Permohonan {{nomor}} sudah kami terima.")
    _, first = await meta.get(f"{graph.waba_id}/message_templates?limit=2")
    assert [t["name"] for t in first["data"]] == ["pesan_0", "pesan_1"]
    assert first["data"][0]["parameter_format"] == "NAMED"
    _, second = await meta.get(first["paging"]["next"])
    assert [t["name"] for t in second["data"]] == ["pesan_2"]
    assert "next" not in second["paging"]


async def test_a_file_goes_up_and_out_and_its_bytes_are_in_the_ledger(
    meta: GraphClient, graph: FakeGraph
) -> None:
    document = pictures.pdf(7)
    _, uploaded = await meta.upload(document, "application/pdf")
    part = {"id": uploaded["id"], "filename": "kk.pdf", "caption": "KK Bapak"}
    assert (await meta.send("document", part))[0] == 200
    (sent,) = graph.ledger.messages
    assert (sent.media, sent.filename, sent.text) == (document, "kk.pdf", "KK Bapak")
    assert sent.media_sha256 == hashlib.sha256(document).hexdigest()
    assert await meta.refused("image", {"id": uploaded["id"]}) == 131053
    graph.clock = lambda: NOW + timedelta(days=30)
    graph.heard_from(wa_id=CITIZEN)
    assert await meta.refused("document", part) == 100


@pytest.mark.parametrize(
    ("kind", "part", "code"),
    [
        ("image", {"id": "404"}, 100),
        ("image", {}, 100),
        ("image", {"id": "1", "link": "https://a.id/x.jpg"}, 100),
        ("image", {"link": "x.jpg"}, 131009),
        ("image", {"link": "https://a.id/x.jpg", "caption": "x" * 1025}, 100),
        ("audio", {"link": "https://a.id/x.ogg", "caption": "x"}, 100),
        ("location", {"latitude": "utara", "longitude": 1}, 100),
        ("reaction", {"emoji": "👍"}, 131008),
        ("contacts", [], 131009),
        ("contacts", [{"name": {"formatted_name": "Dukcapil"}}], 131009),
        ("contacts", [{"phones": [{"phone": "+62811"}]}], 131008),
    ],
)
async def test_other_content_out_of_shape_is_refused(
    meta: GraphClient, kind: str, part: Any, code: int
) -> None:
    assert await meta.refused(kind, part) == code


@pytest.mark.parametrize(
    ("data", "mime_type", "stated", "code"),
    [
        (b"", "application/pdf", "", 100),
        (b"MZ", "application/x-msdownload", "", 100),
        (pictures.png(), "image/jpeg", "", 131053),
        (pictures.jpeg(), "image/jpeg", "image/png", 131053),
        (pictures.huge(size=5 * 1024 * 1024 + 1), "image/jpeg", "", 131053),
        (b"\xff\xd8\xff nothing", "image/jpeg", "", 131053),
    ],
)
async def test_a_file_meta_does_not_take_is_refused(
    meta: GraphClient, graph: FakeGraph, data: bytes, mime_type: str, stated: str, code: int
) -> None:
    status, body = await meta.upload(data, mime_type, stated=stated)
    assert (status, body["error"]["code"]) == (400, code)
    assert graph.ledger.refused[-1].type == "upload"


async def test_a_link_to_media_needs_the_bearer_and_dies_after_five_minutes(
    meta: GraphClient, graph: FakeGraph
) -> None:
    photo = pictures.jpeg(3)
    media = graph.add_media(photo, "image/jpeg")
    _, told = await meta.get(media.id)
    assert told["sha256"] == hashlib.sha256(photo).hexdigest()
    assert told["file_size"] == len(photo)
    assert (await meta.get(told["url"]))[1] == photo
    assert (await meta.get(told["url"], token="other"))[0] == 401
    graph.clock = lambda: NOW + timedelta(minutes=5)
    assert (await meta.get(told["url"]))[0] == 404
    _, again = await meta.get(media.id)
    assert (await meta.get(again["url"]))[1] == photo
    graph.clock = lambda: NOW + timedelta(days=7)
    status, body = await meta.get(media.id)
    assert (status, body["error"]["error_subcode"]) == (400, 33)


async def test_a_download_fails_on_order(meta: GraphClient, graph: FakeGraph) -> None:
    photo = pictures.jpeg()
    link = graph.link_to(graph.add_media(photo, "image/jpeg").id)
    graph.next_download("http404", "other_bytes", "drop", "truncated")
    assert (await meta.get(link))[0] == 404
    other = (await meta.get(link))[1]
    assert len(other) == len(photo)
    assert other != photo
    for _ in range(2):
        with pytest.raises(ClientError):
            await meta.get(link)
    assert (await meta.get(link))[1] == photo
    assert len(graph.downloads) == 5


async def test_a_contact_and_a_place_are_taken(meta: GraphClient, graph: FakeGraph) -> None:
    name = {"formatted_name": "Dukcapil Rote Ndao", "first_name": "Dukcapil"}
    assert (await meta.send("contacts", [{"name": name, "phones": [{"phone": "+62811"}]}]))[0] == 200
    assert (await meta.send("location", {"latitude": -10.72, "longitude": 123.04, "name": "Ba'a"}))[0] == 200
    assert [sent.text for sent in graph.ledger.messages] == ["Dukcapil Rote Ndao", "Ba'a"]


async def test_a_message_is_marked_read_with_typing(meta: GraphClient, graph: FakeGraph) -> None:
    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.first"}
    assert await meta.post(mark) == (200, {"success": True})
    assert await meta.post(mark | {"typing_indicator": {"type": "text"}}) == (200, {"success": True})
    assert [(line.type, line.to, line.shown) for line in graph.ledger] == [
        ("read", CITIZEN, False),
        ("read+typing", CITIZEN, False),
    ]
    for wrong in ({"message_id": "wamid.other"}, {"status": "seen"}, {"typing_indicator": {"type": "audio"}}):
        assert (await meta.post(mark | wrong))[1]["error"]["code"] == 131009


async def test_the_account_answers_the_start_up_checks(meta: GraphClient, graph: FakeGraph) -> None:
    _, number = await meta.get(f"{graph.phone_number_id}?fields=quality_rating,status")
    assert number == {"quality_rating": "GREEN", "status": "CONNECTED", "id": graph.phone_number_id}
    graph.subscribed = False
    assert (await meta.get(f"{graph.waba_id}/subscribed_apps"))[1] == {"data": []}
    url = f"{graph.base_url}/v25.0/{graph.waba_id}/subscribed_apps"
    async with meta.http.post(url, headers={"Authorization": f"Bearer {graph.access_token}"}) as answer:
        assert await answer.json() == {"success": True}
    assert len((await meta.get(f"{graph.waba_id}/subscribed_apps"))[1]["data"]) == 1


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [("http429", 429, 130429), ("131056", 400, 131056), ("131026", 400, 131026), ("190", 401, 190)],
)
async def test_the_next_send_is_refused_on_order(
    meta: GraphClient, graph: FakeGraph, fault: str, status: int, code: int
) -> None:
    graph.next_send(fault)
    got, body = await meta.send("text", {"body": "x"})
    assert (got, body["error"]["code"]) == (status, code)
    assert (await meta.send("text", {"body": "x"}))[0] == 200
    assert [line.outcome for line in graph.ledger] == ["ordered", "accepted"]
    assert graph.ledger.refused == []


async def test_a_server_error_reaches_nobody(meta: GraphClient, graph: FakeGraph) -> None:
    graph.every_send_fails("http500")
    url = f"{graph.base_url}/v25.0/{graph.phone_number_id}/messages"
    payload = {"messaging_product": "whatsapp", "to": CITIZEN, "type": "text", "text": {"body": "x"}}
    async with meta.http.post(
        url, json=payload, headers={"Authorization": f"Bearer {graph.access_token}"}
    ) as no:
        assert no.status == 500
    graph.every_send_fails(None)
    assert (await meta.send("text", {"body": "x"}))[0] == 200
    assert len(graph.ledger.messages) == 1


@pytest.mark.parametrize(
    ("fault", "outcome", "reached"),
    [("drop_before", "dropped_before", 0), ("drop_after", "dropped_after", 1)],
)
async def test_a_cut_connection_leaves_the_sender_in_the_dark(
    meta: GraphClient, graph: FakeGraph, fault: str, outcome: str, reached: int
) -> None:
    graph.next_send(fault)
    with pytest.raises(ClientError):
        await meta.send("text", {"body": "x"})
    assert graph.ledger.lines[0].outcome == outcome
    assert len(graph.ledger.messages) == reached


async def test_a_hanging_call_is_taken_and_never_answered(meta: GraphClient, graph: FakeGraph) -> None:
    taken = asyncio.Event()
    graph.ledger.on_line.append(lambda _: taken.set())
    graph.next_send("hang")
    call = asyncio.create_task(meta.send("text", {"body": "x"}))
    await taken.wait()
    assert graph.ledger.lines[0].outcome == "hung"
    assert len(graph.ledger.messages) == 1
    assert not call.done()
    await graph.stop()
    with pytest.raises(ClientError):
        await call


async def test_a_slow_call_is_answered_when_released(meta: GraphClient, graph: FakeGraph) -> None:
    graph.slow_seconds = 60
    taken = asyncio.Event()
    graph.ledger.on_line.append(lambda _: taken.set())
    graph.next_send("slow")
    call = asyncio.create_task(meta.send("text", {"body": "x"}))
    await taken.wait()
    assert not call.done()
    graph.release()
    assert (await call)[0] == 200


async def test_a_fault_can_befall_one_person_only(meta: GraphClient, graph: FakeGraph) -> None:
    graph.heard_from(wa_id="6281200000001")
    graph.next_send("http429", to="6281200000001")
    assert (await meta.send("text", {"body": "x"}))[0] == 200
    assert (await meta.send("text", {"body": "x"}, to="6281200000001"))[0] == 429


async def test_one_person_gets_45_at_once_and_then_one_in_six_seconds(
    meta: GraphClient, graph: FakeGraph
) -> None:
    graph.pair_limit = True
    for n in range(45):
        assert (await meta.send("text", {"body": str(n)}))[0] == 200
    assert await meta.refused("text", {"body": "46"}) == 131056
    graph.clock = lambda: NOW + timedelta(seconds=6)
    assert (await meta.send("text", {"body": "46"}))[0] == 200


async def test_an_unknown_fault_is_a_mistake_in_the_test(graph: FakeGraph) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        graph.next_send("http418")
    with pytest.raises(ValueError, match="no such fault"):
        graph.next_download("slow")
