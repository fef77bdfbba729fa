"""Uploads that go on where the line broke: tus 1.0, with creation, termination and expiration.

Source: tus.io, "Resumable upload protocol 1.0.x".  A page's address is the key to its uploads.
"""

import asyncio
import base64
import binascii
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC
from email.utils import format_datetime
from typing import Final
from weakref import WeakValueDictionary

from aiohttp import ClientError, StreamReader, web

from bot.clock import Clock
from bot.storage import StorageAway
from models.forms import FormKind, FormToken, Upload
from office import forms, uploads
from office.forms import FormExpired
from office.papers import LARGEST
from office.uploads import (
    Empty,
    NoRoom,
    NoSuchUpload,
    NoUpload,
    SlotTakesNone,
    TooLarge,
    TooMany,
    WrongOffset,
)

VERSION: Final = "1.0.0"
BYTES: Final = "application/offset+octet-stream"
EARLY: Final = 256 * 1024  # bytes of a body that are taken from whoever it may be
PIECE: Final = 1024 * 1024  # bytes that may come before some of them are kept

Answer = Callable[[web.Request], Awaitable[web.Response]]

_RESUMABLE: Final = {"Tus-Resumable": VERSION}
_STATUS: Final[Mapping[type[Exception], int]] = {
    Empty: 400,
    SlotTakesNone: 403,
    NoSuchUpload: 404,
    WrongOffset: 409,
    TooLarge: 413,
    TooMany: 429,
    StorageAway: 503,
    NoRoom: 507,
}
_CUT: Final = (ConnectionError, ClientError, EOFError)  # the line broke in the middle of a body


class _Early:
    """What comes of a body while we look up whose it is: a line that breaks meanwhile would take it along."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content
        self._come = bytearray()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(*_CUT):
            while len(self._come) < EARLY and (chunk := await self._content.readany()):
                self._come += chunk

    async def stop(self) -> bytearray:
        """From now on somebody else reads; what has come."""
        self._reading.cancel()
        await asyncio.wait([self._reading])
        return self._come


_EARLY: Final = web.RequestKey("early", _Early)


class Tus:
    """The protocol, for pages that take papers.  Its handlers raise `FormUsed` and `FormExpired`."""

    def __init__(self, papers: uploads.Uploads, clock: Clock) -> None:
        self._uploads = papers
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._at_work: dict[str, web.Request] = {}

    async def options(self, _: web.Request) -> web.Response:
        extensions = {"Tus-Extension": "creation,termination,expiration", "Tus-Max-Size": str(LARGEST)}
        return web.Response(status=204, headers={**_RESUMABLE, "Tus-Version": VERSION, **extensions})

    async def create(self, request: web.Request) -> web.Response:
        async with _spoken(request):
            form, length = await self._form(request), _number(request.headers.get("Upload-Length"))
            if length is None:
                raise Empty
            slot = _metadata(request.headers.get("Upload-Metadata", "")).get("slot", "")
            upload = await self._uploads.begin(form, slot, length, self._clock())
            location = {"Location": f"{request.path}/{upload.key}"}
            return web.Response(status=201, headers={**await self._about(form, upload), **location})

    async def head(self, request: web.Request) -> web.Response:
        async with _spoken(request), self._alone(request):
            form = await self._form(request)
            upload = await uploads.find(form, request.match_info["upload"])
            length = {"Upload-Length": str(upload.length), "Cache-Control": "no-store"}
            return web.Response(headers={**await self._about(form, upload), **length})

    async def patch(self, request: web.Request) -> web.Response:
        async with _spoken(request), self._alone(request):
            form = await self._form(request)
            upload = await uploads.find(form, request.match_info["upload"])
            if request.content_type != BYTES:
                raise web.HTTPUnsupportedMediaType
            if _number(request.headers.get("Upload-Offset")) != upload.received:
                raise WrongOffset
            if (request.content_length or 0) > upload.length - upload.received:
                raise TooLarge
            if upload.done_at is None:
                upload = await self._take_in(request, form, upload)
            return web.Response(status=204, headers=await self._about(form, upload))

    def at_once(self, answer: Answer) -> Answer:
        """Begin to read the body before anything else is done."""

        async def reading(request: web.Request) -> web.Response:
            early = request[_EARLY] = _Early(request.content)
            try:
                return await answer(request)
            finally:
                await early.stop()

        return reading

    async def delete(self, request: web.Request) -> web.Response:
        async with _spoken(request), self._alone(request):
            form = await self._form(request)
            await self._uploads.drop(await uploads.find(form, request.match_info["upload"]))
            return web.Response(status=204, headers=_RESUMABLE)

    async def _take_in(self, request: web.Request, form: FormToken, upload: Upload) -> Upload:
        """Keep what comes, also of a body that breaks off: it need not be sent again."""
        piece = await request[_EARLY].stop()
        with contextlib.suppress(*_CUT):
            async for chunk in request.content.iter_any():
                piece += chunk
                if len(piece) >= PIECE:
                    upload = await self._uploads.keep(form, upload, bytes(piece), self._clock())
                    piece.clear()
        return await self._uploads.keep(form, upload, bytes(piece), self._clock())

    async def _form(self, request: web.Request) -> FormToken:
        form = await forms.look(request.match_info["token"], self._clock())
        if form.kind is not FormKind.PAPERS:
            raise FormExpired
        return form

    async def _about(self, form: FormToken, upload: Upload) -> dict[str, str]:
        until = (await FormToken.get(id=form.id)).expires_at.astimezone(UTC)
        offset = {"Upload-Offset": str(upload.received)}
        return {**_RESUMABLE, **offset, "Upload-Expires": format_datetime(until, usegmt=True)}

    @contextlib.asynccontextmanager
    async def _alone(self, request: web.Request) -> AsyncIterator[None]:
        """One request at a time for each upload.  We notice late that a line broke: who comes anew knows."""
        name = request.match_info["upload"]
        before = self._at_work.get(name)
        if before is not None and before.transport is not None:
            before.transport.abort()
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            self._at_work[name] = request
            try:
                yield
            finally:
                del self._at_work[name]


@contextlib.asynccontextmanager
async def _spoken(request: web.Request) -> AsyncIterator[None]:
    """Whoever speaks another version is told ours; a no is a status.  Raises: `web.HTTPException`."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise web.HTTPPreconditionFailed(headers={"Tus-Version": VERSION})
    try:
        yield
    except (NoUpload, NoSuchUpload, WrongOffset, StorageAway) as no:
        raise _Refused(_STATUS[type(no)]) from no


class _Refused(web.HTTPException):
    def __init__(self, status: int) -> None:
        self.status_code = status
        super().__init__(headers=_RESUMABLE)


def _number(given: str | None) -> int | None:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 16 else None


def _metadata(given: str) -> dict[str, str]:
    """``slot a2s=,name Zm90bw==``: what cannot be read is as if it were not there."""
    found: dict[str, str] = {}
    for pair in given.split(",")[:20]:
        name, _, value = pair.strip().partition(" ")
        with contextlib.suppress(binascii.Error, UnicodeDecodeError):
            found[name] = base64.b64decode(value, validate=True).decode()
    return found
