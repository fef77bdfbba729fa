"""The one-time link: a password that is nobody's first guess, an authenticator, recovery codes shown once."""

import pytest

from models.audit import AuditRow
from models.console import ConsoleAccount, ConsoleLink, RecoveryCode
from models.database import rows, transaction
from models.staff import Role, Staff
from office import console_accounts
from tests.console.browser import PASSWORD, Authenticator, Browser, a_link, enrolled, secret_in
from tests.flows.counter import Counter


async def test_a_link_is_used_once_and_shows_what_nobody_keeps(counter: Counter) -> None:
    browser, path = Browser(counter.url), await a_link("Ani Lay", Role.OPERATOR, counter.clock())
    shown = await browser.opens(path)
    assert "<svg" in shown.text and "Ani Lay" in shown.text
    assert shown.text.count('type="password" autocomplete="new-password"') == 2
    phone = Authenticator(secret_in(shown.text), counter.clock)
    assert (await browser.opens(path)).text == shown.text  # looking spends nothing
    typed = {"password": PASSWORD, "again": PASSWORD, "code": phone.shows()}
    for wrong, told in (
        ({"code": phone.shows(-2)}, "Kode autentikator itu tidak cocok"),
        ({"code": ""}, "Kode autentikator itu tidak cocok"),
        ({"again": PASSWORD + "x"}, "tidak sama"),
        ({"password": "pendek"}, "paling sedikit 12"),
        ({"password": "Password1234"}, "terlalu sering"),
        ({"password": "di depan Loket 7"}, "jangan memuat"),
    ):
        again = {"again": wrong["password"]} if "password" in wrong else {}
        refused = await browser.sends(path, **typed | again | wrong)
        assert refused.status == 422 and told in refused.text, wrong
    done = await browser.sends(path, **typed)
    assert done.status == 200
    assert await ConsoleAccount.all().count() == 1
    for late in (await browser.opens(path), await browser.sends(path, **typed)):
        assert late.status == 410 and "sudah dipakai" in late.text and "<svg" not in late.text
    assert await AuditRow.filter(action="enrolled").count() == 1
    lying = str(await rows("SELECT * FROM console_accounts")) + str(await rows("SELECT * FROM console_links"))
    assert phone.secret not in lying and PASSWORD not in lying and path.rpartition("/")[2] not in lying


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_link_lives_a_day_and_a_newer_one_ends_all_that_the_older_gave(counter: Counter) -> None:
    browser = Browser(counter.url)
    old = await a_link("Budi", Role.OPERATOR, counter.clock())
    counter.clock.advance(hours=23, minutes=59)
    assert (await browser.opens(old)).status == 200
    counter.clock.advance(minutes=1)
    assert (await browser.opens(old)).status == 410
    assert (await browser.opens(f"/console/mulai/{'A' * 43}")).status == 410

    phone, codes = await enrolled(counter.url, counter.clock, "Ani")
    assert len(set(codes)) == 8
    assert (await browser.signs_in("Ani", phone.shows(1))).status == 303
    ani = await Staff.get(name="Ani")
    new = await transaction(lambda: console_accounts.new_link(ani, counter.clock()))
    assert (await browser.opens("/console")).status == 303
    assert await ConsoleAccount.all().count() == await RecoveryCode.all().count() == 0
    newest = await transaction(lambda: console_accounts.new_link(ani, counter.clock()))
    assert (await browser.opens(new.removeprefix("https://loket.test"))).status == 410
    assert (await browser.opens(newest.removeprefix("https://loket.test"))).status == 200
    assert await ConsoleLink.filter(staff_id=ani.id, used_at=None).count() == 1
