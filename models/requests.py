"""A request (permohonan), what belongs to it, and its history."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from models.contacts import Contact
from models.fields import UtcDatetime
from models.files import StoredFile
from models.sealing.held import ring
from models.sealing.rows import SealedRow, SealedText
from models.staff import Staff


class RequestState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    NEEDS_CORRECTION = "needs_correction"
    COMPLETE = "complete"
    IN_PROCESS = "in_process"
    AWAITING_SIGNATURE = "awaiting_signature"
    ON_HOLD = "on_hold"
    CLOSED = "closed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    WRONG_OFFICE = "wrong_office"
    EXPIRED = "expired"


class HoldReason(StrEnum):
    SIAK = "siak"
    NETWORK = "network"
    BLANKS = "blanks"
    SIGNATURE = "signature"
    OTHER = "other"


class OutputState(StrEnum):
    PENDING = "pending"
    READY_FOR_PICKUP = "ready_for_pickup"
    COLLECTED = "collected"
    ISSUED_DIGITAL = "issued_digital"


class PaperState(StrEnum):
    RECEIVED = "received"
    ASKED_AGAIN = "asked_again"  # unreadable or wrong: the citizen was asked for this one again
    REPLACED = "replaced"  # a newer one took its place; kept
    WAITING = "waiting"  # more than a day takes: put in its place tomorrow, see `office.limits`


class Request(SealedRow):
    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    number = fields.CharField(max_length=9, unique=True)  # nine characters, without hyphens
    queue_number = fields.BigIntField(null=True)  # given at submission
    service = fields.CharField(max_length=40)
    state = fields.CharEnumField(RequestState, max_length=20, default=RequestState.DRAFT)
    before_hold = fields.CharEnumField(RequestState, max_length=20, null=True)
    hold_reason = fields.CharEnumField(HoldReason, max_length=10, null=True)
    reason = SealedText(
        "office_id", "number", null=True
    )  # staff's words for a hold, rejection or wrong office
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "requests", on_delete=fields.RESTRICT
    )
    contact_id: int
    channel = fields.CharField(max_length=16)  # where it is talked about
    account = fields.CharField(max_length=64)
    for_self = fields.BooleanField(null=True)  # the subject of a request is not the contact
    relation = fields.CharField(max_length=32, null=True)
    subject_name = SealedText("office_id", "number", null=True)
    nik = SealedText("office_id", "number", null=True)
    nik_index = fields.CharField(max_length=32, null=True)  # see `nik_index_of`
    nik_flags = fields.CharField(max_length=200, default="")
    nik_source = fields.CharField(max_length=10, null=True)  # chat, form, operator
    village_code = fields.CharField(max_length=16, null=True)
    privacy_accepted_at = UtcDatetime(null=True)
    owner: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "requests", null=True, on_delete=fields.RESTRICT
    )
    owner_id: int | None
    created_at = UtcDatetime()
    submitted_at = UtcDatetime(null=True)  # the queue's order: writing again never moves anyone
    complete_at = UtcDatetime(null=True)  # the legal clock
    correct_by = UtcDatetime(null=True)
    closed_at = UtcDatetime(null=True)
    changed_at = UtcDatetime()
    forgotten_at = UtcDatetime(null=True)  # whose it was is not here any more; what was done stays
    retained_at = UtcDatetime(null=True)  # not to be forgotten meanwhile, for `retain_reason`
    retain_reason = SealedText("office_id", "number", null=True)
    retained_by: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "retained", null=True, on_delete=fields.RESTRICT
    )
    retained_by_id: int | None

    class Meta:
        table = "requests"
        unique_together = (("office_id", "queue_number"),)
        indexes = (("office_id", "state"), ("contact_id", "state"))


def nik_index_of(office_id: int, nik: str) -> str:
    """By which an exact NIK is found.  The same person has another one at another office."""
    return ring().index("nik", f"{office_id}:{nik}")


class RequestOutput(Model):
    """One thing a request brings forth (a card, an akta), with its own end."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    request: fields.ForeignKeyRelation[Request] = fields.ForeignKeyField(
        "models.Request", "outputs", on_delete=fields.RESTRICT
    )
    request_id: int
    key = fields.CharField(max_length=32)
    state = fields.CharEnumField(OutputState, max_length=20, default=OutputState.PENDING)
    ready_at = UtcDatetime(null=True)
    ended_at = UtcDatetime(null=True)
    reminded_at = UtcDatetime(null=True)

    class Meta:
        table = "request_outputs"
        unique_together = (("request_id", "key"),)


class Paper(SealedRow):
    """A paper (berkas) in a named slot of a request."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    request: fields.ForeignKeyRelation[Request] = fields.ForeignKeyField(
        "models.Request", "papers", on_delete=fields.RESTRICT
    )
    request_id: int
    slot = fields.CharField(max_length=32)  # the catalogue's key, or `extra`
    scan: fields.ForeignKeyRelation[StoredFile] = fields.ForeignKeyField(
        "models.StoredFile", "papers", on_delete=fields.RESTRICT
    )
    scan_id: int
    state = fields.CharEnumField(PaperState, max_length=12, default=PaperState.RECEIVED)
    reason = SealedText("request_id", "scan_id", null=True)  # why it was asked again
    received_at = UtcDatetime()

    class Meta:
        table = "papers"
        unique_together = (("request_id", "scan_id"),)


class JournalEntry(SealedRow):
    """One change of a request: who, when, from what to what.  Never edited."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    request: fields.ForeignKeyRelation[Request] = fields.ForeignKeyField(
        "models.Request", "journal", on_delete=fields.RESTRICT
    )
    request_id: int
    at = UtcDatetime()
    actor = fields.CharField(max_length=40)  # `contact:12`, `staff:3`, `clock`
    action = fields.CharField(max_length=32)
    before = fields.CharField(max_length=20, null=True)
    after = fields.CharField(max_length=20, null=True)
    detail = SealedText("request_id", "at", "action", default="{}")  # JSON facts: output, slot, reason

    class Meta:
        table = "journal"


class Note(SealedRow):
    """Staff's own words on a request; the citizen never sees them."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    request: fields.ForeignKeyRelation[Request] = fields.ForeignKeyField(
        "models.Request", "notes", on_delete=fields.RESTRICT
    )
    request_id: int
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "notes", on_delete=fields.RESTRICT
    )
    staff_id: int
    text = SealedText("request_id", "at")
    at = UtcDatetime()

    class Meta:
        table = "notes"


class Question(SealedRow):
    """Words of a citizen that a person has to read: asked for, or said in the middle of a form."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "questions", on_delete=fields.RESTRICT
    )
    contact_id: int
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    request: fields.ForeignKeyNullableRelation[Request] = fields.ForeignKeyField(
        "models.Request", "questions", null=True, on_delete=fields.RESTRICT
    )
    request_id: int | None
    number = fields.BigIntField()  # counts up per office; staff say `T12`
    text = SealedText("office_id", "number")
    asked_at = UtcDatetime()
    answered_at = UtcDatetime(null=True)
    answered_by: fields.ForeignKeyNullableRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "answers", null=True, on_delete=fields.RESTRICT
    )
    answered_by_id: int | None

    class Meta:
        table = "questions"
        unique_together = (("office_id", "number"),)
