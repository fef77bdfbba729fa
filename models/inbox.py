"""What came in: one row per event of a provider, kept before it is acknowledged."""

import json
from enum import StrEnum
from functools import cached_property
from typing import Any

from tortoise import fields

from models.contacts import Contact
from models.fields import UtcDatetime
from models.sealing.rows import SealedRow, SealedText


class InboxKind(StrEnum):
    MESSAGE = "message"  # something a person did: text, media, a tap
    RECEIPT = "receipt"  # a provider's word on a message of ours
    NEWS = "news"  # what happened to an address: blocked us, moved, has new hands
    INTERNAL = "internal"  # a page of our own goes on in the chat
    OTHER = "other"  # not understood, or not for us: kept, counted, answered politely where a person waits


class InboxState(StrEnum):
    NEW = "new"
    DONE = "done"
    PARKED = "parked"


_SAVED_NOWHERE = {"_partial": False, "_saved_in_db": False, "_custom_generated_pk": True}


class InboxEvent(SealedRow):
    """One event, unique by (channel, account, external id)."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    external_id = fields.CharField(max_length=255)
    kind = fields.CharEnumField(InboxKind, max_length=16)
    contact: fields.ForeignKeyNullableRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "inbox", null=True, on_delete=fields.RESTRICT
    )
    contact_id: int | None
    # JSON: the event with what surrounded it
    body = SealedText("office_id", "channel", "account", "external_id")
    sent_at = UtcDatetime(null=True)  # the provider's clock
    received_at = UtcDatetime()
    state = fields.CharEnumField(InboxState, max_length=8, default=InboxState.NEW)
    tries = fields.IntField(default=0)
    error = fields.CharField(max_length=64, null=True)  # class of what parked it; never its text
    done_at = UtcDatetime(null=True)
    scrubbed_at = UtcDatetime(null=True)  # nothing of theirs is here: see `models.sealing.rows`

    @classmethod
    def unsaved(cls, facts: dict[str, Any], **columns: Any) -> "InboxEvent":
        """A row that is not written yet, of columns that need no conversion, in a tenth of the ORM's time."""
        row = cls.__new__(cls)
        row.__dict__.update(_SAVED_NOWHERE, _await_when_save={}, facts=facts, **columns)
        return row

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The body, parsed."""
        facts: dict[str, Any] = json.loads(self.body)
        return facts

    class Meta:
        table = "inbox"
        unique_together = (("channel", "account", "external_id"),)
