"""People as the chat apps know them."""

from collections.abc import Mapping
from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime
from models.sealing.held import ring
from models.sealing.rows import SealedRow, SealedText


class Contact(SealedRow):
    """A person on our side of a chat.  Never keyed by a phone number; has many addresses."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    # as the channel's profile says; unverified
    name = SealedText("office_id", "created_at", default="")
    language = fields.CharField(max_length=8, default="id")
    created_at = UtcDatetime()
    merged_into = fields.BigIntField(null=True)  # linked: everything of theirs is that contact's now
    erased_at = UtcDatetime(null=True)  # no name, address or words of theirs are here any more
    afresh_at = UtcDatetime(null=True)  # they began anew then, after an erasure
    restricted_at = UtcDatetime(null=True)  # they asked that nothing be done with their data for now

    class Meta:
        table = "contacts"


class Address(SealedRow):
    """Where a contact can be written to: a wa_id, BSUID, PSID, Telegram id or web session.

    It is looked for by its blind ``index``: see `models.sealing.ring.Ring.index`.
    """

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "addresses", on_delete=fields.RESTRICT
    )
    contact_id: int
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=16)  # wa_id, bsuid, psid, telegram, session
    index = fields.CharField(max_length=160, source_field="value")
    value = SealedText("office_id", "channel", "account", "kind", "index", source_field="sealed", null=True)
    created_at = UtcDatetime()

    def __init__(self, **columns: Any) -> None:
        if "index" not in columns:
            columns["index"] = ring().index(columns["kind"], columns["value"])
        super().__init__(**columns)

    class Meta:
        table = "addresses"
        unique_together = (("channel", "account", "kind", "index"),)


def sealed_address(office_id: int, channel: str, account: str, kind: str, value: str) -> tuple[str, str]:
    """What ``value`` and ``sealed`` of an address are in the database, for who writes them by SQL."""
    index = ring().index(kind, value)
    return index, ring().seal(value, "addresses", "value", office_id, channel, account, kind, index)


def opened_address(row: Mapping[str, Any]) -> tuple[str, str]:
    """The kind and value of a row that was read by SQL, all columns by their names there."""
    place = (row["office_id"], row["channel"], row["account"], row["kind"], row["value"])
    return row["kind"], ring().open(row["sealed"], "addresses", "value", *place)


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
    reverify_since = UtcDatetime(null=True)  # the number may have a new owner: no case data until proved
    refused_at = UtcDatetime(null=True)  # first refusal that may have been chance
    choices = fields.TextField(default="[0, []]")  # JSON [our message id, [[label, callback data], …]]
    turn = fields.BigIntField(default=0)  # steps made so far

    class Meta:
        table = "conversations"
        unique_together = (("contact_id", "channel", "account"),)


class LinkCode(Model):
    """A one-time code, typed in another chat, that joins it to the contact who asked for the code."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    code_hash = fields.CharField(max_length=64, unique=True)
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "link_codes", on_delete=fields.RESTRICT
    )
    contact_id: int
    channel = fields.CharField(max_length=16)  # where the code was asked for
    account = fields.CharField(max_length=64)
    expires_at = UtcDatetime()
    used_at = UtcDatetime(null=True)
    asked_by: fields.ForeignKeyNullableRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", "links_asked", null=True, on_delete=fields.RESTRICT
    )
    asked_by_id: int | None  # who typed the code, and waits for the yes

    class Meta:
        table = "link_codes"
