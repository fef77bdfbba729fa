"""What must hold of whatever a platform's door let in: it is read, or said to be unreadable, and no more."""

import json
from dataclasses import replace
from typing import Any

from bot.channels.base import Incoming, MalformedBody
from bot.channels.messenger import inbound as messenger
from bot.channels.telegram import inbound as telegram
from bot.channels.whatsapp import inbound as whatsapp
from models.inbox import InboxKind
from tests.channels import office


def check_event(event: Incoming) -> None:
    assert 0 < len(event.external_id) <= 255
    assert event.external_id.isascii()
    event.name.encode("utf-8")
    json.dumps(event.body)
    for address in event.addresses:
        assert 0 < len(address.value) <= 160
        address.value.encode("utf-8")


def check_whatsapp(payload: Any) -> None:
    try:
        events = whatsapp.read(payload, office.PHONE_NUMBER_ID)
    except MalformedBody:
        return
    for event in events:
        check_event(event)
        refs = whatsapp.media(event.body)
        whatsapp.replied_to(event.body)
        if event.kind is InboxKind.RECEIPT:
            assert whatsapp.receipt(event.body) is not None
        plain = whatsapp.update(event.body, office.scene(refs), bot_id=7)
        if plain is not None:
            office.as_aiogram(plain)  # what we build, aiogram can read
        assert plain is not None or not event.addresses


def check_messenger(payload: Any) -> None:
    try:
        events = messenger.read(payload, office.PAGE_ID)
    except MalformedBody:
        return
    for event in events:
        check_event(event)
        refs = messenger.media(event.body)
        messenger.replied_to(event.body)
        if event.kind is InboxKind.RECEIPT:
            assert messenger.receipts(event.body)
        for part in range(max(1, len(refs))):
            scene = replace(office.scene(refs, replied_to=5), part=part)
            plain = messenger.update(event.body, scene, bot_id=7, reactions=True)
            if plain is not None:
                office.as_aiogram(plain)  # what we build, aiogram can read
            assert plain is not None or event.kind is not InboxKind.MESSAGE


def check_telegram(payload: Any) -> None:
    try:
        (event,) = telegram.read(payload)
    except MalformedBody:
        return
    check_event(event)
    refs = telegram.media(event.body)
    telegram.replied_to(event.body)
    told = telegram.update(event.body, office.scene(refs, replied_to=5))
    json.dumps(told, ensure_ascii=False).encode("utf-8")
