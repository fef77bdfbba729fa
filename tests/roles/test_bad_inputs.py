"""Who tries what is not theirs: bad inputs 39 to 46, each with what is answered and what the audit has."""

from collections import Counter as Counts
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.operator.commands import DEEDS
from models.audit import AuditRow
from models.calls import Alert, AlertKind
from models.contacts import Contact
from models.database import transaction
from models.requests import JournalEntry, Request, RequestState
from models.staff import Role, StaffBinding
from office import alerts, misses, queue, staff
from office.context import at_office, open_beside
from office.misses import MOST, TooManyMisses
from office.number import RequestNumber
from office.ownership import NoSuchQueueNumber
from office.requests import RequestNotFound
from tests.handlers.citizens import a_citizen
from tests.handlers.counter import NOW, UNKNOWN, Counter
from tests.offices import merauke

NIK, ANOTHER_NIK = "5314015506900001", "5314015506900002"
BAD = "Kode itu tidak berlaku. Mohon minta kode baru kepada admin kantor."
UNKNOWN_COMMAND = "Perintah itu tidak dikenal."


async def refusals() -> list[tuple[str, str, str]]:
    """Who, what and why, of every refusal that the audit has."""
    rows = await AuditRow.filter(action="refused").order_by("seq")
    return [(row.role, row.object, row.reason) for row in rows]


async def a_nik_from_a_strange_chat(counter: Counter) -> None:
    await counter.request(nik=NIK)
    told = [await (await a_citizen()).says(typed) for typed in (NIK, ANOTHER_NIK)]
    assert told[0] == told[1].replace(ANOTHER_NIK, NIK).replace("T2", "T1")
    assert NIK not in told[0] and "Maria" not in told[0]


async def the_number_of_somebody_else(counter: Counter) -> None:
    number = str(RequestNumber((await counter.request()).number))
    stranger = await a_citizen()
    told = [await stranger.says(typed) for typed in (number, str(RequestNumber.new()))]
    assert told[0] == told[1] and "tidak ditemukan" in told[0]


async def a_thousand_numbers(counter: Counter) -> None:
    maria = await counter.person()
    own = str(RequestNumber((await counter.request(maria)).number))
    theirs = str(RequestNumber((await counter.request()).number))
    told = Counts([await transaction(lambda: _miss(maria.contact, counter)) for _ in range(1000)])
    assert told == {"RequestNotFound": MOST - 1, "TooManyMisses": 1000 - MOST + 1}
    chat = await a_citizen(now=counter.now)
    chat.contact = maria.contact
    said = {await chat.says(typed) for typed in (own, theirs, str(RequestNumber.new()))}
    assert len(said) == 1 and "Sudah sepuluh nomor" in said.pop()
    assert own in await chat.says("status")  # their own requests are no secret to them
    assert await refusals() == [("citizen", "command:status", "too_many_misses")]
    other = await a_citizen(now=counter.now)
    assert "tidak ditemukan" in await other.says(theirs)  # nobody else has to wait
    await chat.later(minutes=59)
    assert "Sudah sepuluh nomor" in await chat.says(own)
    await chat.later(minutes=1)
    assert own in await chat.says(own)


async def _miss(contact: Contact, counter: Counter) -> str:
    """As the handler does: the refusal is an answer, and its count is committed."""
    number = str(RequestNumber.new())
    with pytest.raises((RequestNotFound, TooManyMisses)) as refusal:
        await misses.look_up(number, contact, counter.now)
    return refusal.value.code


async def forged_buttons(counter: Counter) -> None:
    request = await counter.request()
    stranger = await a_citizen()
    before = await JournalEntry.all().count()
    for data in (
        "f:1_0:confirm:send",
        "f:-1:confirm:send",
        f"d:{10**20}:drop",
        f"f:{request.id}:confirm:send",
    ):
        assert "tidak berlaku lagi" in await stranger.taps_old(data), data
    assert await JournalEntry.all().count() == before


async def a_staff_command_from_others(counter: Counter) -> None:
    """By a citizen, by somebody who has left, in a group, and forwarded."""
    await counter.request()
    maria = await a_citizen()
    unknown = await maria.says("/adakah")
    tried = [name for name, deed in DEEDS.items() if deed is not None]
    for name in tried:
        assert await maria.says(f"/{name.upper()}@loket_bot 1") == unknown
    assert UNKNOWN_COMMAND in unknown
    assert await refusals() == [("citizen", f"command:{name}", "not_staff") for name in tried]

    ani = await counter.operator("Ani")
    await ani.forwards("/ambil 1")
    assert "Perintah yang diteruskan tidak dijalankan" in ani.heard
    assert (await refusals())[-1] == ("operator", "deed:take", "forwarded")
    await ani.says("/ambil 1", chat="group")
    assert ani.heard == UNKNOWN
    await staff.remove("Ani", counter.now)
    await ani.says("/ambil 1")
    assert ani.heard == UNKNOWN
    assert (await Request.get()).state is RequestState.SUBMITTED


async def another_units_request_and_their_own_work(counter: Counter) -> None:
    number = (await counter.request()).queue_number or 0
    ani = await counter.operator("Ani")
    await counter.colleague("Vero", Role.VERIFIER)
    for typed in (f"/ambil {number}", f"/lengkap {number}", f"/siap {number}"):
        await ani.says(typed)
    assert "dikerjakan oleh Bapak/Ibu sendiri" in ani.heard
    assert await refusals() == [("operator", f"queue:{number}", "second_person_needed")]


async def a_village_head_at_the_desk(counter: Counter) -> None:
    number = (await counter.request()).queue_number or 0
    _, code = await staff.add("Bapak Nggi", Role.VILLAGE_HEAD, counter.now, "53.14.02.1021")
    head = await counter.person()
    await head.says(f"/masuk {code}")
    for typed in ("/antrean", f"/lihat {number}", f"/ambil {number}"):
        await head.says(typed)
        assert head.heard == UNKNOWN
    assert (await Request.get()).owner_id is None


async def a_guessed_code(counter: Counter) -> None:
    """Twenty guesses, a code used before, one that is too old, and one from two chats."""
    _, code = await staff.add("Ani", Role.OPERATOR, counter.now)
    guesser, one, other = [await counter.person() for _ in range(3)]
    for guess in range(20):
        await guesser.says(f"/masuk K7Q2M-9FDX3-TR8{guess:02}")
        assert guesser.heard == BAD
    assert await refusals() == [("citizen", "command:masuk", "bad_code")] * 20
    assert await alerts.notice_trouble(counter.now) == 1
    assert (await Alert.get()).kind is AlertKind.GUESSED
    await guesser.says(f"/masuk {code}")
    assert guesser.heard == BAD
    await one.says(f"/masuk {code}")
    assert "Selamat bekerja" in one.heard
    await other.says(f"/masuk {code}")
    assert other.heard == BAD
    _, late = await staff.renew_code("Ani", counter.now)
    counter.now += timedelta(minutes=10)
    await other.says(f"/masuk {late}")
    assert other.heard == BAD
    assert await StaffBinding.all().count() == 1


CASES: Mapping[int, Callable[[Counter], Awaitable[None]]] = {
    39: a_nik_from_a_strange_chat,
    40: the_number_of_somebody_else,
    41: a_thousand_numbers,
    42: forged_buttons,
    43: a_staff_command_from_others,
    44: another_units_request_and_their_own_work,
    45: a_village_head_at_the_desk,
    46: a_guessed_code,
}


@pytest.mark.parametrize("number", CASES)
async def test_bad_input(counter: Counter, number: int) -> None:
    await CASES[number](counter)


async def test_a_queue_number_of_another_office_is_none_here(counter: Counter, tmp_path: Path) -> None:
    request = await counter.request()
    files = merauke.files_of(tmp_path, "LOKET_PUBLIC_URL=https://merauke.example")
    there = open_beside(files / "merauke.yaml", "https://merauke.example")
    with at_office(there.office_id):
        stranger, _ = await staff.add("Budi", Role.OPERATOR, NOW)
        with pytest.raises(NoSuchQueueNumber):
            await queue.take(stranger, request.queue_number, NOW)


async def test_the_tenth_miss_is_one_too_many(counter: Counter) -> None:
    chat = await a_citizen()
    for _ in range(MOST - 1):
        assert "tidak ditemukan" in await chat.says(str(RequestNumber.new()))
    assert "Sudah sepuluh nomor" in await chat.says(str(RequestNumber.new()))
