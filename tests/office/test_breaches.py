"""A breach: its clock, whom it concerns, and that what may be evidence stays."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest

from models.contacts import Contact
from models.outbox import OutboxMessage
from models.requests import Request
from office import breaches, erasure, purge, requests
from office.breaches import BreachClosed
from office.erasure import UnderInquiry
from office.identity import Nik
from office.nik_shown import show_nik
from scheduler.ticks import tick
from tests.office.world import NOW, World, act, queue_number
from wiring.breach import PEOPLE, TO_AUTHORITY, TO_PEOPLE, write_report

NIK = "5314015506900001"
HOUR = timedelta(hours=1)


async def test_the_clock_runs_three_days_and_the_desk_hears_of_it_three_times(world: World) -> None:
    await world.bound(await world.operator())
    breach = await act(lambda: breaches.open_("Laptop hilang.", NOW - HOUR, NOW))
    assert breach.due_at == NOW + timedelta(hours=72)
    for hours in (1, 47, 49, 50, 71, 73, 80):
        await tick(NOW + hours * HOUR)
    told = await OutboxMessage.filter(name="staff_breach").order_by("id")
    assert [row.created_at - NOW for row in told] == [0 * HOUR, 49 * HOUR, 73 * HOUR]


async def test_nothing_is_purged_while_it_is_open(world: World) -> None:
    request = await world.submitted()
    await Request.filter(id=request.id).update(state="rejected", closed_at=NOW)
    breach = await act(lambda: breaches.open_("Laptop hilang.", NOW, NOW))
    late = NOW + timedelta(days=60)
    await tick(late)
    with pytest.raises(purge.PurgeFrozen):
        await purge.purge_all(late)
    contact = await Contact.get(id=request.contact_id)
    with pytest.raises(UnderInquiry):
        await act(lambda: erasure.erase(contact, late))
    assert (await Request.get(id=request.id)).subject_name == "Maria Tungga"
    await act(lambda: breaches.close(breach.number, late))
    with pytest.raises(BreachClosed):
        await act(lambda: breaches.close(breach.number, late))
    await tick(late)
    assert (await Request.get(id=request.id)).subject_name is None


async def test_it_lists_whom_it_concerns_and_drafts_what_they_are_told(world: World, tmp_path: Path) -> None:
    yanti = await world.operator()
    before = await world.taken(yanti)
    await world.submitted(citizen=await world.citizen("=Yos"))  # which nobody opened
    draft = await world.draft(citizen=await world.citizen("Maria Ndun"))
    await act(lambda: requests.set_nik(draft, Nik.parse(NIK), "chat"))
    request = await world.with_papers(draft)
    request = await act(lambda: requests.submit(request, NOW))
    await Request.filter(id=request.id).update(owner_id=yanti.id)
    await act(lambda: show_nik(queue_number(request), yanti, NOW + 2 * HOUR))
    breach = await act(lambda: breaches.open_("Akun petugas dipakai orang lain.", NOW + HOUR, NOW + 3 * HOUR))

    (one,) = await breaches.concerned(breach)
    assert one.contact.id == request.contact_id != before.contact_id
    assert list(one.fields) == ["name", "nik", "village", "papers"]
    assert one.first == one.last == NOW + 2 * HOUR

    people = await write_report(breach, tmp_path / "report", everybody=True)
    assert len(people) == 3
    rows = list(csv.reader((tmp_path / "report" / PEOPLE).open(encoding="utf-8")))
    assert [row[1] for row in rows[1:]] == ["Maria Tungga", "'=Yos", "Maria Ndun"]
    for name in (TO_PEOPLE, TO_AUTHORITY):
        draft_text = (tmp_path / "report" / name).read_text()
        assert "Akun petugas dipakai orang lain." in draft_text and "foto berkas" in draft_text
        assert (tmp_path / "report" / name).stat().st_mode & 0o077 == 0
    assert "Jumlah subjek data: 3" in (tmp_path / "report" / TO_AUTHORITY).read_text()
