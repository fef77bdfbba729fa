"""Both providers with a clock that stands still, and a way to call the Graph API as a program would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from tests.fakes import FakeBotApi, FakeGraph

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CITIZEN = "6281234567890"


@dataclass
class GraphClient:
    """Calls the pretend Graph API; ``(HTTP status, body)``."""

    graph: FakeGraph
    http: ClientSession

    async def post(self, payload: Any, *, token: str = "", version: str = "v25.0") -> tuple[int, Any]:
        url = f"{self.graph.base_url}/{version}/{self.graph.phone_number_id}/messages"
        headers = {"Authorization": f"Bearer {token or self.graph.access_token}"}
        async with self.http.post(url, json=payload, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def send(self, kind: str, part: Any, **more: Any) -> tuple[int, Any]:
        payload = {"messaging_product": "whatsapp", "to": f"+{CITIZEN}", "type": kind, kind: part} | more
        return await self.post(payload)

    async def refused(self, kind: str, part: Any, **more: Any) -> int:
        """The error code; checks that the body has Meta's shape and that the ledger tells the same."""
        status, body = await self.send(kind, part, **more)
        error = body["error"]
        assert status >= 400
        assert {"message", "type", "code", "error_data", "fbtrace_id"} <= set(error)
        assert error["error_data"]["messaging_product"] == "whatsapp"
        line = self.graph.ledger.refused[-1]
        assert line.refusal == f"{error['code']}: {error['error_data']['details']}"
        return int(error["code"])

    async def get(self, path: str, *, token: str = "") -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token or self.graph.access_token}"}
        url = path if path.startswith("http") else f"{self.graph.base_url}/v25.0/{path}"
        async with self.http.get(url, headers=headers) as answer:
            if answer.content_type == "application/json":
                return answer.status, await answer.json()
            return answer.status, await answer.read()

    async def upload(self, data: bytes, mime_type: str, *, stated: str = "") -> tuple[int, Any]:
        form = FormData({"messaging_product": "whatsapp", "type": stated or mime_type})
        form.add_field("file", data, filename="berkas", content_type=mime_type)
        url = f"{self.graph.base_url}/v25.0/{self.graph.phone_number_id}/media"
        headers = {"Authorization": f"Bearer {self.graph.access_token}"}
        async with self.http.post(url, data=form, headers=headers) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def graph() -> AsyncIterator[FakeGraph]:
    async with FakeGraph() as server:
        server.clock = lambda: NOW
        yield server


@pytest.fixture
async def meta(graph: FakeGraph) -> AsyncIterator[GraphClient]:
    """With the citizen's window open."""
    graph.heard_from(wa_id=CITIZEN, message_id="wamid.first", at=NOW)
    async with ClientSession() as http:
        yield GraphClient(graph, http)


@pytest.fixture
async def bot_api() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as server:
        server.clock = lambda: NOW
        yield server
