"""``/siaran``: one writes, another sends; it reaches who agreed, once, and whoever stops it is obeyed."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.whatsapp.caps import CAPS as WHATSAPP
from models.audit import AuditRow
from models.broadcasts import Broadcast, BroadcastState
from models.calls import Call
from models.outbox import OutboxMessage
from models.staff import Role
from office import staff
from office.broadcasting import SHARE
from office.broadcasts import DRAFT_LIVES
from scheduler.clock import EVERY
from tests.flows.counter import TELEGRAM_SECRET, Counter, open_counter
from tests.flows.steps import has_everything_erased, said, says, settled
from tests.phone import Phone
from tests.phones import TelegramPhone

WORDS = "Jumat ini loket tutup pukul 11.00 WITA.\n\nSenin buka seperti biasa."
ANNOUNCED = "Pengumuman Disdukcapil Rote Ndao"


def on_telegram(counter: Counter, number: int, name: str = "Warga") -> TelegramPhone:
    door = f"{counter.url}/webhooks/telegram"
    return TelegramPhone(counter.telegram, door, TELEGRAM_SECRET, user_id=7_000 + number, name=name)


async def at_the_desk(counter: Counter, name: str, role: Role) -> TelegramPhone:
    phone = on_telegram(counter, 900 + sum(map(ord, name)), name)
    _, code = await staff.add(name, role, counter.clock())
    assert "Selamat bekerja" in await says(phone, f"/masuk {code}")
    return phone


async def who_agreed(counter: Counter, how_many: int) -> list[TelegramPhone]:
    people = [on_telegram(counter, number) for number in range(how_many)]
    for person in people:
        assert "setuju" in await says(person, "mulai lagi")
    return people


def announcements(phone: Phone) -> list[str]:
    return [text for text in phone.everything if text.lstrip("*").startswith(ANNOUNCED)]


async def a_beat(counter: Counter) -> None:
    """The scheduler ticks; what is due then has been said."""
    await counter.time_passes(seconds=EVERY)


async def all_gone(counter: Counter) -> None:
    for _ in range(3):
        await a_beat(counter)
    await said(counter)


async def audited() -> list[tuple[str, str, str, str]]:
    rows = await AuditRow.filter(object__startswith="broadcast:").order_by("id")
    return [(row.role, row.action, row.object, row.reason) for row in rows]


async def test_two_people_send_it_and_everybody_who_agreed_has_it_once(counter: Counter) -> None:
    ani = await at_the_desk(counter, "Ani", Role.SUPERVISOR)
    vero = await at_the_desk(counter, "Vero", Role.VERIFIER)
    agreed = [*await who_agreed(counter, 2), counter.citizen()]
    await says(agreed[-1], "mulai lagi")
    never, stopped = on_telegram(counter, 50), on_telegram(counter, 51)
    await says(never, "halo")
    await says(stopped, "mulai lagi", "berhenti")

    shown = await says(ani, f"/siaran {WORDS}")
    assert WORDS in shown and "3 orang (Telegram 2, WhatsApp 1)" in shown and "Tidak terjangkau" not in shown
    assert "belum dikirim kepada siapa pun" in shown and "/siaran kirim S1" in shown
    assert await says(vero, "/siaran lihat s1") == shown
    assert "ditulis oleh Bapak/Ibu sendiri" in await says(ani, "/siaran kirim S1")
    await ani.says("/siaran coba S1")
    trial = await ani.hears(containing=ANNOUNCED)
    assert trial in shown
    assert await OutboxMessage.filter(name__startswith="broadcast").count() == 1

    told = await says(vero, "/siaran kirim S1")
    assert "mulai dikirim" in told and "3 orang (Telegram 2, WhatsApp 1)" in told and WORDS in told
    assert "sudah dikirim" in await says(vero, "/siaran kirim S1")
    await all_gone(counter)
    for person in agreed:
        assert [text.replace("*", "") for text in announcements(person)] == [trial]
    assert announcements(never) == announcements(stopped) == announcements(vero) == []
    assert announcements(ani) == [trial]
    for person in (ani, vero):
        assert "terkirim 3, gagal 0, dari 3 orang" in await person.hears(containing="Siaran S1 selesai")
    assert "selesai · terkirim 3, menunggu 0, gagal 0, dari 3 orang" in await says(ani, "/siaran")
    assert await audited() == [
        ("supervisor", "broadcast_drafted", "broadcast:1", ""),
        ("supervisor", "refused", "broadcast:1", "own_broadcast"),
        ("supervisor", "broadcast_tried", "broadcast:1", ""),
        ("verifier", "broadcast_confirmed", "broadcast:1", "people:3"),
    ]


async def test_whoever_wants_to_be_left_alone_is_also_by_what_waits_already(counter: Counter) -> None:
    people = await who_agreed(counter, 5)
    await at_the_desk(counter, "Ani", Role.OPERATOR)
    await a_confirmed_one(counter)
    await a_beat(counter)  # the messages of a piece are due one after the other, and the clock stands still
    first, stops, rests, leaves, _ = people
    await first.hears(containing=ANNOUNCED)
    assert await OutboxMessage.filter(name="broadcast", state="queued").count() == 4
    await says(stops, "berhenti", "mulai lagi")  # what was taken back then is not said now
    await says(rests, "data saya")
    await rests.taps("Hentikan pengolahan")
    await rests.hears(containing="hanya disimpan")
    await has_everything_erased(leaves)
    await settled(counter)
    assert await OutboxMessage.filter(name="broadcast", state="cancelled").count() == 3
    await all_gone(counter)
    assert [len(announcements(person)) for person in people] == [1, 0, 0, 0, 1]
    assert (await Broadcast.get()).state is BroadcastState.SENT


async def a_confirmed_one(counter: Counter) -> TelegramPhone:
    """Written and let go; gives the phone of who let it go."""
    head = await at_the_desk(counter, "Kepala", Role.HEAD)
    other = await at_the_desk(counter, "Penyelia", Role.SUPERVISOR)
    await says(other, f"/siaran {WORDS}")
    assert "mulai dikirim" in await says(head, "/siaran kirim 1")
    return head


async def test_a_stop_takes_back_what_is_not_on_the_line_yet(counter: Counter) -> None:
    people = await who_agreed(counter, 4)
    ani = await at_the_desk(counter, "Ani", Role.OPERATOR)
    await a_confirmed_one(counter)
    await a_beat(counter)
    await people[0].hears(containing=ANNOUNCED)
    await settled(counter)
    told = await says(ani, "/siaran batal S1")
    assert "S1 dihentikan. Sudah terkirim: 1; tidak jadi dikirim: 3" in told
    await all_gone(counter)
    assert [len(announcements(person)) for person in people] == [1, 0, 0, 0]
    assert "sudah dikirim, selesai, atau dibatalkan" in await says(ani, "/siaran batal S1")
    assert (await audited())[-1] == ("operator", "broadcast_cancelled", "broadcast:1", "stopped:3")
    assert await OutboxMessage.filter(name="staff_broadcast").count() == 0


async def test_who_has_not_written_for_a_day_is_counted_and_not_telephoned(counter: Counter) -> None:
    maria = counter.citizen()
    await says(maria, "mulai lagi")
    counter.clock.advance(hours=25)
    await who_agreed(counter, 1)
    await a_confirmed_one(counter)
    ani = await at_the_desk(counter, "Ani", Role.OPERATOR)
    await all_gone(counter)
    assert announcements(maria) == []
    assert await OutboxMessage.filter(name="broadcast").count() == 1
    assert await Call.all().count() == 0
    assert "dari 1 orang" in await says(ani, "/siaran")
    assert (await Broadcast.get()).out_of_reach == 1
    assert "Tidak terjangkau saat ini: 1 orang (WhatsApp 1)" in await says(ani, "/siaran Yang kedua.")


async def test_at_night_nothing_goes_out(counter: Counter) -> None:
    counter.clock.advance(hours=12)  # 21.00
    (person,) = await who_agreed(counter, 1)
    await a_confirmed_one(counter)
    await all_gone(counter)
    assert await OutboxMessage.filter(name="broadcast").count() == 0
    counter.clock.advance(hours=11)
    await a_beat(counter)
    await person.hears(containing=ANNOUNCED)


async def test_what_is_typed_amiss_sends_nothing(counter: Counter) -> None:
    await who_agreed(counter, 1)
    ani = await at_the_desk(counter, "Ani", Role.OPERATOR)
    vero = await at_the_desk(counter, "Vero", Role.VERIFIER)
    assert "Belum ada siaran" in await says(ani, "/siaran")
    for word in ("kirim", "batal", "LIHAT", "coba"):
        assert "tidak ada yang berubah" in await says(ani, f"/siaran {word}")
    assert "Tidak ada siaran S7" in await says(vero, "/siaran kirim S7")
    assert "Peran akun ini" in await says(vero, "/siaran Kantor tutup.")
    for text in ("kirim S1 sekarang", "Kirim 2 lembar fotokopi ke loket", "lihat jadwal baru kami"):
        assert "belum dikirim kepada siapa pun" in await says(ani, f"/siaran {text}")
    other = await at_the_desk(counter, "Budi", Role.OPERATOR)
    assert "Peran akun ini" in await says(other, "/siaran kirim S1")
    assert "S1 dibuang" in await says(other, "/siaran batal S1")
    assert "atau dibatalkan" in await says(vero, "/siaran kirim S1")
    counter.clock.advance(hours=DRAFT_LIVES / timedelta(hours=1) + 1)
    await counter.wakes(vero, "Vero")
    assert "lebih dari 7 hari" in await says(vero, "/siaran kirim S2")
    await all_gone(counter)
    assert await OutboxMessage.filter(name__startswith="broadcast").count() == 0


async def test_the_clock_that_runs_knows_how_fast_a_channel_is(database_url: str, tmp_path: Path) -> None:
    async with open_counter(database_url, tmp_path, tick_seconds=0.2) as counter:
        people = [counter.citizen("Warga", f"62812340000{number}") for number in range(2)]
        for person in people:
            await says(person, "mulai lagi")
        await a_confirmed_one(counter)
        await people[0].hears(containing=ANNOUNCED)
        first, second = await OutboxMessage.filter(name="broadcast").order_by("id")
        assert second.due_at - first.due_at == timedelta(seconds=1 / (SHARE * WHATSAPP.per_second))


@pytest.mark.parametrize(
    "text",
    (
        "Waspada penipuan: kami tidak pernah meminta kode OTP, PIN, atau uang",
        "Jangan berikan kode OTP",
        "Pelayanan gratis, tidak dipungut biaya",
        "Jam buka loket berubah mulai Senin. Selengkapnya dapat dibaca: https://loket.test/jam",
        "Loket < 2 km & parkir gratis: sampai jumpa",
    ),
)
async def test_whatever_may_be_said_is_shown_to_staff_and_heard(counter: Counter, text: str) -> None:
    """Also a link that the list cuts in the midst of its host."""
    (person,) = await who_agreed(counter, 1)
    author = await at_the_desk(counter, "Penyelia", Role.SUPERVISOR)
    head = await at_the_desk(counter, "Kepala", Role.HEAD)
    for told in (
        await says(author, f"/siaran {text}"),
        await says(head, "/siaran lihat S1"),
        await says(head, "/siaran kirim S1"),
    ):
        assert text in told
    assert text[:30] in await says(head, "/siaran")
    await all_gone(counter)
    assert [text in one for one in announcements(person)] == [True]


async def test_its_code_shows_its_words_and_a_draft_has_none(counter: Counter) -> None:
    people = await who_agreed(counter, 2)
    head = await a_confirmed_one(counter)
    await all_gone(counter)
    code = re.search(r"cek (S1 \w{6})", announcements(people[0])[0])
    assert code is not None
    stranger = on_telegram(counter, 60)
    told = await says(stranger, f"cek {code[1]}")
    assert "asli" in told and WORDS in told and "24 November 2026" in told
    assert "bukan dari kami" in await says(stranger, f"cek S2 {code[1][3:]}")
    draft = re.search(r"cek (S2 \w{6})", await says(head, "/siaran Yang kedua."))
    assert draft is not None
    assert "bukan dari kami" in await says(stranger, f"cek {draft[1]}")
