"""``/f/TOKEN``: the one-time pages of an office, for a NIK or for papers.

Opening one spends nothing: chat apps fetch links for a preview.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from aiohttp import web

from bot.clock import Clock
from bot.headers import from_our_page
from bot.inbox import Inbox
from bot.sealed_storage import SealedStorage
from models.forms import FormKind, FormToken
from office import forms
from office.context import OfficeContext
from office.forms import FormExpired, FormUsed
from office.refusal_words import refusal_text
from office.uploads import Uploads
from office.words import speaking
from pages.frame import at, note, page
from pages.nik_form import NikForm
from pages.paper_page import PaperPage
from pages.tus import Answer, Tus

_HERE: Final = Path(__file__).parent
_FILES: Final = {
    name: ((_HERE / name).read_bytes(), kind)
    for name, kind in (("form.css", "text/css"), ("form.js", "text/javascript"))
}


class _Page(Protocol):
    async def show(self, form: FormToken) -> web.Response: ...

    async def send(self, request: web.Request, form: FormToken) -> web.Response: ...


class OneTimePages:
    """Finds the page that a token opens; of a dead one it says so, in the person's language."""

    def __init__(self, storage: SealedStorage, inbox: Inbox, clock: Clock, here: OfficeContext) -> None:
        self._clock = clock
        self._here = here
        uploads = Uploads(storage, inbox)
        self._pages: Mapping[FormKind, _Page] = {
            FormKind.NIK: NikForm(inbox, clock),
            FormKind.PAPERS: PaperPage(uploads, inbox, clock),
        }
        self._tus = Tus(uploads, clock)

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        one = "/f/{token}/uploads/{upload}"
        return [
            *(web.get(f"/f/{name}", self.file) for name in _FILES),
            web.get("/f/{token}", self._open(self.show)),
            web.post("/f/{token}", self._open(self._ours(self.send))),
            web.get("/f/{token}/papers", self._open(self.state)),
            web.options("/f/{token}/uploads", self._tus.options),
            web.post("/f/{token}/uploads", self._open(self._ours(self._tus.create))),
            web.head(one, self._open(self._tus.head)),
            web.patch(one, self._tus.at_once(self._open(self._ours(self._tus.patch)))),
            web.delete(one, self._open(self._ours(self._tus.delete))),
        ]

    async def file(self, request: web.Request) -> web.Response:
        content, kind = _FILES[request.path.rpartition("/")[2]]
        return web.Response(body=content, content_type=kind, charset="utf-8")

    async def show(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        return await self._pages[form.kind].show(form)

    async def send(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        return await self._pages[form.kind].send(request, form)

    async def state(self, request: web.Request) -> web.Response:
        """For the page's script."""
        return await PaperPage.state(await self._form(request))

    async def _form(self, request: web.Request) -> FormToken:
        return await forms.look(request.match_info["token"], self._clock())

    def _open(self, answer: Answer) -> Answer:
        async def told(request: web.Request) -> web.Response:
            with speaking(await forms.language_of(request.match_info["token"])):
                try:
                    return await answer(request)
                except (FormExpired, FormUsed) as refusal:
                    return page("page-over-title", note(refusal_text(refusal)), status=410)

        return at(self._here, told)

    def _ours(self, answer: Answer) -> Answer:
        async def guarded(request: web.Request) -> web.Response:
            if not from_our_page(request, self._here.public_url or ""):
                return web.Response(status=403)
            return await answer(request)

        return guarded
