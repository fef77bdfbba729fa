"""A session: what ends it, and that nothing outlives it."""

import pytest

from models.audit import AuditRow
from models.console import ConsoleSession
from models.database import transaction
from models.staff import Role, Staff
from office import staff
from tests.console.browser import Browser, signed_in
from tests.flows.counter import Counter

SIGN_IN = "/console/masuk"


async def is_in(browser: Browser) -> bool:
    shown = await browser.opens("/console")
    assert shown.status == 200 or (shown.status, shown.headers["Location"].split("?")[0]) == (303, SIGN_IN)
    return shown.status == 200


async def test_it_ends_after_fifteen_silent_minutes_and_after_ten_hours(counter: Counter) -> None:
    ani, _ = await signed_in(counter.url, "Ani", Role.OPERATOR, counter.clock())
    counter.clock.advance(minutes=14, seconds=59)
    assert await is_in(ani)
    counter.clock.advance(minutes=15)
    assert not await is_in(ani)
    assert not await is_in(ani)  # asking does not wake it
    ani, _ = await signed_in(counter.url, "Budi", Role.OPERATOR, counter.clock())
    for _ in range(59):
        counter.clock.advance(minutes=10)
        assert await is_in(ani)
    counter.clock.advance(minutes=10)
    assert not await is_in(ani)


async def test_signing_out_ends_it_in_the_rows(counter: Counter) -> None:
    ani, member = await signed_in(counter.url, "Ani", Role.OPERATOR, counter.clock())
    before = ani.token
    out = await ani.sends("/console/keluar")
    assert (out.status, out.headers["Location"], ani.token) == (303, SIGN_IN, None)
    assert out.headers["Clear-Site-Data"]
    ani.token = before
    assert not await is_in(ani)
    assert await ConsoleSession.all().count() == 0
    assert await AuditRow.filter(action="console_out", actor=f"staff:{member.id}").count() == 1


@pytest.mark.parametrize("change", ["removed", "removed amid a sign-in", "another role"])
async def test_it_ends_with_the_person_and_with_the_role(counter: Counter, change: str) -> None:
    ani, member = await signed_in(counter.url, "Ani", Role.OPERATOR, counter.clock())
    assert await is_in(ani)
    if change == "removed":
        await transaction(lambda: staff.remove(member.id, counter.clock()))
    elif change == "another role":
        await Staff.filter(id=member.id).update(role=Role.HEAD)
    else:
        await Staff.filter(id=member.id).update(removed_at=counter.clock())
    assert not await is_in(ani)
    assert await ConsoleSession.all().count() == (0 if change == "removed" else 1)


async def test_what_another_page_posts_is_refused(counter: Counter) -> None:
    ani, _ = await signed_in(counter.url, "Ani", Role.OPERATOR, counter.clock())
    for told in (
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://x.loket.test"},
        {"Origin": "null"},
    ):
        ani.told = told
        assert (await ani.sends("/console/keluar")).status == 403, told
        assert await is_in(ani)
    ani.told = {"Origin": "https://loket.test"}
    assert (await ani.sends("/console/keluar")).status == 303


async def test_a_cookie_of_somebodys_own_making_is_none(counter: Counter) -> None:
    for token in ("x", "A" * 43, "", "é", "a" * 5_000):
        assert not await is_in(Browser(counter.url, token))
