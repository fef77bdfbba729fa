"""Every page of the console, and who may: this table is all there is."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from console import enrolment, frame, home, me, sign_in
from console.given import Route

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
)
"""For whoever is signed in."""
