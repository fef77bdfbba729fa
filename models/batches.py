"""Lists of people that village heads hand in (paket desa): what was read of a file, until it is requests."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from models.contacts import Contact
from models.fields import UtcDatetime
from models.files import StoredFile
from models.requests import Request
from models.sealing.rows import SealedRow, SealedText
from models.staff import Staff


class BatchState(StrEnum):
    RECEIVED = "received"  # the file is kept, nobody has read it yet
    UNFIT = "unfit"  # the file as a whole was refused
    CHECKED = "checked"  # row by row; whoever sent it chooses
    ACCEPTED = "accepted"  # requests are being made of it
    DONE = "done"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"  # nobody chose in time


class Outcome(StrEnum):
    GOOD = "good"
    LOOK = "look"  # taken like a good one, with a mark for whoever looks at it
    REFUSED = "refused"


class Batch(Model):
    """One list.  ``number`` counts up per office; people read it as ``P12``."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    number = fields.BigIntField()
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "batches", on_delete=fields.RESTRICT
    )
    staff_id: int
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "batches", on_delete=fields.RESTRICT
    )
    contact_id: int
    channel = fields.CharField(max_length=16)  # where it came from, and where it is talked about
    account = fields.CharField(max_length=64)
    village_code = fields.CharField(max_length=16)
    state = fields.CharEnumField(BatchState, max_length=10, default=BatchState.RECEIVED)
    file: fields.ForeignKeyRelation[StoredFile] = fields.ForeignKeyField(
        "models.StoredFile", "batches", on_delete=fields.RESTRICT
    )
    file_id: int  # what was sent; its bytes go as soon as it was read
    report: fields.ForeignKeyNullableRelation[StoredFile] = fields.ForeignKeyField(
        "models.StoredFile", "reports", null=True, on_delete=fields.RESTRICT
    )
    report_id: int | None  # row by row, with shortened names
    good = fields.IntField(default=0)
    look = fields.IntField(default=0)
    refused = fields.IntField(default=0)
    received_at = UtcDatetime()
    checked_at = UtcDatetime(null=True)
    decided_at = UtcDatetime(null=True)  # when the head said that everybody in it agrees
    ended_at = UtcDatetime(null=True)
    forgotten_at = UtcDatetime(null=True)  # its rows and files are not here any more

    @property
    def called(self) -> str:
        return f"P{self.number}"

    @property
    def fit(self) -> int:
        """How many rows become requests, if the head wants it."""
        return self.good + self.look

    class Meta:
        table = "batches"
        unique_together = (("office_id", "number"),)


class BatchRow(SealedRow):
    """A row that may become a request.  Once it has, or cannot any more, it names nobody."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    batch: fields.ForeignKeyRelation[Batch] = fields.ForeignKeyField(
        "models.Batch", "rows", on_delete=fields.RESTRICT
    )
    batch_id: int
    place = fields.IntField()  # the row's number in the file, as spreadsheets count
    service = fields.CharField(max_length=40)
    outcome = fields.CharEnumField(Outcome, max_length=8)
    name = SealedText("batch_id", "place", null=True)
    nik = SealedText("batch_id", "place", null=True)
    request: fields.ForeignKeyNullableRelation[Request] = fields.ForeignKeyField(
        "models.Request", "batch_rows", null=True, on_delete=fields.RESTRICT
    )
    request_id: int | None

    class Meta:
        table = "batch_rows"
        unique_together = (("batch_id", "place"),)
