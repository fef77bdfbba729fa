"""`/console/jejak` and `/console/pelanggaran`: for who looks after the desk, and sees no person."""

from __future__ import annotations

import csv
import re
from datetime import timedelta

from models.audit import AuditRow
from models.contacts import Contact
from models.database import rows, transaction
from models.requests import Request
from models.staff import Role
from office import audit, breaches
from office.audit_list import PAGE
from tests.console.desk import Desk, audited
from tests.console.test_data_rights_page import text_of

PEOPLE = ("Maria", "Tungga", "Metina", "5314")


async def test_the_auditor_reads_filters_and_copies_codes_and_no_person(desk: Desk) -> None:
    request = await desk.filed()
    ani, member = await desk.staff()
    await ani.opens("/console/hak/1")
    auditor = await desk.browser("Rini", Role.AUDITOR)
    listed = await auditor.opens("/console/jejak")
    seen = text_of(listed)
    assert f"staff:{member.id} operator Ani data_opened contact:{request.contact_id}" in seen
    assert not [word for word in PEOPLE if word in listed.text]
    only = text_of(await auditor.opens(f"/console/jejak?pelaku=staff:{member.id}&tindakan=data_opened"))
    assert "data_opened" in only and "staff_added" not in only
    assert "Tidak ada baris." in text_of(await auditor.opens("/console/jejak?sampai=2026-11-23"))
    today = text_of(await auditor.opens("/console/jejak?sejak=2026-11-24&sampai=2026-11-24"))
    assert "data_opened" in today
    for wrong in ("sejak=2026-02-31", "sampai=besok", "sejak=0000-01-01", "pelaku=%27%3B--", "sebelum=-1",
                  "sebelum=" + "0" * 20 + "9" * 20):  # fmt: skip
        assert (await auditor.opens(f"/console/jejak?{wrong}")).status == 422, wrong
    assert len(await audited("audit_read")) == 3

    copied = await auditor.sends("/console/jejak/salinan", tindakan="data_opened")
    assert copied.headers["Content-Disposition"] == 'attachment; filename="jejak.csv"'
    (row,) = csv.DictReader(copied.text.splitlines())
    assert (row["actor"], row["object"]) == (f"staff:{member.id}", f"contact:{request.contact_id}")
    whole = list(csv.DictReader((await auditor.sends("/console/jejak/salinan")).text.splitlines()))
    assert [int(row["seq"]) for row in whole] == list(range(1, len(whole) + 1))
    assert len(await audited("audit_copied")) == 2
    desk.clock.advance(minutes=6)
    late = await auditor.sends("/console/jejak/salinan")
    assert (late.status, late.headers["Location"]) == (303, "/console/bukti")


async def test_a_page_is_a_hundred_rows_and_leads_to_older_ones(desk: Desk) -> None:
    async def many() -> None:
        for number in range(1, PAGE + 31):
            await audit.note(audit.CLI, "counted", f"row:{number}", desk.clock())

    await transaction(many)
    chief = await desk.browser("Kepala", Role.HEAD)
    first = await chief.opens("/console/jejak?tindakan=counted")
    assert first.text.count("<code>counted</code>") == PAGE
    (older,) = re.findall(r'<a href="(/console/jejak\?[^"]*sebelum=\d+)"', first.text)
    rest = await chief.opens(older.replace("&amp;", "&"))
    assert rest.text.count("<code>counted</code>") == 30 and "sebelum=" not in rest.text
    numbers = re.findall(r"row:(\d+)", first.text + rest.text)
    assert [int(number) for number in numbers] == list(range(PAGE + 30, 0, -1))


async def test_whether_it_is_whole_is_said_and_written_down(desk: Desk) -> None:
    await desk.filed()
    auditor = await desk.browser("Rini", Role.AUDITOR)
    assert re.search(r"Utuh: \d+ baris, 0 jangkar", text_of(await auditor.sends("/console/jejak/periksa")))
    await rows("DELETE FROM audit_heads")
    before = await AuditRow.all().count()
    assert "TIDAK UTUH" in text_of(await auditor.sends("/console/jejak/periksa"))
    assert await AuditRow.all().count() == before
    assert await audited("audit_verified") == [("audit", "intact")]


async def test_an_open_breach_has_its_clock_its_figures_and_its_drafts(desk: Desk) -> None:
    auditor = await desk.browser("Rini", Role.AUDITOR)
    assert "Tidak ada kebocoran yang terbuka" in text_of(await auditor.opens("/console/pelanggaran"))
    request = await desk.filed()
    ani = await desk.browser()
    await transaction(
        lambda: breaches.open_("Telepon <b>hilang</b>.", desk.clock() - timedelta(hours=1), desk.clock())
    )
    assert "Orang yang mungkin terkena 0" in text_of(await auditor.opens("/console/pelanggaran"))
    await ani.opens("/console/hak/1")
    shown = await auditor.opens("/console/pelanggaran")
    for word in ("Kebocoran no. 1", "sisa 3 hari 0 jam", "Orang yang mungkin terkena 1",
                 "nama, desa/kelurahan, foto berkas"):  # fmt: skip
        assert word in text_of(shown), word
    assert "Telepon &lt;b&gt;hilang" in shown.text
    draft = await auditor.opens("/console/pelanggaran/1/lembaga")
    assert draft.headers["Content-Disposition"].startswith("attachment")
    assert "RANCANGAN" in draft.text and "Jumlah subjek data: 1" in draft.text
    assert "RANCANGAN" in (await auditor.opens("/console/pelanggaran/1/warga")).text
    assert not [word for word in PEOPLE if word in shown.text + draft.text]
    linked = await desk.world.citizen("Maria di SMS")
    await Contact.filter(id=request.contact_id).update(merged_into=linked.id)
    await Request.filter(id=request.id).update(contact_id=linked.id)
    assert "Orang yang mungkin terkena 1" in text_of(await auditor.opens("/console/pelanggaran"))
    for unknown in ("1/x", "x/warga", "9/warga", f"{'9' * 30}/warga"):
        assert (await auditor.opens(f"/console/pelanggaran/{unknown}")).status in (404, 422), unknown


async def test_the_first_page_says_what_waits_for_whom(desk: Desk) -> None:
    await desk.filed()
    chief = await desk.browser("Kepala", Role.HEAD)
    await chief.sends("/console/hak/1/catat", hak="correct")
    await transaction(lambda: breaches.open_("Disk hilang.", desk.clock(), desk.clock()))
    words = {
        "Kebocoran data terbuka: 1": (Role.HEAD, Role.AUDITOR),
        "Hak atas data: 1 menunggu, 0 lewat batas": (Role.HEAD, Role.OPERATOR),
        "Antrean: 1 permohonan": (Role.HEAD, Role.OPERATOR, Role.VERIFIER),
    }
    for role in (Role.HEAD, Role.OPERATOR, Role.VERIFIER, Role.AUDITOR, Role.ADMIN):
        shown = text_of(await (await desk.browser(role.value, role)).opens("/console"))
        expected = [word for word, roles in words.items() if role in roles]
        assert [word for word in words if word in shown] == expected, role
