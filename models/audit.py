"""Who did what and who saw what: rows that are added and never changed, each sealed to the one before."""

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime


class AuditRow(Model):
    """Codes and ids, no personal data.  Triggers refuse to change or delete it; `office.audit` writes it."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    seq = fields.BigIntField()  # 1, 2, 3 … of this office, without a gap
    at = UtcDatetime()
    actor = fields.CharField(max_length=40)  # `staff:3`, `contact:12`, `clock`, `cli`, `console`
    role = fields.CharField(max_length=16)
    action = fields.CharField(max_length=32)
    object = fields.CharField(max_length=80)  # `request:12`, `file:7`, `staff:3`
    reason = fields.CharField(max_length=80)  # a code, or empty
    mac = fields.CharField(max_length=64)  # HMAC-SHA256 over the row and the mac before, in hex

    class Meta:
        table = "audit"
        unique_together = (("office_id", "seq"),)
        indexes = (("office_id", "object"),)


class AuditHead(Model):
    """Where an office's chain ends.  Whoever writes the next row holds it until their transaction ends."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField(unique=True)
    seq = fields.BigIntField(default=0)
    mac = fields.CharField(max_length=64, default="")
    seal = fields.CharField(max_length=64, default="")  # HMAC-SHA256 over both: made with the key alone

    class Meta:
        table = "audit_heads"
