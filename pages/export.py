"""``/d/TOKEN``: where a person fetches their own data, once.

Opening it spends nothing (chat apps fetch links for a preview); the button does.  The archive is put together
in a file without a name, a paper at a time, and is gone when it was sent.
"""

import html
import tempfile
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from bot.clock import Clock
from bot.download import sent
from bot.headers import from_our_page
from bot.sealed_storage import SealedStorage
from models.database import transaction
from office import exports
from office.archive import NAME, fill
from office.context import OfficeContext
from office.exports import ExportExpired, ExportUsed
from office.refusal_words import refusal_text
from office.words import plain, say, speaking
from pages.frame import at, note, page

_TITLE: Final = "page-export-title"


class ExportPage:
    """One office's page, and the file behind it."""

    def __init__(self, storage: SealedStorage, clock: Clock, here: OfficeContext) -> None:
        self._storage = storage
        self._clock = clock
        self._here = here

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.get("/d/{token}", at(self._here, self.show)),
            web.post("/d/{token}", at(self._here, self.send)),
        ]

    async def show(self, request: web.Request) -> web.StreamResponse:
        try:
            contact = await exports.look(request.match_info["token"], self._clock())
        except (ExportExpired, ExportUsed) as refusal:
            return page(_TITLE, note(refusal_text(refusal)), status=410)
        with speaking(contact.language):
            return page(_TITLE, _button())

    async def send(self, request: web.Request) -> web.StreamResponse:
        if not from_our_page(request, self._here.public_url or ""):
            return web.Response(status=403)
        token, now = request.match_info["token"], self._clock()
        try:
            contact = await exports.look(token, now)
            with tempfile.TemporaryFile() as archive:
                await fill(archive, await exports.export_of(contact, now), self._storage)
                await transaction(lambda: exports.redeem(token, now))  # a store that is away spends nothing
                return await sent(request, archive, NAME, "application/zip")
        except (ExportExpired, ExportUsed) as refusal:
            return page(_TITLE, note(refusal_text(refusal)), status=410)


def _button() -> str:
    return (
        f"<p>{say('page-export-about')}</p>"
        f"<form method='post'><button>{html.escape(plain('page-export-fetch'))}</button></form>"
    )
