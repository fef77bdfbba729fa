"""People as the chat apps know them."""

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime


class Contact(Model):
    """A person on our side of a chat.  Never keyed by a phone number; has many addresses."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    name = fields.CharField(max_length=255, default="")  # as the channel's profile says; unverified
    language = fields.CharField(max_length=8, default="id")
    created_at = UtcDatetime()

    class Meta:
        table = "contacts"


class Address(Model):
    """Where a contact can be written to: a wa_id, BSUID, PSID, Telegram id or web session."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "addresses", on_delete=fields.RESTRICT
    )
    contact_id: int
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=16)  # wa_id, bsuid, psid, telegram, session
    value = fields.CharField(max_length=160)
    created_at = UtcDatetime()

    class Meta:
        table = "addresses"
        unique_together = (("channel", "account", "kind", "value"),)


class Conversation(Model):
    """One contact on one channel's account: its window, its reach, and the last keyboard it was shown."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "conversations", on_delete=fields.RESTRICT
    )
    contact_id: int
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    window_expires_at = UtcDatetime(null=True)  # from the platform's own timestamps; null: no window rule yet
    last_heard_at = UtcDatetime(null=True)
    unreachable_at = UtcDatetime(null=True)
    choices = fields.TextField(default="[0, []]")  # JSON [our message id, [[label, callback data], …]]

    class Meta:
        table = "conversations"
        unique_together = (("contact_id", "channel", "account"),)
