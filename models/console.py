"""How staff come into the console: their account, its second factor, and where they are signed in."""

from tortoise import fields
from tortoise.models import Model

from models.fields import UtcDatetime
from models.sealing.rows import SealedRow, SealedText
from models.staff import Role, Staff


class ConsoleLink(SealedRow):
    """Opens `/console/mulai/TOKEN` once, for one person: SHA-256 of the token, and the secret it offers."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "console_links", on_delete=fields.RESTRICT
    )
    staff_id: int
    token_hash = fields.CharField(max_length=64, unique=True)
    totp_secret = SealedText("office_id", "token_hash")
    created_at = UtcDatetime()
    expires_at = UtcDatetime()
    used_at = UtcDatetime(null=True)

    class Meta:
        table = "console_links"


class ConsoleAccount(SealedRow):
    """A password (argon2id) and a second factor.  It is gone where a new link was made or the person left."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    staff: fields.OneToOneRelation[Staff] = fields.OneToOneField(
        "models.Staff", "console_account", on_delete=fields.RESTRICT
    )
    staff_id: int
    password_hash = fields.CharField(max_length=160)
    totp_secret = SealedText("office_id", "staff_id")
    totp_step = fields.BigIntField()  # of the last code that was taken: none up to it is taken again
    created_at = UtcDatetime()

    class Meta:
        table = "console_accounts"


class RecoveryCode(Model):
    """In the place of one code of the second factor, once: SHA-256 of 75 random bits."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "recovery_codes", on_delete=fields.RESTRICT
    )
    staff_id: int
    code_hash = fields.CharField(max_length=64, unique=True)
    used_at = UtcDatetime(null=True)

    class Meta:
        table = "recovery_codes"
        indexes = (("staff_id",),)


class ConsoleSession(Model):
    """A browser in which somebody is signed in: SHA-256 of its cookie.  An ended one is deleted."""

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "models.Staff", "console_sessions", on_delete=fields.RESTRICT
    )
    staff_id: int
    token_hash = fields.CharField(max_length=64, unique=True)
    role = fields.CharEnumField(Role, max_length=16)  # at sign-in: with another role it is over
    created_at = UtcDatetime()
    used_at = UtcDatetime()
    proved_at = UtcDatetime()  # when a code of the second factor was given last

    class Meta:
        table = "console_sessions"
        indexes = (("staff_id",),)


class SigninTry(Model):
    """A sign-in that did not succeed, or not yet: written before the password is looked at.

    ``who`` and ``address`` are blind indexes, see `models.sealing.ring`.
    """

    id = fields.BigIntField(primary_key=True)
    office_id = fields.IntField()
    who = fields.CharField(max_length=32)
    address = fields.CharField(max_length=32)
    at = UtcDatetime()

    class Meta:
        table = "signin_tries"
        indexes = (("office_id", "at"),)
