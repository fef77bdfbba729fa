"""Whatever JSON comes: reading it names the fault or makes events, and no event breaks the translator."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Incoming, MalformedBody
from bot.channels.messenger import inbound as messenger
from bot.channels.telegram import inbound as telegram
from bot.channels.whatsapp import inbound as whatsapp
from models.inbox import InboxKind
from tests.channels import office

scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**70), max_value=2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["", "\x00", "\ud800", "1697043223", "ID.1", "text", "image", "private"])
)
any_json = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
BODIES = Path(__file__).parent / "bodies"
SAMPLES = {
    platform: [
        json.loads(file.read_text(encoding="utf-8")) for file in sorted((BODIES / platform).glob("*.json"))
    ]
    for platform in ("messenger", "whatsapp", "telegram")
}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [deep for key, item in inside for deep in [(*path, key), *places(item, (*path, key))]]


@st.composite
def mutated(draw: st.DrawFn, platform: str) -> Any:
    """A real body in which a few places hold something else, or nothing."""
    body = copy.deepcopy(draw(st.sampled_from(SAMPLES[platform])))
    for _ in range(draw(st.integers(min_value=1, max_value=4))):
        path = draw(st.sampled_from(places(body)))
        parent = body
        for key in path[:-1]:
            parent = parent[key]
        if isinstance(parent, dict) and draw(st.booleans()):
            parent.pop(path[-1])
        else:
            parent[path[-1]] = draw(any_json)
        if not places(body):
            break
    return body


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


@given(any_json)
def test_whatsapp_reads_any_json(payload: Any) -> None:
    check_whatsapp(payload)


@given(any_json)
def test_messenger_reads_any_json(payload: Any) -> None:
    check_messenger(payload)


@given(any_json, st.sampled_from(["message", "message_edit", "postback", "reaction", "delivery", "read"]))
def test_messenger_reads_any_item(part: Any, kind: str) -> None:
    item = {"sender": {"id": "7411"}, "timestamp": 1764000000000, kind: part}
    check_messenger({"entry": [{"id": office.PAGE_ID, "messaging": [item]}]})


@given(any_json)
def test_telegram_reads_any_json(payload: Any) -> None:
    check_telegram(payload)


@given(any_json, st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "poll"]))
def test_telegram_reads_any_update(part: Any, kind: str) -> None:
    check_telegram({"update_id": 1, kind: part})


@settings(max_examples=200)
@given(mutated("whatsapp"))
def test_whatsapp_reads_any_change_to_a_real_body(payload: Any) -> None:
    check_whatsapp(payload)


@settings(max_examples=200)
@given(mutated("messenger"))
def test_messenger_reads_any_change_to_a_real_body(payload: Any) -> None:
    if isinstance(payload, dict) and isinstance(payload.get("entry"), list):
        ours = [{**entry, "id": office.PAGE_ID} for entry in payload["entry"] if isinstance(entry, dict)]
        payload = {**payload, "entry": ours}
    check_messenger(payload)


@settings(max_examples=200)
@given(mutated("telegram"))
def test_telegram_reads_any_change_to_a_real_body(payload: Any) -> None:
    check_telegram(payload)


@pytest.mark.parametrize("depth", [100, 400])
def test_deep_nesting_is_no_trouble(depth: int) -> None:
    deep: Any = []
    for _ in range(depth):
        deep = [deep]
    check_whatsapp(
        {"entry": [{"changes": [{"value": {"messages": [{"id": "1", "from": "628", "text": deep}]}}]}]}
    )
    check_telegram({"update_id": 1, "message": {"text": deep}})
    item = {"sender": {"id": "7411"}, "message": {"mid": "m_1", "attachments": deep}}
    check_messenger({"entry": [{"id": office.PAGE_ID, "messaging": [item]}]})
