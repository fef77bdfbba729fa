"""One-time pages on our own address."""

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime
from models.requests import Request


class FormToken(Model):
    """Opens `/f/TOKEN` once, for one request: SHA-256 of the token, short-lived, single use."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    request: fields.ForeignKeyRelation[Request] = fields.ForeignKeyField(
        "models.Request", "forms", on_delete=fields.RESTRICT
    )
    request_id: int
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = UtcDatetime()
    expires_at = UtcDatetime()
    used_at = UtcDatetime(null=True)

    class Meta:
        table = "form_tokens"
