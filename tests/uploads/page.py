"""Somebody who holds the link to a page for papers, and speaks tus."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.flows.counter import Counter
from tests.flows.steps import comes_to_the_papers
from tests.phone import Phone

TUS = {"Tus-Resumable": "1.0.0", "Sec-Fetch-Site": "same-origin"}
BYTES = {"Content-Type": "application/offset+octet-stream"}


def link_in(text: str) -> str:
    """The page's address as the chat says it."""
    return next(word for word in text.split() if word.startswith("https://loket.test/f/"))


@dataclass
class Page:
    """``url``: the page's address as a test reaches it."""

    url: str
    http: aiohttp.ClientSession

    async def asks(
        self, method: str, path: str = "", *, data: Any = None, **headers: str
    ) -> tuple[int, aiohttp.typedefs.LooseHeaders, str]:
        """``path``: behind the page's address, or whole.  Status, headers, body."""
        url = path if path.startswith("http") else self.url + path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.request(
            method, url, data=data, headers={**TUS, **named}, allow_redirects=False
        ) as answer:
            return answer.status, answer.headers, await answer.text()

    async def begins(self, length: int, slot: str = "kk") -> tuple[int, str]:
        """Status, and the upload's address."""
        status, headers, _ = await self.asks(
            "POST",
            "/uploads",
            Upload_Length=str(length),
            Upload_Metadata=f"slot {base64.b64encode(slot.encode()).decode()}",
        )
        return status, self.url[: self.url.index("/f/")] + str(headers.get("Location", ""))

    async def sends(self, upload: str, offset: int, piece: bytes) -> tuple[int, int | None]:
        """Status, and the offset that is told."""
        status, headers, _ = await self.asks("PATCH", upload, data=piece, Upload_Offset=str(offset), **BYTES)
        told = headers.get("Upload-Offset")
        return status, None if told is None else int(str(told))

    async def come(self, upload: str) -> tuple[int, int | None]:
        status, headers, _ = await self.asks("HEAD", upload)
        told = headers.get("Upload-Offset")
        return status, None if told is None else int(str(told))

    async def sends_whole(self, content: bytes, slot: str = "kk") -> str:
        status, upload = await self.begins(len(content), slot)
        assert status == 201
        assert await self.sends(upload, 0, content) == (204, len(content))
        return upload

    async def finishes(self) -> int:
        return (await self.asks("POST", data={"finished": "1"}))[0]

    async def state(self) -> dict[str, Any]:
        async with self.http.get(f"{self.url}/papers") as answer:
            return dict(await answer.json()) if answer.status == 200 else {"status": answer.status}


def page_of(counter: Counter, link: str, http: aiohttp.ClientSession) -> Page:
    return Page(counter.url + urlsplit(link).path, http)


@asynccontextmanager
async def opened(counter: Counter, citizen: Phone) -> AsyncIterator[Page]:
    """The first page that somebody is given, from the first word on."""
    link = link_in(await comes_to_the_papers(citizen))
    async with aiohttp.ClientSession() as http:
        yield page_of(counter, link, http)
