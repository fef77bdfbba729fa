"""Calls to Meta's Graph API for one Page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from bot.channels.base import DeliveryFailed, Fault, HeldFile
from bot.channels.messenger.errors import by_answer
from bot.channels.messenger.settings import MessengerSettings
from bot.channels.meta_graph import GraphApi
from bot.channels.shape import is_id, text

PAGE_INBOX: Final = "263902037430900"  # Meta's own app, in which the Page's people answer


@dataclass(frozen=True, slots=True)
class Taken:
    """Meta's answer to a message: its id, and the person's id on this Page or nothing."""

    mid: str
    psid: str


class Graph(GraphApi):
    """The API as the Page's token sees it.  Every method raises DeliveryFailed, and nothing else."""

    def __init__(self, settings: MessengerSettings, http: aiohttp.ClientSession) -> None:
        super().__init__(settings.api_base, settings.api_version, settings.access_token, http, by_answer)
        self._settings = settings
        self.page_id = settings.page_id

    async def send(self, payload: Mapping[str, Any]) -> Taken:
        """Sends a message.  Silence after the bytes have left is `Fault.UNKNOWN`."""
        answer = await self.call("POST", self.page_id, "messages", json=payload)
        mid = text(answer.get("message_id"))
        if not is_id(mid):
            raise DeliveryFailed(Fault.UNKNOWN, "no_id")
        return Taken(mid, text(answer.get("recipient_id")))

    async def act(self, psid: str, action: str) -> None:
        """``typing_on`` or ``mark_seen``: alone in its call."""
        payload = {"recipient": {"id": psid}, "sender_action": action}
        await self.call_again("POST", self.page_id, "messages", json=payload)

    async def pass_on(self, psid: str, reason: str) -> None:
        """The Page's inbox has the conversation from now on."""
        payload = {"recipient": {"id": psid}, "target_app_id": PAGE_INBOX, "metadata": reason[:1000]}
        await self.call_again("POST", self.page_id, "pass_thread_control", json=payload)

    async def upload(self, kind: str, file: HeldFile) -> str:
        """Hands Meta a file for ninety days; its attachment id.  Nobody sees anything yet."""
        attachment = {"type": kind, "payload": {"is_reusable": True}}
        form = aiohttp.FormData(quote_fields=False)  # a name with a space is shown as it is
        form.add_field("message", json.dumps({"attachment": attachment}))
        form.add_field("filedata", file.content, filename=file.name, content_type=file.mime)
        answer = await self.call_again("POST", self.page_id, "message_attachments", data=form)
        ident = text(answer.get("attachment_id"))
        if not ident:
            raise DeliveryFailed(Fault.RETRY, "no_id")
        return ident
