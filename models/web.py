"""Browsers on the web chat."""

from tortoise import fields
from tortoise.models import Model

from models.contacts import Contact
from models.fields import UtcDatetime


class WebSession(Model):
    """One browser profile: the SHA-256 of its 256-bit cookie, never the cookie."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    token_hash = fields.CharField(max_length=64, unique=True)
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "web_sessions", on_delete=fields.RESTRICT
    )
    contact_id: int
    created_at = UtcDatetime()
    seen_at = UtcDatetime()

    class Meta:
        table = "web_sessions"
