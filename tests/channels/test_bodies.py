"""Webhook bodies that nobody here wrote, read against what their manifest says is in them."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import Update
from aiohttp import ClientSession

from bot.channels.base import Incoming
from bot.channels.messenger.adapter import MessengerAdapter
from bot.channels.messenger.settings import MessengerSettings
from bot.channels.telegram.adapter import TelegramAdapter
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.whatsapp.adapter import WhatsAppAdapter
from bot.channels.whatsapp.settings import WhatsAppSettings
from models.inbox import InboxKind
from tests.channels import office

BODIES = Path(__file__).parent / "bodies"


def manifest(platform: str) -> list[Any]:
    with (BODIES / "MANIFEST.tsv").open(encoding="utf-8") as file:
        lines = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [pytest.param(line, id=line["file"]) for line in lines if line["platform"] == platform]


def body_of(line: dict[str, str]) -> Any:
    return json.loads((BODIES / line["file"]).read_text(encoding="utf-8"))


async def adapters(http: ClientSession) -> tuple[WhatsAppAdapter, TelegramAdapter]:
    whatsapp = WhatsAppSettings.model_validate(office.WHATSAPP)
    telegram = TelegramSettings.model_validate({"token": office.TELEGRAM_TOKEN, "secret_token": "s"})
    return WhatsAppAdapter(whatsapp, http), TelegramAdapter(telegram, http)


def from_people(events: list[Incoming]) -> list[Incoming]:
    return [event for event in events if event.addresses]


def shown_payload(update: Update) -> str:
    """What came along unseen: callback data, or the answers of a form."""
    if update.callback_query is not None:
        return update.callback_query.data or ""
    form = update.message.web_app_data if update.message else None
    return form.data if form else ""


def shown_text(update: Update) -> str:
    message = update.message
    return (message.text or message.caption or "") if message else ""


def shown_kinds(update: Update) -> str:
    message = update.message
    kinds = {
        "image": ("photo", "sticker"), "location": "location", "video": "video", "audio": ("audio", "voice"),
        "document": "document", "contact": "contact", "animation": "animation",
    }  # fmt: skip
    found = [
        kind
        for kind, fields in kinds.items()
        if message and any(getattr(message, f) for f in ([fields] if isinstance(fields, str) else fields))
    ]
    return ",".join(f"{kind}:1" for kind in found)


@pytest.mark.parametrize("line", manifest("whatsapp"))
async def test_a_whatsapp_body_says_what_its_manifest_says(line: dict[str, str], http: ClientSession) -> None:
    adapter, _ = await adapters(http)
    events = adapter.read(body_of(line))
    people = from_people(events)
    assert len(people) == int(line["n_messages"])
    assert sum(event.kind is InboxKind.RECEIPT for event in events) == int(line["n_statuses"])
    assert len(events) == len({event.external_id for event in events}) > 0
    for event in people:
        assert [(a.kind, a.value) for a in event.addresses] == [
            ("bsuid", line["sender_alt"]),
            ("wa_id", line["sender_id"]),
        ]
        assert event.sent_at is not None
        assert event.name == "Test Name"
        assert event.kind is (InboxKind.OTHER if line["expect"] == "unsupported" else InboxKind.MESSAGE)
        update = office.translated(adapter, event.body)
        payload = json.loads(line["payload"] or '""')
        assert shown_payload(update) == payload
        assert shown_kinds(update) == line["attachments"]
        if update.callback_query is None:
            assert shown_text(update) == json.loads(line["text"])


@pytest.mark.parametrize("line", manifest("telegram"))
async def test_a_telegram_body_says_what_its_manifest_says(line: dict[str, str], http: ClientSession) -> None:
    _, adapter = await adapters(http)
    (event,) = adapter.read(body_of(line))
    assert [(a.kind, a.value) for a in event.addresses] == [("telegram", line["sender_id"])]
    assert event.kind is InboxKind.MESSAGE
    assert event.external_id == str(event.body["update_id"])
    update = office.translated(adapter, event.body)
    assert shown_payload(update) == json.loads(line["payload"] or '""')
    assert shown_kinds(update) == line["attachments"]
    assert shown_text(update) == json.loads(line["text"] or '""')


@pytest.mark.parametrize("line", manifest("messenger"))
async def test_a_page_s_body_says_what_its_manifest_says(line: dict[str, str], http: ClientSession) -> None:
    payload = body_of(line)
    page = office.MESSENGER | {"page_id": str(payload["entry"][0]["id"])}
    adapter = MessengerAdapter(MessengerSettings.model_validate(page), http)
    events = adapter.read(payload)
    receipts = [event for event in events if event.kind is InboxKind.RECEIPT]
    people = [event for event in from_people(events) if event not in receipts]
    assert len(people) == int(line["n_messages"])
    assert len(receipts) == int(line["n_statuses"])
    for event in (*people, *receipts):
        assert [(a.kind, a.value) for a in event.addresses] == [("psid", line["sender_id"])]
    for event in people:
        assert event.kind is InboxKind.MESSAGE
        assert event.sent_at is not None
        update = office.translated(adapter, event.body)
        assert shown_payload(update) == json.loads(line["payload"] or '""')
        shared = line["attachments"].replace("fallback:1,", "")  # a link that says nothing
        assert shown_kinds(update) == shared
        if update.callback_query is None:
            assert shown_text(update) == json.loads(line["text"])


async def test_telegrams_file_goes_by_our_name(http: ClientSession) -> None:
    _, adapter = await adapters(http)
    body = json.loads((BODIES / "telegram/nutgram__document.json").read_text(encoding="utf-8"))
    (ref,) = adapter.media(body)
    assert (ref.external_id, ref.mime, ref.name, ref.size) == (
        "a1b2c34d5e6f7g8h9i",
        "application/pdf",
        "document.pdf",
        123456,
    )
    document = office.message_of(adapter, body).document
    assert document is not None
    assert document.file_id == "wa-0"
    assert "a1b2c34d5e6f7g8h9i" not in json.dumps(adapter.update(body, office.scene([ref])))
    assert body["message"]["document"]["file_id"] == "a1b2c34d5e6f7g8h9i"  # the row stays as it was
