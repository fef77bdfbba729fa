"""Words of providers on messages of which we do not know yet that they went out."""

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime
from models.outbox import Receipt


class EarlyReceipt(Model):
    """Kept for a day: the send's own answer may come later than what became of it.

    ``outbox_id``: the row that it names by our tag, where it does.  ``fault``, ``code`` and ``certain`` are a
    failure's.
    """

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    external_id = fields.CharField(max_length=255)
    outbox_id = fields.BigIntField(null=True)
    receipt = fields.IntEnumField(Receipt)
    fault = fields.CharField(max_length=16, null=True)
    code = fields.CharField(max_length=64, null=True)
    certain = fields.BooleanField(default=True)
    heard_at = UtcDatetime()

    class Meta:
        table = "early_receipts"
        unique_together = (("channel", "account", "external_id", "receipt"),)
