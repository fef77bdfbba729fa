"""Telegram, WhatsApp and Messenger as far as a bot's sends go: says yes, and remembers when each came."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

from benchmarks.rawhttp import Answer, serve

Heard = Callable[[str, str], None]  # (person, text), before the bot gets its answer


@dataclass
class Provider:
    """``latency``: seconds between a send and its answer.  ``sends``: when each came, whom to, and what."""

    heard: Heard = lambda person, text: None
    latency: float = 0.0
    sends: list[tuple[float, str, str]] = field(default_factory=list)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def open(self) -> str:
        """Listen; the address."""
        self._server, address = await serve(self._asked)
        return address

    def close(self) -> None:
        self._server.close()

    def _asked(self, path: str, content_type: bytes, body: bytes, answer: Answer) -> None:
        steps = path.partition("?")[0].split("/")
        fields = _fields(content_type, body)
        if steps[1].startswith("bot"):
            reply = self._telegram(steps[2].lower(), fields)
        elif "recipient" in fields:
            reply = self._messenger(fields)
        else:
            reply = self._whatsapp(fields)
        sent = json.dumps(reply).encode()
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, answer, 200, sent)
        else:
            answer(200, sent)

    def _took(self, person: str, text: str) -> int:
        self.sends.append((time.monotonic(), person, text))
        self.heard(person, text)
        return next(self._ids)

    def _telegram(self, method: str, fields: dict[str, Any]) -> dict[str, Any]:
        if method != "sendmessage":
            return {"ok": True, "result": True}
        chat, text = int(fields["chat_id"]), str(fields["text"])
        message = {"message_id": self._took(str(chat), text), "date": 1, "text": text}
        return {"ok": True, "result": message | {"chat": {"id": chat, "type": "private"}}}

    def _whatsapp(self, fields: dict[str, Any]) -> dict[str, Any]:
        if "to" not in fields:  # a read mark
            return {"success": True}
        person = str(fields["to"]).lstrip("+")
        ident = self._took(person, str((fields.get("text") or {}).get("body", fields["type"])))
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": person, "wa_id": person}],
            "messages": [{"id": f"wamid.out{ident}"}],
        }

    def _messenger(self, fields: dict[str, Any]) -> dict[str, Any]:
        person = str(fields["recipient"]["id"])
        return {"recipient_id": person, "message_id": f"m_out{self._took(person, fields['message']['text'])}"}


def _fields(content_type: bytes, body: bytes) -> dict[str, Any]:
    """A form's or an object's fields."""
    if content_type.startswith(b"multipart"):
        parts = BytesParser().parsebytes(b"Content-Type: " + content_type + b"\r\n\r\n" + body).get_payload()
        return {
            str(part.get_param("name", header="Content-Disposition")): part.get_payload(decode=True).decode()
            for part in parts
        }
    if content_type.startswith(b"application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode()))
    found: dict[str, Any] = json.loads(body) if body else {}
    return found
