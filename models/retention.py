"""What was deleted, and what has to be deleted again in a copy that was restored."""

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime


class Purge(Model):
    """How much of one kind was deleted on one day of the office; ``ended_at``: of the day's last row."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    kind = fields.CharField(max_length=16)
    day = fields.CharField(max_length=10)  # ISO date, by the office's clock
    count = fields.BigIntField(default=0)
    last_at = UtcDatetime()
    ended_at = UtcDatetime(null=True)  # of `day` itself: nothing more is to be done on it

    class Meta:
        table = "purges"
        unique_together = (("office_id", "kind", "day"),)


class Tombstone(Model):
    """A contact that was erased on request.  When its row was made tells it from a namesake."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    contact_id = fields.BigIntField()  # no reference: a restored copy may never have had it
    born_at = UtcDatetime()  # the contact's `created_at`
    at = UtcDatetime()

    class Meta:
        table = "tombstones"
        unique_together = (("office_id", "contact_id", "born_at"),)
