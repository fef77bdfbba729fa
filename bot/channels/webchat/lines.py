"""A conversation's lines as the page shows them.

Shape of a line: ``id`` (ours: the message id in digits; theirs: the page's UUID), ``from`` ("me" or
"office"), ``text`` (HTML that may be inserted as it is), ``choices`` [[label, data, url], …], ``files``
[{id, mime, name, size}, …] (``id`` null while the file is not ours to show), ``at`` (ISO 8601, UTC),
``edited``.  A deleted message is {id, removed: true}, a toast {id, toast: true, text (plain), alert}.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

import structlog

from bot import ids
from bot.channels.webchat import html as markup
from bot.channels.webchat.inbound import Kind, client_id
from bot.history import FILE_FIELDS, Edit, Heard, Said, Toast, Told
from bot.notices import Render
from models.files import FileState, StoredFile

log = structlog.get_logger(__name__)

Line = dict[str, Any]
Button = tuple[str, str | None, str | None]  # label, callback data, address; neither: tapping says the label


@dataclass(slots=True)
class _Shown:
    """One message of ours as it stands after some of its edits."""

    text: str = ""
    choices: list[Button] = field(default_factory=list)
    file: str | None = None
    edited: bool = False
    removed: bool = False
    ever: list[Button] = field(default_factory=list)  # every button it has carried

    def offer(self, choices: list[Button]) -> None:
        self.choices = choices
        self.ever += choices


class Writer:
    """``render`` puts notices into words, as delivery does."""

    def __init__(self, render: Render) -> None:
        self._render = render

    async def line(self, told: Told, language: str) -> Line | None:
        """The line, or None where there is nothing to show."""
        if isinstance(told, Toast):
            return {"id": f"t{told.mark.row}", "toast": True, "text": told.text, "alert": told.alert}
        return _heard(told) if isinstance(told, Heard) else await self._said(told, language)

    async def offers(self, said: Said, data: str, language: str) -> bool:
        """Whether the message has, or had before an edit, a button with this callback data."""
        return any(button[1] == data for button in (await self._shown(said, language)).ever)

    async def _said(self, said: Said, language: str) -> Line | None:
        shown = await self._shown(said, language)
        ident = str(ids.message_id(said.mark.row))
        if shown.removed:
            return {"id": ident, "removed": True}
        files = [_file(shown.file, said.files)] if shown.file else []
        if not (shown.text or files or shown.choices):
            return None
        return {
            "id": ident,
            "from": "office",
            "text": shown.text,
            "choices": [list(button) for button in shown.choices],
            "files": files,
            "at": said.mark.at.astimezone(UTC).isoformat(),
            "edited": shown.edited,
        }

    async def _shown(self, said: Said, language: str) -> _Shown:
        shown = _Shown()
        if said.notice:
            await self._word(shown, said, language)
        else:
            _method(shown, said.name, said.payload)
        for edit in said.edits:
            _edit(shown, edit)
        return shown

    async def _word(self, shown: _Shown, said: Said, language: str) -> None:
        try:
            wording = await self._render(said.name, said.payload, language)
        except Exception as error:  # one old notice that nobody can word must not hide the conversation
            log.warning(
                "webchat.notice_unworded", row=said.mark.row, name=said.name, error=type(error).__name__
            )
            return
        shown.text = markup.safe(wording.text)
        shown.offer([(label, data, None) for label, data in (wording.choices or {}).items()])


def _heard(heard: Heard) -> Line | None:
    body = heard.body
    files: list[dict[str, Any]] = []
    if body["kind"] == Kind.FILE:
        files = [_held(file) for file in heard.files] or [
            {"id": None, "mime": body.get("mime"), "name": body.get("name"), "size": body.get("size")}
        ]
    said = body.get({Kind.TEXT: "text", Kind.TAP: "label", Kind.FILE: "caption"}[Kind(body["kind"])]) or ""
    if not (said or files):
        return None
    return {
        "id": client_id(heard.external_id),
        "from": "me",
        "text": html.escape(said),
        "choices": [],
        "files": files,
        "at": heard.mark.at.astimezone(UTC).isoformat(),
        "edited": False,
    }


def _held(file: StoredFile) -> dict[str, Any]:
    ident = file.file_id if file.state is FileState.STORED else None
    return {"id": ident, "mime": file.mime, "name": file.name, "size": file.size}


def _file(named: str, files: Mapping[str, StoredFile]) -> dict[str, Any]:
    """A file of a handler's message: one that we hold, or an address somewhere else."""
    if named in files:
        return _held(files[named])
    elsewhere = markup.leads_to_the_web(named)
    return {"id": None, "mime": None, "name": None, "size": None} | ({"url": named} if elsewhere else {})


def _method(shown: _Shown, name: str, payload: Mapping[str, Any]) -> None:
    if name in FILE_FIELDS:
        file = payload.get(FILE_FIELDS[name])
        shown.file = file if isinstance(file, str) else None
        shown.text = _caption(payload)
    elif name == "sendTemplate":
        shown.text = markup.plain(payload["text"])
    elif name in ("sendLocation", "sendVenue"):
        shown.text = markup.plain(_place(payload))
    elif name == "sendContact":
        names = (payload.get("first_name"), payload.get("last_name"))
        shown.text = markup.plain(
            "\n".join([" ".join(filter(None, names)), str(payload.get("phone_number", ""))])
        )
    else:
        shown.text = _text(payload)
    shown.offer(_choices(payload.get("reply_markup")))


def _edit(shown: _Shown, edit: Edit) -> None:
    payload = edit.payload
    match edit.name:
        case "deleteMessage" | "deleteMessages":
            shown.removed = True
            return
        case "editMessageText":
            shown.text, shown.edited = _text(payload), True
        case "editMessageCaption":
            shown.text, shown.edited = _caption(payload), True
        case "editMessageMedia":
            media = payload.get("media") or {}
            shown.file = media["media"] if isinstance(media.get("media"), str) else None
            shown.text, shown.edited = _caption(media), True
    shown.offer(_choices(payload.get("reply_markup")))


def _text(payload: Mapping[str, Any]) -> str:
    return markup.of(str(payload.get("text") or ""), payload.get("parse_mode"), payload.get("entities"))


def _caption(payload: Mapping[str, Any]) -> str:
    words = str(payload.get("caption") or "")
    return markup.of(words, payload.get("parse_mode"), payload.get("caption_entities"))


def _place(payload: Mapping[str, Any]) -> str:
    latitude, longitude = payload.get("latitude"), payload.get("longitude")
    on_a_map = "https://www.openstreetmap.org/?" + urlencode({"mlat": latitude, "mlon": longitude})
    return "\n".join(filter(None, [payload.get("title"), payload.get("address"), on_a_map]))


def _choices(reply_markup: Mapping[str, Any] | None) -> list[Button]:
    """Inline buttons and the keys of a reply keyboard, in reading order."""
    reply_markup = reply_markup or {}
    found: list[Button] = []
    for button in (b for row in reply_markup.get("inline_keyboard") or () for b in row):
        opens = (button.get("web_app") or button.get("login_url") or button).get("url")
        if button.get("callback_data") is not None:
            found.append((button["text"], button["callback_data"], None))
        elif opens and markup.leads_to_the_web(opens):
            found.append((button["text"], None, opens))
    keys = (key for row in reply_markup.get("keyboard") or () for key in row)
    return found + [(key["text"] if isinstance(key, dict) else str(key), None, None) for key in keys]
