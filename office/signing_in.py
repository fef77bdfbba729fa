"""Signing in to the console: a name, a password and a code of the second factor, looked at together.

Whoever fails learns nothing of which was wrong, nor whether anybody is called so, by words or by time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from models.console import ConsoleAccount, ConsoleSession, SigninTry
from models.database import transaction
from models.staff import Staff
from office import audit, console_sessions, passwords, second_factor, signin_tries, staff
from office.console_accounts import WrongCode
from office.context import office
from office.lifecycle import by_staff
from office.refusal import Refusal
from office.staff import StaffNotUnique, StaffUnknown

LONGEST_NAME: Final = 120


class SigninRefused(Refusal):
    """The name, the password or the code: the same answer to all."""


class WrongPassword(Refusal):
    """It is not the one that they have now."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in the form."""

    name: str
    password: str
    code: str


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The same, where a password is changed."""

    current: str
    password: str
    again: str


async def sign_in(typed: Typed, address: str, now: datetime) -> str:
    """The token of a new session.  Raises: SigninRefused, `TooManySigninTries`."""
    name = typed.name.strip()[:LONGEST_NAME]
    mine = await signin_tries.begin(name, address, now)
    account = await _account_of(name)
    held = account.password_hash if account is not None else None
    fits = await passwords.fits(held, typed.password)
    anew = await passwords.hash_of(typed.password) if held and fits and passwords.is_outdated(held) else held
    token = await transaction(partial(_begin, mine, account, typed.code, fits, anew, now))
    if token is None:
        raise SigninRefused
    return token


async def prove(session: ConsoleSession, code: str, now: datetime) -> None:
    """Another code of the second factor, for deeds that want it.  Raises: WrongCode, `TooManySigninTries`."""
    member = session.staff
    mine = await signin_tries.begin(f"proof:{member.id}", "", now)
    account = await _of(member)

    async def spend() -> bool:
        if account is None or not await second_factor.spend(account, code, now):
            await audit.note(by_staff(member), "refused", "deed:proof", now, reason="wrong_code")
            return False
        await signin_tries.succeeded(mine)
        await ConsoleSession.filter(office_id=session.office_id, id=session.id).update(proved_at=now)
        return True

    if not await transaction(spend):
        raise WrongCode


async def change_password(session: ConsoleSession, typed: NewPassword, now: datetime) -> None:
    """Another password, for whoever knows the one so far; all other sessions of theirs end.

    Raises: WrongPassword, `TooManySigninTries`, and what `passwords.check` raises.
    """
    member = session.staff
    passwords.check(typed.password, typed.again, member)
    mine = await signin_tries.begin(f"password:{member.id}", "", now)
    account = await _of(member)
    if account is None or not await passwords.fits(account.password_hash, typed.current):
        await audit.note(by_staff(member), "refused", "deed:password", now, reason="wrong_password")
        raise WrongPassword
    held = await passwords.hash_of(typed.password)

    async def change() -> None:
        await signin_tries.succeeded(mine)
        await ConsoleAccount.filter(office_id=account.office_id, id=account.id).update(password_hash=held)
        await console_sessions.end_all(member, but=session)
        await audit.note(by_staff(member), "password_changed", by_staff(member), now)

    await transaction(change)


async def _begin(
    mine: SigninTry,
    account: ConsoleAccount | None,
    code: str,
    fits: bool,
    password_hash: str | None,
    now: datetime,
) -> str | None:
    """None: refused.  A code is spent only where the password is right."""
    if account is None or not fits or not await second_factor.spend(account, code, now):
        about = f"staff:{account.staff_id}" if account is not None else audit.CONSOLE
        await audit.note(audit.CONSOLE, "refused", about, now, reason="signin")
        return None
    if password_hash != account.password_hash:
        await ConsoleAccount.filter(office_id=account.office_id, id=account.id).update(
            password_hash=password_hash
        )
    await signin_tries.succeeded(mine)
    return await console_sessions.begin(await Staff.get(id=account.staff_id), now)


async def _account_of(name: str) -> ConsoleAccount | None:
    try:
        member = await staff.one(name)
    except (StaffUnknown, StaffNotUnique):
        return None
    return await _of(member)


async def _of(member: Staff) -> ConsoleAccount | None:
    return await ConsoleAccount.get_or_none(office_id=office().office_id, staff_id=member.id)
