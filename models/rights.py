"""What people ask of their own data, and what they agreed to."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from models.contacts import Contact
from models.fields import UtcDatetime
from models.requests import Question
from models.staff import Staff


class DataRight(StrEnum):
    CORRECT = "correct"
    RESTRICT = "restrict"
    ERASE = "erase"


class DataRequestEnd(StrEnum):
    DONE = "done"
    REFUSED = "refused"


class DataRequest(Model):
    """A right that a person at the desk has to see to, by ``due_at``."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    number = fields.BigIntField()  # counts up per office; staff say `D12`
    right = fields.CharEnumField(DataRight, max_length=8)
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "data_requests", on_delete=fields.RESTRICT
    )
    contact_id: int
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    question: fields.ForeignKeyNullableRelation[Question] = fields.ForeignKeyField(
        "models.Question", "data_requests", null=True, on_delete=fields.RESTRICT
    )
    question_id: int | None  # what is wrong, in their own words
    asked_at = UtcDatetime()
    due_at = UtcDatetime()
    reminded = fields.IntField(default=0)  # times staff were reminded
    owner: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "data_requests", null=True, on_delete=fields.RESTRICT
    )
    owner_id: int | None
    ended_at = UtcDatetime(null=True)
    ended_as = fields.CharEnumField(DataRequestEnd, max_length=8, null=True)

    class Meta:
        table = "data_requests"
        unique_together = (("office_id", "number"),)


class Purpose(StrEnum):
    BROADCAST = "broadcast"
    SURVEY = "survey"


class Consent(Model):
    """One yes or no, never edited; the last of a purpose holds."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "consents", on_delete=fields.RESTRICT
    )
    contact_id: int
    purpose = fields.CharEnumField(Purpose, max_length=16)
    given = fields.BooleanField()
    version = fields.IntField()  # of the sentence
    text_hash = fields.CharField(max_length=64)  # SHA-256 of the sentence as it was said
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    at = UtcDatetime()

    class Meta:
        table = "consents"


class ExportToken(Model):
    """Opens `/d/TOKEN` once, for one contact: SHA-256 of the token, short-lived, single use."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "export_tokens", on_delete=fields.RESTRICT
    )
    contact_id: int
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = UtcDatetime()
    expires_at = UtcDatetime()
    used_at = UtcDatetime(null=True)

    class Meta:
        table = "export_tokens"


class Breach(Model):
    """A failure to protect data: the clock of its notices runs, and nothing is purged while it is open."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    number = fields.BigIntField()
    reason = fields.TextField()
    since = UtcDatetime()  # from when on rows may have been read
    opened_at = UtcDatetime()
    due_at = UtcDatetime()
    closed_at = UtcDatetime(null=True)

    class Meta:
        table = "breaches"
        unique_together = (("office_id", "number"),)
