"""Calls to Meta's Graph API for one WhatsApp number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.channels.base import DeliveryFailed, Fault, HeldFile
from bot.channels.meta_graph import GraphApi
from bot.channels.shape import listing, mapping, text
from bot.channels.whatsapp.errors import by_answer
from bot.channels.whatsapp.settings import WhatsAppSettings


@dataclass(frozen=True, slots=True)
class Taken:
    """Meta's answer to a message: its id, and the person's number and id as Meta knows them, or empty."""

    wamid: str
    wa_id: str = ""
    user_id: str = ""


class Graph(GraphApi):
    """The API as the number's token sees it.  Every method raises DeliveryFailed, and nothing else."""

    def __init__(self, settings: WhatsAppSettings, http: aiohttp.ClientSession) -> None:
        super().__init__(settings.api_base, settings.api_version, settings.access_token, http, by_answer)
        self._number = settings.phone_number_id

    async def send(self, payload: Mapping[str, Any]) -> Taken:
        """Sends a message.  Silence after the bytes have left is `Fault.UNKNOWN`."""
        answer = await self.call("POST", self._number, "messages", json=payload)
        message, contact = _first(answer.get("messages")), _first(answer.get("contacts"))
        wamid = message.get("id")
        if not isinstance(wamid, str) or not wamid:
            raise DeliveryFailed(Fault.UNKNOWN, "no_id")
        return Taken(wamid, text(contact.get("wa_id")), text(contact.get("user_id")))

    async def mark(self, payload: Mapping[str, Any]) -> None:
        """Sends what is no message of its own: a read mark, a reaction."""
        await self.call("POST", self._number, "messages", json=payload)

    async def upload(self, file: HeldFile) -> str:
        """Hands Meta a file for thirty days; its media id.  Nobody sees anything yet: it may be repeated."""
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", file.mime)
        form.add_field("file", file.content, filename=file.name, content_type=file.mime)
        answer = await self.call_again("POST", self._number, "media", data=form)
        ident = answer.get("id")
        if not isinstance(ident, str) or not ident:
            raise DeliveryFailed(Fault.RETRY, "no_id")
        return ident


def _first(items: Any) -> dict[str, Any]:
    return mapping(next(iter(listing(items)), None))
