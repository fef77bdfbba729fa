"""What a message could not do: people to telephone, and what staff have to be told of."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime
from models.outbox import OutboxMessage
from models.requests import Request
from models.staff import Staff


class CallEnd(StrEnum):
    CALLED = "called"  # somebody at the desk spoke to them
    ARRIVED = "arrived"  # the message got through after all
    MOOT = "moot"  # what it said is no longer so


class Call(Model):
    """Somebody to be telephoned: a notice that they have to know of got stuck, or may have."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    number = fields.BigIntField()  # what staff call it, counted up per office
    outbox: fields.OneToOneRelation[OutboxMessage] = fields.OneToOneField(
        "models.OutboxMessage", "call", on_delete=fields.RESTRICT
    )
    outbox_id: int
    request: fields.ForeignKeyNullableRelation[Request] = fields.ForeignKeyField(
        "models.Request", "calls", null=True, on_delete=fields.RESTRICT
    )
    request_id: int | None
    listed_at = UtcDatetime()
    ended_at = UtcDatetime(null=True)
    ended_as = fields.CharEnumField(CallEnd, max_length=8, null=True)
    ended_by: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "calls", null=True, on_delete=fields.RESTRICT
    )
    ended_by_id: int | None

    class Meta:
        table = "calls"
        unique_together = (("office_id", "number"),)


class AlertKind(StrEnum):
    CALL = "call"  # somebody was put on the call list
    REPLY = "reply"  # an answer in a conversation was lost
    PARKED = "parked"  # a citizen's message could not be handled
    FOREIGN = "foreign"  # messages for an account that is not ours
    HELD = "held"  # a channel stands still
    GUESSED = "guessed"  # wrong codes of the desk, too many from one chat
    MALWARE = "malware"  # somebody sent a file with malware in it
    INFECTED = "infected"  # malware was found later, in a file that had been kept
    DISK = "disk"  # hardly any room is left on a disk that we write to
    LIMIT = "limit"  # somebody sends more than a day takes; about: `papers:12:2026-11-24`
    BROKER = "broker"  # somebody sends for many who are no family; about: `contact:12:2026-11`


class Alert(Model):
    """Something that staff are told once, together with whatever else there is to tell."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    kind = fields.CharEnumField(AlertKind, max_length=8)
    about = fields.CharField(max_length=120)  # what makes it once: `outbox:12`, `whatsapp:2026-11-24`
    raised_at = UtcDatetime()
    told_at = UtcDatetime(null=True)

    class Meta:
        table = "alerts"
        unique_together = (("office_id", "kind", "about"),)
