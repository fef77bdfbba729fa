"""The door: both factors or nothing, one answer to whatever was wrong, and a wait for who tries too often."""

from __future__ import annotations

from argon2 import PasswordHasher

from models.audit import AuditRow
from models.console import ConsoleAccount, ConsoleSession, SigninTry
from office.signin_tries import MOST_OF_ONE, WITHIN
from tests.console.browser import COOKIE, PASSWORD, Browser, enrolled
from tests.flows.counter import Counter

NO = "Nama, kata sandi, atau kode tidak cocok."
WAIT = "Terlalu banyak percobaan."


async def test_both_factors_let_in_once_and_whatever_is_wrong_is_answered_alike(counter: Counter) -> None:
    phone, codes = await enrolled(counter.url, counter.clock, "Ani")
    at_enrolment = phone.shows()
    counter.clock.advance(minutes=5)
    browser = Browser(counter.url)
    answers = [
        await browser.signs_in("Ani", phone.shows(), "lontar muda di Oeseli"),
        await browser.signs_in("Ani", "000000"),
        await browser.signs_in("Ani", phone.shows(-2)),
        await browser.signs_in("Ani", at_enrolment),
        await browser.signs_in("Ani", "", PASSWORD),
    ]
    answers += [await browser.signs_in("Siapa", phone.shows()), await browser.signs_in("", "", "")]
    assert {answer.status for answer in answers} == {422}
    told = {
        answer.text.replace('value="Siapa"', 'value="Ani"').replace('value=""', 'value="Ani"')
        for answer in answers
    }
    assert len(told) == 1 and NO in told.pop()
    for nonsense in ("9" * 5_000, "\x00", "{{7*7}}", "<script>alert(1)</script>", "ی" * 400):
        answer = await browser.signs_in(nonsense, nonsense, nonsense, ke=nonsense)
        assert answer.status == 422 and "<script" not in answer.text and "49" not in answer.text
    assert browser.token is None and await ConsoleSession.all().count() == 0
    refused = await AuditRow.filter(action="refused", actor="console", reason="signin").values_list(
        "object", flat=True
    )
    assert len(refused) == 12 and set(refused) == {"staff:1", "console"}

    counter.clock.advance(minutes=15)
    code = phone.shows()
    door = await browser.signs_in(" ani", code)
    cookie = door.headers["Set-Cookie"]
    assert (door.status, door.headers["Location"]) == (303, "/console")
    assert all(mark in cookie for mark in (f"{COOKIE}=", "HttpOnly", "SameSite=Strict", "Secure", "Path=/"))
    assert "Domain" not in cookie and "Max-Age" not in cookie and "expires" not in cookie.lower()
    home = await browser.opens("/console")
    assert "Ani · operator" in home.text and "<script" not in home.text and " style=" not in home.text
    assert (home.headers["Cache-Control"], home.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert "script-src 'self'; style-src 'self'" in home.headers["Content-Security-Policy"]
    assert home.headers["Strict-Transport-Security"] and home.headers["Referrer-Policy"] == "same-origin"
    assert await ConsoleSession.filter(token_hash=browser.token).count() == 0  # it lies hashed

    elsewhere = Browser(counter.url)
    assert NO in (await elsewhere.signs_in("Ani", code)).text  # replayed
    assert NO in (await elsewhere.signs_in("Ani", phone.shows(-1))).text  # older than one that was used
    assert (await elsewhere.signs_in("1", phone.shows(1))).status == 303  # by number, a step ahead
    third = Browser(counter.url)
    assert (await third.signs_in("Ani", codes[0].lower().replace("-", " "))).status == 303
    assert NO in (await third.signs_in("Ani", codes[0])).text
    first = third.token
    assert (await third.signs_in("Ani", codes[1])).status == 303
    assert third.token != first
    third.token = first  # the one before ended with the new sign-in
    assert (await third.opens("/console")).status == 303
    older = PasswordHasher(memory_cost=8_192, time_cost=1, parallelism=1).hash(PASSWORD)
    await ConsoleAccount.all().update(password_hash=older)
    counter.clock.advance(days=400)
    assert (await third.signs_in("Ani", phone.shows())).status == 303  # a password does not grow old
    assert "$m=19456,t=2,p=1$" in (await ConsoleAccount.get()).password_hash  # the way it is kept does


async def test_five_wrong_ones_make_a_name_wait_and_nobody_else(counter: Counter) -> None:
    ani, _ = await enrolled(counter.url, counter.clock, "Ani")
    budi, _ = await enrolled(counter.url, counter.clock, "Budi")
    counter.clock.advance(minutes=1)
    inside, guesser = Browser(counter.url), Browser(counter.url)
    assert (await inside.signs_in("Ani", ani.shows())).status == 303
    for name in ("Ani", "Tiada"):
        tries = [await guesser.signs_in(name, "000000", "salah") for _ in range(MOST_OF_ONE + 1)]
        assert [one.status for one in tries] == [422] * MOST_OF_ONE + [429], name
        assert WAIT in tries[-1].text
    counter.clock.advance(minutes=1)
    assert (await guesser.signs_in("ANI ", ani.shows())).status == 429  # the right one waits, too
    assert (await inside.opens("/console")).status == 200
    assert (await Browser(counter.url).signs_in("Budi", budi.shows())).status == 303
    counter.clock.advance(minutes=14)
    assert (await guesser.signs_in("Ani", ani.shows())).status == 303
    assert await SigninTry.filter(at__gt=counter.clock() - WITHIN).count() == 0  # forgiven
