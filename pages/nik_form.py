"""``/f/TOKEN``: the one-time page where a NIK is typed, for channels that forbid asking in the chat.

Plain HTML without a script: it works on any phone.  Opening it spends nothing (chat apps fetch links for a
preview); only a NIK that was taken does.
"""

import hashlib
import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from bot.clock import Clock
from bot.headers import from_our_page
from bot.inbox import Inbox
from models.database import transaction
from models.requests import Request
from office import forms
from office.context import OfficeContext
from office.forms import FormExpired, FormUsed, NikToConfirm
from office.refusal import Refusal
from office.refusal_words import refusal_text
from office.words import plain, say, speaking
from pages.frame import at, note, page

_HERE = Path(__file__).parent
_STYLE = (_HERE / "form.css").read_bytes()
_TITLE: Final = "page-nik-title"


class NikForm:
    """One office's page, and what happens when it is sent."""

    def __init__(self, inbox: Inbox, clock: Clock, here: OfficeContext) -> None:
        self._inbox = inbox
        self._clock = clock
        self._here = here

    def routes(self) -> Sequence[web.AbstractRouteDef]:
        return [
            web.get("/f/form.css", self.style),
            web.get("/f/{token}", at(self._here, self.show)),
            web.post("/f/{token}", at(self._here, self.send)),
        ]

    async def style(self, _: web.Request) -> web.Response:
        return web.Response(body=_STYLE, content_type="text/css", charset="utf-8")

    async def show(self, request: web.Request) -> web.Response:
        try:
            about = await forms.look(request.match_info["token"], self._clock())
        except (FormExpired, FormUsed) as refusal:
            return page(_TITLE, note(refusal_text(refusal)), status=410)
        with speaking(await _language_of(about)):
            return page(_TITLE, _form())

    async def send(self, request: web.Request) -> web.Response:
        if not from_our_page(request, self._here.public_url or ""):
            return web.Response(status=403)
        token, fields = request.match_info["token"], await _posted(request)
        typed, confirmed = str(fields.get("nik", ""))[:64], fields.get("sure") == "1"
        try:
            about = await transaction(lambda: self._redeem(token, typed, confirmed))
        except (FormExpired, FormUsed) as refusal:
            return page(_TITLE, note(refusal_text(refusal)), status=410)
        except NikToConfirm as unusual:
            return page(_TITLE, _form(problem=refusal_text(unusual), typed=typed, ask=True), status=422)
        except Refusal as refusal:
            return page(_TITLE, _form(problem=refusal_text(refusal), typed=typed), status=422)
        await self._inbox.take_up(about.channel, about.account, _event_of(token))
        with speaking(await _language_of(about)):
            return page(_TITLE, note(say("page-nik-taken")))

    async def _redeem(self, token: str, typed: str, confirmed: bool) -> Request:
        about = await forms.redeem(token, typed, self._clock(), confirmed=confirmed)
        await about.fetch_related("contact")
        await self._inbox.post(
            about.contact, about.channel, about.account, _event_of(token), f"form:done:{about.id}"
        )
        return about


async def _posted(request: web.Request) -> Mapping[str, object]:
    """The form's fields; none where the body is no form at all (other bytes, an unknown charset)."""
    try:
        return await request.post()
    except (ValueError, LookupError, HttpProcessingError):
        return {}


def _event_of(token: str) -> str:
    return f"form:{hashlib.sha256(token.encode()).hexdigest()}"


async def _language_of(request: Request) -> str:
    await request.fetch_related("contact")
    return request.contact.language


def _form(problem: str = "", typed: str = "", ask: bool = False) -> str:
    complaint = f'<p class="problem" role="alert" id="problem">{problem}</p>' if problem else ""
    sure = (
        f'<label class="sure"><input type="checkbox" name="sure" value="1"> '
        f"{html.escape(plain('page-nik-sure'))}</label>"
    )
    marks = ' aria-invalid="true" aria-describedby="problem hint"' if problem else ' aria-describedby="hint"'
    return (
        f"{complaint}<form method='post'><label for='nik'>{html.escape(plain('page-nik-label'))}</label>"
        f"<p id='hint' class='hint'>{html.escape(plain('page-nik-hint'))}</p>"
        f"<input id='nik' name='nik' inputmode='numeric' autocomplete='off' maxlength='24' required"
        f" value='{html.escape(typed, quote=True)}'{marks}>"
        f"{sure if ask else ''}<button>{html.escape(plain('page-nik-send'))}</button></form>"
        f"<p class='hint'>{html.escape(plain('page-nik-safety'))}</p>"
    )
