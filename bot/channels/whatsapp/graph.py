"""Calls to Meta's Graph API, and what their failing means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from bot.channels.base import DeliveryFailed, Fault, HeldFile
from bot.channels.shape import listing, mapping, text
from bot.channels.whatsapp.errors import by_answer
from bot.channels.whatsapp.settings import WhatsAppSettings

PATIENCE: Final = aiohttp.ClientTimeout(total=20, connect=10)  # seconds


@dataclass(frozen=True, slots=True)
class Taken:
    """Meta's answer to a message: its id, and the person's number and id as Meta knows them, or empty."""

    wamid: str
    wa_id: str = ""
    user_id: str = ""


class Graph:
    """The API as one number's token sees it.  Every method raises DeliveryFailed, and nothing else.

    Exceptions of aiohttp end here: they may carry headers, and the token is one.
    """

    def __init__(self, settings: WhatsAppSettings, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._http = http

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.access_token.get_secret_value()}"}

    def address(self, *nodes: str) -> str:
        path = "/".join(quote(node, safe="") for node in (self._settings.api_version, *nodes))
        return f"{self._settings.api_base}/{path}"

    async def send(self, payload: Mapping[str, Any]) -> Taken:
        """Sends a message.  Silence after the bytes have left is `Fault.UNKNOWN`."""
        answer = await self._call("POST", self._settings.phone_number_id, "messages", json=payload)
        message, contact = _first(answer.get("messages")), _first(answer.get("contacts"))
        wamid = message.get("id")
        if not isinstance(wamid, str) or not wamid:
            raise DeliveryFailed(Fault.UNKNOWN, "no_id")
        return Taken(wamid, text(contact.get("wa_id")), text(contact.get("user_id")))

    async def mark(self, payload: Mapping[str, Any]) -> None:
        """Sends what is no message of its own: a read mark, a reaction."""
        await self._call("POST", self._settings.phone_number_id, "messages", json=payload)

    async def upload(self, file: HeldFile) -> str:
        """Hands Meta a file for thirty days; its media id.  Nobody sees anything yet: it may be repeated."""
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", file.mime)
        form.add_field("file", file.content, filename=file.name, content_type=file.mime)
        try:
            answer = await self._call("POST", self._settings.phone_number_id, "media", data=form)
        except DeliveryFailed as failure:
            if failure.fault is not Fault.UNKNOWN:
                raise
            raise DeliveryFailed(Fault.RETRY, failure.code) from None
        ident = answer.get("id")
        if not isinstance(ident, str) or not ident:
            raise DeliveryFailed(Fault.RETRY, "no_id")
        return ident

    async def get(self, *nodes: str, **query: str) -> Mapping[str, Any]:
        return await self._call("GET", *nodes, params=query)

    async def _call(self, verb: str, *nodes: str, **content: Any) -> Mapping[str, Any]:
        try:
            async with self._http.request(
                verb,
                self.address(*nodes),
                headers=self.bearer,
                timeout=PATIENCE,
                allow_redirects=False,
                **content,
            ) as response:
                raw = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise DeliveryFailed(Fault.RETRY, "not_connected") from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            raise DeliveryFailed(Fault.UNKNOWN, "no_answer") from None
        answer = _parsed(raw)
        patience = _seconds(response.headers.get("Retry-After"))
        failure = by_answer(response.status, answer, retry_after=patience)
        if failure is not None:
            raise failure
        if not isinstance(answer, dict):
            raise DeliveryFailed(Fault.UNKNOWN, "unreadable_answer")
        return answer


def _first(items: Any) -> dict[str, Any]:
    return mapping(next(iter(listing(items)), None))


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _seconds(header: str | None) -> timedelta | None:
    """``Retry-After`` in seconds; the form with a date is not used by Meta."""
    told = (header or "").strip()
    return timedelta(seconds=int(told)) if told.isascii() and told.isdigit() and len(told) <= 6 else None
