"""Which process works on which conversations, where several share a PostgreSQL."""

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime


class Worker(Model):
    """A process that handles and delivers; gone once its lease has run out."""

    name = fields.CharField(max_length=32, primary_key=True)
    lease_until = UtcDatetime()

    class Meta:
        table = "workers"


class Partition(Model):
    """A fixed part of all conversations.  Without a worker it is anybody's."""

    number = fields.IntField(primary_key=True, generated=False)
    worker = fields.CharField(max_length=32, null=True)
    lease_until = UtcDatetime(null=True)

    class Meta:
        table = "partitions"
