"""Where staff are signed in to the console: a browser each, for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from models.console import ConsoleSession
from models.staff import Role, Staff
from office import audit
from office.codes import hash_of, new_token
from office.context import office
from office.lifecycle import by_staff

IDLE: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=10)
PROVED: Final = timedelta(minutes=5)  # for so long a code of the second factor stands for the next deed, too

AT_THE_DESK: Final = frozenset(Role) - {Role.VILLAGE_HEAD}


async def begin(staff: Staff, now: datetime) -> str:
    """Sign this person in; the token that the browser keeps.  Whoever asks has seen both factors."""
    token = new_token()
    await ConsoleSession.create(
        office_id=staff.office_id,
        staff_id=staff.id,
        token_hash=hash_of(token),
        role=staff.role,
        created_at=now,
        used_at=now,
        proved_at=now,
    )
    await audit.note(by_staff(staff), "console_in", by_staff(staff), now)
    return token


async def live(token: str, now: datetime) -> ConsoleSession | None:
    """The session, with its ``staff`` as the rows have them now; it counts as used.

    Nobody's once it was silent or old for too long, or the person has left or has another role.
    """
    mine = ConsoleSession.filter(office_id=office().office_id, token_hash=hash_of(token))
    if not await mine.filter(used_at__gt=now - IDLE, created_at__gt=now - LONGEST).update(used_at=now):
        return None
    session = await mine.select_related("staff").first()
    if session is None or session.staff.removed_at is not None or session.staff.role is not session.role:
        return None
    return session if session.role in AT_THE_DESK else None


async def listing(staff: Staff, now: datetime) -> list[ConsoleSession]:
    """This person's, the one used last first."""
    theirs = ConsoleSession.filter(office_id=staff.office_id, staff_id=staff.id)
    return await theirs.filter(used_at__gt=now - IDLE, created_at__gt=now - LONGEST).order_by(
        "-used_at", "id"
    )


async def end(staff: Staff, session_id: int, now: datetime) -> bool:
    """End one of this person's; whether there was one."""
    ended = await ConsoleSession.filter(office_id=staff.office_id, staff_id=staff.id, id=session_id).delete()
    if ended:
        await audit.note(by_staff(staff), "console_out", by_staff(staff), now)
    return bool(ended)


async def end_all(staff: Staff, but: ConsoleSession | None = None) -> None:
    """Wherever this person is signed in, ``but`` there."""
    theirs = ConsoleSession.filter(office_id=staff.office_id, staff_id=staff.id)
    await theirs.exclude(id=but.id if but is not None else 0).delete()
