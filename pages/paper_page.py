"""The one-time page that takes papers: a line for each, by name, with what became of it.

With its script (`form.js`) photos are made smaller before they are sent, and what a broken line has brought
is not sent again.  Without it every line is a plain form for one file.
"""

import html
from typing import Final

from aiohttp import web

from bot.clock import Clock
from bot.inbox import Inbox
from bot.multipart import FormTooBig, NotAForm, read_form
from bot.posted import posted
from bot.storage import StorageAway
from models.database import transaction
from models.forms import FormToken
from office import forms
from office.paper_slots import SlotLine, SlotState, slot_lines
from office.papers import LARGEST
from office.requests import service_of
from office.uploads import NoUpload, TooLarge, Uploads
from office.words import language, plain, say
from pages.frame import note, page

_TITLE: Final = "page-papers-title"
_WORDS: Final = (  # what the script says
    *("preparing", "waiting", "sent", "broken", "reading", "again"),
    *("too_big", "too_many", "no_room", "failed"),
)


class PaperPage:
    """The page, and what happens when it is sent without a script, or is finished."""

    def __init__(self, uploads: Uploads, inbox: Inbox, clock: Clock) -> None:
        self._uploads = uploads
        self._inbox = inbox
        self._clock = clock

    async def show(self, form: FormToken) -> web.Response:
        return page(_TITLE, await _body(form))

    async def send(self, request: web.Request, form: FormToken) -> web.Response:
        """One file of a plain form, or the end.  Raises: `FormUsed`, `FormExpired`."""
        if request.content_type == "multipart/form-data":
            return await self._take_file(request, form)
        if (await posted(request)).get("finished") != "1":
            return page(_TITLE, await _body(form), status=422)
        event = f"form:papers:{form.id}"
        await transaction(lambda: self._finish(form, event))
        await self._inbox.take_up(form.place, event)
        return page(_TITLE, note(say("page-papers-done")))

    @staticmethod
    async def state(form: FormToken) -> web.Response:
        """``{slot: {"state", "text", "alert"}}``, as the lines show it."""
        lines = await slot_lines(form)
        return web.json_response(
            {
                line.slot.key: {"state": line.state, "text": _text(line), "alert": _complains(line)}
                for line in lines
            }
        )

    async def _finish(self, form: FormToken, event: str) -> None:
        await forms.close(form, self._clock())
        await self._inbox.post(form.request.contact, form.place, event, f"form:papers:{form.request_id}")

    async def _take_file(self, request: web.Request, form: FormToken) -> web.Response:
        try:
            fields, sent = await read_form(request, LARGEST)
            content, now = b"" if sent is None else sent.content, self._clock()
            upload = await self._uploads.begin(form, fields.get("slot", ""), len(content), now)
            await self._uploads.keep(form, upload, content, now)
        except (FormTooBig, TooLarge):
            return page(_TITLE, await _body(form, say("page-papers-too_big")), status=413)
        except (NotAForm, NoUpload):
            return page(_TITLE, await _body(form, say("page-papers-failed")), status=422)
        except StorageAway:
            return page(_TITLE, await _body(form, say("page-papers-no_room")), status=503)
        return web.Response(status=303, headers={"Location": request.path})


async def _body(form: FormToken, problem: str = "") -> str:
    service = service_of(form.request).short.in_language(language())
    words = " ".join(f'data-{word}="{_escaped(plain(f"page-papers-{word}", n="{n}"))}"' for word in _WORDS)
    lines = "".join(_line(line) for line in await slot_lines(form))
    complaint = f'<p class="problem" role="alert">{problem}</p>' if problem else ""
    return (
        f"<p>{say('page-papers-about', service=service)}</p>"
        f"<p class='hint'>{say('page-papers-tips')}</p>{complaint}"
        f"<div id='papers' data-largest='{LARGEST}' {words}>"
        f"<ul>{lines}</ul>"
        f"<form method='post' id='finish'><button name='finished' value='1'>"
        f"{_escaped(plain('page-papers-finish'))}</button></form></div>"
        f"<p class='hint'>{say('page-papers-safety')}</p><script src='/f/form.js'></script>"
    )


def _line(line: SlotLine) -> str:
    key, name = _escaped(line.slot.key), _escaped(line.slot.name.in_language(language()))
    when = "" if line.slot.when is None or line.needed else line.slot.when.in_language(language())
    hint = f"<p class='hint'>{_escaped(when)}</p>" if when else ""
    role = "alert" if _complains(line) else "status"
    state = f"<p class='state' role='{role}' id='state-{key}'>{_text(line)}</p>"
    return (
        f"<li data-slot='{key}' data-state='{line.state}'><h2>{name}</h2>{hint}{state}"
        f"<progress max='100' value='0' hidden aria-label='{name}'></progress>"
        f"{_picker(key, name, line) if line.takes else ''}</li>"
    )


def _picker(key: str, name: str, line: SlotLine) -> str:
    again = line.state is not SlotState.MISSING
    pick = _escaped(plain("page-papers-again" if again else "page-papers-pick"))
    return (
        f"<form method='post' enctype='multipart/form-data'><input type='hidden' name='slot' value='{key}'>"
        f"<input type='file' name='file' id='file-{key}' accept='image/*,application/pdf' required"
        f" aria-describedby='state-{key}'><label for='file-{key}'><span class='pick'>{pick}</span>"
        f"<span class='unseen'> {name}</span>"
        f"</label><button>{_escaped(plain('page-papers-send'))}</button></form>"
    )


def _text(line: SlotLine) -> str:
    """HTML."""
    if line.state is SlotState.MISSING and not line.needed:
        return say("page-papers-optional")
    if line.state is SlotState.BACK:
        return line.why
    said = say(f"page-papers-{line.state.value}")
    return f"{said} {line.why}" if line.why else said


def _complains(line: SlotLine) -> bool:
    return line.state is SlotState.BACK or bool(line.why)


def _escaped(text: str) -> str:
    return html.escape(text, quote=True)
