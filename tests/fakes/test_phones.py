"""The phones write what Meta and Telegram write, and show what a person would see."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    Update,
)
from aiohttp import ClientSession, web

from tests.fakes import FakeBotApi, FakeGraph, bodies, pictures
from tests.fakes.conftest import NOW
from tests.phones import NoSuchButton, TelegramPhone, WhatsAppPhone


@dataclass
class Door:
    """An app of nothing but a door: keeps what is posted, and answers ``status``."""

    url: str = ""
    status: int = 200
    raw: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    on_post: Callable[[Any], Any] | None = None

    async def take(self, request: web.Request) -> web.Response:
        self.raw.append(await request.read())
        self.headers.append(dict(request.headers))
        if self.on_post:
            await self.on_post(json.loads(self.raw[-1]))
        return web.Response(status=self.status)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(raw) for raw in self.raw]

    @property
    def messages(self) -> list[Any]:
        changes = [change for body in self.bodies for entry in body["entry"] for change in entry["changes"]]
        return [message for change in changes for message in change["value"].get("messages", ())]


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    here = Door()
    app = web.Application(client_max_size=64 * 1024**2)
    app.router.add_post("/hook", here.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield here
    await runner.cleanup()


@pytest.fixture
def citizen(graph: FakeGraph, door: Door) -> WhatsAppPhone:
    return WhatsAppPhone(graph, door.url)


async def tell(graph: FakeGraph, kind: str, part: Any, to: str = "6281234567890") -> None:
    """A send by the office."""
    url = f"{graph.base_url}/v25.0/{graph.phone_number_id}/messages"
    payload = {"messaging_product": "whatsapp", "to": to, "type": kind, kind: part}
    async with ClientSession() as http:
        headers = {"Authorization": f"Bearer {graph.access_token}"}
        async with http.post(url, json=payload, headers=headers) as answer:
            assert answer.status == 200, await answer.text()


def hmac_by_hand(key: bytes, message: bytes) -> str:
    """RFC 2104 with SHA-256, without the library that the fakes use."""
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + message).digest()
    return hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).hexdigest()


def test_the_hand_made_hmac_agrees_with_rfc_4231() -> None:
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert hmac_by_hand(b"Jefe", b"what do ya want for nothing?") == expected


async def test_a_body_of_whatsapp_is_signed_over_the_bytes_meta_writes(
    citizen: WhatsAppPhone, graph: FakeGraph, door: Door
) -> None:
    assert await citizen.says("Né 👍 a@b.id https://a.id/x") == 200
    (raw,) = door.raw
    assert rb"N\u00e9 \ud83d\udc4d a\u0040b.id https:\/\/a.id\/x" in raw
    assert raw.isascii()
    signature = door.headers[0]["X-Hub-Signature-256"]
    assert signature == "sha256=" + hmac_by_hand(graph.app_secret.encode(), raw)
    assert len(signature) == 71
    assert door.messages[0]["text"] == {"body": "Né 👍 a@b.id https://a.id/x"}
    assert door.messages[0]["timestamp"] == str(int(NOW.timestamp()))


async def test_a_stranger_with_another_secret_signs_otherwise(graph: FakeGraph, door: Door) -> None:
    forger = WhatsAppPhone(graph, door.url, app_secret="guessed")
    await forger.says("halo")
    signature = door.headers[0]["X-Hub-Signature-256"]
    assert signature != "sha256=" + hmac_by_hand(graph.app_secret.encode(), door.raw[0])


async def test_a_text_has_the_fields_of_a_recorded_one(graph: FakeGraph, door: Door) -> None:
    """As in pywa's tests/data/updates/message.json#text (MIT), with the BSUID fields of 2026."""
    phone = WhatsAppPhone(graph, door.url, wa_id="6281234567891", bsuid="ID.134912", name="Yohana")
    await phone.says("halo")
    metadata = {"display_phone_number": "6281138100100", "phone_number_id": graph.phone_number_id}
    contact = {"profile": {"name": "Yohana"}, "wa_id": "6281234567891", "user_id": "ID.134912"}
    message = {
        "from": "6281234567891",
        "from_user_id": "ID.134912",
        "id": door.messages[0]["id"],
        "timestamp": str(int(NOW.timestamp())),
        "type": "text",
        "text": {"body": "halo"},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": metadata,
        "contacts": [contact],
        "messages": [message],
    }
    entry = {"id": graph.waba_id, "changes": [{"value": value, "field": "messages"}]}
    assert door.bodies == [{"object": "whatsapp_business_account", "entry": [entry]}]


async def test_who_hides_the_number_has_only_a_scoped_id(graph: FakeGraph, door: Door) -> None:
    phone = WhatsAppPhone(graph, door.url, wa_id=None, bsuid="ID.134912")
    await phone.says("halo")
    assert "from" not in door.messages[0]
    assert door.messages[0]["from_user_id"] == "ID.134912"
    assert b"wa_id" not in door.raw[0]


async def test_photos_files_stickers_and_voices_can_be_fetched(
    citizen: WhatsAppPhone, graph: FakeGraph, door: Door
) -> None:
    photo, letter = pictures.jpeg(4), pictures.pdf(4)
    await citizen.sends_photo(photo, caption="KTP")
    await citizen.sends_document(letter, "surat.pdf")
    await citizen.sends_sticker()
    await citizen.sends_voice()
    kinds = [(message["type"], message[message["type"]]["mime_type"]) for message in door.messages]
    assert kinds == [
        ("image", "image/jpeg"),
        ("document", "application/pdf"),
        ("sticker", "image/webp"),
        ("audio", "audio/ogg; codecs=opus"),
    ]
    assert door.messages[0]["image"]["caption"] == "KTP"
    assert door.messages[1]["document"]["filename"] == "surat.pdf"
    async with ClientSession() as http:
        headers = {"Authorization": f"Bearer {graph.access_token}"}
        async with http.get(door.messages[0]["image"]["url"], headers=headers) as answer:
            assert await answer.read() == photo


async def test_an_album_comes_in_another_order_with_some_twice(citizen: WhatsAppPhone, door: Door) -> None:
    statuses = await citizen.sends_album(pictures.photos(6), shuffle=3, twice=[0, 4])
    assert statuses == [200] * 8
    ids = [message["id"] for message in door.messages]
    assert len(set(ids)) == 6
    assert ids != sorted(ids)
    await citizen.sends_album(pictures.photos(3), batched=True)
    assert [len(body["entry"]) for body in door.bodies] == [1] * 8 + [3]


async def test_what_is_not_taken_is_delivered_again(citizen: WhatsAppPhone, door: Door) -> None:
    door.status = 503
    assert await citizen.says("halo") == 503
    door.status = 200
    assert await citizen.redelivers() == [200]
    assert await citizen.redelivers() == []
    assert await citizen.repeats(2) == [200, 200]
    assert len(set(door.raw)) == 1


async def test_nobody_at_the_door_is_status_0(graph: FakeGraph) -> None:
    phone = WhatsAppPhone(graph, "http://127.0.0.1:9/hook")
    assert await phone.says("halo") == 0
    assert len(phone.not_taken) == 1


async def test_a_person_hears_what_is_answered_in_the_same_turn(
    citizen: WhatsAppPhone, graph: FakeGraph, door: Door
) -> None:
    async def answer(_: Any) -> None:
        await tell(graph, "text", {"body": f"Jawaban {len(door.raw)}"})

    door.on_post = answer
    await citizen.says("satu")
    assert await citizen.hears() == "Jawaban 1"
    await citizen.says("dua")
    assert await citizen.hears(containing="2") == "Jawaban 2"
    assert citizen.heard == ["Jawaban 2"]
    assert citizen.everything == ["Jawaban 1", "Jawaban 2"]
    assert citizen.last == "Jawaban 2"


async def test_a_wait_in_vain_says_what_was_heard(citizen: WhatsAppPhone, graph: FakeGraph) -> None:
    await citizen.says("satu")
    await tell(graph, "text", {"body": "Halo"})
    with pytest.raises(AssertionError, match=r"for 1 × 'Selamat', and heard \['Halo'\]"):
        await citizen.hears(containing="Selamat", within=0.01)


async def test_one_phone_does_not_see_what_another_gets(
    citizen: WhatsAppPhone, graph: FakeGraph, door: Door
) -> None:
    other = WhatsAppPhone(graph, door.url, wa_id="6281200000009", name="Petugas")
    await other.says("halo")
    await tell(graph, "text", {"body": "Untuk petugas"}, to="6281200000009")
    assert other.heard == ["Untuk petugas"]
    assert citizen.everything == []


async def test_a_button_and_a_row_are_tapped_with_their_context(
    citizen: WhatsAppPhone, graph: FakeGraph, door: Door
) -> None:
    await citizen.says("halo")
    reply = {"type": "reply", "reply": {"id": "b1", "title": "Lanjut"}}
    await tell(
        graph, "interactive", {"type": "button", "body": {"text": "Ya?"}, "action": {"buttons": [reply]}}
    )
    assert citizen.buttons == ["Lanjut"]
    shown = citizen.last_message.id
    await citizen.taps("Lanjut")
    tapped = door.messages[-1]
    assert tapped["interactive"] == {"type": "button_reply", "button_reply": {"id": "b1", "title": "Lanjut"}}
    assert tapped["context"]["id"] == shown

    row = {"id": "r1", "title": "KTP-el hilang atau…", "description": "Ganti yang hilang"}
    action = {"button": "Pilih", "sections": [{"rows": [row]}]}
    await tell(graph, "interactive", {"type": "list", "body": {"text": "Layanan"}, "action": action})
    for words in ("KTP-el hilang atau…", "KTP-el hilang atau rusak", "Ganti yang hilang"):
        await citizen.taps(words)
        assert door.messages[-1]["interactive"] == {"type": "list_reply", "list_reply": row}
    with pytest.raises(NoSuchButton, match="KTP-el hilang atau…"):
        await citizen.taps("Lanjut")
    await citizen.taps("Lanjut", older=True)
    assert door.messages[-1]["interactive"]["button_reply"]["id"] == "b1"


async def test_a_quick_reply_of_a_template_and_a_link(
    citizen: WhatsAppPhone, graph: FakeGraph, door: Door
) -> None:
    graph.register_template(
        "siap",
        "Permohonan Bapak/Ibu sudah siap.",
        buttons=[
            {"type": "QUICK_REPLY", "text": "Status"},
            {"type": "URL", "text": "Buka", "url": "https://loket.id/f/{{1}}"},
        ],
    )
    url = {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "abc"}]}
    await tell(graph, "template", {"name": "siap", "language": {"code": "id"}, "components": [url]})
    assert citizen.link("Buka") == "https://loket.id/f/abc"
    with pytest.raises(NoSuchButton, match="opens a page"):
        await citizen.taps("Buka")
    await citizen.taps("Status")
    assert door.messages[-1]["button"] == {"text": "Status", "payload": "Status"}


async def test_statuses_are_signed_and_echo_the_callback_data(
    citizen: WhatsAppPhone, graph: FakeGraph, door: Door
) -> None:
    await citizen.says("halo")
    graph.webhook_url, graph.auto_statuses = door.url, ("sent", "delivered")
    await tell(graph, "text", {"body": "Halo"})
    await graph.settled()
    assert await citizen.reads() == 200
    assert await graph.emit_status(citizen.last_message, "failed", code=131026) == 200
    statuses = [body["entry"][0]["changes"][0]["value"]["statuses"][0] for body in door.bodies[1:]]
    assert [said["status"] for said in statuses] == ["sent", "delivered", "read", "failed"]
    assert {said["id"] for said in statuses} == {citizen.last_message.id}
    assert statuses[3]["errors"][0]["code"] == 131026
    for raw, headers in zip(door.raw, door.headers, strict=True):
        assert headers["X-Hub-Signature-256"] == "sha256=" + hmac_by_hand(graph.app_secret.encode(), raw)


async def test_a_late_refusal_is_taken_and_fails_by_a_status(
    citizen: WhatsAppPhone, graph: FakeGraph, door: Door
) -> None:
    await citizen.says("halo")
    graph.late_refusals, graph.webhook_url = True, door.url
    graph.clock = lambda: NOW + timedelta(hours=25)
    await tell(graph, "text", {"body": "terlambat"})
    await graph.settled()
    said = door.bodies[-1]["entry"][0]["changes"][0]["value"]["statuses"][0]
    assert (said["status"], said["errors"][0]["code"]) == ("failed", 131047)
    assert citizen.everything == []
    assert len(graph.ledger.refused) == 1


# ---------------------------------------------------------------------- Telegram


@pytest.fixture
async def bot(bot_api: FakeBotApi) -> AsyncIterator[Bot]:
    bot = Bot(bot_api.token, session=AiohttpSession(api=TelegramAPIServer.from_base(bot_api.base_url)))
    yield bot
    await bot.session.close()


async def test_what_a_person_does_on_telegram_is_an_update_aiogram_reads(
    bot_api: FakeBotApi, door: Door, bot: Bot
) -> None:
    phone = TelegramPhone(bot_api, door.url, "rahasia")
    await phone.starts("abc")
    await phone.sends_photo(pictures.jpeg(), caption="KTP")
    await phone.sends_document(pictures.pdf(), "kk.pdf")
    await phone.sends_sticker()
    await phone.sends_voice()
    await phone.sends_unknown()
    await phone.edits("/start abd")
    await phone.blocks()
    await phone.unblocks()
    assert {headers["X-Telegram-Bot-Api-Secret-Token"] for headers in door.headers} == {"rahasia"}
    updates = [Update.model_validate_json(raw, context={"bot": bot}) for raw in door.raw]
    assert len({update.update_id for update in updates}) == len(updates)
    messages = [update.message for update in updates if update.message]
    assert [message.content_type for message in messages] == [
        "text",
        "photo",
        "document",
        "sticker",
        "voice",
        "unknown",
    ]
    assert [update.event_type for update in updates[6:]] == [
        "edited_message",
        "my_chat_member",
        "my_chat_member",
    ]
    assert messages[0].entities is not None
    assert messages[1].caption == "KTP"
    sizes = messages[1].photo or []
    largest = max(sizes, key=lambda size: size.width * size.height)
    assert largest is not sizes[-1]
    got = await bot.download(largest.file_id)
    assert got is not None
    assert got.read() == pictures.jpeg()


async def test_an_album_on_telegram_has_one_group(bot_api: FakeBotApi, door: Door) -> None:
    phone = TelegramPhone(bot_api, door.url, "rahasia")
    assert await phone.sends_album(pictures.photos(4), shuffle=1, twice=[2]) == [200] * 5
    assert len({body["message"]["media_group_id"] for body in door.bodies}) == 1
    assert len({body["update_id"] for body in door.bodies}) == 4


async def test_a_button_on_telegram_is_the_one_that_is_there_now(
    bot_api: FakeBotApi, door: Door, bot: Bot
) -> None:
    phone = TelegramPhone(bot_api, door.url, "rahasia")
    await phone.starts()

    def keys(title: str) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=title, callback_data=title)]])

    message = await bot.send_message(phone.user_id, "Satu", reply_markup=keys("Ya"))
    await phone.taps("Ya")
    query = Update.model_validate(door.bodies[-1]).callback_query
    assert query is not None
    assert query.data == "Ya"
    assert query.message is not None
    assert query.message.message_id == message.message_id
    await bot.answer_callback_query(query.id)
    await bot.edit_message_text(
        "Dua", chat_id=phone.user_id, message_id=message.message_id, reply_markup=keys("Tidak")
    )
    assert await phone.hears() == "Dua"
    assert phone.buttons == ["Tidak"]
    with pytest.raises(NoSuchButton):
        await phone.taps("Ya")
    await bot.edit_message_reply_markup(chat_id=phone.user_id, message_id=message.message_id)
    with pytest.raises(NoSuchButton):
        await phone.taps("Tidak")
    await bot.send_message(
        phone.user_id, "Tiga", reply_markup=ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Status")]])
    )
    await phone.taps("Status")
    assert door.bodies[-1]["message"]["text"] == "Status"
    assert bot_api.ledger.refused == []


async def test_a_phone_without_a_door_waits_for_the_poll(bot_api: FakeBotApi, bot: Bot) -> None:
    phone = TelegramPhone(bot_api)
    assert await phone.says("halo") == 200
    (update,) = await bot.get_updates()
    assert update.message is not None
    await bot.send_photo(
        update.message.chat.id, BufferedInputFile(pictures.jpeg(8), filename="foto.jpg"), caption="Ini"
    )
    (photo,) = await phone.receives()
    assert photo.media == pictures.jpeg(8)
    assert await phone.hears() == "Ini"


async def test_what_the_bot_has_not_asked_for_is_not_sent(bot_api: FakeBotApi, bot: Bot) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    with pytest.raises(AssertionError, match="not to send it any message"):
        await TelegramPhone(bot_api).says("halo")


def test_the_helpers_shuffle_and_repeat_the_same_way_each_time() -> None:
    assert bodies.shuffled(range(6), 4) == bodies.shuffled(range(6), 4) != list(range(6))
    assert bodies.with_duplicates("abc", [2, 0]) == ["a", "b", "c", "c", "a"]


def test_pictures_differ_by_seed_and_stay_the_same_for_one() -> None:
    for make in (pictures.jpeg, pictures.png, pictures.sticker, pictures.pdf, pictures.ogg_voice):
        assert make(1) == make(1) != make(2)
    assert len(pictures.huge()) == 30 * 1024 * 1024
    assert len({*pictures.photos(20)}) == 20
