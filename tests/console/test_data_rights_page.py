"""`/console/hak`: what is held of a person, who opened it, and what the desk does with it."""

from __future__ import annotations

import asyncio
import html
import io
import json
import re
import zipfile

import aiohttp

from models.contacts import Contact
from models.database import transaction
from models.requests import JournalEntry, Request
from models.rights import DataRequest, DataRight
from models.staff import Role
from office import data_rights, staff
from office.my_data import holding, readers
from tests.console.browser import COOKIE, OURS, Shown, signed_in
from tests.console.desk import Desk, audited, told
from tests.flows.counter import Counter
from tests.flows.steps import NIK, files_a_lost_card, says

UNUSUAL = "9914035506900001"  # of no kecamatan
OELUA = "53.14.11.2001"


def text_of(shown: Shown) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", shown.text)))


async def asked_for(desk: Desk, right: DataRight, request: Request) -> None:
    """In the chat, as D1."""
    contact = await Contact.get(id=request.contact_id)
    place = (request.channel, request.account)
    await transaction(lambda: data_rights.ask(contact, right, *place, desk.clock()))


async def test_a_copy_for_who_came_to_the_desk_holds_what_their_own_would(counter: Counter) -> None:
    """By a whole office: what was filed in a chat, on the page and in the archive, and seen in the chat."""
    maria = counter.citizen()
    number = await files_a_lost_card(maria)
    await says(maria, "data saya")
    await maria.taps("Perbaiki data")
    await maria.hears(containing="Data mana yang salah")
    assert "D1" in await says(maria, "Nama saya kurang huruf h")
    ani, _ = await signed_in(counter.url, "Ani", Role.OPERATOR, counter.clock())
    page = text_of(await ani.opens("/console/hak/d1"))
    for word in (number, "Maria Ndun", "Kelurahan Metina", "WhatsApp", "Nama saya kurang huruf h"):
        assert word in page, word

    asked = await ani.opens("/console/hak/1/salinan")
    form = {"sekali": re.findall(r'name="sekali" value="([\w-]{43})"', asked.text)[0]}
    unchecked = await ani.sends("/console/hak/1/salinan", **form, bukti="card", alasan="at_counter")
    assert (unchecked.status, await audited("data_exported")) == (422, [])
    form |= {"diperiksa": "1", "bukti": "card", "alasan": "at_counter"}
    headers = OURS | {"Cookie": f"{COOKIE}={ani.token}"}
    url = f"{counter.url}/console/hak/1/salinan"
    async with aiohttp.ClientSession() as http, http.post(url, data=form, headers=headers) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/zip")
        archive = zipfile.ZipFile(io.BytesIO(await answer.read()))
    data = json.loads(archive.read("data.json"))
    assert data["requests"][0]["number"] == number and data["person"]["name"] == "Maria"
    photos = [name for name in archive.namelist() if name.startswith(f"berkas/{number}/")]
    assert [archive.read(name)[:3] for name in photos] == [b"\xff\xd8\xff"] * 2
    again = await ani.sends("/console/hak/1/salinan", **form)
    assert again.status == 422 and "sudah" in text_of(again)
    contact = (await Request.get(queue_number=1)).contact_id
    assert await audited("data_exported") == [(f"contact:{contact}", "card:at_counter")]
    await maria.hears(containing="Salinan semua data Bapak/Ibu diserahkan oleh petugas")
    seen = await says(maria, "data saya")
    assert "Ani: halaman data dibuka 1 kali, salinan data diambil 1 kali" in seen


async def test_the_page_says_what_the_person_is_told_and_every_look_is_a_row(desk: Desk) -> None:
    request = await desk.filed()
    await asked_for(desk, DataRight.CORRECT, request)
    ani = await desk.browser()
    desk.clock.advance(hours=1)
    ani, _ = await desk.staff("Budi")
    listed = text_of(await ani.opens("/console/hak"))
    for word in ("D1", "perbaikan data", "Maria", "27 November 2026", "sisa 2 hari 23 jam", "belum diambil"):
        assert word in listed, word
    assert "Tungga" not in listed
    found = await ani.opens("/console/hak?cari=D1")
    assert (found.status, found.headers["Location"]) == (303, "/console/hak/d1")
    for path in ("/console/hak/d1", "/console/hak/1"):
        assert "Maria Tungga" in text_of(await ani.opens(path))
    assert await audited("data_opened") == [(f"contact:{request.contact_id}", "")] * 2
    page = text_of(await ani.opens("/console/hak/1"))
    held = await holding(await Contact.get(id=request.contact_id))
    (reader,) = readers(held.openings)
    assert (reader.who, list(reader.what)) == ("Budi", ["halaman data dibuka 3 kali"])
    assert "Budi: halaman data dibuka 2 kali" in page
    for unknown in ("d9", "9", "d0", "x", "d1%20or%201", "%00"):
        assert (await ani.opens(f"/console/hak/{unknown}")).status in (404, 422), unknown
    desk.clock.advance(hours=71)
    late, _ = await desk.staff("Cici")
    assert "LEWAT BATAS" in text_of(await late.opens("/console/hak"))


async def test_a_fact_is_put_right_once_and_the_person_is_told(desk: Desk) -> None:
    request = await desk.filed()
    number = f"{request.number[:4]}-{request.number[4:8]}-{request.number[8:]}"
    await asked_for(desk, DataRight.CORRECT, request)
    ani = await desk.browser()
    form = {"permohonan": number, "nama": "Mariah  Tungga", "nik": UNUSUAL, "akhiri": "1"}
    asked = await ani.sends("/console/hak/d1/perbaiki", **form)
    assert asked.status == 422 and 'name="benar"' in asked.text and 'value="Mariah  Tungga"' in asked.text
    for wrong in ({"nama": "M4ria"}, {"nik": "12"}, {"desa": "99.99.99.9999"}, {"nama": "Maria Tungga"}):
        assert (await ani.sends("/console/hak/d1/perbaiki", permohonan=number, **wrong)).status == 422, wrong
    other = await desk.filed("Yos")
    theirs = {"permohonan": f"{other.number[:4]}{other.number[4:]}", "nama": "Yosef"}
    assert (await ani.sends("/console/hak/d1/perbaiki", **theirs)).status == 422
    assert (await Request.get(id=request.id)).subject_name == "Maria Tungga"

    form |= {"benar": "1", "desa": OELUA}
    twice = await asyncio.gather(*(ani.sends("/console/hak/d1/perbaiki", **form) for _ in range(2)))
    assert sorted(one.status for one in twice) == [303, 422]
    (right,) = [one for one in twice if one.status == 303]
    assert right.headers["Location"] == "/console/hak/d1?selesai=perbaiki"
    again = await ani.sends("/console/hak/d1/perbaiki", **form)
    assert again.status == 422 and "D1 sudah dijawab" in text_of(again)
    fresh = await Request.get(id=request.id)
    assert (fresh.subject_name, fresh.nik, fresh.village_code) == ("Mariah Tungga", UNUSUAL, OELUA)
    assert fresh.nik_flags == "kecamatan_tidak_dikenal"
    (entry,) = await JournalEntry.filter(action="correct")
    before = {"name": "Maria Tungga", "nik": None, "village": "53.14.03.1011"}
    assert json.loads(entry.detail) == {"before": before}
    assert await audited("correct") == [(f"request:{request.id}", "submitted")]
    assert await audited("right_taken") == await audited("right_granted") == [("data_right:1", "correct")]
    (words,) = await told(request.contact_id)
    assert words == f"Data pada permohonan {number} sudah diperbaiki: nama, NIK, desa/kelurahan."
    assert "Diperbaiki" in text_of(await ani.opens("/console/hak/d1?selesai=perbaiki"))
    assert "<script" not in (await ani.opens("/console/hak/d1?selesai=<script>")).text
    assert "perbaikan data dipenuhi" in text_of(await ani.opens("/console/hak"))


async def test_an_erasure_waits_for_what_hinders_it_and_for_a_proof(desk: Desk) -> None:
    request = await desk.filed()
    chief = await desk.browser("Kepala", Role.HEAD)
    for _ in range(2):
        recorded = await chief.sends("/console/hak/1/catat", hak="erase")
        assert recorded.headers["Location"] == "/console/hak/d1?selesai=catat"
    (words,) = await told(request.contact_id)
    assert words.startswith("Petugas mencatat permintaan Bapak/Ibu sebagai D1: penghapusan data.")
    assert "masih berjalan" in text_of(await chief.opens("/console/hak/d1/hapus"))
    assert (await chief.sends("/console/hak/d1/hapus", yakin="1")).status == 422
    await Request.filter(id=request.id).update(state="closed", closed_at=desk.clock())
    assert (await chief.sends("/console/hak/d1/jawab", kata="ya")).status == 422  # no way round the proof
    assert (await chief.sends("/console/hak/d1/hapus")).status == 422  # not ticked
    desk.clock.advance(minutes=6)
    for shown in (await chief.opens("/console/hak/d1/hapus"), await chief.sends("/console/hak/d1/hapus")):
        assert (shown.status, shown.headers["Location"].split("?")[0]) == (303, "/console/bukti")
    assert (await Request.get(id=request.id)).subject_name == "Maria Tungga"
    other = await desk.browser("Wakil", Role.HEAD)
    assert (await other.sends("/console/hak/d1/hapus", yakin="1")).status == 303
    assert (await other.sends("/console/hak/d1/hapus", yakin="1")).status == 422
    after = text_of(await other.opens("/console/hak/d1?selesai=hapus"))
    assert "Data orang ini sudah dihapus" in after and "Tungga" not in after
    assert (await Request.get(id=request.id)).subject_name is None
    assert await audited("right_granted") == [("data_right:1", "erase")]


async def test_a_restriction_is_answered_and_lifted_in_words(desk: Desk) -> None:
    request = await desk.filed()
    ani = await desk.browser()
    await ani.sends("/console/hak/1/catat", hak="restrict")
    assert (await ani.sends("/console/hak/1/catat", hak="everything")).status == 422
    for words in (" ", "Buka bit.ly/x", "x" * 701):
        assert (await ani.sends("/console/hak/d1/jawab", kata=words)).status == 422, words
    same = [ani.sends("/console/hak/d1/jawab", kata="Data kami diamkan.") for _ in range(2)]
    assert sorted(one.status for one in await asyncio.gather(*same)) == [303, 422]
    for way in ("jawab", "tolak", "ambil"):
        assert (await ani.sends(f"/console/hak/d1/{way}", kata="Sekali lagi.")).status == 422, way
    assert (await Contact.get(id=request.contact_id)).restricted_at is not None
    assert "Lanjutkan pengolahan" in text_of(await ani.opens("/console/hak/d1"))
    assert (await ani.sends("/console/hak/d1/buka", kata="Kami lanjutkan.")).status == 303
    assert (await Contact.get(id=request.contact_id)).restricted_at is None
    assert (await told(request.contact_id))[1:] == ["Data kami diamkan.", "Kami lanjutkan."]
    actions = [await audited(f"right_{action}") for action in ("recorded", "granted", "refused", "lifted")]
    assert actions == [[("data_right:1", "restrict")]] * 2 + [[], [("data_right:1", "restrict")]]


async def test_names_are_text_and_a_whole_nik_is_one_click_and_one_row(desk: Desk) -> None:
    request = await desk.filed("<script>alert(1)</script>{{7*7}}")
    await Request.filter(id=request.id).update(**request.sealed(nik=NIK))
    chief = await desk.browser("Kepala", Role.HEAD)
    shown = await chief.opens("/console/hak/1")
    assert "&lt;script&gt;alert(1)" in shown.text and "{{7*7}}" in shown.text and "<script" not in shown.text
    assert "karakter tersembunyi" not in shown.text
    for odd in ("M\u0430ria Tungga", "Maria\u202e Tungga", "Maria\u200b Tungga"):
        await Request.filter(id=request.id).update(**request.sealed(subject_name=odd))
        assert "karakter tersembunyi" in (await chief.opens("/console/hak/1")).text, odd
    assert NIK not in (await chief.opens("/console/hak/1")).text
    assert NIK in (await chief.sends("/console/hak/1/nik", antrean="1")).text
    assert await audited("nik_shown") == [(f"request:{request.id}", "submitted")]
    ani = await desk.browser()
    assert (await ani.sends("/console/hak/1/nik", antrean="1")).status == 422  # whose it is not
    for wrong in ("", "x", "9" * 30, "-1"):
        assert (await chief.sends("/console/hak/1/nik", antrean=wrong)).status == 422
    assert len(await audited("nik_shown")) == 1


async def test_nobody_sees_to_what_they_asked_for_themselves(desk: Desk) -> None:
    request = await desk.filed()
    await asked_for(desk, DataRight.CORRECT, request)
    ani, member = await desk.staff()
    chat = await Contact.get(id=request.contact_id)
    code = await transaction(lambda: staff.new_binding_code(member, desk.clock()))
    await transaction(lambda: staff.bind(code, chat, "whatsapp", "1234", desk.clock()))
    for path in ("/console/hak/d1", "/console/hak/1", "/console/hak/1/salinan"):
        assert (await ani.opens(path)).status == 404, path
    assert (await ani.sends("/console/hak/d1/ambil")).status == 404
    assert ("data_right:1", "own_data") in await audited("refused")
    other = await desk.browser("Budi")
    assert (await other.sends("/console/hak/d1/ambil")).status == 303
    third = await desk.browser("Cici")
    assert (await third.sends("/console/hak/d1/tolak", kata="Tidak.")).status == 422
    assert (await DataRequest.get(number=1)).ended_at is None
