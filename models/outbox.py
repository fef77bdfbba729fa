"""What goes out: one row per message, written in the transaction that decided it."""

from datetime import datetime
from enum import IntEnum, StrEnum

from tortoise import fields
from tortoise.models import Model

from models.contacts import Contact
from models.fields import UtcDatetime
from models.sealing.held import ring
from models.sealing.rows import SealedRow, SealedText


class OutboxKind(StrEnum):
    REPLY = "reply"  # an aiogram method, said inside a conversation
    NOTICE = "notice"  # a named message with facts, unasked, rendered at delivery


class OutboxState(StrEnum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    SENDING = "sending"  # committed intent: from here on a crash leaves `unknown`
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"  # bytes left, no answer came; never resent by itself
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Receipt(IntEnum):
    """What the provider told us since, as a lattice: it only rises, and FAILED never beats ARRIVED."""

    NONE = 0
    TAKEN = 1
    FAILED = 2
    ARRIVED = 3
    SEEN = 4


class OutboxMessage(SealedRow):
    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "outbox", on_delete=fields.RESTRICT
    )
    contact_id: int
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    kind = fields.CharEnumField(OutboxKind, max_length=8)
    key = fields.CharField(max_length=160, null=True, unique=True)  # a notice's exactly-once key
    name = fields.CharField(max_length=64)  # aiogram method (`sendMessage`) or notice (`ready_for_pickup`)
    payload = SealedText(
        "office_id", "key", "name", "created_at"
    )  # JSON: the method's fields, or the notice's facts
    subject = fields.CharField(max_length=64, null=True)  # what a notice is about: `request:12`
    state = fields.CharEnumField(OutboxState, max_length=10, default=OutboxState.QUEUED)
    due_at = UtcDatetime()
    expires_at = UtcDatetime(null=True)
    token = fields.CharField(max_length=32, null=True)  # who holds the row while claimed or sending
    lease_until = UtcDatetime(null=True)
    attempts = fields.IntField(default=0)
    external_id = fields.CharField(max_length=255, null=True)
    sent_as = fields.CharField(max_length=80, null=True)  # `text`, or `template:NAME` outside the window
    tried = fields.CharField(max_length=160, null=True)  # channels that could not bring this notice, by comma
    degree = fields.CharField(max_length=8, null=True)  # `degraded`: the channel shows it in another form
    shown = fields.IntField(default=0)  # of a method that takes several messages, those they have seen
    receipt = fields.IntEnumField(Receipt, default=Receipt.NONE)
    failure = fields.CharField(max_length=64, null=True)  # a code, never a text
    created_at = UtcDatetime()
    sent_at = UtcDatetime(null=True)
    unknown_at = UtcDatetime(null=True)  # since when, where the platform may still tell
    scrubbed_at = UtcDatetime(null=True)  # nothing of theirs is here: see `models.sealing.rows`

    class Meta:
        table = "outbox"
        indexes = (("external_id",), ("subject",), ("contact_id", "channel"))


def sealed_payload(office_id: int, key: str | None, name: str, created_at: datetime, payload: str) -> str:
    """What `OutboxMessage.payload` is in the database, for who writes it by SQL."""
    return ring().seal(payload, "outbox", "payload", office_id, key, name, created_at)


class Freeze(Model):
    """A backup that was brought back: nothing is sent until it is released.  Of the whole database, not of an
    office.
    """

    id = fields.BigIntField(primary_key=True)
    taken_at = UtcDatetime()  # what was sent between this moment …
    restored_at = UtcDatetime()  # … and this one, we do not know
    settled_at = UtcDatetime(null=True)  # the copy has handled what the original had not finished
    released_at = UtcDatetime(null=True)

    class Meta:
        table = "freezes"
