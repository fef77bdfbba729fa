"""What the office says to everybody who agreed to hear it."""

from enum import StrEnum

from tortoise import fields

from models.fields import UtcDatetime
from models.sealing.rows import SealedRow, SealedText
from models.staff import Staff


class BroadcastState(StrEnum):
    DRAFT = "draft"  # nobody has it
    CONFIRMED = "confirmed"  # by a second person: it is being handed to the outbox, and goes out
    SENT = "sent"  # nothing of it waits any more
    CANCELLED = "cancelled"


class Broadcast(SealedRow):
    """Its words, who stands behind them, and how far it has come; to whom it went, the outbox alone knows."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    number = fields.BigIntField()  # counts up per office; staff and citizens say `S3`
    text = SealedText("office_id", "number")
    state = fields.CharEnumField(BroadcastState, max_length=10, default=BroadcastState.DRAFT)
    drafted_by: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "broadcasts_drafted", on_delete=fields.RESTRICT
    )
    drafted_by_id: int
    drafted_at = UtcDatetime()
    confirmed_by: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "broadcasts_confirmed", null=True, on_delete=fields.RESTRICT
    )
    confirmed_by_id: int | None
    confirmed_at = UtcDatetime(null=True)
    expected = fields.IntField(null=True)  # people within reach when it was confirmed
    cursor = fields.BigIntField(default=0)  # the last contact that was looked at
    out_of_reach = fields.IntField(default=0)  # people who agreed, in whose chats nothing may be said now
    handed_at = UtcDatetime(null=True)  # since when everybody has been looked at
    ended_at = UtcDatetime(null=True)

    class Meta:
        table = "broadcasts"
        unique_together = (("office_id", "number"),)
