"""The second factor of the console: codes of an authenticator (TOTP), and recovery codes in their place."""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import Final

import pyotp

from models.console import ConsoleAccount, RecoveryCode
from models.staff import Staff
from office.codes import hash_of_code, new_code
from office.context import office

SECONDS: Final = 30  # that a code is shown
RECOVERY_CODES: Final = 8

_CODE: Final = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """160 random bits in base 32, as authenticators take it."""
    return pyotp.random_base32()


def address_of(secret: str, staff: Staff) -> str:
    """What the QR code holds: an authenticator shows it under the office's and the person's name."""
    issuer = office().office.short_name.id
    return pyotp.TOTP(secret).provisioning_uri(name=staff.name, issuer_name=issuer)


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """Which step's code this is: that of now, of the one before or the one behind; None: of none of them."""
    code, current = "".join(typed.split()), int(now.timestamp()) // SECONDS
    if not _CODE.fullmatch(code):
        return None
    made = ((step, pyotp.TOTP(secret).generate_otp(step)) for step in (current - 1, current, current + 1))
    return next((step for step, shown in made if hmac.compare_digest(shown, code)), None)


async def spend(account: ConsoleAccount, typed: str, now: datetime) -> bool:
    """Whether this is a code of theirs that nobody has used yet; from now on somebody has."""
    step = step_of(account.totp_secret, typed, now)
    if step is not None:
        mine = ConsoleAccount.filter(office_id=account.office_id, id=account.id, totp_step__lt=step)
        return bool(await mine.update(totp_step=step))
    unused = RecoveryCode.filter(office_id=account.office_id, staff_id=account.staff_id, used_at=None)
    return bool(await unused.filter(code_hash=hash_of_code(typed)).update(used_at=now))


async def new_recovery_codes(staff: Staff) -> list[str]:
    """Those made before are void; these are shown once."""
    await RecoveryCode.filter(office_id=staff.office_id, staff_id=staff.id).delete()
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    for code in codes:
        await RecoveryCode.create(office_id=staff.office_id, staff_id=staff.id, code_hash=hash_of_code(code))
    return codes


async def recovery_codes_left(staff: Staff) -> int:
    return await RecoveryCode.filter(office_id=staff.office_id, staff_id=staff.id, used_at=None).count()
