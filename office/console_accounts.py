"""How a member of staff gets into the console: a one-time link, a password and a second factor."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from models.console import ConsoleAccount, ConsoleLink, RecoveryCode
from models.database import transaction
from models.staff import Staff
from office import audit, console_sessions, passwords, second_factor
from office.codes import hash_of, new_token
from office.context import office
from office.lifecycle import by_staff
from office.refusal import Refusal

LINK_LIVES: Final = timedelta(hours=24)


class ConsoleLinkOver(Refusal):
    """The link was used, is too old, or a newer one was made: the same answer to all."""


class WrongCode(Refusal):
    """The authenticator shows another code."""


async def new_link(staff: Staff, now: datetime) -> str:
    """The address where this person sets up their way in, shown once.

    Older links are void, and so is the way in that they had: whoever asks for a link has lost something.
    """
    await take_away(staff, now)
    token = new_token()
    await ConsoleLink.create(
        office_id=staff.office_id,
        staff_id=staff.id,
        token_hash=hash_of(token),
        totp_secret=second_factor.new_secret(),
        created_at=now,
        expires_at=now + LINK_LIVES,
    )
    await audit.note(audit.CLI, "link_made", by_staff(staff), now)
    return f"{office().public_url or ''}/console/mulai/{token}"


async def take_away(staff: Staff, now: datetime) -> None:
    """Password, second factor, links and sessions of this person are no more."""
    theirs = {"office_id": staff.office_id, "staff_id": staff.id}
    await ConsoleLink.filter(**theirs, used_at=None).update(used_at=now)
    await ConsoleAccount.filter(**theirs).delete()
    await RecoveryCode.filter(**theirs).delete()
    await console_sessions.end_all(staff)


async def has_one(staff: Staff) -> bool:
    return await ConsoleAccount.filter(office_id=staff.office_id, staff_id=staff.id).exists()


async def look(token: str, now: datetime) -> ConsoleLink:
    """The link, with its ``staff``; looking spends nothing.  Raises: ConsoleLinkOver."""
    mine = ConsoleLink.filter(office_id=office().office_id, token_hash=hash_of(token))
    link = await mine.filter(used_at=None, expires_at__gt=now).select_related("staff").first()
    if link is None or link.staff.removed_at is not None:
        raise ConsoleLinkOver
    return link


async def enrol(token: str, password: str, again: str, code: str, now: datetime) -> list[str]:
    """Spend the link: from now on this person signs in so.  Gives the recovery codes.

    Raises: ConsoleLinkOver, WrongCode, and what `passwords.check` raises; then nothing is spent.
    """
    link = await look(token, now)
    passwords.check(password, again, link.staff)
    step = second_factor.step_of(link.totp_secret, code, now)
    if step is None:
        raise WrongCode
    held = await passwords.hash_of(password)
    return await transaction(partial(_enrol, link, held, step, now))


async def _enrol(link: ConsoleLink, password_hash: str, step: int, now: datetime) -> list[str]:
    mine = ConsoleLink.filter(office_id=link.office_id, id=link.id, used_at=None)
    if not await mine.update(used_at=now):
        raise ConsoleLinkOver
    await ConsoleAccount.create(
        office_id=link.office_id,
        staff_id=link.staff_id,
        password_hash=password_hash,
        totp_secret=link.totp_secret,
        totp_step=step,
        created_at=now,
    )
    await audit.note(by_staff(link.staff), "enrolled", by_staff(link.staff), now)
    return await second_factor.new_recovery_codes(link.staff)
