"""What came in genuine and could not be understood: kept as it came, for a person to look at."""

from enum import StrEnum
from typing import Final

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime
from models.sealing.held import ring

BYTES: Final = "latin-1"  # a character for each byte


class Reason(StrEnum):
    NOT_JSON = "not_json"  # the whole body; its provider was told so
    UNREADABLE = "unreadable"  # the body, or one entry of it, has not the shape of its channel
    FOREIGN_ACCOUNT = "foreign_account"  # an entry for a number or a Page that is not ours
    TOO_OLD = "too_old"  # its provider would not bring it so late: somebody plays it again


class Quarantined(Model):
    """One body or entry, unique by its bytes; ``times`` says how often it came."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    channel = fields.CharField(max_length=16)
    account = fields.CharField(max_length=64)
    reason = fields.CharEnumField(Reason, max_length=24)
    digest = fields.CharField(max_length=64)  # SHA-256 of `body`
    body = fields.BinaryField()  # sealed: see `as_it_came`
    times = fields.IntField(default=1)
    received_at = UtcDatetime()
    last_at = UtcDatetime()

    @property
    def as_it_came(self) -> bytes:
        """Raises: SealBroken, KeyMissing."""
        place = (self.office_id, self.channel, self.account, self.digest)
        return ring().open(bytes(self.body).decode("ascii"), "quarantine", "body", *place).encode(BYTES)

    class Meta:
        table = "quarantine"
        unique_together = (("channel", "account", "digest"),)


def sealed_body(office_id: int, channel: str, account: str, digest: str, raw: bytes) -> bytes:
    """What ``body`` is in the database."""
    place = (office_id, channel, account, digest)
    return ring().seal(raw.decode(BYTES), "quarantine", "body", *place).encode("ascii")
