"""What is one's own in the console: the chats that speak for one, browsers, the password, one more code."""

import re

from models.audit import AuditRow
from models.console import ConsoleSession
from models.staff import Role, StaffBinding
from tests.console.browser import PASSWORD, Browser, enrolled, signed_in
from tests.flows.counter import TELEGRAM_SECRET, Counter
from tests.phones import TelegramPhone

NEW = "gelombang besar Nemberala"


async def test_a_morning_begins_without_a_terminal(counter: Counter) -> None:
    ani, member = await signed_in(counter.url, "Ani", Role.OPERATOR, counter.clock())
    budi, _ = await signed_in(counter.url, "Budi", Role.OPERATOR, counter.clock())
    assert "/masuk" not in (await ani.opens("/console/saya")).text
    shown = (await ani.sends("/console/saya/kode")).text
    (code,) = re.findall(r"/masuk ([0-9A-Z-]+)", shown)
    door = f"{counter.url}/webhooks/telegram"
    phone = TelegramPhone(counter.telegram, door, TELEGRAM_SECRET, user_id=4242, name="HP dinas")
    await phone.says(f"/masuk {code}")
    await phone.hears(containing="Selamat bekerja")
    mine = (await ani.opens("/console/saya")).text
    assert "telegram · HP dinas" in mine and code not in mine
    assert "HP dinas" not in (await budi.opens("/console/saya")).text
    assert await AuditRow.filter(action="code_made", actor=f"staff:{member.id}").count() == 1

    (chat,) = re.findall(r"/console/saya/percakapan/\d+", mine)
    assert (await budi.sends(chat)).status == 303
    assert await StaffBinding.all().count() == 1  # another's is as none
    assert (await ani.sends(chat)).status == 303
    assert await StaffBinding.all().count() == 0
    await phone.says("/antrean")
    await phone.hears(containing="Perintah itu tidak dikenal")


async def test_one_ends_ones_other_browsers_and_nobody_elses(counter: Counter) -> None:
    phone, _ = await enrolled(counter.url, counter.clock, "Ani")
    here, there = Browser(counter.url), Browser(counter.url)
    await here.signs_in("Ani", phone.shows(1))
    counter.clock.advance(minutes=6)
    await there.signs_in("Ani", phone.shows())
    budi, _ = await signed_in(counter.url, "Budi", Role.OPERATOR, counter.clock())
    (other,) = re.findall(r"/console/saya/sesi/\d+", (await here.opens("/console/saya")).text)
    assert (await budi.sends(other)).status == 303
    assert (await there.opens("/console")).status == 200
    assert (await here.sends(other)).status == 303
    assert (await there.opens("/console")).status == 303
    assert (await here.opens("/console")).status == 200

    # what is guarded more closely asks for a code of the last five minutes, and leads back
    asked = await here.opens("/console/saya/sandi")
    assert asked.headers["Location"] == "/console/bukti?ke=%2Fconsole%2Fsaya%2Fsandi"
    assert (await here.sends("/console/saya/sandi", password=NEW)).headers["Location"] == "/console/bukti"
    assert (await here.sends("/console/bukti", code=phone.shows())).status == 422  # used to sign in
    counter.clock.advance(seconds=30)
    for onward, led in (
        ("/console/saya/sandi", "/console/saya/sandi"),
        ("//evil.example", "/console"),
        ("/console/../x", "/console"),
    ):
        proved = await here.sends("/console/bukti", code=phone.shows(), ke=onward)
        assert (proved.status, proved.headers["Location"]) == (303, led)
        counter.clock.advance(seconds=30)

    await there.signs_in("Ani", phone.shows())
    typed = {"current": PASSWORD, "password": NEW, "again": NEW}
    for wrong in ({"current": NEW}, {"password": "pendek"}, {"again": PASSWORD}):
        assert (await here.sends("/console/saya/sandi", **typed | wrong)).status == 422
    assert (await here.sends("/console/saya/sandi", **typed)).status == 303
    assert (await there.opens("/console")).status == 303  # signed in with the older one
    assert (await here.opens("/console")).status == 200
    counter.clock.advance(minutes=1)
    assert (await there.signs_in("Ani", phone.shows(), PASSWORD)).status == 422
    assert (await there.signs_in("Ani", phone.shows(), NEW)).status == 303
    assert await ConsoleSession.filter(staff__name="Ani").count() == 2


async def test_codes_in_the_place_of_a_proof_are_not_guessed(counter: Counter) -> None:
    phone, _ = await enrolled(counter.url, counter.clock, "Ani")
    ani = Browser(counter.url)
    await ani.signs_in("Ani", phone.shows(1))
    counter.clock.advance(minutes=6)
    tries = [(await ani.sends("/console/bukti", code="000000")).status for _ in range(6)]
    assert tries == [422] * 5 + [429]
    assert (await ani.sends("/console/bukti", code=phone.shows())).status == 429
    assert (await ani.opens("/console")).status == 200
