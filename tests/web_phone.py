"""The phone of the web chat: what a page posts and reads, over HTTP and server-sent events.

async with WebPhone("http://127.0.0.1:8080") as citizen:
    await citizen.says("mulai")
    assert "Selamat" in await citizen.hears()
    await citizen.taps("KTP-el hilang")
"""

from __future__ import annotations

import asyncio
import html
import json
import re
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Self

import aiohttp
from yarl import URL

from tests.fakes import pictures
from tests.fakes.here import Here
from tests.fakes.ledger import Button, Sent
from tests.patience import PATIENCE
from tests.phone import NoSuchButton, Phone, delivery_order

_TAG = re.compile(r"<[^>]+>")


class WebPhone(Phone):
    """One browser profile.  A message that is edited shows its new words in its old place."""

    def __init__(self, url: str, name: str = "Yohana Ndolu") -> None:
        super().__init__(name)
        self.url = url.rstrip("/")
        self.posted: list[tuple[str, dict[str, Any]]] = []  # every post, as ("json" | "file", fields)
        self.errors: list[str] = []  # the words of refusals, oldest first
        self.toasts: list[str] = []  # what answers to taps said, oldest first
        self.cursor = ""
        self._heard = asyncio.Event()  # the stream has told something
        self.office = ""
        self._places: dict[str, int] = {}  # line id -> index into messages
        self._http: aiohttp.ClientSession | None = None
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.opens()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.closes()

    # ------------------------------------------------------------------ the browser

    @property
    def http(self) -> aiohttp.ClientSession:
        if self._http is None:
            # As browsers do with a page of the same machine: Secure cookies come back over plain HTTP too.
            jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=URL(self.url))
            connector = aiohttp.TCPConnector(resolver=Here())
            self._http = aiohttp.ClientSession(cookie_jar=jar, connector=connector)
        return self._http

    async def opens(self) -> None:
        """Load the page and read what is there; then listen."""
        async with self.http.get(f"{self.url}/") as page:
            assert page.status == 200, page.status
        async with self.http.get(f"{self.url}/chat/about") as about:
            self.office = (await about.json())["office"]
        history = await self.history()
        for line in history["lines"]:
            await self._take(line)
        self.cursor = history["cursor"]
        await self.listens()

    async def listens(self) -> None:
        """Open the stream (again); returns when the server has answered."""
        await self.goes_deaf()
        headers = {"Last-Event-ID": self.cursor} if self.cursor else {}
        endless = aiohttp.ClientTimeout(total=None, sock_read=None)
        stream = await self.http.get(f"{self.url}/chat/stream", headers=headers, timeout=endless)
        assert stream.status == 200, stream.status
        self._listener = asyncio.create_task(self._listen(stream))

    async def catches_up(self) -> None:
        """Returns when the stream has told every line as it stands in the history now."""
        lines = (await self.history())["lines"]
        async with asyncio.timeout(PATIENCE):
            while not all(self._has(line) for line in lines):
                await self._heard.wait()

    async def goes_deaf(self) -> None:
        """The stream breaks; what is said meanwhile is heard after `listens`."""
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
            self._listener = None

    async def is_sent_home(self) -> bool:
        """Whether the stream ends by itself."""
        return self._listener is not None and bool(
            (await asyncio.wait([self._listener], timeout=PATIENCE))[0]
        )

    async def closes(self) -> None:
        await self.goes_deaf()
        if self._http is not None:
            await self._http.close()

    async def history(self, before: str = "") -> dict[str, Any]:
        query = {"before": before} if before else {}
        async with self.http.get(f"{self.url}/chat/history", params=query) as answer:
            assert answer.status == 200, (answer.status, await answer.text())
            page: dict[str, Any] = await answer.json()
            return page

    # ------------------------------------------------------------------ what the person does

    async def says(self, text: str) -> int:
        return await self._does({"text": text})

    async def sends_photo(self, data: bytes, caption: str | None = None, mime: str = "image/jpeg") -> int:
        self._new_turn()
        return await self._upload(data, "foto.jpg", mime, caption)

    async def sends_document(
        self, data: bytes, name: str, mime: str = "application/pdf", caption: str | None = None
    ) -> int:
        self._new_turn()
        return await self._upload(data, name, mime, caption)

    async def sends_album(
        self,
        photos: Sequence[bytes],
        caption: str | None = None,
        *,
        shuffle: int | None = None,
        twice: Sequence[int] = (),
    ) -> list[int]:
        """One post a photo; a page that got no answer posts again under the same id (``twice``)."""
        self._new_turn()
        idents = [str(uuid.uuid4()) for _ in photos]
        return [
            await self._upload(
                photos[n], f"foto {n + 1}.jpg", "image/jpeg", caption if n == 0 else None, idents[n]
            )
            for n in delivery_order(len(photos), shuffle=shuffle, twice=twice)
        ]

    async def sends_sticker(self) -> int:
        self._new_turn()
        return await self._upload(pictures.sticker(), "sticker.webp", "image/webp", None)

    async def sends_voice(self) -> int:
        self._new_turn()
        return await self._upload(pictures.ogg_voice(), "suara.ogg", "audio/ogg", None)

    async def sends_unknown(self) -> int:
        """A file of no known kind, which a person can choose after all."""
        self._new_turn()
        return await self._upload(b"\x00\x01\x02 what is this", "surat.xyz", "application/octet-stream", None)

    async def repeats(self, times: int = 1) -> list[int]:
        """The page posts the last message again, as it does when no answer came; no new turn begins."""
        kind, fields = self.posted[-1]
        return [await self._post(kind, fields) for _ in range(times)]

    async def opens_file(self, message: Sent) -> int:
        """Asks for the file behind a message again; the status."""
        async with self.http.get(f"{self.url}/chat/files/{message.request['files'][0]['id']}") as answer:
            return answer.status

    # ------------------------------------------------------------------ posting

    async def _does(self, fields: dict[str, Any]) -> int:
        self._new_turn()
        return await self._post("json", {"id": str(uuid.uuid4())} | fields)

    async def _upload(
        self, data: bytes, name: str, mime: str, caption: str | None, ident: str | None = None
    ) -> int:
        fields = {"id": ident or str(uuid.uuid4()), "file": (data, name, mime), "caption": caption}
        return await self._post("file", fields)

    async def _post(self, kind: str, fields: dict[str, Any]) -> int:
        self.posted.append((kind, fields))
        to = f"{self.url}/chat/messages"
        if kind == "json":
            request = self.http.post(to, json=fields)
        else:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("id", fields["id"])
            if fields["caption"]:
                form.add_field("caption", fields["caption"])
            data, name, mime = fields["file"]
            form.add_field("file", data, filename=name.replace('"', "%22"), content_type=mime)
            request = self.http.post(to, data=form)
        async with request as answer:
            if answer.status != 200:
                self.errors.append((await answer.json())["error"])
            return answer.status

    async def _tap(self, button: Button, message: Sent) -> int:
        if button.url:
            raise NoSuchButton(f"'{button.title}' opens a page: see link()")
        if not button.id:
            return await self.says(button.title)
        return await self._does({"tap": button.id, "message_id": message.id, "label": button.title})

    # ------------------------------------------------------------------ listening

    async def _listen(self, stream: aiohttp.ClientResponse) -> None:
        async with stream:
            async for kind, ident, data in _events(stream.content):
                if kind == "line":
                    await self._take(json.loads(data))
                elif kind == "toast":
                    self.toasts.append(json.loads(data)["text"])
                    self._wake()
                self.cursor = ident or self.cursor
                heard, self._heard = self._heard, asyncio.Event()
                heard.set()

    async def _take(self, line: dict[str, Any]) -> None:
        """A line of the office's, new or changed."""
        if line.get("removed"):
            if line["id"] in self._places:
                self.messages[self._places[line["id"]]].text = ""
                self.messages[self._places[line["id"]]].buttons = ()
            return
        if line["from"] == "me":
            return
        sent = await self._as_sent(line)
        known = self._places.get(line["id"])
        if known is None:
            self._places[line["id"]] = len(self.messages)
            self._show(sent)
        elif self.messages[known].request != line:
            only_buttons_gone = sent.text == self.messages[known].text and not sent.buttons
            if line["edited"] and not only_buttons_gone:
                self._show(sent)  # seen now: it counts as heard in this turn
                self._places[line["id"]] = len(self.messages) - 1
            else:
                self.messages[known] = sent
                self._wake()

    def _has(self, line: dict[str, Any]) -> bool:
        place = self._places.get(line["id"])
        return line["from"] == "me" or (place is not None and self.messages[place].request == line)

    async def _as_sent(self, line: dict[str, Any]) -> Sent:
        sent = Sent(
            at=datetime.fromisoformat(line["at"]),
            channel="webchat",
            to=self.name,
            type="edit" if line["edited"] else "line",
            text=html.unescape(_TAG.sub("", line["text"])),
            buttons=tuple(
                Button(label, id=data or "", url=url or "") for label, data, url in line["choices"]
            ),
            id=line["id"],
            request=line,
        )
        for file in line["files"]:
            if file["id"]:
                async with self.http.get(f"{self.url}/chat/files/{file['id']}") as answer:
                    sent.carries(await answer.read(), mime_type=file["mime"], filename=file["name"] or "")
        return sent

    def _trouble(self) -> str:
        return f"Refused: {self.errors[-3:]}"


async def _events(content: aiohttp.StreamReader) -> AsyncIterator[tuple[str, str, str]]:
    """(event, id, data) as the standard says; comments are passed over."""
    fields = {"event": "message", "id": "", "data": ""}
    async for raw in content:
        name, _, value = raw.decode().rstrip("\n").partition(": ")
        if name in fields:
            fields[name] = value
        elif not name:
            if fields["data"]:
                yield fields["event"], fields["id"], fields["data"]
            fields = {"event": "message", "id": "", "data": ""}
