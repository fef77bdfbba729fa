"""Calls the pretend Messenger as a program would, for the tests of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientSession, FormData

from tests.fakes.messenger import FakeMessenger

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CITIZEN = "7411000000000001"


@dataclass
class MessengerClient:
    """``(HTTP status, body)`` of each call; refusals as ``CODE`` or ``CODE/SUBCODE``."""

    messenger: FakeMessenger
    http: ClientSession
    now: datetime = NOW

    def time_passes(self, **spans: float) -> None:
        self.now += timedelta(**spans)

    async def call(self, method: str, path: str, *, token: str | None = None, **how: Any) -> tuple[int, Any]:
        """``path`` below the version; ``token``: another than the Page's, an empty one for none."""
        token = self.messenger.access_token if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = path if path.startswith("http") else f"{self.messenger.base_url}/v25.0/{path}"
        async with self.http.request(method, url, headers=headers, **how) as answer:
            if answer.content_type == "application/json":
                return answer.status, await answer.json()
            return answer.status, await answer.read()

    async def post(self, payload: Any, **how: Any) -> tuple[int, Any]:
        return await self.call("POST", f"{self.messenger.page_id}/messages", json=payload, **how)

    async def send(self, message: Any, **more: Any) -> tuple[int, Any]:
        """A message to the citizen, as an answer unless ``more`` says otherwise."""
        payload = {"recipient": {"id": CITIZEN}, "messaging_type": "RESPONSE", "message": message} | more
        return await self.post({name: value for name, value in payload.items() if value is not None})

    async def refused(self, message: Any, *, saying: str = "", **more: Any) -> str:
        """The refusal; checks that the body has Meta's shape and that the ledger tells the same."""
        before = len(self.messenger.ledger.messages)
        status, body = await self.send(message, **more)
        name = self.refusal_in(status, body)
        assert saying in body["error"]["message"]
        assert len(self.messenger.ledger.messages) == before
        return name

    def refusal_in(self, status: int, body: Any) -> str:
        assert status >= 400, body
        error = body["error"]
        assert {"message", "type", "code", "fbtrace_id"} <= set(error)
        name = f"{error['code']}/{error['error_subcode']}" if "error_subcode" in error else str(error["code"])
        assert self.messenger.ledger.refused[-1].refusal.partition(":")[0] == name
        return name

    async def send_file(
        self, kind: str, data: bytes, mime: str, name: str = "berkas", **payload: Any
    ) -> tuple[int, Any]:
        """A message with its bytes in the form."""
        message = {"attachment": {"type": kind, "payload": payload}}
        whole = {"recipient": {"id": CITIZEN}, "messaging_type": "RESPONSE", "message": message}
        return await self._form("messages", data, mime, name, **whole)

    async def upload(self, kind: str, data: bytes, mime: str, name: str = "berkas") -> tuple[int, Any]:
        message = {"attachment": {"type": kind, "payload": {"is_reusable": True}}}
        return await self._form("message_attachments", data, mime, name, message=message)

    async def _form(self, edge: str, data: bytes, mime: str, name: str, **fields: Any) -> tuple[int, Any]:
        form = FormData()
        for field, value in fields.items():
            form.add_field(field, value if isinstance(value, str) else json.dumps(value))
        form.add_field("filedata", data, filename=name, content_type=mime)
        return await self.call("POST", f"{self.messenger.page_id}/{edge}", data=form)


@asynccontextmanager
async def open_page(**options: Any) -> AsyncIterator[MessengerClient]:
    """A Page that the citizen has just written to, with a clock that stands still."""
    async with FakeMessenger(**options) as messenger, ClientSession() as http:
        client = MessengerClient(messenger, http)
        messenger.clock = lambda: client.now
        messenger.heard_from(CITIZEN, name="Yohana Ndolu", message_id="m_first")
        yield client
