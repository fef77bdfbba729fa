"""One-time pages on our own address, and what is being uploaded there."""

import json
from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime
from models.requests import Request


class FormKind(StrEnum):
    NIK = "nik"
    PAPERS = "papers"


class FormToken(Model):
    """Opens `/f/TOKEN` for one request: SHA-256 of the token, short-lived, dead once it was used."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    request: fields.ForeignKeyRelation[Request] = fields.ForeignKeyField(
        "models.Request", "forms", on_delete=fields.RESTRICT
    )
    request_id: int
    token_hash = fields.CharField(max_length=64, unique=True)
    kind = fields.CharEnumField(FormKind, max_length=8, default=FormKind.NIK)
    channel = fields.CharField(max_length=16, null=True)  # the conversation that asked for it, where it
    account = fields.CharField(max_length=64, null=True)  # … goes on; null: the request's
    created_at = UtcDatetime()
    expires_at = UtcDatetime()
    used_at = UtcDatetime(null=True)

    @property
    def place(self) -> tuple[str, str]:
        """Channel and account; with the request fetched."""
        return self.channel or self.request.channel, self.account or self.request.account

    class Meta:
        table = "form_tokens"


class Upload(Model):
    """A file that comes in pieces.  Each lies in the storage, sealed, until the whole does.

    ``parts``: JSON, [[storage key, bytes], …] in order, `received` bytes in all.
    """

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    form: fields.ForeignKeyRelation[FormToken] = fields.ForeignKeyField(
        "models.FormToken", "uploads", on_delete=fields.RESTRICT
    )
    form_id: int
    key = fields.CharField(max_length=32, unique=True)  # its name in the page's address
    slot = fields.CharField(max_length=32)  # the catalogue's key
    length = fields.BigIntField()  # bytes
    received = fields.BigIntField(default=0)
    parts = fields.TextField(default="[]")
    created_at = UtcDatetime()
    done_at = UtcDatetime(null=True)

    @property
    def keys(self) -> list[str]:
        """Where its pieces lie."""
        return [str(key) for key, _ in json.loads(self.parts)]

    @property
    def event(self) -> str:
        """What the inbox calls it once it is whole."""
        return f"upload:{self.key}"

    class Meta:
        table = "uploads"
        indexes = (("form_id",),)
