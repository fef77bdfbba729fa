"""Tries to sign in, counted before the password is looked at: by name, by address, and of the whole office.

Too many make everybody wait who comes the same way, and nobody longer than `WITHIN`; whoever is signed in
already is not touched.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from models.console import SigninTry
from models.database import transaction
from models.sealing.held import ring
from office.context import office
from office.refusal import Refusal
from office.typed import fold

WITHIN: Final = timedelta(minutes=15)
MOST_OF_ONE: Final = 5  # for one name
MOST_FROM_ONE: Final = 20  # from one address, for all names
MOST_OF_ALL: Final = 200  # at one office


class TooManySigninTries(Refusal):
    """Facts: ``minutes`` after which at the latest another try is taken."""


async def begin(who: str, address: str, now: datetime) -> SigninTry:
    """Count one more.  ``address``: empty where nobody can tell callers apart.

    It stands in the rows before it is counted, so of many at once none passes unseen.
    Raises: TooManySigninTries.
    """
    mine = await transaction(partial(_write_down, who, address, now))
    lately = SigninTry.filter(office_id=mine.office_id, at__gt=now - WITHIN)
    too_many = (
        await lately.filter(who=mine.who).count() > MOST_OF_ONE
        or (mine.address != "" and await lately.filter(address=mine.address).count() > MOST_FROM_ONE)
        or await lately.count() > MOST_OF_ALL
    )
    if too_many:
        await SigninTry.filter(office_id=mine.office_id, id=mine.id).delete()
        raise TooManySigninTries(minutes=int(WITHIN.total_seconds()) // 60)
    return mine


async def succeeded(mine: SigninTry) -> None:
    """All tries of this name are forgiven."""
    await SigninTry.filter(office_id=mine.office_id, who=mine.who).delete()


async def _write_down(who: str, address: str, now: datetime) -> SigninTry:
    one = str(int(who)) if who.isdecimal() else fold(who)  # 7, 07 and 007 are one
    return await SigninTry.create(
        office_id=office().office_id,
        who=ring().index("signin_name", one),
        address=ring().index("signin_address", address) if address else "",
        at=now,
    )
