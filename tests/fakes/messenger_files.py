"""Files on a Page's side: attachments uploaded, sent, and the CDN links of what people send.

A link is signed and dies; it asks for no token. Attachment ids die after 90 days.
Source: Meta, Messenger Platform, "Saving assets" (22 Apr 2026), "Send a Message" (5 May 2026).
"""

from __future__ import annotations

import json
import mimetypes
import secrets
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from aiohttp import BodyPartReader, ClientError, ClientSession, ClientTimeout, web

from tests.fakes.graph_files import DOWNLOAD_FAULTS, bytes_of
from tests.fakes.graph_media import BEGINNINGS, MB, Media
from tests.fakes.ledger import Sent
from tests.fakes.messenger_errors import MessengerRefusal
from tests.fakes.messenger_fields import Json, a_word, an_object
from tests.fakes.messenger_node import MessengerNode
from tests.fakes.messenger_rules import FILE_KINDS, FileRef, file_ref

LIMITS = {"image": 8 * MB} | dict.fromkeys(("audio", "video", "file"), 25 * MB)
UPLOAD_LIVES = timedelta(days=90)
INBOUND_LIVES = timedelta(days=3650)  # what stands in a thread never expires; its links do
IMAGES = ("image/jpeg", "image/png", "image/gif")
FETCHING = ClientTimeout(total=10)


@dataclass(frozen=True, slots=True)
class FileData:
    """The ``filedata`` of a form."""

    data: bytes
    mime_type: str
    filename: str


class MessengerFiles(MessengerNode):
    """``downloads``: the ids of the files whose bytes were asked for, in order. ``link_lives``: how long a
    CDN link works (Meta names no time; real ones last days)."""

    def __init__(self, ledger_file: Path | None = None) -> None:
        super().__init__(ledger_file)
        self.media: dict[str, Media] = {}
        self.kinds: dict[str, str] = {}  # of uploaded attachments, by id
        self.downloads: list[str] = []
        self.link_lives = timedelta(days=1)
        self._links: dict[str, tuple[str, datetime]] = {}
        self._download_faults: deque[str] = deque()

    def add_media(self, data: bytes, mime_type: str, *, filename: str = "", inbound: bool = True) -> Media:
        """A file as if a person had just sent it (or, ``inbound=False``, as if we had uploaded it)."""
        ident = f"{10**15 + self.next_number()}"
        lives = INBOUND_LIVES if inbound else UPLOAD_LIVES
        self.media[ident] = Media(ident, data, mime_type, self.clock() + lives, inbound, filename)
        return self.media[ident]

    def next_download(self, *faults: str) -> None:
        """The next fetches of a person's file fail: see `DOWNLOAD_FAULTS`."""
        if unknown := set(faults) - DOWNLOAD_FAULTS:
            raise ValueError(f"no such fault: {unknown}; known: {sorted(DOWNLOAD_FAULTS)}")
        self._download_faults.extend(faults)

    def link_to(self, media_id: str) -> str:
        """A fresh signed address of the bytes, with the file's name in it as Meta's CDN has it."""
        media, key = self.media[media_id], secrets.token_hex(16)
        dies_at = self.clock() + self.link_lives
        self._links[key] = (media_id, dies_at)
        ending = mimetypes.guess_extension(media.mime_type.partition(";")[0]) or ".bin"
        name = quote(media.filename) or f"{media_id}_n{ending}"
        query = f"_nc_cat=101&ccb=1-7&oh={key}&oe={int(dies_at.timestamp()):X}"
        return f"{self.base_url}/v/t1.15752-9/{name}?{query}"

    async def _cdn(self, request: web.Request) -> web.StreamResponse:
        """Bytes for whoever has the link while it lives; 403 for a signature that is wrong or too old."""
        media_id, dies_at = self._links.get(request.query.get("oh", ""), ("", self.clock()))
        if not media_id:
            return web.Response(status=403, text="Bad URL hash")
        if dies_at <= self.clock() or request.query.get("oe") != f"{int(dies_at.timestamp()):X}":
            return web.Response(status=403, text="URL signature expired")
        self.downloads.append(media_id)
        fault = self._download_faults.popleft() if self._download_faults else ""
        return await bytes_of(request, self.media[media_id], fault)

    # ------------------------------------------------------------------ what the office sends

    async def _upload(self, request: web.Request) -> Json:
        """``POST /{page}/message_attachments``: the bytes in ``filedata`` or behind a link."""
        self.must_be_page(request)
        line = Sent(at=self.clock(), channel="messenger", to="", type="upload", shown=False)
        try:
            payload, data = await read_call(request)
            line.request = payload
            part = an_object(payload, "upload", needs=["message"], may=["platform", "access_token"])
            message = an_object(part["message"], "message", needs=["attachment"])
            attachment = an_object(
                message["attachment"], "message[attachment]", needs=["type"], may=["payload"]
            )
            a_word(attachment["type"], "message[attachment][type]", FILE_KINDS)
            media = await self.bytes_for(file_ref(attachment, "message[attachment]"), data)
        except MessengerRefusal as refusal:
            line.outcome, line.refusal = "refused", str(refusal)
            self.ledger.add(line)
            raise
        line.carries(media.data, mime_type=media.mime_type, filename=media.filename)
        line.id = self.keep(media, attachment["type"])
        self.ledger.add(line)
        return {"attachment_id": line.id}

    def keep(self, media: Media, kind: str) -> str:
        """Saves a file for later sends, and returns its attachment id."""
        kept = self.add_media(media.data, media.mime_type, filename=media.filename, inbound=False)
        self.kinds[kept.id] = kind
        return kept.id

    async def bytes_for(self, ref: FileRef, given: FileData | None) -> Media:
        """The file that a send or an upload names.  Raises `MessengerRefusal`."""
        if ref.attachment_id:
            return self._held(ref)
        if ref.url:
            given = await self._fetched(ref.url)
        if given is None:
            raise MessengerRefusal(100, "The parameter message[attachment][payload][url] is required")
        check_file(ref.kind, given)
        now = self.clock()
        return Media("", given.data, given.mime_type, now + UPLOAD_LIVES, False, given.filename)

    def _held(self, ref: FileRef) -> Media:
        media = self.media.get(ref.attachment_id)
        if media is None or media.inbound or media.expires_at <= self.clock():
            raise MessengerRefusal(100, "Invalid attachment ID", subcode=2018074)
        if self.kinds.get(media.id) != ref.kind:
            raise MessengerRefusal.named("100/2018047")
        return media

    async def _fetched(self, url: str) -> FileData:
        """Meta fetches a link itself, and takes the type that the other server says."""
        try:
            async with ClientSession(timeout=FETCHING) as http, http.get(url) as answer:
                data = await answer.read()
                if answer.status != 200:
                    raise MessengerRefusal.named("100/2018008")
                name = unquote(urlsplit(url).path.rpartition("/")[2])
                return FileData(data, answer.content_type, name)
        except (ClientError, TimeoutError, OSError) as error:
            raise MessengerRefusal.named("100/2018008") from error


def check_file(kind: str, file: FileData) -> None:
    """Raises `MessengerRefusal` for a file that is empty, too large, or not of its kind."""
    if not file.data:
        raise MessengerRefusal.named("100/2018047", "Upload attachment failure: the file is empty.")
    if len(file.data) > LIMITS[kind]:
        raise MessengerRefusal.named("100/2018109")
    bare = file.mime_type.partition(";")[0].strip().lower()
    fits = {"image": bare in IMAGES, "file": True}.get(kind, bare.startswith(f"{kind}/"))
    beginnings = BEGINNINGS.get(bare) if kind == "image" else None
    if not fits or (beginnings and not file.data.startswith(beginnings)):
        raise MessengerRefusal.named("100/2018047")


async def read_call(request: web.Request) -> tuple[Json, FileData | None]:
    """A call as JSON, as a form, or as a multipart form with ``filedata``; fields of forms may hold JSON."""
    if request.content_type == "application/json":
        try:
            payload = json.loads(await request.read())
        except ValueError as error:
            raise MessengerRefusal(100, "The body is not JSON.") from error
        return an_object(payload, "call", may=list(payload) if isinstance(payload, dict) else []), None
    if request.content_type == "application/x-www-form-urlencoded":
        return {name: _field(str(value)) for name, value in (await request.post()).items()}, None
    if request.content_type == "multipart/form-data":
        return await _multipart(request)
    return {}, None


async def _multipart(request: web.Request) -> tuple[Json, FileData | None]:
    fields: Json = {}
    data: FileData | None = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise MessengerRefusal(100, "Every part must have a name.")
        if part.name == "filedata":
            mime_type = part.headers.get("Content-Type", "application/octet-stream")
            data = FileData(bytes(await part.read()), mime_type, part.filename or "")
        else:
            fields[part.name] = _field(await part.text())
    return fields, data


def _field(text: str) -> Any:
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise MessengerRefusal(100, "A field of the form is not JSON.") from error
