"""The platforms' templates as they stand: what was submitted, and what became of it."""

import json

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime


class MessageTemplate(Model):
    """One template in one language of one account.  ``category`` and ``status`` are the platform's words."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    name = fields.CharField(max_length=120)
    language = fields.CharField(max_length=8)
    category = fields.CharField(max_length=16)
    status = fields.CharField(max_length=24)
    parameters = fields.TextField()  # JSON: the variables of its body in order, by name or number
    synced_at = UtcDatetime()

    @property
    def variables(self) -> list[str]:
        """The body's variables in order; positional ones are ``"1"``, ``"2"`` …"""
        return [str(name) for name in json.loads(self.parameters)]

    class Meta:
        table = "message_templates"
        unique_together = (("channel", "account", "name", "language"),)
