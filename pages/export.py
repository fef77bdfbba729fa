"""``/d/TOKEN``: where a person fetches their own data, once.

Opening it spends nothing (chat apps fetch links for a preview); the button does.  The archive is put together
in a file without a name, a paper at a time, and is gone when it was sent.
"""

import asyncio
import html
import json
import tempfile
import zipfile
from collections.abc import Sequence
from typing import IO, Final

from aiohttp import web

from bot.clock import Clock
from bot.headers import from_our_page
from bot.sealed_storage import SealedStorage
from models.database import transaction
from office import exports
from office.context import OfficeContext
from office.exports import Export, ExportExpired, ExportUsed
from office.refusal_words import refusal_text
from office.words import plain, say, speaking
from pages.frame import at, note, page

NAME: Final = "data-saya.zip"
_CHUNK: Final = 256 * 1024  # bytes
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
                await self._fill(archive, await exports.export_of(contact, now))
                await transaction(lambda: exports.redeem(token, now))  # a store that is away spends nothing
                return await _sent(request, archive)
        except (ExportExpired, ExportUsed) as refusal:
            return page(_TITLE, note(refusal_text(refusal)), status=410)

    async def _fill(self, archive: IO[bytes], export: Export) -> None:
        data = json.dumps(export.data, ensure_ascii=False, indent=1)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as pack:  # photos do not grow smaller
            await asyncio.to_thread(pack.writestr, "data.json", data)
            for name, key in export.files.items():
                try:
                    content = await self._storage.get(key)
                except FileNotFoundError:  # purged meanwhile
                    continue
                await asyncio.to_thread(pack.writestr, name, content)


async def _sent(request: web.Request, archive: IO[bytes]) -> web.StreamResponse:
    size = archive.seek(0, 2)
    archive.seek(0)
    answer = web.StreamResponse(
        headers={
            "Content-Type": "application/zip",
            "Content-Length": str(size),
            "Content-Disposition": f'attachment; filename="{NAME}"',
            "Cache-Control": "no-store",
        }
    )
    await answer.prepare(request)
    while chunk := await asyncio.to_thread(archive.read, _CHUNK):
        await answer.write(chunk)
    await answer.write_eof()
    return answer


def _button() -> str:
    return (
        f"<p>{say('page-export-about')}</p>"
        f"<form method='post'><button>{html.escape(plain('page-export-fetch'))}</button></form>"
    )
