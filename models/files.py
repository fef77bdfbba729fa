"""Files that were sent to us and that we hold."""

from enum import StrEnum
from typing import Final

from tortoise import fields

from models.fields import UtcDatetime
from models.inbox import InboxEvent
from models.sealing.rows import SealedRow, SealedText


class FileState(StrEnum):
    STORED = "stored"
    REFUSED = "refused"  # too big, empty, gone at the provider or purged: `problem` says which


PURGED: Final = "purged"
"""The `problem` of a file that was ours; while it has a storage key, its bytes have yet to be deleted."""


class StoredFile(SealedRow):
    """One file of one inbox event.  `file_id` is ours: short, safe as a file name, good on every channel."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    file_id = fields.CharField(max_length=64, unique=True)
    event: fields.ForeignKeyNullableRelation[InboxEvent] = fields.ForeignKeyField(
        "models.InboxEvent", "files", null=True, on_delete=fields.RESTRICT
    )
    event_id: int | None
    position = fields.IntField(default=0)  # an event may carry several
    state = fields.CharEnumField(FileState, max_length=8, default=FileState.STORED)
    problem = fields.CharField(max_length=32, null=True)
    storage_key = fields.CharField(max_length=160, null=True)
    mime = fields.CharField(max_length=100, default="application/octet-stream")  # by content, not by claim
    size = fields.BigIntField(default=0)  # bytes
    sha256 = fields.CharField(max_length=64, null=True)
    name = SealedText("file_id", null=True)  # as claimed; shown, never used as a path
    created_at = UtcDatetime()

    class Meta:
        table = "files"
        unique_together = (("event_id", "position"),)
