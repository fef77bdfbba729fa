"""How many tries to sign in are looked at: of one name, from one address, at one office; and what is kept."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from models.console import ConsoleLink, ConsoleSession, SigninTry
from models.database import rows
from models.staff import Role
from office import console_accounts, console_sessions, signin_tries, staff
from office.console_accounts import LINK_LIVES
from office.console_sessions import LONGEST
from office.context import open_office
from office.purge import purge_all
from office.purge_kinds import EVERYTHING
from office.signin_tries import MOST_FROM_ONE, MOST_OF_ALL, MOST_OF_ONE, WITHIN, TooManySigninTries

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def an_office(database: str) -> None:
    open_office()


async def taken(tries: list[tuple[str, str]], now: datetime = NOW) -> int:
    """How many of these (name, address) are looked at, one after the other."""
    found = 0
    for name, address in tries:
        try:
            await signin_tries.begin(name, address, now)
            found += 1
        except TooManySigninTries:
            continue
    return found


async def test_a_name_from_a_thousand_addresses_and_an_address_with_many_names() -> None:
    assert await taken([("Ani", f"10.0.0.{n}") for n in range(20)]) == MOST_OF_ONE
    assert await taken([(f"{'0' * n}7", f"10.1.0.{n}") for n in range(9)]) == MOST_OF_ONE
    assert await taken([(f"N{n}", "10.9.9.9") for n in range(40)]) == MOST_FROM_ONE
    assert await taken([(f"M{n}", "") for n in range(40)]) == 40  # nobody can tell who calls
    lying = str(await rows("SELECT * FROM signin_tries"))
    assert "Ani" not in lying and "10.9.9.9" not in lying
    assert await taken([("Ani", "10.0.0.1")], NOW + WITHIN - timedelta(seconds=1)) == 0
    assert await taken([("Ani", "10.0.0.1")], NOW + WITHIN) == 1


async def test_a_whole_office() -> None:
    one = await signin_tries.begin("Ani", "", NOW)
    others = [
        SigninTry(office_id=one.office_id, who=f"{n}", address="", at=NOW) for n in range(MOST_OF_ALL - 2)
    ]
    await SigninTry.bulk_create(others)
    assert await taken([("Budi", ""), ("Citra", ""), ("Dewi", "")]) == 1
    assert await taken([("Citra", "")], NOW + WITHIN) == 1


async def test_what_counts_no_longer_is_gone_the_day_after() -> None:
    member, _ = await staff.add("Ani", Role.OPERATOR, NOW)
    await console_accounts.new_link(member, NOW)
    await console_sessions.begin(member, NOW)
    await signin_tries.begin("Ani", "", NOW)
    day = timedelta(days=1)
    for kind, rows_of, over in (
        ("console_links", ConsoleLink, LINK_LIVES + day),
        ("console_sessions", ConsoleSession, LONGEST + day),
        ("signin_tries", SigninTry, WITHIN + day),
    ):
        kinds = [one for one in EVERYTHING if one.name == kind]
        for now, left in ((NOW + over, 1), (NOW + over + timedelta(seconds=1), 0)):
            await purge_all(now, kinds)
            assert await rows_of.all().count() == left, kind


async def test_of_many_at_once_no_more_pass_and_none_that_is_refused_counts() -> None:
    outcomes = await asyncio.gather(
        *(signin_tries.begin("Ani", "", NOW) for _ in range(30)), return_exceptions=True
    )
    kinds = Counter(type(one) for one in outcomes)
    assert (
        kinds[SigninTry] <= MOST_OF_ONE
        and sum(kinds.values()) == kinds[SigninTry] + kinds[TooManySigninTries]
    )
    assert await SigninTry.all().count() == kinds[SigninTry]
