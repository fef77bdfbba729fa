"""Files that were sent to us and that we hold."""

from enum import StrEnum
from typing import Final

from tortoise import fields

from models.fields import UtcDatetime
from models.inbox import InboxEvent
from models.sealing.rows import SealedRow, SealedText


class FileState(StrEnum):
    STORED = "stored"
    REFUSED = "refused"  # too big, gone, not to be read, malware, purged: `problem` says which


class Scanned(StrEnum):
    """What the scanner for malware said of what was sent; what it finds is never stored."""

    NOTHING_FOUND = "nothing"
    NOT = "not"  # it was to be asked, and gave no answer: it is asked again, see `office.unscanned`


MALWARE: Final = "malware"
"""The `problem` of a file in which malware was found."""

PURGED: Final = "purged"
"""The `problem` of a file that was ours; while it has a storage key, its bytes have yet to be deleted."""


class StoredFile(SealedRow):
    """One file of one inbox event.  `file_id` is ours: short, safe as a file name, good on every channel.

    Where files are read on arrival (`bot.reading`), what is stored is the clean picture.  The first page of a
    PDF is the event's file; each further page is a row of its own that belongs to no event.
    """

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
    sent_size = fields.BigIntField(default=0)  # bytes as they were sent, also of what was refused then
    sha256 = fields.CharField(max_length=64, null=True)  # of what is stored
    sent_sha256 = fields.CharField(max_length=64, null=True)  # of what was sent, where that was read
    verdict = fields.CharField(max_length=12, null=True)  # `bot.reading.words.Verdict`; null: not read
    looks = fields.CharField(max_length=16, null=True)  # 64 bits in hexadecimal, see `bot.reading.looks`
    scanned = fields.CharEnumField(Scanned, max_length=8, null=True)  # null: nobody was to be asked
    suggested = SealedText("file_id", null=True)  # by OCR: `office.suggesting`; null: not looked at
    page_of: fields.ForeignKeyNullableRelation["StoredFile"] = fields.ForeignKeyField(
        "models.StoredFile", "further_pages", null=True, on_delete=fields.RESTRICT
    )
    page_of_id: int | None
    name = SealedText("file_id", null=True)  # as claimed; shown, never used as a path
    created_at = UtcDatetime()

    class Meta:
        table = "files"
        unique_together = (("event_id", "position"),)
