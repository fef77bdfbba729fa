"""Numbers that count up per office."""

from tortoise import fields
from tortoise.models import Model


class Counter(Model):
    """`value` is the last number given; the row is taken by one `UPDATE … RETURNING`."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    name = fields.CharField(max_length=32)  # `queue`, `question`
    value = fields.BigIntField(default=0)

    class Meta:
        table = "counters"
        unique_together = (("office_id", "name"),)
