"""Files on the pretend Graph API: upload, look-up, the five-minute link, and the bytes behind it."""

from __future__ import annotations

import secrets
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes import graph_media
from tests.fakes.graph_errors import GraphRefusal
from tests.fakes.graph_media import Media
from tests.fakes.graph_node import GraphNode
from tests.fakes.ledger import Sent
from tests.fakes.server import cut

Json = dict[str, Any]
DOWNLOAD_FAULTS = frozenset({"http403", "http404", "http500", "drop", "truncated", "other_bytes"})


class GraphFiles(GraphNode):
    """``downloads``: the ids of the media whose bytes were asked for, in order."""

    def __init__(self, ledger_file: Path | None = None) -> None:
        super().__init__(ledger_file)
        self.media: dict[str, Media] = {}
        self.downloads: list[str] = []
        self._links: dict[str, tuple[str, datetime]] = {}
        self._download_faults: deque[str] = deque()

    def add_media(
        self, data: bytes, mime_type: str, *, filename: str = "", inbound: bool = True, id: str = ""
    ) -> Media:
        """A file as if a person had just sent it (or, ``inbound=False``, as if we had uploaded it)."""
        lives = graph_media.INBOUND_LIVES if inbound else graph_media.UPLOAD_LIVES
        ident = id or f"{10**15 + self._next_number()}"
        self.media[ident] = Media(ident, data, mime_type, self.clock() + lives, inbound, filename)
        return self.media[ident]

    def next_download(self, *faults: str) -> None:
        """The next fetches of media bytes fail: see `DOWNLOAD_FAULTS`."""
        if unknown := set(faults) - DOWNLOAD_FAULTS:
            raise ValueError(f"no such fault: {unknown}; known: {sorted(DOWNLOAD_FAULTS)}")
        self._download_faults.extend(faults)

    def link_to(self, media_id: str) -> str:
        """A fresh address of the bytes; it dies after five minutes."""
        key = secrets.token_urlsafe(16)
        self._links[key] = (media_id, self.clock() + graph_media.LINK_LIVES)
        return f"{self.base_url}/whatsapp_business/attachments/?mid={media_id}&hash={key}"

    async def _upload(self, request: web.Request) -> Any:
        self._must_be(request, self.phone_number_id)
        line = Sent(at=self.clock(), channel="whatsapp", to="", type="upload", shown=False)
        try:
            fields, data = await _multipart(request)
            line.carries(data, mime_type=fields.get("file type", ""), filename=fields.get("file name", ""))
            if fields.get("messaging_product") != "whatsapp":
                raise GraphRefusal(100, "The parameter messaging_product is required.")
            stated = fields.get("type") or line.mime_type
            if line.mime_type.partition(";")[0] not in (
                "",
                "application/octet-stream",
                stated.partition(";")[0],
            ):
                raise GraphRefusal(131053, f"The file says {line.mime_type}, the field type says {stated}")
            graph_media.check_upload(data, stated)
        except GraphRefusal as refusal:
            line.outcome, line.refusal = "refused", str(refusal)
            self.ledger.add(line)
            raise
        line.mime_type = stated
        line.id = self.add_media(data, stated, filename=line.filename, inbound=False).id
        self.ledger.add(line)
        return {"id": line.id}

    def _held(self, media_id: str) -> Media:
        media = self.media.get(media_id)
        if media is None or media.expires_at <= self.clock():
            raise GraphRefusal(100, f"Object with ID '{media_id}' does not exist", subcode=33)
        return media

    def _media_node(self, media_id: str) -> Json:
        media = self._held(media_id)
        return {
            "url": self.link_to(media.id),
            "mime_type": media.mime_type,
            "sha256": media.sha256_hex,
            "file_size": len(media.data),
            "id": media.id,
            "messaging_product": "whatsapp",
        }

    async def _delete_media(self, request: web.Request) -> Json:
        del self.media[self._held(request.match_info["node"]).id]
        return {"success": True}

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """Bytes for the bearer of the same token while the link lives (else 401 or 404)."""
        if request.headers.get("Authorization") != f"Bearer {self.access_token}":
            return web.Response(status=401)
        media_id, dies_at = self._links.get(request.query.get("hash", ""), ("", self.clock()))
        if not media_id or dies_at <= self.clock() or media_id not in self.media:
            return web.Response(status=404)
        media = self.media[media_id]
        self.downloads.append(media_id)
        fault = self._download_faults.popleft() if self._download_faults else ""
        return await bytes_of(request, media, fault)


async def bytes_of(request: web.Request, media: Media, fault: str = "") -> web.StreamResponse:
    """The answer to a fetch of this file, gone wrong as one of `DOWNLOAD_FAULTS` says."""
    if fault.startswith("http"):
        return web.Response(status=int(fault[4:]))
    if fault in ("drop", "truncated"):
        return await _part(request, media, len(media.data) // 2 if fault == "truncated" else 0)
    data = bytes(len(media.data)) if fault == "other_bytes" else media.data
    return web.Response(body=data, headers={"Content-Type": media.mime_type})


async def _multipart(request: web.Request) -> tuple[dict[str, str], bytes]:
    """The text fields, with ``file type`` and ``file name`` of the one file, and its bytes."""
    if request.content_type != "multipart/form-data":
        raise GraphRefusal(100, "The body must be multipart/form-data.")
    fields: dict[str, str] = {}
    data: bytes | None = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise GraphRefusal(100, "Every part must have a name.")
        if part.name == "file":
            data = bytes(await part.read())
            fields |= {"file type": part.headers.get("Content-Type", ""), "file name": part.filename or ""}
        else:
            fields[part.name] = await part.text()
    if data is None:
        raise GraphRefusal(100, "Param file must be a file.")
    return fields, data


async def _part(request: web.Request, media: Media, length: int) -> web.StreamResponse:
    """Promises all bytes, sends the first ``length``, and cuts the connection.

    (Cut before the head, a client may silently ask once more: aiohttp does so for a GET.)
    """
    response = web.StreamResponse(
        headers={"Content-Type": media.mime_type, "Content-Length": str(len(media.data))}
    )
    await response.prepare(request)
    if length:
        await response.write(media.data[:length])
    cut(request)
    return response
