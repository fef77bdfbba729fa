"""Sending on WhatsApp, to a Graph API that refuses what Meta refuses."""

from datetime import timedelta
from typing import Any

import pytest
from aiogram.methods import (
    EditMessageText,
    SendContact,
    SendDocument,
    SendLocation,
    SendPhoto,
    SendVenue,
    TelegramMethod,
)
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer, unused_port

from bot.channels.base import AddressKey, Fault, Recipient, Sent
from bot.channels.keyboard import decode
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.methods import SendTemplate
from tests.channels import office
from tests.channels.office import CITIZEN, on_whatsapp
from tests.channels.whatsapp_sending import CHAT, deliver, fails, keyboard, text
from tests.fakes import FakeGraph, pictures


async def test_a_text_carries_its_tag_and_comes_back_with_its_id(
    whatsapp: WhatsAppAdapter, graph: FakeGraph
) -> None:
    sent = await deliver(whatsapp, text("<b>Siap</b> diambil", parse_mode="HTML"))
    (line,) = graph.ledger.messages
    assert (line.to, line.text, line.callback_data) == (CITIZEN, "*Siap* diambil", "4711")
    assert sent == Sent(line.id, (AddressKey("bsuid", office.BSUID),))
    assert line.request["to"] == f"+{CITIZEN}"


async def test_buttons_bring_back_their_data(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    await deliver(whatsapp, text("Pilih", reply_markup=keyboard("Ya", "Tidak")))
    (line,) = graph.ledger.messages
    assert line.type == "interactive.button"
    assert [(b.title, decode(b.id).data) for b in line.buttons] == [("Ya", "d:Ya"), ("Tidak", "d:Tidak")]


async def test_another_spelling_of_the_number_is_learned(http: ClientSession) -> None:
    """As Meta answers a number of Argentina, Brazil or Mexico."""

    async def answers(_: web.Request) -> web.Response:
        contact = {"input": "+541155550000", "wa_id": "5491155550000"}
        return web.json_response({"contacts": [contact], "messages": [{"id": "wamid.1"}]})

    app = web.Application()
    app.router.add_post("/{tail:.*}", answers)
    async with TestServer(app) as server:
        settings = WhatsAppSettings.model_validate(office.WHATSAPP | {"api_base": str(server.make_url("/"))})
        sent = await deliver(WhatsAppAdapter(settings, http), text(), on_whatsapp("541155550000"))
    assert sent == Sent("wamid.1", (AddressKey("wa_id", "5491155550000"),))


async def test_somebody_elses_id_is_not_learned(whatsapp: WhatsAppAdapter) -> None:
    """The number has passed to another person: their id must not become ours' address."""
    sent = await deliver(whatsapp, text(), on_whatsapp(CITIZEN, bsuid="ID.before"))
    assert sent.addresses == ()


async def test_a_person_without_a_number_is_written_to_by_id(
    whatsapp: WhatsAppAdapter, graph: FakeGraph
) -> None:
    await deliver(whatsapp, text(), on_whatsapp(wa_id=None, bsuid=office.BSUID))
    (line,) = graph.ledger.messages
    assert "to" not in line.request
    assert line.request["recipient"] == office.BSUID


async def test_nobody_can_be_written_to_without_an_address(whatsapp: WhatsAppAdapter) -> None:
    failed = await fails(whatsapp, text(), Recipient(addresses=()))
    assert (failed.fault, failed.code) == (Fault.UNREACHABLE, "no_address")


async def test_an_edit_is_a_new_message(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    method = EditMessageText(chat_id=CHAT, message_id=2**40 + 1, text="Baru", reply_markup=keyboard("Ya"))
    await deliver(whatsapp, method)
    assert [line.text for line in graph.ledger.messages] == ["Baru"]


async def test_a_photo_with_a_caption_and_buttons_is_one_message(
    whatsapp: WhatsAppAdapter, graph: FakeGraph
) -> None:
    method = SendPhoto(
        chat_id=CHAT,
        photo="foto",
        caption="<i>KTP</i> Anda?",
        parse_mode="HTML",
        reply_markup=keyboard("Ya", "Ulang"),
    )
    await deliver(whatsapp, method)
    (line,) = graph.ledger.messages
    assert (line.type, line.text) == ("interactive.button", "_KTP_ Anda?")
    assert line.media == pictures.jpeg(1)
    many = SendPhoto(chat_id=CHAT, photo="foto", caption="Pilih", reply_markup=keyboard(*"abcd"))
    await deliver(whatsapp, many)
    assert graph.ledger.messages[-1].text == "Pilih\n\n1. a\n2. b\n3. c\n4. d"


async def test_a_caption_too_long_for_whatsapp_is_cut(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    await deliver(whatsapp, SendPhoto(chat_id=CHAT, photo="foto", caption="x" * 1500))
    (line,) = graph.ledger.messages
    assert line.text == "x" * 1023 + "…"


async def test_a_file_by_link_is_linked(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    await deliver(whatsapp, SendPhoto(chat_id=CHAT, photo="https://loket.id/contoh.jpg"))
    (line,) = graph.ledger.messages
    assert line.request["image"] == {"link": "https://loket.id/contoh.jpg"}


async def test_a_place(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    await deliver(whatsapp, SendLocation(chat_id=CHAT, latitude=-10.7, longitude=123.1))
    await deliver(
        whatsapp, SendVenue(chat_id=CHAT, latitude=-10.7, longitude=123.1, title="Kantor", address="Ba'a")
    )
    assert [line.type for line in graph.ledger.messages] == ["location", "location"]
    assert graph.ledger.refused == []


async def test_a_template_outside_the_window(whatsapp: WhatsAppAdapter, graph: FakeGraph) -> None:
    graph.register_template("siap_diambil", "Permohonan {{nomor}} siap diambil di {{tempat}} pada jam kerja.")
    graph.clock = lambda: office.NOW + timedelta(hours=25)
    closed = await fails(whatsapp, text())
    assert (closed.fault, closed.code) == (Fault.TEMPLATE, "131047")
    method = SendTemplate(
        chat_id=CHAT,
        name="siap_diambil",
        language="id",
        parameters={"nomor": "K7Q2-M9FD-X", "tempat": "Loket 2,\n  lantai   1"},
        text="Permohonan K7Q2-M9FD-X siap diambil.",
    )
    await deliver(whatsapp, method)
    (line,) = graph.ledger.messages
    assert line.text == "Permohonan K7Q2-M9FD-X siap diambil di Loket 2, lantai 1 pada jam kerja."


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("http500", Fault.RETRY),
        ("http502", Fault.UNKNOWN),
        ("drop_before", Fault.UNKNOWN),
        ("drop_after", Fault.UNKNOWN),
        ("http429", Fault.RETRY),
        ("190", Fault.PAUSE),
        ("131026", Fault.UNREACHABLE),
        ("131049", Fault.WAIT),
        ("131056", Fault.RETRY),
        ("100", Fault.GIVE_UP),
    ],
)
async def test_each_failure_asks_for_the_right_thing(
    whatsapp: WhatsAppAdapter, graph: FakeGraph, fault: str, expected: Fault
) -> None:
    graph.next_send(fault, retry_after=7)
    failed = await fails(whatsapp, text("Nomor rahasia"))
    assert failed.fault is expected
    assert "rahasia" not in str(failed)
    if fault == "http429":
        assert failed.retry_after == timedelta(seconds=7)
    await deliver(whatsapp, text())


async def test_nobody_listening_means_not_sent(http: ClientSession) -> None:
    settings = WhatsAppSettings.model_validate(
        office.WHATSAPP | {"api_base": f"http://127.0.0.1:{unused_port()}"}
    )
    failed = await fails(WhatsAppAdapter(settings, http), text())
    assert (failed.fault, failed.code) == (Fault.RETRY, "not_connected")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (web.Response(text="<html>ok</html>"), Fault.UNKNOWN),
        (web.json_response({}), Fault.UNKNOWN),
        (web.json_response({"messages": [{}]}), Fault.UNKNOWN),
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
        settings = WhatsAppSettings.model_validate(office.WHATSAPP | {"api_base": str(server.make_url("/"))})
        assert (await fails(WhatsAppAdapter(settings, http), text())).fault is expected


async def test_an_upload_that_fails_may_be_repeated(http: ClientSession) -> None:
    async def drops(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    app = web.Application()
    app.router.add_post("/{version}/{number}/media", drops)
    async with TestServer(app) as server:
        settings = WhatsAppSettings.model_validate(office.WHATSAPP | {"api_base": str(server.make_url("/"))})
        failed = await fails(WhatsAppAdapter(settings, http), SendPhoto(chat_id=CHAT, photo="foto"))
        assert failed.fault is Fault.RETRY


@pytest.mark.parametrize(
    ("method", "code"),
    [
        (SendPhoto(chat_id=CHAT, photo="hilang"), "file_missing"),
        (SendPhoto(chat_id=CHAT, photo="kosong"), "picture_unreadable"),
        (SendDocument(chat_id=CHAT, document="hampa"), "100"),
        (text("<b> </b>", parse_mode="HTML"), "empty_text"),
        (text("Pilih", reply_markup=keyboard("x" * 80)), "callback_data_too_long"),
    ],
)
async def test_what_can_never_be_taken_is_given_up(
    whatsapp: WhatsAppAdapter, graph: FakeGraph, method: TelegramMethod[Any], code: str
) -> None:
    failed = await fails(whatsapp, method)
    assert (failed.fault, failed.code) == (Fault.GIVE_UP, code)
    assert graph.ledger.messages == []


async def test_a_card_is_written_as_meta_wants_it(whatsapp: WhatsAppAdapter) -> None:
    method = SendContact(chat_id=CHAT, phone_number="+62380", first_name="Loket", last_name="Rote Ndao")
    seen: list[Any] = []

    async def answers(request: web.Request) -> web.Response:
        seen.append(await request.json())
        return web.json_response({"messages": [{"id": "wamid.1"}]})

    app = web.Application()
    app.router.add_post("/{tail:.*}", answers)
    async with TestServer(app) as server, ClientSession() as http:
        settings = WhatsAppSettings.model_validate(office.WHATSAPP | {"api_base": str(server.make_url("/"))})
        await deliver(WhatsAppAdapter(settings, http), method)
    (card,) = seen[0]["contacts"]
    assert card["name"] == {
        "formatted_name": "Loket Rote Ndao",
        "first_name": "Loket",
        "last_name": "Rote Ndao",
    }
    assert card["phones"] == [{"phone": "+62380"}]


async def test_doctor_is_told_what_is_wrong(
    whatsapp: WhatsAppAdapter, graph: FakeGraph, http: ClientSession
) -> None:
    assert [(f.name, f.ok, f.detail) for f in await whatsapp.check()] == [
        ("number", True, ""),
        ("quality", True, "green"),
        ("messaging_limit", True, "2k"),
        ("subscription", True, ""),
    ]
    graph.subscribed, graph.quality, graph.messaging_limit = False, "RED", "TIER_250"
    assert [(f.ok, f.detail) for f in (await whatsapp.check())[1:]] == [
        (False, "red"),
        (True, "250"),
        (False, "no_app"),
    ]
    settings = WhatsAppSettings.model_validate(
        office.WHATSAPP
        | {"phone_number_id": graph.phone_number_id, "api_base": graph.base_url, "access_token": "EAAGold"}
    )
    assert [(f.ok, f.detail) for f in await WhatsAppAdapter(settings, http).check()] == [
        (False, "190"),
        (False, "190"),
    ]
