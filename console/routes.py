"""Every page of the console, and who may: this table is all there is."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from console import frame, home
from console.given import Route

OPEN: Final[Sequence[web.RouteDef]] = (web.get("/look.css", frame.look),)
"""For whoever comes."""

ROUTES: Final[Sequence[Route]] = (
    Route("GET", "", home.home),
    Route("POST", "/keluar", home.sign_out),
)
