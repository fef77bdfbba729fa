"""Every page of the console, and who may: this table is all there is."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from console import (
    audit,
    breaches,
    copy_of_data,
    enrolment,
    erasing,
    frame,
    home,
    me,
    person,
    rights,
    sign_in,
)
from console.given import Route
from office.permissions import Deed

OPEN: Final[Sequence[web.RouteDef]] = (
    web.get("/look.css", frame.file),
    web.get("/icon.svg", frame.file),
    web.get("/mulai/{token}", enrolment.show),
    web.post("/mulai/{token}", enrolment.send),
    web.get("/masuk", sign_in.show),
    web.post("/masuk", sign_in.send),
)
"""For whoever comes."""

ROUTES: Final[Sequence[Route]] = (
    Route("GET", "", home.home),
    Route("POST", "/keluar", home.sign_out),
    Route("GET", "/bukti", sign_in.ask_for_proof),
    Route("POST", "/bukti", sign_in.take_proof),
    Route("GET", "/saya", me.show, menu="console-me"),
    Route("POST", "/saya/kode", me.new_chat_code),
    Route("POST", r"/saya/sesi/{session:\d{1,18}}", me.end_session),
    Route("POST", r"/saya/percakapan/{chat:\d{1,18}}", me.end_chat),
    Route("GET", "/saya/sandi", me.show_password, proof=True),
    Route("POST", "/saya/sandi", me.change_password, proof=True),
    Route("GET", "/hak", rights.show, Deed.RIGHTS, menu="console-rights-title"),
    Route("GET", "/hak/{key}", person.show, Deed.RIGHTS),
    Route("POST", "/hak/{key}/catat", person.record, Deed.RIGHTS),
    Route("POST", "/hak/{key}/ambil", person.take, Deed.RIGHTS),
    Route("POST", "/hak/{key}/jawab", person.grant, Deed.RIGHTS),
    Route("POST", "/hak/{key}/tolak", person.refuse, Deed.RIGHTS),
    Route("POST", "/hak/{key}/buka", person.lift, Deed.RIGHTS),
    Route("POST", "/hak/{key}/perbaiki", person.correct, Deed.RIGHTS),
    Route("POST", "/hak/{key}/nik", person.show_nik, Deed.RIGHTS, proof=True),
    Route("GET", "/hak/{key}/salinan", copy_of_data.ask, Deed.RIGHTS, proof=True),
    Route("POST", "/hak/{key}/salinan", copy_of_data.send, Deed.RIGHTS, proof=True),
    Route("GET", "/hak/{key}/hapus", erasing.ask, Deed.RIGHTS, proof=True),
    Route("POST", "/hak/{key}/hapus", erasing.erase, Deed.RIGHTS, proof=True),
    Route("GET", "/jejak", audit.show, Deed.AUDIT, menu="console-audit-title"),
    Route("POST", "/jejak/periksa", audit.verify, Deed.AUDIT),
    Route("GET", "/jejak/salinan", audit.ask_copy, Deed.AUDIT, proof=True),
    Route("POST", "/jejak/salinan", audit.send_copy, Deed.AUDIT, proof=True),
    Route("GET", "/pelanggaran", breaches.show, Deed.BREACHES, menu="console-breaches-title"),
    Route("GET", "/pelanggaran/{number}/{to}", breaches.draft, Deed.BREACHES),
)
"""For whoever is signed in."""
