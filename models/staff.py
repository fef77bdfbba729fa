"""The people who work at the counter."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model

from models.contacts import Contact
from models.fields import UtcDatetime


class Role(StrEnum):
    OPERATOR = "operator"
    VERIFIER = "verifier"
    SUPERVISOR = "supervisor"
    HEAD = "head"
    ADMIN = "admin"
    AUDITOR = "auditor"
    VILLAGE_HEAD = "village_head"


class Staff(Model):
    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    name = fields.CharField(max_length=120)
    role = fields.CharEnumField(Role, max_length=16)
    village_code = fields.CharField(max_length=16, null=True)  # of a village head
    created_at = UtcDatetime()
    removed_at = UtcDatetime(null=True)

    class Meta:
        table = "staff"


class StaffBinding(Model):
    """A member of staff's private chat.  One chat serves one person; it dies with the account."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "bindings", on_delete=fields.RESTRICT
    )
    staff_id: int
    contact: fields.OneToOneRelation[Contact] = fields.OneToOneField(
        "models.Contact", "staff_binding", on_delete=fields.RESTRICT
    )
    contact_id: int
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    bound_at = UtcDatetime()
    used_at = UtcDatetime(null=True)  # when somebody last gave a command in it, while it was awake

    class Meta:
        table = "staff_bindings"


class BindingCode(Model):
    """A one-time code for `/masuk`: hashed, short-lived, single use."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "codes", on_delete=fields.RESTRICT
    )
    staff_id: int
    code_hash = fields.CharField(max_length=64, unique=True)
    expires_at = UtcDatetime()
    used_at = UtcDatetime(null=True)

    class Meta:
        table = "binding_codes"
