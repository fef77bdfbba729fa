"""Rows 39 to 46, and 60: who tries what is not theirs, with what is answered and what the audit has."""

from __future__ import annotations

import re
from collections import Counter as Counts
from datetime import datetime, timedelta
from itertools import count
from statistics import median
from time import perf_counter

import pytest

from bot.channels.keyboard import Choice, encode
from handlers.operator.commands import DEEDS
from models.audit import AuditRow
from models.broadcasts import Broadcast
from models.calls import Alert, AlertKind
from models.contacts import Contact
from models.database import transaction
from models.outbox import OutboxMessage
from models.requests import JournalEntry, Request, RequestState
from models.staff import Role, Staff, StaffBinding
from office import misses, staff
from office.misses import MOST
from office.number import RequestNumber
from office.refusal import Refusal
from office.requests import RequestNotFound, printed
from tests.bad_inputs.row import row
from tests.bad_inputs.town import Town
from tests.fakes.bodies import Json
from tests.flows import doors, steps
from tests.flows.steps import NIK, comes_to_the_papers, files_a_lost_card, said, says, settled
from tests.handlers.counter import METINA, OELUA
from tests.telegram_group import TelegramGroup
from tests.telegram_phone import TelegramPhone

ALIKE = 0.1  # by which the usual time of one answer may be off the other's
PAIRS = 25  # at a time, one of each in turn: what else the machine does slows both
ANOTHER_NIK = "5314015506900002"
BAD_CODE = "Kode itu tidak berlaku. Mohon minta kode baru kepada admin kantor."
UNKNOWN_COMMAND = "Perintah itu tidak dikenal."
NOT_THE_ROLE = "Peran akun ini tidak mencakup perintah itu."


async def refused(since: int) -> list[tuple[str, str, str]]:
    """Role, what and why, of every refusal that the audit has since then."""
    rows = await AuditRow.filter(action="refused", id__gt=since).order_by("id")
    return [(row.role, row.object, row.reason) for row in rows]


async def so_far() -> int:
    last = await AuditRow.all().order_by("-id").first()
    return last.id if last else 0


async def newest() -> Request:
    request = await Request.exclude(queue_number=None).order_by("-id").first()
    assert request is not None
    return request


async def handed_in(town: Town) -> tuple[TelegramPhone, str, int]:
    """Somebody new with a request: their phone, its number, its number in the queue."""
    citizen = town.on_telegram("Maria Ndun")
    number = await files_a_lost_card(citizen, nik=NIK)
    return citizen, number, (await newest()).queue_number or 0


@row(39, "the NIK of somebody else, from a strange chat", "the same answer as to one that nobody has")
async def a_nik_from_a_strange_chat(town: Town) -> None:
    await handed_in(town)
    told = [await says(town.on_telegram(), typed) for typed in (NIK, ANOTHER_NIK)]
    as_one = [Counts(character for character in text if not character.isdigit()) for text in told]
    assert as_one[0] == as_one[1]
    assert not any(word in text for text in told for word in (NIK, ANOTHER_NIK, "Maria"))


@row(
    40,
    "somebody else's request number",
    "not found, in the words and the time (±10 %) of one that nobody has",
)
async def the_number_of_somebody_else(town: Town) -> None:
    owner, number, _ = await handed_in(town)
    never = str(RequestNumber.new())
    stranger = town.on_telegram()
    await says(stranger, "halo")
    told = {typed: await says(stranger, typed) for typed in (number, never)}
    assert told[number].replace(number, "…") == told[never].replace(never, "…")
    assert "tidak ditemukan" in told[number] and "Maria" not in told[number]
    assert number in await says(owner, number)
    contact = await Contact.all().order_by("-id").first()
    assert contact is not None
    took: dict[str, list[float]] = {number: [], never: []}
    hours = count(1)
    while abs(median(took[number] or [0.0]) / median(took[never] or [1.0]) - 1) > ALIKE:
        assert len(took[never]) < 10 * PAIRS, [median(times) for times in took.values()]
        for _ in range(PAIRS):
            later = town.clock() + timedelta(hours=2 * next(hours))  # two misses an hour: nobody has to wait
            for typed in took if next(hours) % 4 else reversed(took):
                took[typed].append(await misses_one(typed, contact, later))


async def misses_one(typed: str, contact: Contact, now: datetime) -> float:
    """The seconds until the answer is there; a handler commits it just so."""

    async def look_up() -> None:
        with pytest.raises(RequestNotFound):
            await misses.look_up(typed, contact, now)

    begun = perf_counter()
    await transaction(look_up)
    return perf_counter() - begun


@row(41, "a thousand request numbers", "after ten misses an hour of none; 40 random bits and a check letter")
async def a_thousand_numbers(town: Town) -> None:
    owner, own, _ = await handed_in(town)
    other, theirs, _ = await handed_in(town)
    since, stranger = await so_far(), town.on_telegram()
    for _ in range(MOST - 1):
        assert "tidak ditemukan" in await says(stranger, str(RequestNumber.new()))
    assert "Sudah sepuluh nomor" in await says(stranger, str(RequestNumber.new()))
    contact = await Contact.all().order_by("-id").first()
    assert contact is not None

    async def misses_often() -> set[str]:
        """As a handler does: the refusal is an answer, and its count is committed."""
        told = set()
        for _ in range(1000 - MOST):
            try:
                await misses.look_up(str(RequestNumber.new()), contact, town.clock())
            except Refusal as refusal:
                told.add(refusal.code)
        return told

    assert await transaction(misses_often) == {"TooManyMisses"}
    said = {await says(stranger, typed) for typed in (own, theirs, str(RequestNumber.new()))}
    assert len(said) == 1 and "Sudah sepuluh nomor" in said.pop()
    assert await refused(since) == [("citizen", "command:status", "too_many_misses")]
    assert own in await says(owner, own) and theirs in await says(other, theirs)  # nobody else has to wait
    town.clock.advance(hours=1)
    assert "tidak ditemukan" in await says(stranger, own)
    assert 32**8 == 2**40 and len(RequestNumber.new().characters) == 9


@row(
    42,
    "buttons made up: somebody else's request, 1_0, -1, 10^20, an old one",
    "no longer valid; nothing done",
)
async def forged_buttons(town: Town) -> None:
    owner, number, _ = await handed_in(town)
    other = town.on_telegram("Yakob")
    await comes_to_the_papers(other, "kk baru", nik=ANOTHER_NIK)
    draft = (await Request.filter(queue_number=None).order_by("-id").first()).id  # type: ignore[union-attr]
    stranger, on_whatsapp = town.on_telegram(), town.on_whatsapp()
    for phone in (stranger, on_whatsapp):
        await says(phone, "halo")

    async def stands() -> list[tuple[object, ...]]:
        return await Request.all().order_by("id").values_list("id", "state", "village_code", "contact_id")

    before, journal = await stands(), await JournalEntry.all().count()
    made_up = (
        f"f:{draft}:confirm:send", f"f:{draft}:village:5314012001", f"f:{draft}:papers:done",
        f"f:{draft}_0:papers:done", f"f: {draft}:papers:done", "f:-1:confirm:send",
        f"f:{10**20}:confirm:send", f"f:{2**63}:confirm:send", f"d:{draft}:drop", f"d:{draft}:resume",
        f"p:{draft - 1}", f"form:done:{draft}", "form:done:x", "m:root", "s:apply:nothing_like_it",
        "g:apply:nobody", "x" * 64, "f:::", ":", "\x1d", "staff:1:serah",
    )  # fmt: skip
    for data in made_up[::2]:
        await taps_on_whatsapp(town, on_whatsapp.wa_id or "", data)
    for data in made_up:
        await taps_on_telegram(town, stranger, data)
    await settled(town)
    assert (await stands(), await JournalEntry.all().count()) == (before, journal)
    told = [text for phone in (stranger, on_whatsapp) for text in phone.everything[1:]]
    assert told and all("tidak berlaku lagi" in text or "layanan" in text.lower() for text in told), told
    assert not any("Maria" in text or "KTP-el hilang" in text or "Yakob" in text for text in told)

    for title in ("KIRIM", "Ya, benar", "LANJUT", "KIRIM"):
        assert await owner.taps(title, older=True) == 200
        assert number in await owner.hears()
    async with town.in_a_browser() as browser:
        await says(browser, "halo")
        for data, ident in (
            ("f:1:confirm:send", 1),
            ("m:apply", 2**63),
            ("m:apply", -1),
            ("m:apply", 10**20),
        ):
            assert await browser._does({"tap": data, "message_id": ident, "label": "KIRIM"}) == 400
        assert set(browser.errors) == {"unknown_choice", "not_json"}  # the latter: no number of 64 bits
    assert (await newest()).state is RequestState.SUBMITTED
    assert await JournalEntry.all().count() == journal


async def taps_on_whatsapp(town: Town, wa_id: str, data: str) -> None:
    reply = {"type": "button_reply", "button_reply": {"id": encode(1, Choice("x", data)), "title": "KIRIM"}}
    said = doors.message(town, wa_id, "interactive", reply)
    assert await doors.whatsapp(town, doors.written_by(town, wa_id, said)) == 200


async def taps_on_telegram(town: Town, phone: TelegramPhone, data: str) -> None:
    query: Json = {
        "id": town.telegram.new_callback_query(phone.user_id),
        "from": phone.user,
        "chat_instance": "1",
        "data": data,
    }
    update = {"update_id": town.telegram.next_update_id(), "callback_query": query}
    assert await doors.telegram(town, update) == 200


@row(43, "a staff command by a citizen, by somebody who has left, in a group, forwarded",
     "an unknown command like any other, in a group: in private please; audited")  # fmt: skip
async def a_staff_command_from_others(town: Town) -> None:
    _, _, queue = await handed_in(town)
    citizen, since = town.on_telegram(), await so_far()
    unknown = await says(citizen, "/adakah")
    assert UNKNOWN_COMMAND in unknown
    tried = [name for name, deed in DEEDS.items() if deed is not None]
    for name in tried:
        assert await says(citizen, f"/{name.upper()}@loket_bot {queue}") == unknown
    assert await refused(since) == [("citizen", f"command:{name}", "not_staff") for name in tried]

    ani, since = await town.at_the_desk(), await so_far()
    forwarded = {"type": "hidden_user", "date": int(town.clock().timestamp()), "sender_user_name": "Y"}
    await ani._sends(text=f"/ambil {queue}", forward_origin=forwarded)
    assert "Perintah yang diteruskan tidak dijalankan" in await ani.hears()
    assert await refused(since) == [("operator", "deed:take", "forwarded")]
    group = TelegramGroup(ani, group_id=-4043)
    town.telegram.meet(group.chat)
    await group.says(f"/ambil {queue}")
    await steps.said(town)
    assert ["chat pribadi" in sent.text for sent in group.heard] == [True]
    assert (await refused(since))[1:] == [("citizen", "command:ambil", "in_a_group")]
    await transaction(lambda: staff.remove(ani.name, town.clock()))
    since = await so_far()
    assert await says(ani, f"/ambil {queue}") == unknown.replace("/adakah", "/ambil")
    assert await refused(since) == [("citizen", "command:ambil", "not_staff")]
    request = await newest()
    assert (request.state, request.owner_id) == (RequestState.SUBMITTED, None)


@row(
    44, "an operator on a colleague's request; somebody verifies their own work", "refused, and in the audit"
)
async def anothers_and_their_own(town: Town) -> None:
    _, _, queue = await handed_in(town)
    ani, budi = await town.at_the_desk(), await town.at_the_desk()
    await town.at_the_desk(Role.VERIFIER)
    since = await so_far()
    await ani.says(f"/ambil {queue}")
    await ani.hears(containing="Maria")
    assert ani.name in await says(budi, f"/lengkap {queue}")
    await ani.receives(2)  # what was taken is shown to its end
    await says(ani, f"/lengkap {queue}")
    await ani.says(f"/siap {queue}")
    await ani.hears(containing="dikerjakan oleh Bapak/Ibu sendiri")
    assert (await refused(since))[-1] == ("operator", f"queue:{queue}", "second_person_needed")
    assert (await newest()).state is RequestState.COMPLETE
    await transaction(lambda: _only_operators(town))


async def _only_operators(town: Town) -> None:
    """The verifier leaves: for the rows behind this one the desk is small again."""
    for one in await Staff.filter(role=Role.VERIFIER):
        await staff.remove(one.name, town.clock())


@row(45, "a village head for another village", "the row is refused; another village's drafts are unknown")
async def a_village_head(town: Town) -> None:
    _, _, queue = await handed_in(town)
    head, other = [await town.at_the_desk(Role.VILLAGE_HEAD, village) for village in (OELUA, METINA)]
    for typed in ("/antrean", f"/lihat {queue}", f"/ambil {queue}"):
        assert UNKNOWN_COMMAND in await says(head, typed), typed
    assert (await newest()).owner_id is None
    table = f"desa,nik,nama,layanan\nMetina,{NIK[:-1]}7,Petrus,KTP hilang\n,{NIK[:-1]}8,Yohana,KTP hilang\n"
    await head.sends_document(table.encode(), "warga.csv", "text/csv")
    await head.hears()
    await town.reads_lists()
    assert "– baris 2: bukan desa/kelurahan Bapak/Ibu" in await head.hears(containing="Ditolak: 1")
    await head.taps("MASUKKAN 1")
    await head.hears()
    await town.time_passes(seconds=15)
    await head.hears(containing="1 warga diterima")
    draft = await Request.filter(relation="warga desa").order_by("-id").first()
    assert draft is not None
    assert draft.village_code == OELUA
    unknown = await says(other, "/usul K7Q2-M9FD-X")
    assert await says(other, f"/usul {printed(draft)}") == unknown
    assert "Tidak ada usulan" in await says(other, "/usul")


@row(46, "a binding code guessed 20 times, used again, after ten minutes, from two chats",
     "five tries, once only; staff are told")  # fmt: skip
async def a_guessed_code(town: Town) -> None:
    name = "Petugas empatenam"
    _, code = await transaction(lambda: staff.add(name, Role.OPERATOR, town.clock()))
    guesser, one, other = [town.on_telegram() for _ in range(3)]
    since, bound = await so_far(), await StaffBinding.all().count()
    for guess in range(20):
        assert await says(guesser, f"/masuk K7Q2M-9FDX3-TR8{guess:02}") == BAD_CODE
    assert await refused(since) == [("citizen", "command:masuk", "bad_code")] * 20
    assert await says(guesser, f"/masuk {code}") == BAD_CODE
    assert "Selamat bekerja" in await says(one, f"/masuk {code}")
    assert await says(other, f"/masuk {code}") == BAD_CODE
    _, late = await transaction(lambda: staff.renew_code(name, town.clock()))
    town.clock.now += timedelta(minutes=10)
    assert await says(other, f"/masuk {late}") == BAD_CODE
    assert await StaffBinding.all().count() == bound + 1
    await town.time_passes(minutes=1)
    assert await Alert.filter(kind=AlertKind.GUESSED).exists()
    assert len(code.replace("-", "")) * 5 >= 64


UNFILLED = ("{nama}", "{{1}}", "${nama}", "$nama", "<nama>", "[nama]", "%s", "____", "….")


@row(
    60,
    "a message to everybody with a blank nobody fills in; by one person; by who may not",
    "refused and named; preview, count, try on oneself, and a second person sends it, once each",
)
async def broadcasts(town: Town) -> None:
    """Whom it is for are those who agreed before as well as the two of this row."""
    town.clock.now = town.clock.now.replace(hour=2) + timedelta(days=1)  # 10.00 WITA
    author, second = [await town.at_the_desk(role) for role in (Role.SUPERVISOR, Role.VERIFIER)]
    operator = await town.at_the_desk(Role.OPERATOR)
    since, agreed, never = await so_far(), town.on_telegram(), town.on_telegram()
    await says(agreed, "mulai lagi")
    await says(never, "halo")
    for blank in UNFILLED:
        assert blank in await says(author, f"/siaran Halo {blank}, kantor tutup."), blank
    assert "paling banyak 1000" in await says(author, f"/siaran {'a' * 1_001}")
    assert "OTP" in await says(author, "/siaran Mohon kirim kode OTP ke sini.")
    assert not await Broadcast.all().exists()

    shown = await says(author, "/siaran Kantor tutup besok.")
    counted = re.search(r"Akan menerimanya: (\d+) orang", shown)
    assert counted is not None and "Kantor tutup besok." in shown
    assert "Bapak/Ibu sendiri" in await says(author, "/siaran kirim S1")
    assert NOT_THE_ROLE in await says(operator, "/siaran kirim S1")
    assert await refused(since) == [
        ("supervisor", "broadcast:1", "own_broadcast"),
        ("operator", "deed:broadcast_confirm", "not_allowed"),
    ]
    await author.says("/siaran coba S1")
    await author.hears(containing="Pengumuman")
    assert await OutboxMessage.filter(name__startswith="broadcast").count() == 1

    assert "mulai dikirim" in await says(second, "/siaran kirim S1")
    for _ in range(3):
        await town.time_passes(seconds=15)
    await said(town)
    everybody = await OutboxMessage.filter(name="broadcast").values_list("contact_id", flat=True)
    assert len(everybody) == len(set(everybody)) == int(counted[1])
    assert sum("Kantor tutup besok." in text for text in agreed.everything) == 1
    assert not any("Kantor tutup" in text for text in [*never.everything, *operator.everything])
    for typed in ("/broadcast Halo", "/umumkan semua Halo"):
        told = await says(operator, typed)
        assert UNKNOWN_COMMAND in told or "tidak dikirim kepada siapa pun" in told
    for path in ("/broadcast", "/siaran", "/api/broadcast"):
        assert (await town.asks("POST", path, data=b"{}"))[0] == 404
