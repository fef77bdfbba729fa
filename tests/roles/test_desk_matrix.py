"""Command × role × whose request it is: every cell, through the door and at the office itself."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from itertools import product

import pytest

from handlers.operator.commands import COMMANDS as ALL_COMMANDS
from handlers.operator.commands import DEEDS
from models.audit import AuditRow
from models.database import transaction
from models.requests import JournalEntry, Request, RequestState
from models.staff import Role, Staff
from office import broadcasts, calls, data_rights, desk, papers, questions, queue, retaining, staff
from office.identity import Nik
from office.nik_shown import show_nik
from office.permissions import MAY as PRODUCTS
from office.permissions import Deed, NotAllowed
from office.search import search
from office.senders import notable
from tests.handlers.counter import ACCOUNT, BEYOND_THE_ROLE, CHANNEL, NOW, UNKNOWN, Counter, Person
from tests.roles import table
from tests.roles.table import OWN_MATTER, ROLES, expected

NIK = "5314015506900001"
S = RequestState

# How a command is typed for the request n, and the state in which it can be carried out
TYPED: Mapping[str, tuple[str, RequestState]] = {
    "antrean": ("/antrean", S.IN_REVIEW),
    "ambil": ("/ambil {n}", S.IN_REVIEW),
    "lihat": ("/lihat {n}", S.IN_REVIEW),
    "nik": ("/nik {n}", S.IN_REVIEW),
    "cari": (f"/cari {NIK}", S.IN_REVIEW),
    "minta": ("/minta {n} KK fotonya buram", S.IN_REVIEW),
    "label": ("/label {n} 1 lain", S.IN_REVIEW),
    "lengkap": ("/lengkap {n}", S.IN_REVIEW),
    "proses": ("/proses {n}", S.COMPLETE),
    "tte": ("/tte {n}", S.IN_PROCESS),
    "siap": ("/siap {n}", S.IN_PROCESS),
    "terbit": ("/terbit {n}", S.IN_PROCESS),
    "serah": ("/serah {n}", S.IN_PROCESS),
    "selesai": ("/selesai {n}", S.IN_PROCESS),
    "tunda": ("/tunda {n} jaringan", S.IN_PROCESS),
    "lanjut": ("/lanjut {n}", S.ON_HOLD),
    "tolak": ("/tolak {n} palsu", S.IN_REVIEW),
    "salah": ("/salah {n} Kupang", S.IN_REVIEW),
    "kirim": ("/kirim {n} halo", S.IN_REVIEW),
    "catat": ("/catat {n} halo", S.IN_REVIEW),
    "lepas": ("/lepas {n}", S.IN_REVIEW),
    "tanya": ("/tanya", S.IN_REVIEW),
    "jawab": ("/jawab T1 besok", S.IN_REVIEW),
    "telepon": ("/telepon", S.IN_REVIEW),
    "hak": ("/hak", S.IN_REVIEW),
    "siaran": ("/siaran", S.IN_REVIEW),
    "pengirim": ("/pengirim", S.IN_REVIEW),
    "tahanhapus": ("/tahanhapus {n} sengketa", S.IN_REVIEW),
    "bolehhapus": ("/bolehhapus {n}", S.IN_REVIEW),
    "keluar": ("/keluar", S.IN_REVIEW),
    "bantuan": ("/bantuan", S.IN_REVIEW),
}
SAID: Mapping[str, str] = {
    "SecondPersonNeeded": "dikerjakan oleh Bapak/Ibu sendiri",
    "OwnMatter": "adalah permohonan Bapak/Ibu sendiri",
    "NotYours": "dikerjakan <b>Rekan</b>",
    "TakenBy": "sudah diambil",
    "NotTaken": "belum diambil siapa pun",
    "unknown": "Nomor antrean 99 tidak ada",
}
DENIALS = ("NotAllowed", "OwnMatter", "SecondPersonNeeded")


class Undo(Exception):
    """What a cell has done is undone."""


def verdict(heard: str) -> str:
    if heard == UNKNOWN:
        return "unknown command"
    if heard == BEYOND_THE_ROLE:
        return "NotAllowed"
    return next((code for code, words in SAID.items() if words in heard), "done")


class Matrix:
    """One office for all cells: after each it is as it was."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.people: dict[str, Person] = {}
        self.staff: dict[str, Staff] = {}
        self.colleague: Staff
        self.citizens: Request
        self.theirs: dict[str, Request] = {}

    async def opens(self) -> "Matrix":
        citizen = await self.counter.person()
        await questions.ask(citizen.contact, CHANNEL, ACCOUNT, "Kapan?", self.counter.now)
        self.citizens = await self.counter.request(citizen, nik=NIK)
        for role in ROLES:
            person = await self.counter.person(role)
            self.theirs[role] = await self.counter.request(person, nik=NIK)
            self.people[role] = person
        for role in Role:
            home = "53.14.03.1011" if role is Role.VILLAGE_HEAD else None
            member, code = await staff.add(role.value, role, self.counter.now, home)
            self.staff[role.value] = member
            await self.people[role.value].says(f"/masuk {code}")
        self.colleague, _ = await staff.add("Rekan", Role.OPERATOR, self.counter.now)
        return self

    async def cell(self, command: str, role: str, ownership: str) -> tuple[str, int, int]:
        """What is told, how many refusals the audit has, and how many rows the journal got."""
        typed, state = TYPED[command]
        found: list[tuple[str, int, int]] = []

        async def tried() -> None:
            number = await self._set_down(role, ownership, state)
            before = await self._counts()
            await self.people[role].says(typed.format(n=number))
            after = await self._counts()
            heard = verdict(self.people[role].heard)
            found.append((heard, after[0] - before[0], after[1] - before[1]))
            raise Undo

        self.counter.ear.methods.clear()
        with pytest.raises(Undo):
            await transaction(tried)
        return found[0]

    async def _set_down(self, role: str, ownership: str, state: RequestState) -> int:
        request = self.theirs[role] if ownership == OWN_MATTER else self.citizens
        me = self.staff.get(role, self.colleague)
        owner = {table.COLLEAGUES: self.colleague.id, table.NOBODYS: None}.get(ownership, me.id)
        hold = S.IN_REVIEW if state is S.ON_HOLD else None
        await Request.filter(id=request.id).update(state=state, owner_id=owner, before_hold=hold)
        return 99 if ownership == table.UNKNOWN else request.queue_number or 0

    @staticmethod
    async def _counts() -> tuple[int, int]:
        return await AuditRow.filter(action="refused").count(), await JournalEntry.all().count()


async def test_every_cell(one_counter: Counter) -> None:
    matrix = await Matrix(one_counter).opens()
    cells = table.cells()
    assert len(cells) == (21 * 5 + 10) * 8
    wrong = []
    for cell in cells:
        told, refused, journalled = await matrix.cell(*cell)
        wanted = expected(*cell)
        if told != wanted or refused != (wanted in DENIALS) or (journalled and wanted != "done"):
            wrong.append((*cell, wanted, told, refused, journalled))
    assert wrong == []


def test_no_command_is_missing_from_the_table() -> None:
    assert set(ALL_COMMANDS) == set(table.COMMANDS) == set(TYPED)
    assert {name for name, deed in DEEDS.items() if deed is None} == set(table.FOR_EVERYBODY)
    assert set(PRODUCTS) == set(Role)


# ------------------------------------------------------------------ the office itself, without a door

Deeds = Callable[[Staff, int], Awaitable[object]]
HELD = "siak"
FUNCTIONS: Mapping[str, Deeds] = {
    "antrean": lambda who, n: queue.look(who, 9),
    "ambil": lambda who, n: queue.take(who, n, NOW),
    "lihat": lambda who, n: desk.dossier(n, who, NOW),
    "nik": lambda who, n: show_nik(n, who, NOW),
    "cari": lambda who, n: search(NIK, who, NOW),
    "minta": lambda who, n: _with(n, lambda one: papers.ask_again(one, "kk", "buram", who, NOW)),
    "label": lambda who, n: _with(n, lambda one: papers.relabel(one, 1, "lain", who, NOW)),
    "lengkap": lambda who, n: desk.complete(n, who, NOW),
    "proses": lambda who, n: desk.process(n, who, NOW),
    "tte": lambda who, n: desk.to_signature(n, who, NOW),
    "siap": lambda who, n: desk.ready(n, who, NOW),
    "terbit": lambda who, n: desk.issued(n, who, NOW),
    "serah": lambda who, n: desk.hand_over(str(n), who, NOW),
    "selesai": lambda who, n: desk.finish(n, who, NOW),
    "tunda": lambda who, n: desk.hold(n, HELD, who, NOW),
    "lanjut": lambda who, n: desk.resume(HELD, who, NOW),
    "tolak": lambda who, n: desk.reject(n, "palsu", who, NOW),
    "salah": lambda who, n: desk.wrong_office(n, "Kupang", who, NOW),
    "kirim": lambda who, n: desk.write_to_citizen(n, "halo", who, NOW),
    "catat": lambda who, n: desk.note(n, "halo", who, NOW),
    "lepas": lambda who, n: _with(n, lambda one: queue.release(one, who, NOW)),
    "tanya": lambda who, n: questions.waiting(who),
    "jawab": lambda who, n: questions.answer(1, "besok", who, NOW),
    "telepon": lambda who, n: calls.waiting(who),
    "hak": lambda who, n: data_rights.waiting(who),
    "siaran": lambda who, n: broadcasts.latest(who),
    "pengirim": lambda who, n: notable(who, NOW),
    "tahanhapus": lambda who, n: retaining.retain(n, "sengketa", who, NOW),
    "bolehhapus": lambda who, n: retaining.let_go(n, who, NOW),
}
MORE: Mapping[str, Deeds] = {  # further ways into the same deed
    "nik": lambda who, n: desk.enter_nik(n, Nik.parse(NIK), who, NOW),
    "lanjut": lambda who, n: desk.resume(n, who, NOW),
    "tanya": lambda who, n: questions.read(1, who, NOW),
    "telepon": lambda who, n: calls.called(1, who, NOW),
    "hak": lambda who, n: data_rights.lift(1, "sudah", who, NOW),
    "siaran": lambda who, n: broadcasts.cancel(1, who, NOW),
}


async def _with(number: int, act: Callable[[Request], Awaitable[object]]) -> object:
    return await act(await queue.get(number))


async def allowed(act: Deeds, member: Staff, number: int) -> bool:
    """Whether the role may: any other refusal, or none, says that it does."""
    try:
        await transaction(lambda: act(member, number))
    except NotAllowed:
        return False
    except Exception as error:
        assert type(error).__module__.startswith("office."), error
    return True


async def test_the_functions_of_the_office_ask_for_the_role_themselves(one_counter: Counter) -> None:
    assert FUNCTIONS.keys() == {name for name, deed in DEEDS.items() if deed is not None}
    number = (await one_counter.request()).queue_number or 0
    people = {}
    for role in Role:
        home = "53.14.03.1011" if role is Role.VILLAGE_HEAD else None
        people[role], _ = await staff.add(role.value, role, NOW, home)
    for role, ways in product(Role, (FUNCTIONS, MORE)):
        for name, act in ways.items():
            assert await allowed(act, people[role], number) is table.MAY[name, role.value], (name, role)


async def test_who_writes_a_broadcast_and_who_lets_it_go(one_counter: Counter) -> None:
    author, _ = await staff.add("Ani", Role.OPERATOR, NOW)
    written = await broadcasts.draft("Kantor tutup.", author, NOW)
    for role in Role:
        home = "53.14.03.1011" if role is Role.VILLAGE_HEAD else None
        member, _ = await staff.add(role.value, role, NOW, home)
        may_write = await allowed(lambda who, n: broadcasts.draft("Halo.", who, NOW), member, 0)
        may_send = await allowed(lambda who, n: broadcasts.confirm(n, who, NOW), member, written.number)
        assert (may_write, may_send) == table.BROADCASTS.get(role.value, (False, False)), role


async def test_whoever_has_left_may_nothing(one_counter: Counter) -> None:
    number = (await one_counter.request()).queue_number or 0
    head, _ = await staff.add("Kepala", Role.HEAD, NOW)
    gone = await staff.remove("Kepala", NOW)
    assert gone.id == head.id
    for name, act in FUNCTIONS.items():
        assert not await allowed(partial(act), gone, number), name


def test_an_admin_and_an_auditor_have_no_deed_with_personal_data() -> None:
    assert PRODUCTS[Role.ADMIN] <= {Deed.TROUBLE}
    assert PRODUCTS[Role.AUDITOR] == {Deed.AUDIT, Deed.BREACHES}
    assert PRODUCTS[Role.VILLAGE_HEAD] == {Deed.VILLAGE}  # of their own village, from their own chat
    assert [role for role, deeds in PRODUCTS.items() if Deed.VILLAGE in deeds] == [Role.VILLAGE_HEAD]
