"""Messages named by our ids: what the platform is told they are."""

from typing import Any

import pytest
from aiogram.methods import (
    DeleteMessages,
    EditMessageText,
    SendChatAction,
    SendMessage,
    SetMessageReaction,
    TelegramMethod,
)
from aiogram.types import ReplyParameters

from bot import ids
from bot.channels.base import Caps, DeliveryFailed
from bot.references import last_said, platform_ids
from models.contacts import Contact
from models.inbox import InboxEvent, InboxKind
from models.outbox import OutboxKind, OutboxMessage
from tests.core.channel import ACCOUNT, NOW

pytestmark = pytest.mark.usefixtures("database")

PLAIN, EDITING = Caps(), Caps(edits=True)
ON = {"office_id": 1, "channel": "whatsapp", "account": ACCOUNT}


async def said(contact: Contact, external_id: str | None) -> OutboxMessage:
    return await OutboxMessage.create(
        **ON, contact_id=contact.id, kind=OutboxKind.REPLY, name="sendMessage", payload="{}",
        external_id=external_id, due_at=NOW, created_at=NOW,
    )  # fmt: skip


async def heard(contact: Contact, external_id: str) -> InboxEvent:
    return await InboxEvent.create(
        **ON,
        contact_id=contact.id,
        external_id=external_id,
        kind=InboxKind.MESSAGE,
        body="{}",
        received_at=NOW,
    )


async def names(method: TelegramMethod[Any], row: OutboxMessage, caps: Caps = PLAIN) -> dict[int, str]:
    return await platform_ids(method, row, caps)


@pytest.fixture
async def maria(database: str) -> Contact:
    return await Contact.create(office_id=1, created_at=NOW)


async def test_a_reply_names_what_was_heard_and_what_was_said(maria: Contact) -> None:
    question, answer = await heard(maria, "wamid.in"), await said(maria, "wamid.out")
    row = await said(maria, None)
    to_hers = SendMessage(chat_id=1, text="x", reply_parameters=ReplyParameters(message_id=question.id))
    assert await names(to_hers, row) == {question.id: "wamid.in"}
    ours = ids.message_id(answer.id)
    to_ours = SetMessageReaction(chat_id=1, message_id=ours)
    assert await names(to_ours, row) == {ours: "wamid.out"}
    many = DeleteMessages(chat_id=1, message_ids=[question.id, ours])
    assert await names(many, row) == {question.id: "wamid.in", ours: "wamid.out"}


async def test_nobody_elses_message_and_no_made_up_id(maria: Contact) -> None:
    yakob = await Contact.create(office_id=1, created_at=NOW)
    his, unnamed = await heard(yakob, "wamid.his"), await heard(maria, "sha256:abc")
    row = await said(maria, None)
    for stranger in (his.id, unnamed.id, 999, ids.message_id(999)):
        quoting = SendMessage(chat_id=1, text="x", reply_parameters=ReplyParameters(message_id=stranger))
        assert await names(quoting, row) == {}


async def test_the_platforms_own_numbers_stay(maria: Contact) -> None:
    row = await said(maria, None)
    quoting = SendMessage(chat_id=1, text="x", reply_parameters=ReplyParameters(message_id=42))
    assert await names(quoting, row, Caps(own_chat_ids="telegram")) == {42: "42"}


async def test_a_change_to_what_was_never_sent_is_given_up(maria: Contact) -> None:
    never, row = await said(maria, None), await said(maria, None)
    edit = EditMessageText(chat_id=1, message_id=ids.message_id(never.id), text="x")
    with pytest.raises(DeliveryFailed, match="message_not_there"):
        await names(edit, row, EDITING)
    assert await names(edit, row) == {}  # where an edit is a new message anyway


async def test_only_a_typing_mark_asks_for_the_last_word(maria: Contact) -> None:
    await heard(maria, "wamid.1")
    await heard(maria, "wamid.2")
    row = await said(maria, None)
    assert await last_said(SendChatAction(chat_id=1, action="typing"), row) == "wamid.2"
    assert await last_said(SendMessage(chat_id=1, text="x"), row) is None
