"""The one-time page where a NIK is typed, for channels that forbid asking in the chat.

Plain HTML without a script: it works on any phone.  Only a NIK that was taken spends it.
"""

import hashlib
import html
from typing import Final

from aiohttp import web

from bot.clock import Clock
from bot.inbox import Inbox
from bot.posted import posted
from models.database import transaction
from models.forms import FormToken
from office import forms
from office.forms import FormExpired, FormUsed, NikToConfirm
from office.refusal import Refusal
from office.refusal_words import refusal_text
from office.words import plain, say
from pages.frame import note, page

_TITLE: Final = "page-nik-title"


class NikForm:
    """The page, and what happens when it is sent."""

    def __init__(self, inbox: Inbox, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock

    async def show(self, form: FormToken) -> web.Response:
        return page(_TITLE, _form())

    async def send(self, request: web.Request, form: FormToken) -> web.Response:
        """Raises: `FormUsed`, `FormExpired`."""
        token, fields = request.match_info["token"], await posted(request)
        typed, confirmed = str(fields.get("nik", ""))[:64], fields.get("sure") == "1"
        try:
            await transaction(lambda: self._redeem(token, form, typed, confirmed))
        except (FormExpired, FormUsed):
            raise
        except NikToConfirm as unusual:
            return page(_TITLE, _form(problem=refusal_text(unusual), typed=typed, ask=True), status=422)
        except Refusal as refusal:
            return page(_TITLE, _form(problem=refusal_text(refusal), typed=typed), status=422)
        await self._inbox.take_up(form.place, _event_of(token))
        return page(_TITLE, note(say("page-nik-taken")))

    async def _redeem(self, token: str, form: FormToken, typed: str, confirmed: bool) -> None:
        about = await forms.redeem(token, typed, self._clock(), confirmed=confirmed)
        await self._inbox.post(form.request.contact, form.place, _event_of(token), f"form:done:{about.id}")


def _event_of(token: str) -> str:
    return f"form:{hashlib.sha256(token.encode()).hexdigest()}"


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
