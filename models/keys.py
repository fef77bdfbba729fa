"""Keys that seal, each wrapped by one of the file of keys; see `models.sealing`."""

from typing import Final

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime

EMPTIED: Final = b""
"""In the place of a data key that was destroyed, while its file's name is still taken."""


class FieldKey(Model):
    """Seals texts in rows, of all offices; ``id`` is its number."""

    id = fields.BigIntField(primary_key=True)
    kek = fields.CharField(max_length=16)  # the name of the key in the file
    wrapped = fields.BinaryField()
    created_at = UtcDatetime()

    class Meta:
        table = "field_keys"


class PaperKey(Model):
    """Seals one file of the storage.  Without this row nobody reads it any more, in no backup either."""

    storage_key = fields.CharField(max_length=160, primary_key=True)
    office_id = fields.IntField()
    kek = fields.CharField(max_length=16)
    wrapped = fields.BinaryField()
    digest = fields.CharField(max_length=64)  # SHA-256 of what lies in the storage
    created_at = UtcDatetime()

    class Meta:
        table = "paper_keys"
